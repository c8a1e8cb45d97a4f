"""Every class's get_config is Keras's for the same arguments, and makes an equal object again, also through JSON."""

import copy
import inspect
import json
import pickle
import zlib

import numpy as np
import pytest

import pynn

# Keras's own use of NumPy and jax.
pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Explicitly requested dtype:UserWarning"),
]

FAMILIES = ("layers", "losses", "metrics", "optimizers", "initializers", "regularizers", "constraints")

# Arguments that a class cannot do without, or that must suit each other.
_CONV = {"filters": 4, "kernel_size": 2}
NEEDED = {
    "Conv1D": _CONV, "Conv2D": _CONV, "Conv3D": _CONV, "SeparableConv1D": _CONV, "SeparableConv2D": _CONV,
    "Conv1DTranspose": _CONV, "Conv2DTranspose": _CONV, "Conv3DTranspose": _CONV,
    "DepthwiseConv1D": {"kernel_size": 2}, "DepthwiseConv2D": {"kernel_size": 2},
    "AveragePooling1D": {"pool_size": 2}, "AveragePooling2D": {"pool_size": 2}, "AveragePooling3D": {"pool_size": 2},
    "MaxPooling1D": {"pool_size": 2}, "MaxPooling2D": {"pool_size": 2}, "MaxPooling3D": {"pool_size": 2},
    "Dropout": {"rate": 0.5}, "AlphaDropout": {"rate": 0.5}, "GaussianDropout": {"rate": 0.5},
    "SpatialDropout1D": {"rate": 0.5}, "SpatialDropout2D": {"rate": 0.5}, "SpatialDropout3D": {"rate": 0.5},
    "CenterCrop": {"height": 3, "width": 4}, "Resizing": {"height": 3, "width": 4},
    "RandomCrop": {"height": 3, "width": 4, "seed": 1},  # Keras makes a seed if none is given
    "RandomBrightness": {"factor": 0.25}, "RandomContrast": {"factor": 0.25}, "RandomRotation": {"factor": 0.25},
    "RandomTranslation": {"height_factor": 0.25, "width_factor": (0.0, 0.5)},
    "RandomZoom": {"height_factor": (-0.5, 0.25)},
    "Dense": {"units": 3},
    "Activation": {"activation": "gelu"},
    "EinsumDense": {"equation": "ab,bc->ac", "output_shape": 3, "bias_axes": "c"},
    "Embedding": {"input_dim": 5, "output_dim": 3},
    "CategoryEncoding": {"num_tokens": 5},
    "Discretization": {"bin_boundaries": [0.0, 1.0]},
    "Dot": {"axes": (1, 2)},
    "GaussianNoise": {"stddev": 0.5},
    "InputLayer": {"shape": (3, None), "batch_size": 2},
    "Permute": {"dims": (2, 1)},
    "RepeatVector": {"n": 3},
    "Rescaling": {"scale": 0.5},
    "Reshape": {"target_shape": (3, -1)},
    "Normalization": {"mean": [1.0, 2.0], "variance": [3.0, 4.0]},
    "MeanIoU": {"num_classes": 3},
    "IoU": {"num_classes": 3, "target_class_ids": [0, 2]},
    "OneHotIoU": {"num_classes": 3, "target_class_ids": [0]},
    "OneHotMeanIoU": {"num_classes": 3},
    "PrecisionAtRecall": {"recall": 0.5},
    "RecallAtPrecision": {"precision": 0.5},
    "SensitivityAtSpecificity": {"specificity": 0.5},
    "SpecificityAtSensitivity": {"sensitivity": 0.5},
    "RandomUniform": {"seed": 3},
}  # fmt: skip

# What else is drawn, by the name of the argument. Strings and dicts mean the same to both.
POOL = {
    "use_bias": [False], "activation": ["relu", "tanh", "softmax"], "padding": ["same"],
    "data_format": ["channels_first"],
    "kernel_regularizer": ["l2", {"class_name": "L1", "config": {"l1": 0.25}}],
    "kernel_initializer": ["zeros", "he_normal"], "bias_initializer": ["ones"], "kernel_constraint": ["non_neg"],
    "bias_constraint": ["max_norm"], "bias_regularizer": ["l1"], "activity_regularizer": ["l2"],
    "depthwise_constraint": ["unit_norm"], "pointwise_constraint": ["unit_norm"], "alpha_constraint": ["non_neg"],
    "beta_constraint": ["max_norm"], "gamma_constraint": ["non_neg"], "embeddings_constraint": ["unit_norm"],
    "embeddings_initializer": ["lecun_normal"], "gamma_initializer": ["zeros"], "beta_initializer": ["ones"],
    "trainable": [False], "dtype": ["float64"], "epsilon": [0.125], "momentum": [0.25], "center": [False],
    "scale": [False],
    "seed": [7], "reduction": ["sum", "none"], "from_logits": [True], "label_smoothing": [0.25], "axis": [-1],
    "threshold": [0.75], "thresholds": [0.25, [0.25, 0.5]], "top_k": [2], "class_id": [0], "k": [3],
    "average": ["macro"],
    "learning_rate": [0.125], "weight_decay": [0.25], "clipnorm": [1.0], "use_ema": [True], "beta_1": [0.5],
    "nesterov": [True], "amsgrad": [True], "centered": [True], "gradient_accumulation_steps": [2], "rho": [0.75],
    "mean": [0.25], "stddev": [0.125], "minval": [-0.5], "maxval": [0.25], "mode": ["fan_out"], "gain": [1.0],
    "value": [0.5], "l1": [0.25], "l2": [0.75], "max_value": [3.0], "min_value": [0.25], "rate": [0.25],
    "alpha": [0.25], "gamma": [3.0], "apply_class_balancing": [True], "ignore_class": [0], "strides": [2],
    "interpolation": ["nearest"], "fill_mode": ["constant"], "size": [3], "negative_slope": [0.5], "curve": ["PR"],
    "summation_method": ["minoring"], "num_thresholds": [50], "output_mode": ["one_hot"], "groups": [2],
    "depth_multiplier": [2], "invert": [True], "normalize": [True],
    "crop_to_aspect_ratio": [True], "fill_value": [0.5], "value_range": [(0, 1)], "sparse_y_pred": [False],
}  # fmt: skip

# Made only by hand, abstract, or not in pynn: an optimizer that is an error, a wrapper that needs a layer.
APART = {
    "Input", "InputSpec", "Layer", "Wrapper", "TimeDistributed", "Lambda", "Loss", "LossFunctionWrapper", "Metric",
    "MeanMetricWrapper", "Optimizer", "Adafactor", "LossScaleOptimizer", "MultiOptimizer", "Muon", "OptimizerMap",
    "ScheduleFreeAdamW", "Initializer", "Regularizer", "Constraint",
}  # fmt: skip

# Where an argument of this name is something else.
UNSUITED = {
    "mode": {"RandomFlip", "OrthogonalRegularizer"},
    "padding": {"ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D"},
    "mean": {"Normalization"},
    "axis": {"Normalization", "IoU", "MeanIoU", "OneHotIoU", "OneHotMeanIoU"},
    "fill_mode": {"Resizing"},
    "scale": {"Rescaling", "VarianceScaling"},
    "dtype": {"InputLayer"},
}


def classes(family):
    """The classes of a family of pynn, once each, with the names under which Keras has them."""
    module = getattr(pynn, family)
    found = {}
    for name in getattr(module, "__all__", dir(module)):
        entry = getattr(module, name)
        public = name[0] != "_" and inspect.isclass(entry) and hasattr(entry, "from_config")
        if public and entry.__name__ not in APART:
            found[entry] = entry.__name__
    return [(family, name) for name in dict.fromkeys(found.values())]


CLASSES = [entry for family in FAMILIES for entry in classes(family)]


def drawn(rng, kind, name):
    """Random legal arguments: what is needed, and about half of what the pool has for this class."""
    arguments = {**NEEDED.get(name, {})}
    known = {
        parameter
        for base in kind.__mro__
        if base is not object and "__init__" in vars(base)
        for parameter in inspect.signature(base.__init__).parameters
    }
    for parameter in sorted(known & set(POOL)):
        if rng.random() < 0.5 and parameter not in arguments and name not in UNSUITED.get(parameter, ()):
            arguments[parameter] = POOL[parameter][rng.integers(len(POOL[parameter]))]
    return arguments


def plain(config):
    """A config as a file holds it."""
    return json.loads(json.dumps(config))


def test_there_are_classes_to_compare():
    counts = {family: len(classes(family)) for family in FAMILIES}
    assert counts["layers"] > 70
    assert counts["metrics"] > 35
    assert counts["losses"] > 20


@pytest.mark.parametrize(("family", "name"), CLASSES, ids=lambda value: value)
def test_a_config_is_that_of_keras_and_makes_an_equal_object(keras, family, name):
    ours, theirs = getattr(getattr(pynn, family), name), getattr(getattr(keras, family), name)
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    named = {"name": "given"} if family in ("layers", "metrics", "optimizers", "losses") else {}
    compared = refused = 0
    for attempt in range(4):
        arguments = {**(NEEDED.get(name, {}) if attempt == 0 else drawn(rng, theirs, name)), **named}
        try:
            expected = theirs(**arguments)
        except (ValueError, TypeError, NotImplementedError):  # arguments that do not suit each other
            continue
        try:
            made = ours(**arguments)
        except (ValueError, TypeError, NotImplementedError):
            refused += 1  # what pynn does not have, which other tests look at
            continue
        config, golden = plain(made.get_config()), plain(expected.get_config())
        if name.endswith("IoU") and "dtype" not in arguments:
            del golden["dtype"], config["dtype"]  # Keras: int32 on jax, int64 on TensorFlow
        # Keras leaves out a few arguments, which are lost in its files; here they are written unless default.
        lost = {key for key in config if key not in golden}
        assert {key: config[key] for key in golden} == golden, arguments
        assert all(key in arguments for key in lost), lost
        again = plain(ours.from_config(plain(made.get_config())).get_config())
        assert again == plain(made.get_config())
        compared += 1
    assert compared > refused


SCHEDULES = {
    "ExponentialDecay": {
        "initial_learning_rate": 0.1,
        "decay_steps": 10,
        "decay_rate": 0.5,
        "staircase": True,
    },
    "InverseTimeDecay": {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5},
    "PolynomialDecay": {"initial_learning_rate": 0.1, "decay_steps": 10, "power": 2.0, "cycle": True},
    "PiecewiseConstantDecay": {"boundaries": [1, 2], "values": [1.0, 0.5, 0.25]},
    "CosineDecay": {"initial_learning_rate": 0.1, "decay_steps": 10, "warmup_target": 0.2, "warmup_steps": 3},
    "CosineDecayRestarts": {"initial_learning_rate": 0.1, "first_decay_steps": 10, "alpha": 0.25},
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_is_written_as_in_keras_alone_and_in_an_optimizer(keras, name):
    ours = getattr(pynn.optimizers.schedules, name)(**SCHEDULES[name])
    theirs = getattr(keras.optimizers.schedules, name)(**SCHEDULES[name])
    golden = keras.optimizers.schedules.serialize(theirs)
    assert pynn.optimizers.schedules.serialize(ours) == golden
    assert pynn.optimizers.schedules.deserialize(plain(golden)).get_config() == ours.get_config()
    optimizer = pynn.optimizers.SGD(ours, name="sgd")
    assert optimizer.get_config() == keras.optimizers.SGD(theirs, name="sgd").get_config()
    again = pynn.optimizers.SGD.from_config(plain(optimizer.get_config()))
    assert again.get_config() == optimizer.get_config()


@pytest.mark.parametrize("family", FAMILIES)
def test_serialize_gives_the_form_of_keras_and_deserialize_and_get_take_it(keras, family):
    name = {"layers": "Dense", "losses": "Huber", "metrics": "AUC", "optimizers": "Adam", "initializers": "HeNormal",
            "regularizers": "L1L2", "constraints": "MaxNorm"}[family]  # fmt: skip
    arguments = {
        **NEEDED.get(name, {}),
        **({"name": "one"} if family in ("layers", "metrics", "optimizers") else {}),
    }
    module = getattr(pynn, family)
    made = getattr(module, name)(**arguments)
    golden = getattr(keras, family).serialize(getattr(getattr(keras, family), name)(**arguments))
    assert module.serialize(made) == golden
    assert module.deserialize(plain(golden)).get_config() == made.get_config()
    if family != "layers":
        assert module.get(plain(golden)).get_config() == made.get_config()


def test_functions_are_written_by_name(keras):
    assert pynn.activations.serialize(pynn.activations.relu) == keras.activations.serialize(
        keras.activations.relu
    )
    assert pynn.activations.deserialize("relu") is pynn.activations.relu
    ours = pynn.losses.serialize(pynn.losses.mean_squared_error)
    assert ours == keras.losses.serialize(keras.losses.mean_squared_error)
    assert pynn.losses.deserialize(ours) is pynn.losses.mean_squared_error


def test_the_layer_inside_a_wrapper_is_written_in_full(keras):
    config = pynn.layers.TimeDistributed(pynn.layers.Dense(3, name="d"), name="t").get_config()
    assert config == keras.layers.TimeDistributed(keras.layers.Dense(3, name="d"), name="t").get_config()
    assert pynn.layers.TimeDistributed.from_config(plain(config)).get_config() == config


def test_a_layer_takes_its_dtype_in_every_form():
    policy = {
        "module": "keras",
        "class_name": "DTypePolicy",
        "config": {"name": "float64"},
        "registered_name": None,
    }

    class Policy:
        name = "float64"

    for dtype in ("float64", policy, Policy(), pynn.float64):
        assert pynn.layers.Dense(2, dtype=dtype).dtype == "float64"
        assert pynn.layers.Dense(2, dtype=dtype).get_config()["dtype"] == policy


def test_an_argument_that_only_keras_has_passes_with_its_default_alone():
    assert pynn.layers.LayerNormalization(rms_scaling=False).get_config()["rms_scaling"] is False
    with pytest.raises(TypeError) as error:
        pynn.layers.LayerNormalization(rms_scaling=True)
    assert str(error.value) == "LayerNormalization: pynn supports only rms_scaling=False, got True"


@pytest.mark.parametrize("name", ["kernel", "bias"])
def test_a_constraint_reaches_the_weight(name):
    layer = pynn.layers.Conv2D(2, 3, **{f"{name}_constraint": "non_neg"})
    layer.build((None, 5, 5, 1))
    assert isinstance(getattr(layer, name).constraint, pynn.constraints.NonNeg)
    assert isinstance(getattr(layer, f"{name}_constraint"), pynn.constraints.NonNeg)


# --- Classes of the user's own ------------------------------------------------------------------------


def test_a_layer_without_get_config_tells_its_arguments():
    class Scale(pynn.layers.Layer):
        def __init__(self, factor, shift=0.5, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor

    class Bare(pynn.layers.Layer):
        def __init__(self, sizes):
            super().__init__()

    config = Scale(3, name="s").get_config()
    assert (config["factor"], config["shift"], config["name"], config["trainable"]) == (3, 0.5, "s", True)
    assert Scale.from_config(plain(config)).get_config() == config
    assert Bare([1, 2]).get_config() == {"sizes": [1, 2]}
    assert Bare.from_config({"sizes": [1, 2]}).get_config() == {"sizes": [1, 2]}


class Picklable(pynn.layers.Layer):
    def __init__(self, factor, **kwargs):
        super().__init__(**kwargs)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda layer: pickle.loads(pickle.dumps(layer))])
def test_a_copy_tells_the_same_arguments(copied):
    layer = Picklable(3, name="p")
    assert copied(layer).get_config() == layer.get_config()


def test_the_same_names_are_in_utils_and_models():
    for name in ("serialize_keras_object", "deserialize_keras_object", "register_keras_serializable",
                 "get_registered_name", "get_registered_object", "get_custom_objects", "custom_object_scope",
                 "CustomObjectScope"):  # fmt: skip
        assert getattr(pynn.utils, name) is getattr(pynn.saving, name)
    for name in ("load_model", "save_model", "model_from_json"):
        assert getattr(pynn.models, name) is getattr(pynn.saving, name)


def test_a_layer_whose_arguments_are_objects_must_define_get_config():
    class Around(pynn.layers.Layer):
        def __init__(self, inner):
            super().__init__()

    with pytest.raises(NotImplementedError) as error:
        Around(pynn.layers.Dense(2)).get_config()
    assert str(error.value) == (
        "Around was made with arguments that a config cannot hold; define get_config(self) to return "
        "{**super().get_config(), 'argument': value}, and from_config if a value is an object"
    )


def test_plain_values_and_arrays_come_back(keras):
    values = {
        "list": [1, 2.5, None, True, "a"],
        "array": np.arange(3, dtype="float32"),
        "slice": slice(1, None, 2),
        "dots": ...,
        "bytes": b"abc",
        "nested": {"tuple": (1, 2)},
        "scalar": np.float32(0.5),
    }
    ours = pynn.saving.serialize_keras_object(values)
    assert ours == keras.saving.serialize_keras_object(values)
    back = pynn.saving.deserialize_keras_object(plain(ours))
    np.testing.assert_array_equal(back.pop("array"), values["array"], strict=True)
    assert back == {
        "list": [1, 2.5, None, True, "a"],
        "slice": slice(1, None, 2),
        "dots": ...,
        "bytes": b"abc",
        "nested": {"tuple": [1, 2]},
        "scalar": 0.5,
    }
    tensor = pynn.saving.deserialize_keras_object(
        pynn.saving.serialize_keras_object(pynn.asarray([1.0, 2.0]))
    )
    assert isinstance(tensor, pynn.Tensor)
    assert tensor.tolist() == [1.0, 2.0]
