"""Symbolic tensors: what operators, functions and layers record, and what needs values and says so."""

import operator

import numpy as np
import pytest

import pynn
from pynn import layers, symbolic
from pynn.symbolic import SymbolicTensor, symbolic_function


def x_of(*shape, dtype="float32"):
    return pynn.Input(shape, dtype=dtype, name="x")


@symbolic_function
def halves(x, count=2):
    return [x / 2, {"rest": x[:, :1]}][:count]


OPERATIONS = {
    "add": lambda x: x + 1,
    "reflected": lambda x: 1 - x,
    "row": lambda x: x * np.ones((1, 5), "float32"),
    "tensor first": lambda x: pynn.ones((5,)) / x,
    "both": lambda x: x**2 // (x + 1.5) % 2,
    "compare": lambda x: x > 0.5,
    "equal": lambda x: x == 0,
    "negative": lambda x: abs(-x),
    "not": lambda x: ~(x < 1),
    "logic": lambda x: (x < 1) & (x > 0) | (x != 3) ^ (x >= 2),
    "row of each": lambda x: x[:, 0, :],
    "new axis": lambda x: x[..., None],
    "steps": lambda x: x[:, ::-2, 1:4],
    "last": lambda x: x[:, -1],
    "matmul": lambda x: x @ np.ones((5, 3), "float32"),
    "matmul reflected": lambda x: np.ones((2, 4), "float32") @ x,
    "reshape": lambda x: x.reshape(-1, 10),
    "reshape of a tuple": lambda x: x.reshape((-1, 2, 10)),
    "squeeze": lambda x: x[:, :1].squeeze(1),
    "cast": lambda x: x.astype("int32"),
}


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("steps", [4, None])
def test_an_operation_is_recorded_and_gives_what_it_would_on_data(name, steps, rng):
    if (name, steps) == ("squeeze", None):
        pytest.skip("of an unknown number of steps, [:1] may be none")
    operation = OPERATIONS[name]
    x = x_of(steps, 5)
    y = operation(x)
    data = pynn.asarray(rng.normal(size=(3, 4, 5)).astype("float32"))
    expected = operation(data)
    found = pynn.Model(x, y)(data)
    np.testing.assert_array_equal(found.numpy(), expected.numpy())
    assert y.dtype == str(expected.dtype)
    assert len(y.shape) == expected.ndim
    assert all(size in (None, real) for size, real in zip(y.shape, expected.shape, strict=True))
    if steps is not None:
        assert y.shape[1:] == expected.shape[1:]


def test_shapes_and_dtypes_are_those_of_keras(keras):
    ours, theirs = x_of(None, 5), keras.Input((None, 5), name="x")
    for name, operation in OPERATIONS.items():
        if name in ("tensor first", "reshape", "cast", "not", "equal", "squeeze", "matmul reflected"):
            # KerasTensor has other ways for these.
            continue
        assert operation(ours).shape == operation(theirs).shape, name


def test_a_function_of_one_s_own_with_several_outputs():
    x = x_of(3)
    first, rest = halves(x)
    assert (first.shape, rest["rest"].shape) == ((None, 3), (None, 1))
    assert [y.shape for y in halves(x, count=1)] == [(None, 3)]
    assert [type(y) for y in halves(pynn.ones((2, 3)), count=1)] == [pynn.Tensor]
    assert halves.operation().name.startswith("halves")


def test_a_function_finds_symbolic_tensors_in_what_it_is_given():
    @symbolic_function(name="concatenate")
    def concatenate(xs, axis=-1):
        return pynn.concat(xs, axis=axis)

    a, b = x_of(3), pynn.Input((4,))
    y = concatenate([a, b], axis=1)
    assert y.shape == (None, 7)
    assert y.history.operation.kind == "Concatenate"
    assert y.history.node.inputs[0] is a
    assert concatenate(xs=(a, b)).shape == (None, 7)


def test_a_function_may_know_its_outputs():
    calls = []

    @symbolic_function(spec=lambda x: SymbolicTensor((*x.shape, 2), "int32"))
    def pairs(x):
        calls.append(x)
        return x

    assert (pairs(x_of(3)).shape, pairs(x_of(3)).dtype, calls) == ((None, 3, 2), "int32", [])


def test_element_wise_functions_meet_unknown_sizes():
    @symbolic_function(elementwise=True)
    def maximum(x1, x2):
        return pynn.maximum(x1, x2)

    assert maximum(x_of(None, 5), np.ones((7, 1), "float32")).shape == (None, 7, 5)
    assert (x_of(None, 5) + np.ones((7, 5), "float32")).shape == (None, 7, 5)


def test_trials_neither_draw_random_numbers_nor_move_averages():
    layer = layers.BatchNormalization()

    class Outer(layers.Layer):
        def __init__(self):
            super().__init__()
            self.inner, self.dropout = layer, layers.Dropout(0.5)

        def call(self, x, training=None):
            self.add_loss(pynn.sum(x))
            return self.dropout(self.inner(x), training=training)

    outer = Outer()
    y = outer(x_of(3), training=True)
    assert y.shape == (None, 3)
    assert layer.moving_variance.numpy().tolist() == [1, 1, 1]
    assert outer.losses == []


def test_layers_take_structures_and_keywords():
    class Both(layers.Layer):
        def call(self, inputs, scale=None):
            return {"sum": inputs["a"] + inputs["b"][0], "scaled": inputs["a"] * scale}

    a, b = x_of(3), pynn.Input((3,))
    y = Both()({"a": a, "b": [b]}, scale=b)
    assert {key: value.shape for key, value in y.items()} == {"sum": (None, 3), "scaled": (None, 3)}
    model = pynn.Model([a, b], y)
    found = model([np.ones((2, 3)), np.full((2, 3), 2.0)])
    assert {key: value.numpy()[0, 0] for key, value in found.items()} == {"sum": 3, "scaled": 2}


def test_build_gets_the_shape_of_each_argument():
    seen = []

    class Attend(layers.Layer):
        def build(self, query_shape, value_shape):
            seen.append((query_shape, value_shape))

        def call(self, query, value):
            return query + value

        def compute_output_shape(self, query_shape, value_shape):
            return query_shape

    assert Attend()(x_of(3), value=pynn.Input((3,))).shape == (None, 3)
    Attend()(pynn.ones((2, 3)), pynn.ones((2, 3)))
    assert seen == [((None, 3), (None, 3))] * 2


def test_a_layer_knows_what_it_was_called_on_first():
    x = x_of(3)
    dense = layers.Dense(2)
    y = dense(x)
    dense(y @ np.ones((2, 3), "float32"))
    assert (dense.input is x, dense.output is y) == (True, True)
    assert [z is x for z in layers.Add()([x, x]).history.operation.input] == [True, True]


def test_integers_are_tried_for_their_dtype():
    ids = x_of(4, dtype="int32")
    assert layers.Flatten()(ids).dtype == "int32"
    assert layers.Embedding(10, 3)(ids).dtype == "float32"
    assert layers.Dense(2)(ids).dtype == "float32"


X = "<KerasTensor shape=(None, 3), dtype=float32, name=x>"
VALUES = f"{X} stands for data that a model will get later, so it has no "


@pytest.mark.parametrize(
    ("use", "error", "message"),
    [
        (
            bool,
            TypeError,
            VALUES + "truth value yet; write ops.where(condition, a, b) for `if`, ops.logical_and for `and`",
        ),
        (float, TypeError, VALUES + "number in it yet; compute with it by operators, pynn.ops or layers"),
        (int, TypeError, VALUES + "number in it yet; compute with it by operators, pynn.ops or layers"),
        (operator.index, TypeError, VALUES + "number in it yet; compute with it by operators, pynn.ops or layers"),
        (len, TypeError, VALUES + "length yet; its shape is in .shape, with None for what is not known"),
        (list, TypeError, VALUES + "elements to go through yet; take parts by index, as in x[:, 0]"),
        (lambda x: 3 in x, TypeError, VALUES + "elements to look through yet; compare with operators, as in x == item"),
        (
            np.asarray,
            TypeError,
            VALUES + "values that NumPy could have yet; use pynn.ops on it, or wrap the NumPy code in a Layer with its "
            "own compute_output_shape",
        ),
        (
            lambda x: x.numpy(),
            TypeError,
            VALUES + "values yet; make a model of it, keras.Model(inputs, outputs), and call that on data",
        ),
        (
            lambda x: x[0, 1, 2],
            IndexError,
            "too many indices for <KerasTensor shape=(None, 3), dtype=float32, name=x>: it has 2 axes, got 3 indices",
        ),
        (
            lambda x: x[:, 3],
            IndexError,
            "index 3 is out of range for an axis of size 3 of <KerasTensor shape=(None, 3), dtype=float32, name=x>",
        ),
        (lambda x: x[..., ...], IndexError, "an index may have one ..., got (Ellipsis, Ellipsis)"),
        (
            lambda x: x @ np.ones((4, 2)),
            pynn.ShapeError,
            "matmul: shapes (None, 3) and (4, 2) do not multiply: axis -1 of x1 is 3, axis -2 of x2 is 4",
        ),
        (
            lambda x: x + np.ones(4),
            pynn.ShapeError,
            "add: shapes (None, 3) and (4,) do not broadcast: axis -1 is 3 and 4",
        ),
        (
            lambda x: layers.Conv1D(2, 3, name="conv")(x),
            pynn.ShapeError,
            "Conv1D 'conv' expected an input of 3 dimensions, got 2\n  input float32 (None, 3)"
            "\n  hint: add what is missing: x[..., None] is one channel, x[None] is a batch of one sample",
        ),
        (
            lambda x: layers.Dense(2, name="fresh").output,
            AttributeError,
            "Dense 'fresh' has no output yet: it was never called on a symbolic tensor; call it on one of "
            "keras.Input(shape), or build the model that it is in",
        ),
    ],
)  # fmt: skip
def test_errors(use, error, message):
    with pytest.raises(error) as caught:
        use(x_of(3))
    assert str(caught.value) == message


def test_an_error_of_a_function_tells_the_symbolic_shapes():
    x = x_of(3)
    with pytest.raises(
        pynn.ShapeError, match=r"^concatenate on symbolic shapes \(None, 3\) and \(None, 2, 4\): "
    ):
        symbolic.apply(pynn.concat, "concatenate", ([x, pynn.Input((2, 4))],))


def test_a_known_length_is_known():
    assert len(SymbolicTensor((4, 3))) == 4


def test_a_long_chain_needs_no_deep_stack():
    x = first = x_of(1)
    for _ in range(1500):
        x = x + 1
    assert pynn.Model(first, x)(np.zeros((1, 1), "float32")).item() == 1500


def test_structures_keep_their_kind():
    value = {"b": [1, (2, 3)], "a": 4}
    assert symbolic.flatten(value) == [4, 1, 2, 3]
    assert symbolic.pack(value, [40, 10, 20, 30]) == {"b": [10, (20, 30)], "a": 40}
    assert symbolic.map_structure(str, value) == {"b": ["1", ("2", "3")], "a": "4"}
