"""Make the sample talk's files from its sound, as the program would: waveform, transcript, review.

    python training/sample/make.py

Run it again whenever the recogniser or the judgement changes; a test compares.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "src"))

from runthrough import wire  # noqa: E402 - the path is set just above
from runthrough.audio.peaks import load_peaks, peaks_path  # noqa: E402 - as above
from runthrough.library import Library  # noqa: E402 - as above
from runthrough.rehearsal import import_recording  # noqa: E402 - as above
from runthrough.transcription.models import find_model  # noqa: E402 - as above
from runthrough.transcription.recognizer import Recognizer  # noqa: E402 - as above

TALK_ID, TAKE_ID = "00SAMPLETALK00000000000000", "00SAMPLETAKE00000000000000"
TITLE = "Sample: hearing leaks before anybody sees them"
WHEN = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)


def main() -> None:
    target = ROOT / "resources" / "sample"
    peaks_path(target / "audio.flac").unlink(missing_ok=True)
    load_peaks(target / "audio.flac")
    with tempfile.TemporaryDirectory() as folder, Recognizer(find_model()) as recognizer:
        library = Library(Path(folder))
        take, report = import_recording(
            library,
            target / "audio.flac",
            recognizer,
            talk_title=TITLE,
            format_id="lightning-5",
        )
        talk = replace(library.talk(take.talk_id), id=TALK_ID, created=WHEN)
        shutil.copyfile(
            library.folder(take.id).path / "transcript.json", target / "transcript.json"
        )
        library.close()
    take = replace(take, id=TAKE_ID, talk_id=TALK_ID, started=WHEN, source="sample")
    report = replace(report, take_id=TAKE_ID)
    for name, data in (
        ("talk", wire.talk_to_json(talk)),
        ("take", wire.take_to_json(take)),
        ("report", wire.report_to_json(report)),
    ):
        (target / f"{name}.json").write_text(wire.dumps(data) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
