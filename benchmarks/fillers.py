"""How many real fillers are found in the sound, and how many are invented.

    python benchmarks/fillers.py [DIR] [--write]

``DIR`` holds recordings (``NAME.flac`` or ``.wav``) with their text as spoken (``NAME.txt``). Every
"um" and "uh" of a text must be in it; a text without any makes its recording a negative. Counts
are compared along the aligned words: a filler is found if it lies within two words of its place.
Without ``DIR`` it is ``audio`` in the folder of labelled data. ``--write`` puts the figures into
README.md.
"""

from __future__ import annotations

import re
import sys
from difflib import SequenceMatcher
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from common import data_folder, machine, share, write_figures

from runthrough.audio.listening import Listening
from runthrough.transcription.models import find_model
from runthrough.transcription.recognizer import Recognizer

FILLERS = {"um", "uh", "uhm", "umm", "er", "erm", "hmm", "mm"}
# Where the recogniser lost or added words beside a filler, its place is known to so many words.
SLACK_WORDS = 2


def plain(word: str) -> str:
    return re.sub(r"[^a-z0-9']", "", word.lower())


def main(folder: Path, *, write: bool) -> None:
    recordings = sorted(p for p in folder.iterdir() if p.suffix in (".flac", ".wav"))
    if not recordings:
        sys.exit(f"There are no recordings in {folder}.")
    total = {"real": 0, "found": 0, "told": 0, "as words": 0}
    with Recognizer(find_model(None)) as recognizer:
        for path in recordings:
            spoken = [plain(w) for w in path.with_suffix(".txt").read_text().split()]
            heard = recognizer.transcribe(path)
            listening = Listening(path)
            listening.catch_up()
            sound = listening.sound(heard.words)
            words = [w for w in heard.words if plain(w.text) not in FILLERS]
            told = [(w.start_s + w.end_s) / 2 for w in heard.words if plain(w.text) in FILLERS]
            total["as words"] += len(told)
            told += [(f.start_s + f.end_s) / 2 for f in sound.fillers]
            # Each filler as the number of words before it, in the reference and as heard.
            said = [w for w in spoken if w not in FILLERS]
            real, before = [], 0
            for word in spoken:
                if word in FILLERS:
                    real.append(before)
                else:
                    before += 1
            place = aligned([plain(w.text) for w in words], said)
            at = [place[sum((w.start_s + w.end_s) / 2 < t for w in words)] for t in sorted(told)]
            found = 0
            for where in real:
                near = [a for a in at if abs(a - where) <= SLACK_WORDS]
                if near:
                    at.remove(min(near, key=lambda a: abs(a - where)))
                    found += 1
            print(f"{path.name:28} real {len(real):3}  found {found:3}  invented {len(at):3}")
            total["real"] += len(real)
            total["found"] += found
            total["told"] += len(told)
    recall = share(total["found"], total["real"])
    precision = share(total["found"], total["told"])
    print(f"recall {recall}, precision {precision}")
    print(f"written down by the recogniser itself: {total['as words']}")
    if write:
        write_figures("fillers", figures(recall, precision, len(recordings)))
        print("Written into README.md.")


def figures(recall: str, precision: str, count: int) -> str:
    return f"""
**Fillers** (`benchmarks/fillers.py`): “um” and “uh”, which the recogniser leaves out, are looked
for in the sound itself. {count} real recordings, those of read speech without any.

| what | measured [95 %] |
| --- | --- |
| found of those spoken | {recall} |
| spoken of those told | {precision} |

Few were there to be found, so a review says “at least”. {machine("faster-whisper")}.
"""


def aligned(heard: list[str], said: list[str]) -> list[int]:
    """For each gap before a heard word (and after the last), the gap in what was said."""
    place = [0] * (len(heard) + 1)
    for block in SequenceMatcher(None, heard, said, autojunk=False).get_matching_blocks():
        for offset in range(block.size + 1):
            if block.a + offset < len(place):
                place[block.a + offset] = block.b + offset
    for gap in range(1, len(place)):
        place[gap] = max(place[gap], place[gap - 1])
    return place


if __name__ == "__main__":
    named = [word for word in sys.argv[1:] if word != "--write"]
    chosen = Path(named[0]) if named else data_folder() / "audio"
    if len(named) > 1 or not chosen.is_dir():
        sys.exit(__doc__)
    main(chosen, write="--write" in sys.argv)
