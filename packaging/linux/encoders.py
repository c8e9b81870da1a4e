"""Libraries in the place of the video encoders x264 and x265, for the packages for Linux.

FFmpeg as PyAV builds it can't be loaded without them, they are under the GPL, and the program
writes no video. What stands in for them has the same functions, each of which says that there is
no such encoder: it returns nothing.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path

# What FFmpeg reads of them beside calling functions: a list whose end is an empty entry.
_LISTS = ("x264_levels",)


def stand_ins(folder: Path) -> dict[str, Path]:
    """Make the libraries in ``folder``; each by the name of the one that it stands in for.

    Raises ``SystemExit`` if there is no C compiler or FFmpeg is another than expected.
    """
    for tool in ("cc", "nm"):
        if shutil.which(tool) is None:
            raise SystemExit(f"{tool} is missing. Install gcc and binutils, then run this again.")
    spec = importlib.util.find_spec("av")
    if spec is None or spec.origin is None:
        raise SystemExit("av is not installed.")
    libraries = Path(spec.origin).parents[1] / "av.libs"
    callers = [str(path) for path in sorted(libraries.glob("libav*.so*"))]
    wanted = set(re.findall(r"\bU (x26[45]_\w+)", run("nm", "-D", "--undefined-only", *callers)))
    folder.mkdir(parents=True, exist_ok=True)
    made = {}
    for path in sorted(libraries.glob("libx26[45]*.so*")):
        prefix = f"{path.name[3:7]}_"
        lines = [
            f"const long {name}[1024];" if name in _LISTS else f"void *{name}(void) {{ return 0; }}"
            for name in sorted(wanted)
            if name.startswith(prefix)
        ]
        source = folder / f"{prefix}none.c"
        source.write_text("\n".join(lines) + "\n", encoding="utf-8")
        made[path.name] = folder / path.name
        link = f"-Wl,-soname,{path.name}"
        run("cc", "-shared", "-fPIC", "-Os", "-s", link, "-o", str(made[path.name]), str(source))
    if {name[:7] for name in made} != {"libx264", "libx265"}:
        raise SystemExit(f"No x264 and x265 in {libraries}: see whether FFmpeg still brings them.")
    return made


def run(*command: str) -> str:
    """What ``command`` prints. Raises ``CalledProcessError``."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
