"""Every layer, loss, metric, optimizer and operation of keras.ops on a device, against the CPU's results."""

import numpy as np
import ops_cases
import pytest
from device_pairs import check
from layer_cases import CASES as LAYERS
from test_convolutional_layers import CASES as CONVOLUTIONAL
from test_image_layers import SURE
from test_losses import CASES as LOSSES
from test_metrics import CASES as METRICS
from test_metrics import WEIGHTS
from test_ops import label
from test_optimizers import OWN, SHARED, draw, make

import pynn
from pynn import layers, losses, metrics, ops, optimizers

# Layers that draw random numbers, equal ones on all devices, and those that no other table has.
DRAWN = [
    ("Dropout", {"rate": 0.4}, (4, 6)),
    ("GaussianDropout", {"rate": 0.4}, (4, 6)),
    ("GaussianNoise", {"stddev": 0.5}, (4, 6)),
    ("AlphaDropout", {"rate": 0.3}, (4, 6)),
    ("SpatialDropout1D", {"rate": 0.5}, (4, 5, 3)),
    ("SpatialDropout2D", {"rate": 0.5}, (2, 5, 3, 4)),
    ("SpatialDropout3D", {"rate": 0.5}, (2, 3, 4, 5, 2)),
    ("RandomFlip", {}, (2, 6, 5, 3)),
    ("RandomRotation", {"factor": 0.2}, (2, 6, 5, 3)),
    ("RandomZoom", {"height_factor": 0.3}, (2, 6, 5, 3)),
    ("RandomTranslation", {"height_factor": 0.3, "width_factor": 0.2}, (2, 6, 5, 3)),
    ("RandomBrightness", {"factor": 0.2}, (2, 6, 5, 3)),
    ("RandomContrast", {"factor": 0.3}, (2, 6, 5, 3)),
    ("RandomCrop", {"height": 3, "width": 4}, (2, 6, 5, 3)),
    ("Masking", {"mask_value": 0.0}, (3, 4, 5)),
    ("Lambda", {"function": lambda x: pynn.tanh(x) * 2}, (3, 4)),
]
# What is no layer of its own.
NO_LAYERS = {"Any", "Input", "InputLayer", "InputSpec", "Layer", "TYPE_CHECKING", "Wrapper"}


def called(layer, inputs, options, seed):
    """Output, statistics, and the gradients of sum(output * seed) by weights and inputs (a list: they go in as one)."""
    several = isinstance(inputs, list)
    inputs = inputs if several else [inputs]
    leaves = [pynn.Variable(x) if np.asarray(x).dtype.kind == "f" else pynn.asarray(x) for x in inputs]
    with pynn.GradientTape() as tape:
        y = layer(leaves if several else leaves[0], **options)
        loss = (y * seed(y)).sum() if y.requires_grad else None
    wanted = [*layer.trainable_weights, *(x for x in leaves if isinstance(x, pynn.Variable))]
    found = [] if loss is None else tape.gradient(loss, wanted)
    return y.detach(), [w.value for w in layer.weights], found


def check_layer(make_layer, inputs, options=None):
    def seed(y):
        return pynn.asarray(np.random.default_rng(4).normal(size=y.shape).astype(y.dtype))

    check(lambda: called(make_layer(), inputs, options or {}, seed), 1e-5, 1e-5)


@pytest.mark.parametrize("case", LAYERS, ids=str)
def test_layers(case, rng):
    x = case.inputs(rng)
    mask = {"mask": rng.random(case.mask) < 0.7} if case.mask else {}
    options = {"training": True, **mask} if case.training else mask
    check_layer(lambda: case.layer(layers), x, options)


@pytest.mark.parametrize(
    ("name", "arguments", "options", "shape"), CONVOLUTIONAL, ids=lambda value: str(value)[:24]
)
def test_convolutional_layers(name, arguments, options, shape, rng):
    x = rng.normal(size=shape).astype("float32")
    check_layer(lambda: getattr(layers, name)(*arguments, **options), x)


@pytest.mark.parametrize(("name", "options", "shape"), DRAWN, ids=lambda value: str(value)[:24])
def test_layers_that_draw(name, options, shape, rng):
    x = rng.normal(size=shape).astype("float32")
    for seed in ({}, {"seed": 5}) if name not in ("Masking", "Lambda") else ({},):
        check_layer(
            lambda seed=seed: getattr(layers, name)(**options, **seed),
            x,
            {} if name in ("Masking", "Lambda") else {"training": True},
        )


@pytest.mark.parametrize(("name", "options"), SURE)
def test_image_layers(name, options, rng):
    x = rng.uniform(0, 255, (2, 6, 5, 3)).astype("float32")
    check(lambda: getattr(layers, name)(**options)(pynn.asarray(x)), 1e-5, 1e-3)


def test_no_layer_is_left_out():
    covered = {case.name for case in LAYERS} | {name for name, *_ in (*CONVOLUTIONAL, *DRAWN, *SURE)}
    classes = {getattr(layers, name) for name in dir(layers) if name[0].isupper() and name not in NO_LAYERS}
    assert {kind.__name__ for kind in classes} <= covered


# ---- Losses, metrics, optimizers ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind", "options", "true", "pred", "formula"), LOSSES, ids=lambda value: str(value)[:24]
)
def test_losses(name, kind, options, true, pred, formula):
    def call():
        x = pynn.Variable(np.asarray(pred))
        with pynn.GradientTape() as tape:
            value = getattr(losses, kind)(**options)(pynn.asarray(true), x)
        return value.detach(), tape.gradient(value, x), getattr(losses, name)(true, x.value, **options)

    check(call, 1e-5, 1e-6)


def test_no_loss_is_left_out():
    left = {"CTC", "Circle", "Loss", "LossFunctionWrapper"}
    classes = {name for name in losses.__all__ if name[0].isupper()} - left
    assert classes <= {case[1] for case in LOSSES}


@pytest.mark.parametrize(("kind", "options", "true", "pred"), METRICS, ids=lambda value: str(value)[:24])
@pytest.mark.filterwarnings("ignore")
def test_metrics(kind, options, true, pred):
    def call():
        metric = getattr(metrics, kind)(**options)
        for i in range(2):
            metric.update_state(
                pynn.asarray(true[i]), pynn.asarray(pred[i]), sample_weight=WEIGHTS[i] if i else None
            )
        return [np.asarray(metric.result().to("cpu")), *(v.value for v in metric.variables)]

    check(call, 1e-5, 1e-6)


@pytest.mark.parametrize(("kind", "own"), OWN, ids=lambda value: str(value)[:40])
def test_optimizers(kind, own):
    def call(shared):
        optimizer, variables = getattr(optimizers, kind)(**{**own, **shared}), make(draw(0)[:2])
        for step in range(3):
            optimizer.apply(draw(step + 1)[:2], variables)
        optimizer.finalize_variable_values(variables)
        return [v.value for v in variables]

    for shared in SHARED:
        check(lambda shared=shared: call(shared), 1e-6, 1e-6)


# ---- Operations --------------------------------------------------------------------------------------------


def tensors(x):
    """Arrays of several numbers as tensors of the default device."""
    return pynn.asarray(x) if isinstance(x, np.ndarray) else x


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("entry", [*ops_cases.TABLE, *ops_cases.IMAGES], ids=label)
def test_operations(entry):
    name, args, kwargs = entry
    function = getattr(ops.image if id(entry) in ops_cases.PICTURES else ops, name)

    def call():
        moved = [type(x)(map(tensors, x)) if type(x) in (list, tuple) else tensors(x) for x in args]
        return function(*moved, **{key: tensors(value) for key, value in kwargs.items()})

    check(call, 2e-5, 2e-5)
