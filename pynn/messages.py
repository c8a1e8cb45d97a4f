"""Whether pynn's functions tell on standard output what they do: Keras's interactive logging."""

from __future__ import annotations

import sys


class _State:
    interactive = True


def enable_interactive_logging() -> None:
    """Have messages and progress bars written to standard output; so it is at first."""
    _State.interactive = True


def disable_interactive_logging() -> None:
    """Have messages go to Python's logger "pynn" instead, at level INFO, and no progress bars drawn."""
    _State.interactive = False


def is_interactive_logging_enabled() -> bool:
    """Return whether messages go to standard output."""
    return _State.interactive


def print_message(message: str) -> None:
    """Write a line where messages go."""
    if _State.interactive:
        print(message, file=sys.stdout, flush=True)
    else:
        import logging  # here: few programs ask for it, and every import would wait

        logging.getLogger("pynn").info(message)
