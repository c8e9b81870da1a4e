"""Downloads a model, in a process of its own so that stopping it is ending that process."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

from runthrough.errors import ModelError
from runthrough.transcription.child import Child, ChildDied

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from runthrough.transcription.models import Model

_LOOK_S = 0.2
# Room to leave on the disk, in bytes.
_SPARE = 50_000_000
_ANSWERED_WITHIN_S = 10.0
_SHA256 = re.compile("[0-9a-f]{64}")
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
    from huggingface_hub import constants, get_hf_file_metadata, hf_hub_url

    if constants.HF_HUB_OFFLINE:
        pipe.send("HF_HUB_OFFLINE is set, which forbids it. Unset it and try again.")
        return
    trouble = ""
    try:
        for name, file in model.files.items():
            url = hf_hub_url(model.repository, name, revision=model.revision)
            # Asked first, since the download tries for 20 s before it says that none answers.
            etag = get_hf_file_metadata(url, token=False, timeout=_ANSWERED_WITHIN_S).etag or "none"
            if not _bring(model, name, cache, etag, file.sha256 or etag):
                trouble = f"{name} is not the file that was published. Try again later."
                break
    except Exception as error:  # noqa: BLE001 - the transport has errors of its own kinds
        trouble = _trouble(error, cache)
    pipe.send(trouble)


def _bring(model: Model, name: str, cache: Path, etag: str, published: str) -> bool:
    """Download one file; false if it is not what was published. A damaged one is replaced.

    ``published`` is its hash; for small files the hub has one of another kind, which proves
    nothing here.
    """
    from huggingface_hub import hf_hub_download

    for _ in range(2):
        path = Path(
            hf_hub_download(
                model.repository, name, revision=model.revision, cache_dir=cache, token=False
            )
        )
        with path.open("rb") as file:
            here = hashlib.file_digest(file, "sha256").hexdigest()
        if here == published or not _SHA256.fullmatch(published):
            return True
        # With its blob, or the library would only link that again.
        path.unlink()
        (path.parents[2] / "blobs" / etag).unlink(missing_ok=True)
    return False


def _trouble(error: BaseException, cache: Path) -> str:
    """What went wrong and what to do; the libraries wrap the reason in errors of their own."""
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    reasons = [error]
    while (reason := reasons[-1].__cause__ or reasons[-1].__context__) is not None:
        reasons.append(reason)
    for reason in reasons:
        if isinstance(reason, ssl.SSLCertVerificationError):
            return (
                f"the certificate shown for huggingface.co is not trusted ({reason.verify_message})"
                ". If your network inspects connections, set SSL_CERT_FILE to the file with its "
                "certificate and try again."
            )
        if isinstance(reason, OSError) and reason.errno == errno.ENOSPC:
            return f"the disk is full. Make room in {cache} and try again."
        # What the library calls "not here and not to be had" has the server's answer as its cause.
        if isinstance(reason, HfHubHTTPError) and not isinstance(reason, LocalEntryNotFoundError):
            return f"huggingface.co refused ({str(reason).splitlines()[0]}). Try again later."
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename} can't be used ({error.strerror}). Delete it and try again."
    if isinstance(error, OSError) and not isinstance(error, LocalEntryNotFoundError):
        return f"{error}. Check the internet connection and try again."
    if isinstance(reasons[-1], OSError):
        return _NOT_REACHED
    return f"the connection broke ({error}). Try again."
