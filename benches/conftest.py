"""Shared by the benchmarks: equal threads for everyone, and results compared before they are timed."""

import numpy as np
import pytest

import pynn


@pytest.fixture
def compare(benchmark):
    """Times `candidate()` in the group `group`, after checking it against `reference()`."""

    def run(group, candidate, reference, rtol=1e-4, atol=1e-5):
        benchmark.group = group
        benchmark.extra_info.update(
            isa=pynn._core.isa(), threads=pynn.get_num_threads(), numpy=np.__version__
        )
        np.testing.assert_allclose(np.asarray(candidate()), np.asarray(reference()), rtol=rtol, atol=atol)
        benchmark(candidate)

    return run


@pytest.fixture
def rng():
    return np.random.default_rng(0)
