"""Operations work where their inputs are, whatever the default device is."""

import numpy as np
import ops_cases
import pytest
from device_pairs import needs_a_device
from test_ops import label

import pynn
from pynn import ops

pytestmark = needs_a_device


def tensor(x):
    return pynn.asarray(x) if isinstance(x, np.ndarray) else x


def is_there(x):
    """Whether the device is where all tensors in x are."""
    if isinstance(x, dict):
        return all(map(is_there, x.values()))
    if isinstance(x, (tuple, list)):
        return all(map(is_there, x))
    return not isinstance(x, pynn.Tensor) or x.device == "cuda:0"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("entry", [*ops_cases.TABLE, *ops_cases.IMAGES], ids=label)
def test_results_are_where_the_input_is(entry):
    name, args, kwargs = entry
    function = getattr(ops.image if id(entry) in ops_cases.PICTURES else ops, name)
    with pynn.device("cuda"):
        moved = [type(x)(map(tensor, x)) if type(x) in (list, tuple) else tensor(x) for x in args]
    if not any(isinstance(x, pynn.Tensor) for x in moved):
        return
    with pynn.device("cpu"):
        assert is_there(function(*moved, **kwargs))


def test_host_tensors_stay_on_the_host():
    with pynn.device("cpu"):
        x = pynn.asarray(np.ones((3, 3), "float32"))
    with pynn.device("cuda"):
        found = [ops.i0(x), ops.add(x, [1.0, 2.0, 3.0]), ops.linalg.lu_factor(x + ops.eye(3).to("cpu"))[0]]
        assert [y.device for y in found] == ["cpu"] * 3
        assert ops.add(pynn.asarray(2.0, device="cpu"), pynn.zeros(3)).device == "cuda:0"
