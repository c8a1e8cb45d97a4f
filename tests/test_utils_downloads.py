"""get_file: what is downloaded is checked before it gets its name; archives stay in their folder."""

import hashlib
import io
import logging
import tarfile
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from errors import raises

from pynn import datasets, utils

CONTENT = bytes(range(256)) * 1000
SHA = hashlib.sha256(CONTENT).hexdigest()
MD5 = hashlib.md5(CONTENT).hexdigest()


class Server(HTTPServer):
    """Gives the files in `files`, and counts what it was asked for."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.asked = {"/data.bin": CONTENT}, []
        self.url = f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        name, _, mode = self.path.partition("?")
        content = self.server.files.get(name)
        if content is None:
            self.send_error(404, "Not Found")
            return
        self.send_response(200)
        if mode != "unsized":
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if mode == "cut" else content)

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PYNN_DATASETS", raising=False)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "home"


def names(folder):
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


# --- Downloads --------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["", "?unsized"])
def test_a_file_is_downloaded_once(server, cache, capsys, mode):
    for _ in range(2):
        path = utils.get_file(origin=f"{server.url}/data.bin{mode}", file_hash=SHA)
    assert path == str(cache / "datasets" / "data.bin")
    assert Path(path).read_bytes() == CONTENT
    assert server.asked == [f"/data.bin{mode}"]
    out = capsys.readouterr().out
    assert out.startswith(f"Downloading data from {server.url}/data.bin{mode}\n")
    assert "256000/" in out
    utils.get_file(origin=f"{server.url}/data.bin{mode}", force_download=True)
    assert len(server.asked) == 2


def test_names_and_places(server, cache, tmp_path):
    origin = f"{server.url}/data.bin"
    assert utils.get_file("x.bin", origin, md5_hash=MD5) == str(cache / "datasets" / "x.bin")
    assert utils.get_file("x.bin", origin, cache_subdir="m/n") == str(cache / "m" / "n" / "x.bin")
    assert utils.get_file("x.bin", origin, cache_dir=tmp_path / "c") == str(
        tmp_path / "c" / "datasets" / "x.bin"
    )
    absolute = str(tmp_path / "d")
    assert utils.get_file("x.bin", origin, cache_subdir=absolute) == f"{absolute}/x.bin"
    assert utils.get_file("y", origin, file_hash=MD5.upper(), hash_algorithm="md5").endswith("y")


def test_a_wrong_file_in_the_cache_is_downloaded_anew(server, cache):
    (cache / "datasets").mkdir(parents=True)
    (cache / "datasets" / "data.bin").write_bytes(b"old")
    assert Path(utils.get_file(origin=f"{server.url}/data.bin")).read_bytes() == b"old"
    assert Path(utils.get_file(origin=f"{server.url}/data.bin", file_hash=SHA)).read_bytes() == CONTENT


def test_a_failure_leaves_the_cache_as_it_was(server, cache):
    origin = f"{server.url}/data.bin"
    with raises(
        ValueError,
        f"get_file: 'data.bin' from {origin} is not the file expected: its sha256 is {SHA}, "
        f"not {'0' * 64}; nothing was kept",
    ):
        utils.get_file(origin=origin, file_hash="0" * 64)
    with raises(OSError, f"get_file: cannot download {origin}?cut: it ended after 128000 of 256000 bytes"):
        utils.get_file(origin=f"{origin}?cut")
    with raises(OSError, f"get_file: cannot download {server.url}/none: HTTP 404 Not Found"):
        utils.get_file(origin=f"{server.url}/none")
    assert names(cache / "datasets") == []
    (cache / "datasets" / "data.bin").write_bytes(b"old")
    with pytest.raises(OSError, match="it ended after"):
        utils.get_file(origin=f"{origin}?cut", file_hash=SHA)
    assert names(cache / "datasets") == ["data.bin"]
    assert (cache / "datasets" / "data.bin").read_bytes() == b"old"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "get_file: give origin, the URL of the file"),
        ({"origin": "http://a/"}, "get_file: 'http://a/' ends in no file name; give fname"),
        (
            {"fname": "a/b", "origin": "http://a/b"},
            "get_file: fname must be a name without folders, got 'a/b'; cache_dir and cache_subdir say where",
        ),
        (
            {"fname": "..", "origin": "http://a/b"},
            "get_file: fname must be a name without folders, got '..'; cache_dir and cache_subdir say where",
        ),
        (
            {"origin": "http://a/b", "hash_algorithm": "sha1"},
            "get_file: hash_algorithm must be 'auto', 'sha256' or 'md5', got 'sha1'",
        ),
    ],
)
def test_wrong_arguments_are_named(cache, arguments, message):
    with raises(ValueError, message):
        utils.get_file(**arguments)
    assert not cache.exists()


def test_messages_can_go_to_a_logger(server, cache, capsys, caplog):
    assert utils.is_interactive_logging_enabled()
    utils.disable_interactive_logging()
    try:
        assert not utils.is_interactive_logging_enabled()
        with caplog.at_level(logging.INFO, "pynn"):
            utils.get_file(origin=f"{server.url}/data.bin")
    finally:
        utils.enable_interactive_logging()
    assert caplog.messages == [f"Downloading data from {server.url}/data.bin"]
    assert capsys.readouterr().out == ""


# --- Data sets --------------------------------------------------------------------------------------


def test_a_data_set_is_downloaded_and_checked(server, cache, monkeypatch):
    server.files["/reuters_word_index.json"] = b'{"the": 1}'
    monkeypatch.setattr(datasets.reuters, "MIRROR", f"{server.url}/")
    monkeypatch.setattr(datasets.reuters, "_INDEX_HASH", hashlib.md5(b'{"the": 1}').hexdigest())
    for _ in range(2):
        assert datasets.reuters.get_word_index() == {"the": 1}
    assert server.asked == ["/reuters_word_index.json"]
    monkeypatch.setattr(datasets.reuters, "_INDEX_HASH", "0" * 32)
    with pytest.raises(ValueError, match=r"^get_file: 'reuters_word_index.json' .* nothing was kept$"):
        datasets.reuters.get_word_index()


def test_without_a_network_the_error_says_what_to_do(server, cache, monkeypatch):
    monkeypatch.setattr(datasets.imdb, "MIRROR", f"{server.url}/")
    folder = cache / "datasets"
    with raises(
        FileNotFoundError,
        f"""imdb.load_data: 'imdb.npz' is not on this machine and cannot be downloaded
  looked in   PYNN_DATASETS = (not set), {folder}
  download    cannot download {server.url}/imdb.npz: HTTP 404 Not Found
  hint: put the file at {folder}/imdb.npz, or call load_data(path="/folder/imdb.npz")""",
    ):
        datasets.imdb.load_data()
    monkeypatch.setenv("PYNN_DATASETS", "/none")
    monkeypatch.setattr(datasets.fashion_mnist, "MIRROR", f"{server.url}/")
    name = "train-images-idx3-ubyte.gz"
    with raises(
        FileNotFoundError,
        f"""fashion_mnist.load_data: '{name}' is not on this machine and cannot be downloaded
  looked in   PYNN_DATASETS = /none, {folder}
  download    cannot download {server.url}/{name}: HTTP 404 Not Found
  hint: put the file at {folder}/fashion-mnist/{name}""",
    ):
        datasets.fashion_mnist.load_data()
    (folder / "imdb.npz").write_bytes(b"another file")
    with pytest.raises(
        FileNotFoundError, match=r"^imdb.load_data: 'imdb.npz' is not the file expected \(its hash"
    ):
        datasets.imdb.load_data()


def test_a_server_that_is_not_there(cache):
    with pytest.raises(OSError, match=r"^get_file: cannot download http://127.0.0.1:9/a: .*refused$"):
        utils.get_file(origin="http://127.0.0.1:9/a")


# --- Archives ---------------------------------------------------------------------------------------


def tar(*members):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            if isinstance(content, bytes):
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
            else:
                info.type, info.linkname = content
                archive.addfile(info)
    return buffer.getvalue()


def zipped(*members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize("pack", [tar, zipped])
def test_archives_are_unpacked_where_keras_unpacks_them(server, cache, pack):
    server.files["/flowers.tgz"] = pack(("flowers/a.txt", b"a"), ("flowers/b/c.txt", b"c"))
    folder = cache / "datasets"
    for _ in range(2):
        path = utils.get_file(origin=f"{server.url}/flowers.tgz", extract=True)
        assert path == str(folder / "flowers.tgz")
    assert (folder / "flowers.tgz" / "flowers" / "b" / "c.txt").read_bytes() == b"c"
    assert utils.get_file("set", f"{server.url}/flowers.tgz", extract=True) == str(folder / "set")
    assert utils.get_file("set.v1.tgz", f"{server.url}/flowers.tgz", extract=True) == str(
        folder / "set_extracted"
    )
    assert names(folder) == sorted(
        ["flowers.tgz", "flowers.tgz_archive", "set", "set_archive", "set.v1.tgz", "set_extracted"]
    )
    assert len(server.asked) == 3
    server.files["/flowers.tgz"] = pack(("new.txt", b"n"))
    utils.get_file("set", f"{server.url}/flowers.tgz", extract=True, force_download=True)
    assert names(folder / "set") == ["new.txt"]


ESCAPES = {
    "up": tar(("../evil", b"x")),
    "root": tar(("/evil", b"x")),
    "deep": tar(("a/../../evil", b"x")),
    "link": tar(("link", (tarfile.SYMTYPE, "/etc"))),
    "link up": tar(("a/link", (tarfile.SYMTYPE, "../.."))),
    "hard link": tar(("link", (tarfile.LNKTYPE, "../evil"))),
    "zip": zipped(("../evil", b"x")),
    "zip root": zipped(("/evil", b"x")),
}


@pytest.mark.parametrize("case", ESCAPES)
def test_nothing_lands_outside(server, cache, case):
    server.files["/bad.tgz"] = ESCAPES[case]
    with pytest.raises(
        ValueError,
        match=r"^get_file: 'bad_archive' holds '.*', which may lead outside its folder; nothing",
    ):
        utils.get_file("bad", f"{server.url}/bad.tgz", extract=True)
    assert names(cache / "datasets") == ["bad_archive"]
    assert names(cache) == ["datasets"]


def test_what_is_no_archive(server, cache):
    with raises(ValueError, "get_file: 'set_archive' is no tar or zip"):
        utils.get_file("set", f"{server.url}/data.bin", extract=True)
    with raises(ValueError, "get_file: 'set_archive' is no tar"):
        utils.get_file("set", f"{server.url}/data.bin", untar=True)
    with raises(ValueError, "get_file: archive_format must be 'auto', 'tar' or 'zip', got 'rar'"):
        utils.get_file("set", f"{server.url}/data.bin", extract=True, archive_format="rar")
    server.files["/pipe.tar"] = tar(("pipe", (tarfile.FIFOTYPE, "")))
    with raises(ValueError, "get_file: 'pipe_archive' holds 'pipe', which is no file or folder"):
        utils.get_file("pipe", f"{server.url}/pipe.tar", extract=True)
    server.files["/cut.tgz"] = tar(("a", bytes(range(256)) * 400))[:-200]
    with pytest.raises(ValueError, match=r"^get_file: 'cut_archive' is damaged \("):
        utils.get_file("cut", f"{server.url}/cut.tgz", extract=True)
    assert names(cache / "datasets") == ["cut_archive", "pipe_archive", "set_archive"]
