"""Errors are asserted with their whole message."""

import re

import pytest


def raises(error: type[BaseException], message: str):
    """As pytest.raises, for an error whose whole message is this one."""
    return pytest.raises(error, match="^" + re.escape(message) + "$")
