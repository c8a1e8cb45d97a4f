"""Unpacking tar and zip files that are not trusted: nothing lands outside the folder."""

from __future__ import annotations

import os
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Sequence
from lzma import LZMAError
from pathlib import Path

_FORMATS = ("tar", "zip")


def extract_archive(path: Path, folder: Path, archive_format: str | Sequence[str] | None = "auto") -> None:
    """Unpack an archive into a folder, which appears whole or not at all, in place of one of that name.

    Only files and folders are unpacked, and links in a tar file that stay inside.

    Args:
        path: the archive.
        folder: where to.
        archive_format: "tar" (plain, gzip, bzip2 or xz), "zip", "auto" for either, or a list of them.

    Raises:
        ValueError: it is no such archive, is damaged, or a name in it leads outside the folder.
    """
    formats = _FORMATS if archive_format == "auto" else archive_format or ()
    formats = (formats,) if isinstance(formats, str) else tuple(formats)
    for name in formats:
        if name not in _FORMATS:
            raise ValueError(f"get_file: archive_format must be 'auto', 'tar' or 'zip', got {name!r}")
    fresh = folder.with_name(f".{folder.name}.{os.urandom(4).hex()}.part")
    try:
        if "tar" in formats and tarfile.is_tarfile(path):
            _untar(path, fresh)
        elif "zip" in formats and zipfile.is_zipfile(path):
            _unzip(path, fresh)
        else:
            raise ValueError(
                f"get_file: {path.name!r} is no {' or '.join(formats) or 'archive of a format given'}"
            )
        _replace(fresh, folder)
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, zlib.error, LZMAError) as error:
        raise ValueError(f"get_file: {path.name!r} is damaged ({error})") from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _untar(path: Path, folder: Path) -> None:
    with tarfile.open(path) as archive:
        for member in archive:
            _check_inside(path, member.name)
            if member.islnk() or member.issym():
                _check_inside(path, member.linkname)
            elif not (member.isfile() or member.isdir()):
                raise ValueError(f"get_file: {path.name!r} holds {member.name!r}, which is no file or folder")
            member.mode = (
                (member.mode or 0) & 0o755 | stat.S_IRUSR | stat.S_IWUSR
            )  # no set-uid, always ours to read
            if member.isdir():
                member.mode |= stat.S_IXUSR
        if hasattr(tarfile, "data_filter"):  # checks again; not in every Python 3.10 and 3.11
            archive.extractall(folder, filter="data")
        else:
            archive.extractall(folder)
    folder.mkdir(exist_ok=True)


def _unzip(path: Path, folder: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            _check_inside(path, name)
        archive.extractall(folder)
    folder.mkdir(exist_ok=True)


def _check_inside(path: Path, name: str) -> None:
    """Refuse names and links that go up or begin at the root; what is left cannot leave, through no chain of links."""
    if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/"):
        raise ValueError(
            f"get_file: {path.name!r} holds {name!r}, which may lead outside its folder; nothing was unpacked"
        )


def _replace(fresh: Path, folder: Path) -> None:
    """Give the new folder its name, in place of an old one."""
    if folder.exists():
        old = folder.with_name(f".{folder.name}.{os.urandom(4).hex()}.old")
        os.replace(folder, old)
        os.replace(fresh, folder)
        shutil.rmtree(old, ignore_errors=True)
    else:
        os.replace(fresh, folder)
