"""Downloads a model, in a process of its own so that stopping it is ending that process."""

from __future__ import annotations

import errno
import os
import shutil
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies

from runthrough.errors import ModelError
from runthrough.transcription.child import Child, ChildDied

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from pathlib import Path

    from runthrough.transcription.models import Model

_LOOK_S = 0.2
# Room to leave on the disk, in bytes.
_SPARE = 50_000_000
_REACHED_WITHIN_S = 10.0
_NOT_REACHED = "huggingface.co can't be reached. Check the internet connection and try again."


def fetch(
    model: Model,
    folder: Path,
    progress: Callable[[int, int], None],
    cancelled: Callable[[], bool],
) -> bool:
    """Download ``model`` into its ``folder`` of the Hugging Face cache; false if cancelled.

    ``progress`` is told bytes here and bytes in all. Raises ``ModelError``.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        missing = model.size_bytes - _bytes_here(folder)
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise ModelError(
            f"The speech model {model.name} can't be stored in {folder} "
            f"({error.strerror or error}). Make it a folder you may write to, or set HF_HOME to "
            "another one, and try again."
        ) from error
    if free < missing + _SPARE:
        raise ModelError(
            f"There is too little room for the speech model {model.name}: it needs "
            f"{(missing + _SPARE) / 1e6:.0f} MB in {folder}. Make room and try again."
        )
    others = set((folder / "blobs").glob("*.incomplete"))  # perhaps another program's
    child = Child(_download, model, folder.parent)
    try:
        while True:
            if cancelled():
                return False
            trouble: str | None = child.receive(_LOOK_S)
            progress(min(_bytes_here(folder), model.size_bytes), model.size_bytes)
            if trouble == "":
                return True
            if trouble is not None:
                raise ModelError(
                    f"The speech model {model.name} could not be downloaded: {trouble}"
                )
    except ChildDied as death:
        raise ModelError(
            f"The download of {model.name} stopped unexpectedly. Try again."
        ) from death
    finally:
        child.stop()
        for half in set((folder / "blobs").glob("*.incomplete")) - others:
            half.unlink(missing_ok=True)


def _bytes_here(folder: Path) -> int:
    """The size of all that is there; links to it do not count again."""
    total = 0
    for path in folder.rglob("*"):
        try:
            status = path.lstat()
        except FileNotFoundError:
            continue  # just renamed from its unfinished name
        if path.is_file() and not path.is_symlink():
            total += status.st_size
    return total


def _download(pipe: Connection, model: Model, cache: Path) -> None:
    """The child: sends an empty text when all is there, else what went wrong."""
    os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
    os.environ["HF_HUB_VERBOSITY"] = "critical"
    # Plain HTTP writes the file as it arrives, which is what the progress is read from.
    os.environ["HF_HUB_DISABLE_XET"] = "1"
    from huggingface_hub import constants, hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    if not os.environ.get("HF_HUB_OFFLINE") and not _reached(constants.ENDPOINT):
        pipe.send(_NOT_REACHED)
        return
    try:
        for name in model.files:
            hf_hub_download(
                model.repository, name, revision=model.revision, cache_dir=cache, token=False
            )
    except (LocalEntryNotFoundError, HfHubHTTPError) as error:
        # What the library calls "not here and not to be had" has the server's answer as its cause.
        answer = error if isinstance(error, HfHubHTTPError) else error.__cause__
        if os.environ.get("HF_HUB_OFFLINE"):
            trouble = "HF_HUB_OFFLINE is set, which forbids it. Unset it and try again."
        elif isinstance(answer, HfHubHTTPError):
            first = str(answer).splitlines()[0]
            trouble = f"huggingface.co refused ({first}). Try again later."
        else:
            trouble = _NOT_REACHED
    except OSError as error:
        if error.errno == errno.ENOSPC:
            trouble = f"the disk is full. Make room in {cache} and try again."
        else:
            trouble = f"{error}. Check the internet connection and try again."
    except Exception as error:  # noqa: BLE001 - the transport has errors of its own kinds
        trouble = f"the connection broke ({error}). Try again."
    else:
        trouble = ""
    pipe.send(trouble)


def _reached(address: str) -> bool:
    """Whether something answers at ``address``. The library would try for 20 s before it says so.

    Where there is a proxy, only that can tell.
    """
    parts = urlsplit(address)
    if getproxies() or parts.hostname is None:
        return True
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname, port), _REACHED_WITHIN_S).close()
    except OSError:
        return False
    return True
