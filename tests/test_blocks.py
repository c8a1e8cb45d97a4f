"""Blocks of memory that tensors get: of every size class their own, side by side or alone, and back to the system."""

import gc
import itertools
import os

import numpy as np
import pytest

import pynn
from pynn import _core

KIB = 1024
SIZES = [
    1,
    64,
    1000,
    31 * KIB,
    32 * KIB,
    33 * KIB,
    100 * KIB,
    1023 * KIB,
    1793 * KIB,
    2047 * KIB,
    2048 * KIB,
    5000 * KIB,
]


def block(size, value):
    return pynn.full((size,), value, dtype="uint8")


@pytest.fixture(autouse=True)
def nothing_cached():
    gc.collect()
    _core.release_cache()
    yield
    _core.release_cache()


def test_blocks_of_all_sizes_are_apart():
    blocks = [block(size, i) for i, size in enumerate(SIZES * 3)]
    spans = sorted((_core.address(x), _core.address(x) + x.size) for x in blocks)
    assert all(stop <= start for (_, stop), (start, _) in itertools.pairwise(spans))
    assert all(start % 64 == 0 for start, _ in spans)
    for i, x in enumerate(blocks):
        assert (x.numpy() == i).all()


def test_a_block_that_was_let_go_is_used_again():
    for size in SIZES[2:]:  # of small ones, what a call needs for itself is of their class
        x = block(size, 1)
        address = _core.address(x)
        del x
        assert _core.address(block(size, 2)) == address


def test_what_lives_stays_when_the_cache_is_given_back():
    rng = np.random.default_rng(0)
    kept = {}
    for turn in range(200):
        kept[turn] = block(SIZES[rng.integers(len(SIZES))], turn)
        if turn % 3:
            del kept[rng.choice(list(kept))]
        if turn % 10 == 0:
            _core.release_cache()
            assert _core.cached_bytes() == 0
    for value, x in kept.items():
        assert (x.numpy() == value).all()


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="Linux counts the pages")
def test_blocks_go_back_to_the_system():
    blocks = [block(600 * KIB, 1) for _ in range(200)]
    full = resident()
    del blocks
    assert _core.cached_bytes() >= 200 * 600 * KIB
    _core.release_cache()
    assert full - resident() > 100 * 600 * KIB
