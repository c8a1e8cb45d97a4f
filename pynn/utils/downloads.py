"""`get_file`: a file from the network, kept in Keras's cache; checked before it gets its name."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..messages import is_interactive_logging_enabled, print_message
from ..progress import Progbar

_CHUNK = 1 << 16
_PATIENCE = 30.0  # seconds without an answer


def cache_folder() -> Path:
    """Return the folder of Keras's cache: $KERAS_HOME, or ~/.keras."""
    return Path(os.environ.get("KERAS_HOME") or Path("~", ".keras")).expanduser()


def get_file(
    fname: str | os.PathLike[str] | None = None,
    origin: str | None = None,
    untar: bool = False,
    md5_hash: str | None = None,
    file_hash: str | None = None,
    cache_subdir: str = "datasets",
    hash_algorithm: str = "auto",
    extract: bool = False,
    archive_format: Any = "auto",
    cache_dir: str | os.PathLike[str] | None = None,
    force_download: bool = False,
) -> str:
    """Return the path of a file, downloaded unless the cache has it.

    What is downloaded gets its name only when it is whole and its hash is right, so a failure leaves the cache
    as it was. With `extract`, files that would land outside the folder are an error, and a folder that was
    unpacked before is used again.

    Args:
        fname: name in the cache, without folders; None takes it from `origin`. With `extract`, a name without a
            dot is that of the unpacked folder.
        origin: the URL. Required.
        untar: extract a tar file; `extract` does it too.
        md5_hash: the same as `file_hash` with hash_algorithm="md5".
        file_hash: of the file as downloaded; checked in the cache as well, and a wrong file is downloaded anew.
        cache_subdir: folder in the cache, or an absolute path.
        hash_algorithm: "sha256", "md5", or "auto", which tells by the length.
        extract: unpack a tar or zip file into a folder beside it, and return that.
        archive_format: "tar", "zip", "auto", or a list of them.
        cache_dir: the cache; None is $KERAS_HOME or ~/.keras, the one Keras uses.
        force_download: download even what the cache has.

    Raises:
        ValueError: arguments that do not suit each other, a wrong hash, or a file that is no such archive.
        OSError: there is no network, the server has no such file, or it ended early.
    """
    if not origin:
        raise ValueError("get_file: give origin, the URL of the file")
    if md5_hash is not None and file_hash is None:
        file_hash, hash_algorithm = md5_hash, "md5"
    if hash_algorithm not in ("auto", "sha256", "md5"):
        raise ValueError(
            f"get_file: hash_algorithm must be 'auto', 'sha256' or 'md5', got {hash_algorithm!r}"
        )
    folder = (cache_folder() if cache_dir is None else Path(cache_dir).expanduser()) / cache_subdir
    name = _file_name(fname, origin)
    target, unpacked = _places(folder, name, named=bool(fname)) if extract or untar else (folder / name, None)
    fresh = force_download or not _is_cached(target, file_hash, hash_algorithm)
    if fresh:
        download(origin, target, file_hash, hash_algorithm)
    if unpacked is None:
        return str(target)
    if fresh or not unpacked.is_dir():
        from .archives import extract_archive

        extract_archive(target, unpacked, "tar" if untar else archive_format)
    return str(unpacked)


def download(origin: str, target: Path, file_hash: str | None, hash_algorithm: str = "auto") -> None:
    """Write what a URL gives to a file, with a progress bar; the file appears whole or not at all.

    Raises:
        ValueError: its hash is another.
        OSError: it cannot be had or written.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{os.urandom(4).hex()}.part")
    hasher = _hasher(hash_algorithm, file_hash)
    print_message(f"Downloading data from {origin}")
    try:
        with open(part, "xb") as file:
            for chunk in _chunks(origin):
                hasher.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        if file_hash is not None and hasher.hexdigest() != file_hash.lower():
            raise ValueError(
                f"get_file: {target.name!r} from {origin} is not the file expected: "
                f"its {hasher.name} is {hasher.hexdigest()}, not {file_hash}; nothing was kept"
            )
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)


def _chunks(origin: str) -> Iterator[bytes]:
    """Yield the bytes of a URL.

    Raises:
        OSError: as `download`, saying why.
    """
    import urllib.error
    import urllib.request  # here: brings http, ssl and email
    from http.client import HTTPException

    try:
        with urllib.request.urlopen(origin, timeout=_PATIENCE) as answer:
            length = answer.headers.get("Content-Length")
            size = int(length) if length and length.isdigit() else None
            bar, received = Progbar(size, verbose=int(is_interactive_logging_enabled()), unit_name="byte"), 0
            while chunk := answer.read(_CHUNK):
                received += len(chunk)
                bar.update(received)
                yield chunk
            if size is not None and received != size:
                raise OSError(f"it ended after {received} of {size} bytes")
            bar.finish(received)
    except urllib.error.HTTPError as error:
        error.close()
        raise OSError(f"get_file: cannot download {origin}: HTTP {error.code} {error.reason}") from None
    except urllib.error.URLError as error:
        raise OSError(f"get_file: cannot download {origin}: {error.reason}") from None
    except (HTTPException, ValueError) as error:  # an answer that is not HTTP, a URL that is none
        raise OSError(f"get_file: cannot download {origin}: {error}") from None
    except OSError as error:
        raise OSError(f"get_file: cannot download {origin}: {error}") from None


def _file_name(fname: str | os.PathLike[str] | None, origin: str) -> str:
    name = os.fspath(fname) if fname else Path(urlsplit(origin).path).name
    if not name:
        raise ValueError(f"get_file: {origin!r} ends in no file name; give fname")
    if os.sep in name or name in (".", ".."):
        raise ValueError(
            f"get_file: fname must be a name without folders, got {name!r}; cache_dir and cache_subdir say where"
        )
    return name


def _places(folder: Path, name: str, named: bool) -> tuple[Path, Path]:
    """Return where Keras puts an archive and what is in it."""
    if named and "." in name:
        return folder / name, folder / f"{name[: name.find('.')]}_extracted"
    return folder / f"{name}_archive", folder / name


def _is_cached(path: Path, file_hash: str | None, algorithm: str) -> bool:
    if not path.is_file():
        return False
    if file_hash is None or hash_of(path, algorithm, file_hash) == file_hash.lower():
        return True
    print_message(f"{path} is not the file expected (its hash is another); downloading it again")
    return False


def hash_of(path: Path, algorithm: str = "auto", like: str | None = None) -> str:
    """Return a file's hash, of the kind that `like` is of when the algorithm is "auto"."""
    hasher = _hasher(algorithm, like)
    with open(path, "rb") as file:
        while chunk := file.read(_CHUNK):
            hasher.update(chunk)
    digest: str = hasher.hexdigest()
    return digest


def _hasher(algorithm: str, like: str | None) -> Any:
    import hashlib  # here: loads OpenSSL

    if algorithm == "sha256" or (algorithm == "auto" and like is not None and len(like) == 64):
        return hashlib.sha256()
    return hashlib.md5(usedforsecurity=False)  # what older hashes are
