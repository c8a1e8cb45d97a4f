"""keras.backend, keras.config, keras.tree, keras.mixed_precision, keras.applications: settings and small functions."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

import pynn
from pynn import backend, config, tree


@pytest.fixture
def restored():
    yield
    config.set_floatx("float32")
    config.set_image_data_format("channels_last")


def test_backend_has_what_keras_3_has(quick_keras):
    names = {name for name in dir(quick_keras.backend) if not name.startswith("_")}
    assert {name for name in names if not hasattr(backend, name)} == set()


def test_config_has_what_keras_3_has_but_for(quick_keras):
    names = {name for name in dir(quick_keras.config) if not name.startswith("_")}
    missing = {name for name in names if not hasattr(config, name)}
    assert missing <= set(config.ABSENT)


def test_settings_have_keras_s_defaults(quick_keras):
    for name in ("epsilon", "floatx", "image_data_format"):
        assert getattr(config, name)() == getattr(quick_keras.config, name)()
        assert getattr(backend, name) is getattr(config, name)
    assert config.backend() == "pynn"
    assert config.dtype_policy().name == "float32"
    assert pynn.version() == pynn.__version__


def test_floatx_reaches_layers_variables_and_numbers(restored):
    config.set_floatx("float64")
    layer = pynn.layers.Dense(2)
    assert str(layer(np.ones((1, 3), "float32")).dtype) == "float64"
    assert str(layer.kernel.dtype) == "float64"
    assert str(pynn.Variable([1.0]).dtype) == "float64"
    assert str(pynn.initializers.Zeros()((2,)).dtype) == "float64"
    assert str(pynn.random.normal((2,)).dtype) == "float64"
    assert pynn.Input((3,)).dtype == "float64"


def test_a_dtype_policy_is_the_same_setting(restored):
    config.set_dtype_policy("float64")
    assert config.floatx() == "float64"
    assert config.dtype_policy() == pynn.DTypePolicy("float64")
    assert (config.dtype_policy().compute_dtype, config.dtype_policy().variable_dtype) == (
        "float64",
        "float64",
    )
    pynn.mixed_precision.set_global_policy(pynn.DTypePolicy("float32"))
    assert config.floatx() == "float32"


def test_image_data_format_reaches_layers_and_operations(restored):
    config.set_image_data_format("channels_first")
    x = np.ones((1, 3, 6, 5), "float32")
    assert pynn.layers.Conv2D(4, 3)(x).shape == (1, 4, 4, 3)
    assert pynn.layers.GlobalAveragePooling2D()(x).shape == (1, 3)
    assert pynn.ops.max_pool(x, 2).shape == (1, 3, 3, 2)
    assert pynn.ops.image.resize(x, (2, 2)).shape == (1, 3, 2, 2)


def test_what_pynn_cannot_be_set_to_is_an_error():
    with pytest.raises(ValueError) as error:  # noqa: PT011 - the whole message is compared
        config.set_floatx("float16")
    assert str(error.value) == "set_floatx: pynn computes in 'float32' or 'float64', got 'float16'"
    with pytest.raises(ValueError) as error:  # noqa: PT011 - the whole message is compared
        pynn.mixed_precision.set_global_policy("mixed_float16")
    assert str(error.value) == (
        "DTypePolicy: pynn computes in float32 or float64, got 'mixed_float16'; "
        "it has no mixed precision and no quantized weights"
    )
    with pytest.raises(NotImplementedError) as error:
        config.set_epsilon(1e-5)
    assert str(error.value) == "set_epsilon: pynn's losses are compiled with 1e-07, got 1e-05"
    config.set_epsilon(1e-7)


def test_names_gone_from_keras_3_say_where_they_went():
    with pytest.raises(AttributeError) as error:
        backend.square  # noqa: B018
    assert str(error.value) == (
        "keras.backend.square is gone from Keras 3, which pynn follows; write keras.ops.square"
    )
    with pytest.raises(AttributeError, match=r"write a GradientTape: with keras.GradientTape\(\) as tape"):
        backend.gradients  # noqa: B018
    with pytest.raises(
        AttributeError, match=r"^module 'pynn.backend' has no attribute 'epsilom'; did you mean 'epsilon'\?$"
    ):
        backend.epsilom  # noqa: B018


def test_where_gone_names_went_exists():
    """What an error recommends must be there: names of the form keras.x.y, tried one by one."""
    for advice in set(backend._GONE.values()):
        for word in advice.replace("(", " ").replace(",", " ").replace(":", " ").split():
            if word.startswith("keras.") and word != "keras.layers.RNN":
                found = pynn
                for part in word.removeprefix("keras.").split("."):
                    found = getattr(found, part)


def test_clear_session_lets_names_start_anew():
    pynn.layers.Dense(1)
    backend.clear_session()
    assert pynn.layers.Dense(1).name == "dense"
    assert [backend.get_uid("a"), backend.get_uid("a"), backend.get_uid("b")] == [1, 2, 1]


def test_dtypes(quick_keras):
    for dtypes in (
        ("float32", "int32"),
        ("int32", "int8"),
        ("bool", "uint8"),
        ("int8", "uint8"),
        ("float16", None),
    ):
        assert backend.result_type(*dtypes) == quick_keras.backend.result_type(*dtypes)
    assert backend.standardize_dtype(None) == "float32"
    assert backend.standardize_dtype(np.int32) == "int32"
    assert backend.is_float_dtype("float16")
    assert not backend.is_float_dtype("int8")
    assert backend.is_int_dtype("uint8")
    assert backend.is_keras_tensor(pynn.Input((2,)))
    assert not backend.is_keras_tensor(pynn.ones(2))


# --- keras.tree ------------------------------------------------------------------------------------------

NESTED = {"b": [1, (2, 3)], "a": 4, "c": []}


def test_tree_does_what_keras_does(quick_keras):
    theirs = quick_keras.tree
    assert tree.flatten(NESTED) == theirs.flatten(NESTED)
    assert tree.flatten_with_path(NESTED) == theirs.flatten_with_path(NESTED)
    assert tree.map_structure(lambda x: x * 2, NESTED) == theirs.map_structure(lambda x: x * 2, NESTED)
    assert tree.map_structure(lambda x, y: x + y, NESTED, NESTED) == theirs.map_structure(
        lambda x, y: x + y, NESTED, NESTED
    )
    assert tree.pack_sequence_as(NESTED, "wxyz") == theirs.pack_sequence_as(NESTED, list("wxyz"))
    assert tree.lists_to_tuples(NESTED) == theirs.lists_to_tuples(NESTED)
    assert tree.is_nested(NESTED)
    assert not tree.is_nested("ab")
    shallow = {"b": [0, 0], "a": 0, "c": 0}
    assert tree.map_structure_up_to(shallow, str, NESTED) == theirs.map_structure_up_to(shallow, str, NESTED)
    shapes = {"a": (None, 3), "b": [(1,), (2, 2)]}
    assert tree.map_shape_structure(len, shapes) == theirs.map_shape_structure(len, shapes)


def test_tree_refuses_other_structures():
    with pytest.raises(ValueError, match=r"^the structures differ: \[1, 2\] and \[1\]$"):
        tree.map_structure(lambda x, y: x, [1, 2], [1])
    with pytest.raises(ValueError, match=r"^pack_sequence_as: the structure has 2 leaves, got 1$"):
        tree.pack_sequence_as([1, 2], [1])
    with pytest.raises(ValueError, match=r"^the structures have other paths"):
        tree.assert_same_paths({"a": 1}, {"b": 1})


def test_tree_traverses_from_the_top_or_the_bottom():
    seen = []
    tree.traverse(lambda part: seen.append(part), [1, [2]])
    assert seen == [[1, [2]], 1, [2], 2]
    doubled = tree.traverse(
        lambda part: part * 2 if isinstance(part, int) else None, [1, (2,)], top_down=False
    )
    assert doubled == [2, (4,)]
    assert tree.traverse(lambda part: tree.MAP_TO_NONE if part == 1 else None, [1, 2]) == [None, 2]


# --- What course cells import ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "activations",
        "applications",
        "backend",
        "callbacks",
        "config",
        "constraints",
        "datasets",
        "initializers",
        "layers",
        "losses",
        "metrics",
        "mixed_precision",
        "models",
        "ops",
        "optimizers",
        "random",
        "regularizers",
        "tree",
        "utils",
    ],
)
def test_the_modules_of_keras_are_importable(name):
    module = importlib.import_module(f"pynn.{name}")
    assert getattr(pynn, name) is module


def test_names_at_the_top():
    for name in [
        "Input",
        "InputSpec",
        "KerasTensor",
        "Layer",
        "Loss",
        "Metric",
        "Model",
        "Optimizer",
        "Regularizer",
        "Sequential",
        "Variable",
    ]:
        assert hasattr(pynn, name)


def test_trained_networks_say_that_they_are_not_here():
    with pytest.raises(NotImplementedError) as error:
        pynn.applications.vgg16.VGG16(weights="imagenet", include_top=False)
    assert str(error.value) == (
        "keras.applications.vgg16.VGG16 is not in pynn: its trained weights are downloads made for Keras; "
        "build a network of keras.layers, as in the chapters without pretrained ones, and train it"
    )
