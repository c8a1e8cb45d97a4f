"""Where the channels of pictures and sequences stand: last, as in Keras by default, or right after the batch."""

from __future__ import annotations

from ..registry import did_you_mean

_FORMATS = ("channels_last", "channels_first")


def checked_data_format(layer: str, data_format: str | None) -> str:
    """Return the format; None means "channels_last".

    Raises:
        ValueError: an unknown format.
    """
    data_format = _FORMATS[0] if data_format is None else data_format
    if data_format not in _FORMATS:
        hint = did_you_mean(str(data_format), _FORMATS)
        raise ValueError(f"{layer}: data_format must be one of {_FORMATS}, got {data_format!r}{hint}")
    return data_format
