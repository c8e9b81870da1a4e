"""Is this computer ready? One line per thing, and how to mend what is not."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from runthrough.errors import LibraryError, MissingError, RunthroughError

if TYPE_CHECKING:
    from collections.abc import Callable

    from runthrough.settings import Settings

# Half an hour of sound is 58 MB; below this there is no room for a talk and its neighbours.
_LITTLE_SPACE_BYTES = 500_000_000


@dataclass(frozen=True, slots=True)
class Check:
    """``needed`` is false for what the terminal can do without."""

    id: str
    name: str
    ok: bool
    detail: str
    needed: bool = True


def has_display() -> bool:
    """Whether a window can open here."""
    if sys.platform in ("win32", "darwin") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    # Wayland first: asking for X would start the server it has for older programs.
    return _wayland_answers() or _x_answers()


def _wayland_answers() -> bool:
    if not (name := os.environ.get("WAYLAND_DISPLAY")):
        return False
    import socket

    try:
        with socket.socket(socket.AF_UNIX) as end:
            end.connect(str(Path(os.environ.get("XDG_RUNTIME_DIR", "/"), name)))
    except OSError:
        return False
    return True


def _x_answers() -> bool:
    """Whether X lets us in; Qt aborts where it does not."""
    if not os.environ.get("DISPLAY"):
        return False
    import ctypes

    try:
        xcb = ctypes.CDLL("libxcb.so.1")  # which Qt asks too
    except OSError:
        return False
    xcb.xcb_connect.restype = ctypes.c_void_p
    # Left open: a server whose last client goes may end, or begin anew while Qt comes.
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    return not xcb.xcb_connection_has_error(connection)


def examine(
    library_root: Path | LibraryError, settings: Settings, load_window: Callable[[], object]
) -> list[Check]:
    """Look at everything the program needs. Changes nothing but makes the library's folder.

    In place of the folder stands why there is none. ``load_window`` raises ``MissingError`` if
    the window can't be loaded.
    """
    return [
        *_sound(),
        _display(load_window),
        _model(settings),
        _library(library_root),
        _space(library_root),
    ]


def _sound() -> list[Check]:
    from runthrough.audio import devices

    try:
        inputs = devices.input_devices()
    except RunthroughError as error:
        return [
            Check("portaudio", "PortAudio", ok=False, detail=str(error)),
            Check("microphone", "Microphone", ok=False, detail="Needs PortAudio first."),
            Check("speakers", "Speakers", ok=False, detail="Needs PortAudio first.", needed=False),
        ]
    checks = [Check("portaudio", "PortAudio", ok=True, detail=devices.portaudio_version())]
    default = next((d for d in inputs if d.is_default), inputs[0] if inputs else None)
    checks.append(
        Check("microphone", "Microphone", ok=True, detail=default.name)
        if default
        else Check(
            "microphone",
            "Microphone",
            ok=False,
            detail="None found. Plug one in, or import recordings instead.",
        )
    )
    outputs = devices.output_devices()
    speaker = next((d.name for d in outputs if d.is_default), None)
    checks.append(
        Check(
            "speakers",
            "Speakers",
            ok=speaker is not None,
            detail=speaker or "None found. Takes can be reviewed, not heard.",
            needed=False,
        )
    )
    return checks


def _display(load_window: Callable[[], object]) -> Check:
    ok = has_display()
    detail = "There is one."
    if not ok:
        detail = "None to be reached, so no window; every command works without."
    else:
        try:
            load_window()
        except MissingError as error:
            ok, detail = False, str(error)
    return Check("display", "Display", ok=ok, detail=detail, needed=False)


def _model(settings: Settings) -> Check:
    from runthrough.transcription.models import find_model, verify

    try:
        model = find_model(settings.model or None, settings.language)
        verify(model)
    except RunthroughError as error:
        return Check("model", "Speech model", ok=False, detail=str(error))
    return Check("model", "Speech model", ok=True, detail=f"{model.name} in {model.folder}")


def _library(root: Path | LibraryError) -> Check:
    from runthrough.library import Library

    if isinstance(root, LibraryError):
        return Check("library", "Library", ok=False, detail=str(root))
    try:
        library = Library(root)
        count = len(library.takes())
        damaged = library.damaged()
        strangers = library.strangers()
        library.close()
    except RunthroughError as error:
        return Check("library", "Library", ok=False, detail=str(error))
    if damaged:
        more = f" ({len(damaged) - 1} more like it)" if len(damaged) > 1 else ""
        detail = f"{damaged[0]}{more} Mend it with `runthrough doctor --repair`."
        return Check("library", "Library", ok=False, detail=detail, needed=False)
    noun = "take" if count == 1 else "takes"
    detail = f"{root}, {count} {noun}"
    if strangers:
        more = f" ({len(strangers) - 1} more like it)" if len(strangers) > 1 else ""
        detail += f". {strangers[0]}{more}"
    return Check("library", "Library", ok=True, detail=detail)


def _space(root: Path | LibraryError) -> Check:
    from runthrough.audio.wav import SAMPLE_RATE_HZ

    if isinstance(root, LibraryError):
        return Check("disk", "Disk space", ok=False, detail="Needs the library first.")
    there = os.path.exists  # a ``Path``'s raises where none may enter
    folder = next((p for p in (root, *root.parents) if there(p)), Path.cwd())
    free = shutil.disk_usage(folder).free
    ok = free >= _LITTLE_SPACE_BYTES
    minutes = free // (SAMPLE_RATE_HZ * 2 * 60)
    detail = f"{free / 1e9:.1f} GB free, room for {minutes:,} minutes of sound."
    return Check("disk", "Disk space", ok=ok, detail=detail if ok else f"Only {detail}")
