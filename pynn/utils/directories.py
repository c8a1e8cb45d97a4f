"""Files in folders named for their classes: found, numbered, shuffled and split as Keras does."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..data import Dataset
from ..data.elements import as_element
from ..data.stages import Source, Zip, table
from ..data.stores import Gathered
from ..messages import print_message

_LABEL_MODES = ("int", "categorical", "binary", None)
_SUBSETS = ("training", "validation", "both", None)


@dataclass(frozen=True)
class Found:
    """Files with the number of each one's class, if they have any."""

    paths: list[str]
    labels: list[int] | None
    class_names: list[str] | None


@dataclass(frozen=True)
class Request:
    """The arguments that all `..._dataset_from_directory` share; see `image_dataset_from_directory`."""

    caller: str
    what: str
    formats: tuple[str, ...]
    directory: str | os.PathLike[str]
    labels: Any
    label_mode: str | None
    class_names: Sequence[str] | None
    batch_size: int | None
    shuffle: bool
    seed: int | None
    validation_split: float | None
    subset: str | None
    follow_links: bool
    format: str
    verbose: bool

    def check(self) -> None:
        """Raise ValueError for arguments that have no meaning or do not suit each other."""
        if self.format != "tf":
            raise ValueError(
                f"{self.caller}: pynn has only format='tf', its own Dataset; got {self.format!r}"
            )
        if not (self.labels in ("inferred", None) or isinstance(self.labels, (list, tuple))):
            raise ValueError(f"{self.caller}: labels must be 'inferred', None or a list, got {self.labels!r}")
        if self.class_names and self.labels != "inferred":
            raise ValueError(f"{self.caller}: class_names needs labels='inferred'")
        if self.label_mode not in _LABEL_MODES:
            raise ValueError(
                f"{self.caller}: label_mode must be one of {_LABEL_MODES}, got {self.label_mode!r}"
            )
        if self.subset not in _SUBSETS:
            raise ValueError(f"{self.caller}: subset must be one of {_SUBSETS}, got {self.subset!r}")
        if self.validation_split and not 0 < self.validation_split < 1:
            raise ValueError(
                f"{self.caller}: validation_split must be in (0, 1), got {self.validation_split}"
            )
        if bool(self.validation_split) != bool(self.subset):
            raise ValueError(f"{self.caller}: give validation_split and subset together")
        if self.validation_split and self.shuffle and self.seed is None:
            raise ValueError(
                f"{self.caller}: give a seed, so that training and validation do not share files (or shuffle=False)"
            )

    def datasets(self, load: Any) -> Any:
        """Return the Dataset of what `load` makes of many paths at once, or two of them for subset="both"."""
        self.check()
        seed = int(np.random.randint(10**6)) if self.seed is None else self.seed
        labelled = self.labels is not None and self.label_mode is not None
        found = index_directory(
            self.directory,
            self.labels if labelled else None,
            self.formats,
            self.class_names if labelled else None,
            self.shuffle,
            seed,
            self.follow_links,
            self.verbose,
        )
        if self.label_mode == "binary" and labelled and len(found.class_names or ()) != 2:
            raise ValueError(f"{self.caller}: label_mode='binary' needs 2 classes, found {found.class_names}")
        if self.subset == "both":
            parts = [_part(found, self.validation_split, subset) for subset in ("training", "validation")]
            first = self._dataset(parts[0], load, self.shuffle, seed)
            return [first, self._dataset(parts[1], load, False, seed)]
        return self._dataset(_part(found, self.validation_split, self.subset), load, self.shuffle, seed)

    def _dataset(self, found: Found, load: Any, shuffle: bool, seed: int) -> Dataset:
        if not found.paths:
            raise ValueError(
                f"{self.caller}: no {self.what} in {os.fspath(self.directory)!r} (formats: {', '.join(self.formats)})"
            )
        paths = found.paths
        files = Source(Gathered(lambda rows: load([paths[row] for row in rows]), slow=True), len(paths))
        dataset = Dataset(files)
        if found.labels is not None:
            labels = as_element(_encoded(found, self.label_mode))
            stages = (files, table(self.caller, labels))
            dataset = Dataset(Zip(stages, list(stages)))
        if shuffle:
            dataset = dataset.shuffle(len(paths), seed=seed)
        if self.batch_size is not None:
            dataset = dataset.batch(self.batch_size)
        dataset = dataset.prefetch(-1)
        dataset.class_names = found.class_names
        dataset.file_paths = found.paths
        return dataset


def index_directory(
    directory: str | os.PathLike[str],
    labels: Any,
    formats: tuple[str, ...],
    class_names: Sequence[str] | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    follow_links: bool = False,
    verbose: bool = True,
) -> Found:
    """Find files and number their classes, in the order that Keras has them in.

    Args:
        directory: where; with labels="inferred" each folder in it is a class.
        labels: "inferred", None, or the number of each file's class, the files sorted by path.
        formats: ends of file names, in lower case.
        class_names: the folders to take, in the order to number them; None takes all, sorted.
        shuffle, seed: whether to mix the files, and how.
        follow_links: also look into folders that are links.
        verbose: say how many were found.

    Raises:
        ValueError: a class has no folder, or there are more or fewer labels than files.
        OSError: there is no such directory.
    """
    if labels == "inferred":
        names = sorted(e.name for e in os.scandir(directory) if e.is_dir() and not e.name.startswith("."))
        if class_names is not None and not set(class_names) <= set(names):
            raise ValueError(f"class_names {list(class_names)} are not all among the folders {names}")
        names = names if class_names is None else list(class_names)
        by_class = [list(_files(os.path.join(directory, name), formats, follow_links)) for name in names]
        labelled = [(path, number) for number, paths in enumerate(by_class) for path in paths]
        found = Found([path for path, _ in labelled], [number for _, number in labelled], names)
    else:
        os.scandir(directory).close()  # raises if it is not there, which os.walk does not
        found = Found(list(_files(os.fspath(directory), formats, follow_links)), None, None)
        if labels is not None:
            if len(labels) != len(found.paths):
                raise ValueError(
                    f"got {len(labels)} labels for {len(found.paths)} files in {os.fspath(directory)!r}"
                )
            found = Found(found.paths, [int(x) for x in labels], [str(x) for x in sorted(set(labels))])
    if verbose:
        classes = "" if found.class_names is None else f" belonging to {len(found.class_names)} classes"
        print_message(f"Found {len(found.paths)} files{classes}.")
    return _mixed(found, seed) if shuffle else found


def _files(folder: str, formats: tuple[str, ...], follow_links: bool) -> Iterable[str]:
    for root, _, names in sorted(os.walk(folder, followlinks=follow_links), key=lambda found: found[0]):
        yield from (os.path.join(root, name) for name in sorted(names) if name.lower().endswith(formats))


def _mixed(found: Found, seed: int | None) -> Found:
    order = np.arange(len(found.paths))
    np.random.RandomState(seed).shuffle(order)
    labels = found.labels
    return replace(
        found,
        paths=[found.paths[i] for i in order],
        labels=None if labels is None else [labels[i] for i in order],
    )


def _part(found: Found, fraction: float | None, subset: str | None) -> Found:
    """Return the first files for training, or the last `fraction` for validation."""
    if not fraction:
        return found
    held_out = int(fraction * len(found.paths))
    cut = len(found.paths) - held_out
    where = slice(cut) if subset == "training" else slice(cut, None)
    part = replace(
        found, paths=found.paths[where], labels=None if found.labels is None else found.labels[where]
    )
    print_message(f"Using {len(part.paths)} files for {subset}.")
    return part


def _encoded(found: Found, label_mode: str | None) -> Any:
    labels = np.asarray(found.labels, np.int32)
    if label_mode == "binary":
        return labels.astype(np.float32)[:, None]
    if label_mode == "categorical":
        return np.eye(len(found.class_names or ()), dtype=np.float32)[labels]
    return labels
