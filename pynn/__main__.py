"""The command line: `pynn mnist` and `pynn info`, also as `python -m pynn mnist`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

from . import demo
from .config import show_config

_INTERRUPTED = 130  # what a shell reports after Ctrl-C


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line; argparse would print its usage before."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {' '.join(message.split())}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command.

    Args:
        arguments: None takes those of the process.

    Returns:
        The exit code: 0, or 130 after Ctrl-C. Bad options and broken files leave with SystemExit(2).
    """
    parser = _Parser(prog="pynn", description="Neural networks in C++ for Python.", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    mnist = commands.add_parser("mnist", help="train a network on handwritten digits", allow_abbrev=False)
    demo.add_options(mnist)
    commands.add_parser(
        "info", help="show version, compiler, instruction set and threads", allow_abbrev=False
    )
    options = parser.parse_args(arguments)
    if options.command == "info":
        show_config()
        return 0
    return _train(mnist, options)


def _train(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    try:
        training = demo.prepare(options)
    except (ImportError, MemoryError, OSError, ValueError) as error:
        parser.error(str(error) or type(error).__name__)
    try:
        training.run()
    except KeyboardInterrupt:
        print()
        return _INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main())
