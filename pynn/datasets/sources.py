"""Where the file of a data set comes from: a path, a folder of the user's, Keras's cache, or the network."""

from __future__ import annotations

import os
from pathlib import Path

from ..utils.downloads import cache_folder, get_file

FOLDER_VARIABLE = "PYNN_DATASETS"
MIRROR = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"


def find(
    caller: str,
    name: str | os.PathLike[str],
    origin: str,
    file_hash: str | None,
    subfolder: str = "",
    takes_path: bool = True,
) -> Path:
    """Return the path of a data set's file.

    Args:
        caller: named in errors: "imdb.load_data".
        name: a name, looked for in the folder that the environment variable PYNN_DATASETS names, then in Keras's
            cache ($KERAS_HOME/datasets, or ~/.keras/datasets), then downloaded into the cache; or a path with
            folders, where it must be.
        origin: URL.
        file_hash: of the file in the cache; files of the user's own may differ.
        subfolder: of both folders.
        takes_path: whether the caller has an argument `path`, for the hint.

    Raises:
        FileNotFoundError: it is nowhere, and cannot be downloaded.
        ValueError: what was downloaded is another file.
    """
    path = Path(name).expanduser()
    if path.is_absolute() or len(path.parts) > 1:
        if not path.exists():
            raise FileNotFoundError(f"{caller}: path={str(name)!r}: there is no such file")
        return path
    own = own_folder()
    if own is not None and (own / subfolder / path).exists():
        return own / subfolder / path
    try:
        return Path(
            get_file(str(path), origin, file_hash=file_hash, cache_subdir=str(Path("datasets", subfolder)))
        )
    except OSError as error:
        raise FileNotFoundError(_nowhere(caller, Path(subfolder, path), takes_path, error)) from error


def own_folder() -> Path | None:
    """Return the folder that PYNN_DATASETS names."""
    folder = os.environ.get(FOLDER_VARIABLE)
    return Path(folder).expanduser() if folder else None


def _nowhere(caller: str, name: Path, takes_path: bool, error: OSError) -> str:
    own, cache = own_folder(), cache_folder() / "datasets"
    or_path = f', or call load_data(path="/folder/{name.name}")' if takes_path else ""
    here = (
        "is not the file expected (its hash is another)"
        if (cache / name).exists()
        else "is not on this machine"
    )
    return (
        f"{caller}: {name.name!r} {here} and cannot be downloaded\n"
        f"  looked in   {FOLDER_VARIABLE} = {own if own is not None else '(not set)'}, {cache}\n"
        f"  download    {str(error).removeprefix('get_file: ')}\n"
        f"  hint: put the file at {cache / name}{or_path}"
    )
