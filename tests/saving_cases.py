"""Models for the tests of files, made from pynn or from Keras, and inputs for them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np


def own_classes(package: Any) -> SimpleNamespace:
    """A layer and models of a user's own, registered; `package` is pynn or keras."""
    layers, register = package.layers, package.saving.register_keras_serializable

    @register("tests", name=f"Block{package.__name__}"[:5])
    class Block(layers.Layer):
        """Layers in attributes and a list, and a weight of its own."""

        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.units = units
            self.last = layers.Dense(units)
            self.first = [layers.Dense(units), layers.Dense(units, activation="tanh")]

        def build(self, shape):
            self.scale = self.add_weight(shape=(self.units,), initializer="random_normal", name="scale")
            self.first[0].build(shape)
            for layer in (self.first[1], self.last):
                layer.build((None, self.units))

        def call(self, x):
            return self.last(self.first[1](self.first[0](x))) * self.scale

        def compute_output_shape(self, shape):
            return (shape[0], self.units)

        def get_config(self):
            return {**super().get_config(), "units": self.units}

    @register("tests")
    class Branches(package.Model):
        """Attributes that are not in alphabetical order, a dict, a list inside it, and a layer in two places."""

        def __init__(self, units=3, **kwargs):
            super().__init__(**kwargs)
            self.z_first = layers.Dense(units)
            self.block = Block(units)
            self.many = {"q": layers.Dense(units), "r": [layers.Dense(units)]}
            self.again = self.z_first

        def build(self, shape):
            self.z_first.build(shape)
            for layer in (self.block, self.many["q"], self.many["r"][0]):
                layer.build((None, 3))

        def call(self, x):
            return self.many["r"][0](self.many["q"](self.block(self.z_first(x))))

    @register("tests")
    class Plain(package.Model):
        """Nothing but __init__ and call, as in a course."""

        def __init__(self, units=2, **kwargs):
            super().__init__(**kwargs)
            self.out = layers.Dense(units)
            self.hidden = layers.Dense(5, activation="relu")
            self.norm = layers.BatchNormalization()

        def call(self, x):
            return self.out(self.norm(self.hidden(x)))

    return SimpleNamespace(Block=Block, Branches=Branches, Plain=Plain)


def images(package: Any, own: Any) -> Any:
    layers = package.layers
    return package.Sequential([
        layers.Input((8, 8, 3)),
        layers.RandomFlip(),
        layers.Rescaling(0.5),
        layers.Conv2D(4, 3, padding="same", activation="relu", kernel_constraint="max_norm"),
        layers.DepthwiseConv2D(3, bias_initializer="random_normal"),
        layers.SeparableConv2D(5, 3),
        layers.Conv2DTranspose(3, 2, strides=2),
        layers.BatchNormalization(moving_mean_initializer="random_normal", gamma_initializer="random_normal"),
        layers.MaxPooling2D(2),
        layers.GroupNormalization(1),
        layers.PReLU(alpha_initializer="random_normal"),
        layers.GlobalAveragePooling2D(),
        layers.Dense(2),
    ])  # fmt: skip


def words(package: Any, own: Any) -> Any:
    layers = package.layers
    return package.Sequential([
        layers.Input((4,), dtype="int32"),
        layers.Embedding(5, 3),
        layers.Conv1D(4, 2),
        layers.SpatialDropout1D(0.2, seed=1),
        layers.LayerNormalization(),
        layers.Flatten(),
        layers.Dense(2, activation="softmax", kernel_regularizer="l2"),
    ])  # fmt: skip


def nested(package: Any, own: Any) -> Any:
    layers = package.layers
    inner = package.Sequential([layers.Dense(3), layers.BatchNormalization()])
    other = package.Sequential([layers.Input((3,)), layers.Dense(4), layers.LeakyReLU()])
    return package.Sequential([layers.Input((8,)), inner, other, layers.Dense(2)])


def adapted(package: Any, own: Any) -> Any:
    layers = package.layers
    normalization = layers.Normalization()
    normalization.adapt(np.linspace(-3, 9, 80, dtype="float32").reshape(10, 8))
    return package.Sequential(
        [layers.Input((8,)), normalization, layers.EinsumDense("ab,bc->ac", 3, bias_axes="c")]
    )


def series(package: Any, own: Any) -> Any:
    layers = package.layers
    return package.Sequential([
        layers.Input((3, 8)), layers.TimeDistributed(layers.Dense(3)), layers.Reshape((9,)), layers.Dropout(0.5),
        layers.RepeatVector(2), layers.Permute((2, 1)), layers.ZeroPadding1D(1), layers.Cropping1D(1),
        layers.UpSampling1D(2), layers.GaussianNoise(0.1), layers.Activation("gelu"), layers.Softmax(),
    ])  # fmt: skip


def undeclared(package: Any, own: Any) -> Any:
    model = package.Sequential([package.layers.Dense(3), package.layers.Dense(2)], name="late")
    model.build((None, 8))
    return model


def registered(package: Any, own: Any) -> Any:
    return package.Sequential([package.layers.Input((8,)), own.Block(3), package.layers.Dense(2)])


def branches(package: Any, own: Any) -> Any:
    model = own.Branches()
    model.build((None, 8))
    return model


def plain(package: Any, own: Any) -> Any:
    model = own.Plain()
    model(np.zeros((1, 8), "float32"))
    return model


def connected(package: Any, own: Any) -> Any:
    """Two inputs and outputs, a shared layer, merging layers, models inside, arithmetic on what is to come."""
    layers = package.layers
    a, b = layers.Input((8,), name="a"), layers.Input((8,), name="b")
    shared = layers.Dense(4, activation="relu", name="shared")
    encoder_input = layers.Input((4,))
    encoder = package.Model(
        encoder_input, layers.BatchNormalization()(layers.Dense(3)(encoder_input)), name="encoder"
    )
    x, y = shared(a), shared(b)
    both = layers.Concatenate()([encoder(x), encoder(y), layers.Subtract()([x, y])])
    head = package.Sequential([layers.Input((10,)), layers.Dense(5), own.Block(5)], name="head")
    first = layers.Dense(2, name="first")(head(both) * 2.0 + 1.0)
    second = layers.Dense(1, activation="sigmoid", name="second")(layers.Add()([x, y]))
    return package.Model([a, b], [first, second], name="connected")


def residual(package: Any, own: Any) -> Any:
    layers = package.layers
    inputs = layers.Input((8, 8, 3))
    x = layers.Conv2D(4, 3, padding="same", use_bias=False)(inputs)
    x = layers.Activation("relu")(layers.BatchNormalization()(x))
    y = layers.MaxPooling2D(2)(layers.SeparableConv2D(4, 3, padding="same")(x))
    x = layers.Add()([y, layers.Conv2D(4, 1, strides=2, padding="same")(x)])
    return package.Model(inputs, layers.Dense(2)(layers.Dropout(0.5)(layers.GlobalAveragePooling2D()(x))))


CASES = {
    connected: ((5, 8), (5, 8)), residual: (4, 8, 8, 3),
    images: (4, 8, 8, 3), words: (6, 4), nested: (5, 8), adapted: (5, 8), series: (4, 3, 8), undeclared: (5, 8),
    registered: (5, 8), branches: (5, 8), plain: (5, 8),
}  # fmt: skip


def inputs(case: Any, rng: np.random.Generator) -> Any:
    """Inputs for the model of a case, an array or a list of them."""
    shape = CASES[case]
    if isinstance(shape[0], tuple):
        return [rng.normal(size=one).astype("float32") for one in shape]
    return rng.integers(0, 5, shape) if case is words else rng.normal(size=shape).astype("float32")
