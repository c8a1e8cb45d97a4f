"""`TextLineDataset`: the lines of text files."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from typing import Any

from .dataset import Dataset
from .stages import Made
from .strings import StringTensor


class TextLineDataset(Dataset):
    """The lines of text files, without their ends.

    Args:
        filenames: one name, a list, or a Dataset of names.
        compression_type: None, "" or "GZIP".
        buffer_size, num_parallel_reads: have no meaning here; files are read one after another.

    Raises:
        ValueError: another compression.
    """

    def __init__(
        self,
        filenames: Any,
        compression_type: str | None = None,
        buffer_size: int | None = None,
        num_parallel_reads: int | None = None,
    ) -> None:
        if compression_type not in (None, "", "GZIP"):
            raise ValueError(
                f"TextLineDataset: compression_type must be None, '' or 'GZIP', got {compression_type!r}"
            )
        if isinstance(filenames, (str, bytes, os.PathLike)):
            filenames = [filenames]
        opened: Any = gzip.open if compression_type == "GZIP" else open

        def begin() -> Iterator[Any]:
            for name in filenames:
                path = name if isinstance(name, os.PathLike) else str(StringTensor(name))
                with opened(path, "rt", encoding="utf-8", newline="\n") as file:
                    for line in file:
                        yield StringTensor(line.removesuffix("\n").removesuffix("\r"))

        super().__init__(Made(begin, runs_user_code=isinstance(filenames, Dataset)))
