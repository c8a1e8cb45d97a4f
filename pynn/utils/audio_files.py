"""`audio_dataset_from_directory`: what Keras has and pynn has not."""

from __future__ import annotations

from typing import Any, NoReturn


def audio_dataset_from_directory(*args: Any, **kwargs: Any) -> NoReturn:
    """Raise NotImplementedError: pynn reads no sound files."""
    raise NotImplementedError(
        "audio_dataset_from_directory: pynn reads no sound files; decode them with a library, then "
        "pynn.data.Dataset.from_tensor_slices"
    )
