"""Functional models beside Keras's: same weights, same outputs; same layers, names and configs; errors."""

import copy
import json
import weakref

import numpy as np
import pytest

import pynn
from pynn import layers
from pynn.models import Functional, clone_model, model_from_json


def two_heads(keras):
    """Several inputs and outputs, functions between layers, a shared layer."""
    layers = keras.layers
    title, tags = keras.Input((6,), name="title"), keras.Input((4,), name="tags")
    both = layers.Concatenate(name="both")([title, tags])
    dense = layers.Dense(10, activation="relu", name="dense")
    x = dense(dense(both)) * 0.5 + both
    x = layers.BatchNormalization(name="norm")(x, training=False)
    return keras.Model(
        [title, tags],
        [layers.Dense(1, activation="sigmoid", name="priority")(x), layers.Dense(3, name="department")(x)],
        name="two_heads",
    )


def residual(keras):
    layers = keras.layers
    inputs = keras.Input((8, 8, 3), name="image")
    x = layers.Conv2D(4, 3, padding="same", activation="relu", name="conv1")(inputs)
    rest = layers.Conv2D(4, 1, name="rest")(inputs)
    x = layers.Activation("relu", name="relu")(layers.Add(name="add")([x, rest]))
    x = layers.GlobalAveragePooling2D(name="mean")(x)
    return keras.Model(inputs, layers.Dense(5, activation="softmax", name="out")(x), name="residual")


def by_name(keras):
    """Inputs and outputs in dicts, indexing."""
    layers = keras.layers
    a, b = keras.Input((5, 2), name="a"), keras.Input((2,), name="b")
    x = a[:, 0, :] - 2 * b
    return keras.Model(
        {"b": b, "a": a}, {"wide": layers.Dense(4, name="wide")(x), "far": x[..., None]}, name="by_name"
    )


def nested(keras):
    layers = keras.layers
    inner_in = keras.Input((5,), name="inner_in")
    inner = keras.Model(inner_in, layers.Dense(5, name="inner_dense")(inner_in), name="inner")
    chain = keras.Sequential(
        [keras.Input((5,)), layers.Dense(5, activation="tanh", name="link")], name="chain"
    )
    inputs = keras.Input((5,), name="inputs")
    x = inner(chain(inner(inputs)))
    return keras.Model(inputs, [x, inner(1 - x)], name="nested")


MODELS = [two_heads, residual, by_name, nested]


def data_for(model, rng):
    return [rng.normal(size=(3, *x.shape[1:])).astype("float32") for x in model.inputs]


def arranged(model, flat):
    """The arrays of `data_for` as the model takes them."""
    if isinstance(model.input, dict):
        return dict(zip(sorted(model.input), flat, strict=True))
    return flat if isinstance(model.input, list) else flat[0]


def arrays(outputs):
    if isinstance(outputs, dict):
        return {key: np.asarray(value) for key, value in outputs.items()}
    return [np.asarray(value) for value in outputs] if isinstance(outputs, list) else np.asarray(outputs)


def assert_equal_outputs(found, expected):
    if isinstance(expected, dict):
        assert list(found) == list(expected)
        found, expected = list(found.values()), list(expected.values())
    if not isinstance(expected, list):
        found, expected = [found], [expected]
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


@pytest.mark.parametrize("build", MODELS)
def test_outputs_layers_and_names_are_those_of_keras(keras, build, rng):
    ours, theirs = build(pynn), build(keras)
    weights = [rng.normal(size=w.shape).astype("float32") ** 2 for w in theirs.weights]
    theirs.set_weights(weights)
    ours.set_weights(weights)
    flat = data_for(ours, rng)
    expected = arrays(theirs(arranged(theirs, flat)))
    assert_equal_outputs(arrays(ours(arranged(ours, flat))), expected)
    assert_equal_outputs(ours.predict(arranged(ours, flat), batch_size=2, verbose=0), expected)
    assert [type(layer).__name__ for layer in ours.layers] == [
        type(layer).__name__ for layer in theirs.layers
    ]
    assert [w.shape for w in ours.weights] == [tuple(w.shape) for w in theirs.weights]
    assert [x.shape for x in ours.inputs] == [x.shape for x in theirs.inputs]
    assert [x.shape for x in ours.outputs] == [x.shape for x in theirs.outputs]
    assert (ours.input_shape, ours.output_shape) == (theirs.input_shape, theirs.output_shape)
    if build not in (by_name, nested):  # those of functions are counted
        assert ours.output_names == theirs.output_names


def without_marks(config):
    """A config without what differs by design: registered names, masks, shapes of weightless layers."""
    if isinstance(config, dict):
        return {
            key: without_marks(value)
            for key, value in config.items()
            if key not in ("registered_name", "build_config", "mask", "compile_config")
        }
    return [without_marks(item) for item in config] if isinstance(config, list) else config


@pytest.mark.parametrize("build", MODELS)
def test_configs_are_those_of_keras_and_are_read_both_ways(keras, build, rng, fresh_names):
    keras.utils.clear_session()
    ours, theirs = build(pynn), build(keras)
    theirs.set_weights(ours.get_weights())
    assert without_marks(json.loads(ours.to_json())) == without_marks(json.loads(theirs.to_json()))
    read = model_from_json(theirs.to_json())
    read.set_weights(ours.get_weights())
    opened = keras.models.model_from_json(ours.to_json())
    opened.set_weights(ours.get_weights())
    flat = data_for(ours, rng)
    expected = arrays(ours(arranged(ours, flat)))
    assert_equal_outputs(arrays(read(arranged(read, flat))), expected)
    assert_equal_outputs(arrays(opened(arranged(opened, flat))), expected)


def test_a_functional_model_is_made_by_the_name_model(fresh_names):
    x = pynn.Input((3,))
    model = pynn.Model(x, layers.Dense(2)(x))
    assert (type(model), model.name, isinstance(model, pynn.Model)) == (Functional, "functional", True)
    assert repr(model) == "<Functional name=functional, built=True>"
    assert pynn.Model(inputs=[x], outputs=[x], name="same")([np.ones((2, 3))]).shape == (2, 3)


def test_what_a_list_of_one_output_gives_is_no_list():
    x = pynn.Input((3,))
    assert pynn.Model([x], [layers.Dense(2)(x)])(np.ones((4, 3))).shape == (4, 2)


def test_parts_of_a_model_share_its_layers(rng):
    model = residual(pynn)
    image = rng.normal(size=(2, 8, 8, 3)).astype("float32")
    every = pynn.Model(inputs=model.input, outputs=[layer.output for layer in model.layers])
    found = every.predict(image, verbose=0)
    assert [x.shape[1:] for x in found] == [layer.output.shape[1:] for layer in model.layers]
    np.testing.assert_array_equal(found[-1], model.predict(image, verbose=0))
    head = pynn.Model(model.get_layer("relu").output, model.output)
    relu = found[[layer.name for layer in model.layers].index("relu")]
    np.testing.assert_allclose(head(relu).numpy(), found[-1], atol=1e-6)
    assert [layer.name for layer in head.layers][1:] == ["mean", "out"]
    assert head.weights[0] is model.get_layer("out").kernel


def test_intermediate_layers_of_a_sequential_model():
    model = pynn.Sequential([layers.Dense(3, name="a"), layers.Dense(2, name="b")])
    model.build((None, 4))
    part = pynn.Model(model.input, model.get_layer("a").output)
    x = np.ones((1, 4), "float32")
    np.testing.assert_array_equal(part(x).numpy(), model.layers[0](x).numpy())
    assert [t.shape for t in (*model.inputs, *model.outputs)] == [(None, 4), (None, 2)]


def test_a_subclass_connected_by_inputs_and_outputs_trains_its_own_way():
    steps = []

    class Own(pynn.Model):
        def train_step(self, data):
            steps.append(len(data[0]))
            return super().train_step(data)

    x = pynn.Input((3,))
    model = Own(x, layers.Dense(1)(x), name="own")
    model.compile("sgd", "mse")
    model.fit(np.ones((5, 3)), np.ones(5), batch_size=2, verbose=0)
    assert (steps, type(model), model.name) == ([2, 2, 1], Own, "own")
    again = Own.from_config(model.get_config())
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(again(np.ones((1, 3))).numpy(), model(np.ones((1, 3))).numpy())


def test_a_subclassed_model_is_a_layer_of_a_functional_one():
    class Net(pynn.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(4)

        def call(self, x, training=None):
            return self.dense(x)

    x = pynn.Input((3,))
    net = Net()
    model = pynn.Model(x, net(x) * 2)
    data = np.ones((2, 3), "float32")
    np.testing.assert_array_equal(model(data).numpy(), 2 * net(data).numpy())
    assert len(model.trainable_weights) == 2


def test_training_moves_every_layer_as_keras_does(quick_keras, rng):
    keras = quick_keras
    ours, theirs = residual(pynn), residual(keras)
    theirs.set_weights(ours.get_weights())
    x, y = rng.normal(size=(8, 8, 8, 3)).astype("float32"), rng.integers(0, 5, 8)
    losses = []
    for model, package in ((ours, pynn), (theirs, keras)):
        model.compile(package.optimizers.SGD(0.1), "sparse_categorical_crossentropy")
        losses.append(model.fit(x, y, batch_size=4, epochs=2, shuffle=False, verbose=0).history["loss"])
    np.testing.assert_allclose(losses[0], losses[1], atol=1e-5)
    for a, b in zip(ours.get_weights(), theirs.weights, strict=True):
        np.testing.assert_allclose(a, np.asarray(b.value), atol=1e-5)


def test_training_and_trainable_reach_the_layers_inside():
    x = pynn.Input((3,))
    dropout, norm = layers.Dropout(0.5), layers.BatchNormalization()
    model = pynn.Model(x, norm(dropout(x)))
    ones = np.ones((100, 3), "float32")
    assert np.ptp(model(ones).numpy()) == 0
    model(ones, training=True)
    assert norm.moving_mean.numpy().max() != 0
    model.trainable = False
    assert (model.trainable_weights, norm.trainable, len(model.non_trainable_weights)) == ([], False, 4)


@pytest.mark.parametrize(
    "inputs",
    [
        lambda a, b: [a, b],
        lambda a, b: (a, b),
        lambda a, b: {"title": a, "tags": b},
        lambda a, b: {"tags": b, "title": a, "more": b},
        lambda a, b: [a.astype("float64"), (b * 0).astype("int32") + b],
    ],
)
def test_inputs_in_a_list_or_by_name(inputs, rng):
    model = two_heads(pynn)
    a, b = data_for(model, rng)
    for found, expected in zip(model(inputs(a, b)), model([a, b]), strict=True):
        np.testing.assert_allclose(found.numpy(), expected.numpy(), atol=1e-6)


def test_each_input_has_its_own_dtype():
    ids, x = pynn.Input((2,), dtype="int32"), pynn.Input((1,))
    table = layers.Embedding(5, 3)
    model = pynn.Model([ids, x], [table(ids), x])
    rows, back = model([np.array([[1.0, 4.0]]), np.array([3], "uint8")])
    np.testing.assert_array_equal(rows.numpy(), table.embeddings.numpy()[[[1, 4]]])
    assert (back.numpy().tolist(), str(back.dtype)) == ([[3.0]], "float32")


def test_a_copy_has_weights_of_its_own(rng):
    model = two_heads(pynn)
    twin = copy.deepcopy(model)
    data = data_for(model, rng)
    before = model(data)[0].numpy()
    twin.set_weights([w * 0 for w in twin.get_weights()])
    np.testing.assert_array_equal(model(data)[0].numpy(), before)
    assert twin(data)[1].numpy().max() == 0


def test_intermediate_values_are_let_go_when_no_step_needs_them():
    values, alive = [], []

    def probe(x):
        alive.append([value() is not None for value in values])
        values.append(weakref.ref(x))
        return x + 1

    x = y = pynn.Input((3,))
    for _ in range(4):
        y = layers.Lambda(probe, output_shape=(3,))(y)
    model = pynn.Model(x, y)
    with pynn.no_grad():
        model(np.ones((2, 3), "float32"))
    assert alive[-1][1:] == [False, False]


@pytest.mark.parametrize("build", MODELS)
def test_a_clone_is_connected_alike_and_has_weights_of_its_own(build, rng):
    model = build(pynn)
    clone = clone_model(model)
    assert [layer.name for layer in clone.layers] == [layer.name for layer in model.layers]
    assert not {id(w) for w in clone.weights} & {id(w) for w in model.weights}
    clone.set_weights(model.get_weights())
    flat = data_for(model, rng)
    assert_equal_outputs(arrays(clone(arranged(clone, flat))), arrays(model(arranged(model, flat))))


def test_a_clone_of_a_chain_by_a_function():
    model = pynn.Sequential([pynn.Input((3,)), layers.Dense(2, name="a"), layers.Dropout(0.5, name="b")])

    def without_dropout(layer):
        if isinstance(layer, layers.Dropout):
            return layers.Identity(name=layer.name)
        return type(layer).from_config(layer.get_config())

    clone = clone_model(model, clone_function=without_dropout)
    assert [type(layer) for layer in clone.layers] == [layers.Dense, layers.Identity]
    assert clone.built


def test_a_clone_for_other_inputs_and_by_calls_of_one_s_own():
    model, called = two_heads(pynn), []

    def call(layer, *args, **kwargs):
        called.append(layer.name)
        return layer(*args, **kwargs)

    inputs = [pynn.Input((6,), batch_size=4, name="title"), pynn.Input((4,), batch_size=4, name="tags")]
    clone = clone_model(model, inputs, call_function=call)
    assert clone.inputs[0] is inputs[0]
    assert called == ["both", "dense", "dense", "norm", "priority", "department"]


X = "<KerasTensor shape=(None, 3), dtype=float32, name=x>"


def x_and_y():
    x = pynn.Input((3,), name="x")
    return x, layers.Dense(2, name="dense")(x)


def model_of(inputs):
    return pynn.Model(
        inputs, layers.Dense(2, name="dense")(inputs[0] if isinstance(inputs, list) else inputs), name="m"
    )


def breaking_late():
    """A model whose second layer gets an input that does not fit, for seven samples only."""
    x, y = x_and_y()
    cut = layers.Lambda(lambda v: v[:, :-1] if v.shape[0] == 7 else v, output_shape=(2,), name="a")
    return pynn.Model(x, layers.Dense(4, name="b")(cut(y)), name="m")


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda x, y: pynn.Model(np.ones(3), y),
            TypeError,
            "Model: inputs must be symbolic tensors, which begin with keras.Input(shape), got array([1., 1., 1.])",
        ),
        (
            lambda x, y: pynn.Model(x, []),
            ValueError,
            "Model: outputs must hold at least one symbolic tensor, got []",
        ),
        (
            lambda x, y: pynn.Model(pynn.KerasTensor((None, 3), name="x"), y),
            ValueError,
            f"Model: inputs has {X}, which no Input or layer returned; use keras.Input(shape)",
        ),
        (
            lambda x, y: pynn.Model(pynn.Input((3,), name="z"), y),
            ValueError,
            "Model: the outputs need 'x' too, an Input that is not among the inputs ('z'); add it to inputs=",
        ),
        (
            lambda x, y: pynn.Model(x, layers.Dense(2, name="dense")(y)),
            ValueError,
            "Model: the name 'dense' is used 2 times; the names of a model's layers must differ, since files and "
            "get_layer find layers by name",
        ),
        (
            lambda x, y: pynn.Model(x, y, "m", "n"),
            TypeError,
            "Model: arguments are (inputs, outputs, name), each once; got 4 and {}",
        ),
        (
            lambda x, y: pynn.Input((3,), sparse=True),
            TypeError,
            "Input: pynn does not support the argument 'sparse' of Keras, got True",
        ),
        (
            lambda x, y: clone_model(model_of(x), input_tensors=[x, x]),
            ValueError,
            "clone_model: the model has 1 inputs, input_tensors are 2",
        ),
        (
            lambda x, y: model_of(x).compiled_loss,
            AttributeError,
            "Functional has no compiled_loss in pynn; call compute_loss(x, y, y_pred)",
        ),
        (
            lambda x, y: model_of(x)(np.ones((2, 4))),
            pynn.ShapeError,
            "Functional 'm' expected an input of the shape (None, 3), got (2, 4)\n  input float64 (2, 4)",
        ),
        (
            lambda x, y: model_of([x, pynn.Input((1,), name="z")])([np.ones((2, 3)), np.ones((2, 4))]),
            pynn.ShapeError,
            "Functional 'm' expected an input 'z' of the shape (None, 1), got (2, 4)\n  input float64 (2, 4)",
        ),
        (
            lambda x, y: model_of([x, pynn.Input((1,), name="z")])(np.ones((2, 3))),
            ValueError,
            "Functional 'm' takes inputs arranged as ['x', 'z'], got Tensor(2, 3)",
        ),
        (
            lambda x, y: model_of([x, pynn.Input((1,), name="z")])({"x": np.ones((2, 3))}),
            ValueError,
            "Functional 'm' takes inputs arranged as ['x', 'z'], got {'x': 'Tensor(2, 3)'}",
        ),
        (
            lambda x, y: breaking_late()(np.ones((7, 3))),
            pynn.ShapeError,
            "Dense 'b' (layer 4 of 4 in 'm') expected 2 input features, got 1\n"
            "  input  float32 (7, 1)   axis -1 = 1\n"
            "  kernel float32 (2, 4)   axis  0 = 2\n"
            "  hint: give it 2, or make a new layer for 1",
        ),
    ],
)  # fmt: skip
def test_errors(call, error, message):
    with pytest.raises(error) as caught:
        call(*x_and_y())
    assert str(caught.value) == message


def test_wrong_inputs_are_found_before_training_begins():
    x, y = x_and_y()
    model = pynn.Model(x, y, name="m")
    model.compile("sgd", "mse")
    with pytest.raises(
        pynn.ShapeError, match=r"^Functional 'm' expected an input of the shape \(None, 3\), got "
    ):
        model.fit(np.ones((4, 5)), np.ones((4, 2)), verbose=0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda config: config["layers"][1]["inbound_nodes"][0]["args"][0]["config"].update(
                keras_history=["absent", 0, 0]
            ),
            "the config has no layer 'absent', whose output it uses",
        ),
        (
            lambda config: config["layers"][1]["inbound_nodes"][0]["args"][0]["config"].update(
                keras_history=["dense", 0, 0]
            ),
            "the config's layers dense need one another's outputs, or tensors that are not in it",
        ),
        (
            lambda config: config["layers"][1].update(module="keras.src.ops.numpy", class_name="Subtrac"),
            "pynn has no function for keras.src.ops.numpy.Subtrac; did you mean 'subtract'?",
        ),
    ],
)
def test_damaged_configs(change, message):
    pytest.importorskip("pynn.ops")
    x, y = x_and_y()
    config = json.loads(pynn.Model(x, y).to_json())["config"]
    change(config)
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole message follows
        pynn.Model.from_config(config)
    assert str(caught.value) == message


def with_functions(keras):
    """Functions of `keras.ops` between layers: some arguments are tensors, others plain."""
    ops = keras.ops
    inputs = keras.Input((4, 5), name="inputs")
    x = ops.mean(inputs, axis=1, keepdims=True)
    x = ops.concatenate([x, ops.max(inputs, axis=1, keepdims=True)], axis=-1)
    x = ops.relu(ops.squeeze(x, 1))
    x = ops.where(x > 0.5, x, 0.0) + ops.exp(-x)
    x = ops.reshape(ops.expand_dims(x, 1), (-1, 5, 2))
    x = ops.softmax(ops.transpose(x, (0, 2, 1)), axis=1)
    x = ops.clip(ops.cast(x, "float32"), 0.1, 0.9)
    return keras.Model(inputs, ops.matmul(x, ops.swapaxes(x, 1, 2)), name="functions")


def test_functions_of_ops_are_in_files_both_ways(keras, rng):
    ours, theirs = with_functions(pynn), with_functions(keras)
    x = rng.normal(size=(3, 4, 5)).astype("float32")
    expected = np.asarray(theirs(x))
    np.testing.assert_allclose(ours(x).numpy(), expected, atol=1e-5)
    kinds = [entry["class_name"] for entry in json.loads(theirs.to_json())["config"]["layers"]]
    assert [entry["class_name"] for entry in json.loads(ours.to_json())["config"]["layers"]] == kinds
    np.testing.assert_allclose(model_from_json(theirs.to_json())(x).numpy(), expected, atol=1e-5)
    opened = keras.models.model_from_json(ours.to_json())
    np.testing.assert_allclose(np.asarray(opened(x)), expected, atol=1e-5)
