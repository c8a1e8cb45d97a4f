"""CIFAR-100: 60,000 small photographs in a hundred classes of twenty kinds. By Alex Krizhevsky, 2009."""

from __future__ import annotations

from .cifar import Split, find_folder, load_batch

_HASH = "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7"


def load_data(label_mode: str = "fine") -> tuple[Split, Split]:
    """Load the photographs.

    The folder `cifar-100-python`, or the archive `cifar-100-python.tar.gz`, is looked for in PYNN_DATASETS and in
    Keras's cache (~/.keras/datasets), and downloaded into the cache if missing.

    Args:
        label_mode: "fine" for the hundred classes, "coarse" for the twenty kinds.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: images uint8 (50000, 32, 32, 3) and (10000, 32, 32, 3) of values
        0..255 (axes as `image_data_format()` says), labels int64 (50000, 1) and (10000, 1).

    Raises:
        FileNotFoundError: there is no file and no network; the message says where to put it.
        ValueError: another label mode, or a damaged file.
    """
    if label_mode not in ("fine", "coarse"):
        raise ValueError(f"cifar100.load_data: label_mode must be 'fine' or 'coarse', got {label_mode!r}")
    caller = "cifar100.load_data"
    folder = find_folder(caller, "cifar-100-python", "cifar-100-python.tar.gz", _HASH)
    train = load_batch(caller, folder / "train", f"{label_mode}_labels")
    return train, load_batch(caller, folder / "test", f"{label_mode}_labels")
