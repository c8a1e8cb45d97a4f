"""What the harness in test_layer_cases.py runs: layers, their arguments and inputs."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np


class Case(NamedTuple):
    """One layer under test.

    Args:
        name: of the class, here and in Keras.
        arguments: of the constructor.
        shapes: of the input, or of several.
        training: what to call with.
        integers: inputs are drawn from [0, integers) instead of the normal distribution.
        inner: name and arguments of the layer inside a wrapper.
        mask: give a mask of this shape to `call`.
    """

    name: str
    arguments: dict[str, Any]
    shapes: tuple[Any, ...]
    training: bool = False
    integers: int = 0
    inner: tuple[str, dict[str, Any]] | None = None
    mask: tuple[int, ...] | None = None

    def __str__(self) -> str:
        arguments = ",".join(f"{key}={value}" for key, value in self.arguments.items())
        mode = "-training" * self.training + "-mask" * bool(self.mask)
        return f"{self.name}({arguments}){self.shapes}{mode}".replace(" ", "")

    def layer(self, layers: Any) -> Any:
        """Make the layer from Keras's module of layers, or pynn's."""
        inner = [getattr(layers, self.inner[0])(**self.inner[1])] if self.inner else []
        return getattr(layers, self.name)(*inner, **self.arguments)

    def inputs(self, rng: np.random.Generator) -> Any:
        """Draw an array, or a list of them."""
        if self.several:
            return [self._draw(rng, shape) for shape in self.shapes]
        return self._draw(rng, self.shapes)

    @property
    def several(self) -> bool:
        """Whether the layer takes a list of inputs."""
        return bool(self.shapes) and isinstance(self.shapes[0], tuple)

    def _draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        if self.integers:
            return rng.integers(0, self.integers, shape)
        return rng.normal(0.5, 2.0, shape).astype("float32")


PAIR = ((4, 5), (4, 5))
IMAGES = (3, 6, 5, 4)

CASES = [
    *(Case(name, {}, shapes) for name in ("Add", "Multiply", "Average", "Maximum", "Minimum")
      for shapes in (PAIR, ((4, 5), (4, 1), (4, 5)), ((4, 5), (4, 3, 5)), ((2, 3, 1), (2, 1, 4)), ((3, 2),))),
    Case("Subtract", {}, PAIR),
    Case("Concatenate", {}, ((4, 5), (4, 2), (4, 1))),
    Case("Concatenate", {"axis": 1}, ((4, 5, 3), (4, 2, 3))),
    Case("Concatenate", {"axis": -2}, ((4, 5, 3), (4, 0, 3))),
    Case("Dot", {"axes": 1}, PAIR),
    Case("Dot", {"axes": -1, "normalize": True}, PAIR),
    Case("Dot", {"axes": (2, 1)}, ((4, 5, 6), (4, 6, 3))),
    Case("Dot", {"axes": 2, "normalize": True}, ((2, 3, 4, 5), (2, 6, 4, 7))),
    *(Case("BatchNormalization", arguments, shape, training)
      for training in (False, True)
      for arguments, shape in [
          ({}, (8, 5)),
          ({}, IMAGES),
          ({"axis": 1}, IMAGES),
          ({"momentum": 0.5, "epsilon": 0.1, "center": False}, (8, 3, 5)),
          ({"scale": False, "gamma_initializer": "zeros"}, (8, 5)),
          ({"beta_initializer": "random_normal", "gamma_initializer": "random_normal"}, (8, 5)),
          ({"trainable": False, "moving_mean_initializer": "ones"}, (8, 5)),
      ]),
    Case("BatchNormalization", {}, (4, 6, 3), True, mask=(4, 6)),
    Case("LayerNormalization", {}, (8, 5)),
    Case("LayerNormalization", {"axis": 1, "epsilon": 0.1}, (8, 5, 3)),
    Case("LayerNormalization", {"axis": [1, 3], "gamma_initializer": "random_normal"}, IMAGES),
    Case("LayerNormalization", {"axis": (-2, -1), "center": False}, IMAGES),
    Case("LayerNormalization", {"scale": False}, (3, 7)),
    Case("GroupNormalization", {"groups": 2}, IMAGES),
    Case("GroupNormalization", {"groups": -1, "gamma_initializer": "random_normal"}, IMAGES),
    Case("GroupNormalization", {"groups": 1, "scale": False}, (4, 6)),
    Case("GroupNormalization", {"groups": 3, "axis": 1, "center": False}, (2, 6, 4, 5)),
    Case("UnitNormalization", {}, (4, 5)),
    Case("UnitNormalization", {"axis": [1, 2]}, (4, 5, 3)),
    Case("RMSNormalization", {}, (4, 5)),
    Case("RMSNormalization", {"axis": (1, 2), "epsilon": 0.1}, (4, 5, 3)),
    Case("Rescaling", {"scale": 0.5, "offset": -1.0}, (4, 5)),
    Case("Rescaling", {"scale": [0.5, 2.0, 1.0]}, (4, 5, 3)),
    Case("Normalization", {"mean": 0.5, "variance": 4.0}, (4, 5)),
    Case("Normalization", {"mean": [1.0, 2.0, 3.0], "variance": [4.0, 1.0, 0.0], "axis": 1}, (2, 3, 4)),
    Case("Normalization", {"mean": [1.0, 2.0], "variance": [4.0, 1.0], "axis": (1, 2)}, (2, 3, 2)),
    Case("Normalization", {"mean": 0.5, "variance": 4.0, "invert": True, "axis": None}, (4, 5)),
    *(Case(name, arguments, shape, training)
      for name, arguments, shape in [
          ("SpatialDropout1D", {"rate": 0.5}, (4, 5, 3)),
          ("SpatialDropout2D", {"rate": 0.5, "data_format": "channels_first"}, IMAGES),
          ("SpatialDropout3D", {"rate": 0.5}, (2, 3, 4, 5, 2)),
          ("AlphaDropout", {"rate": 0.5}, (4, 5)),
      ]
      for training in (False,)),
    Case("ActivityRegularization", {"l1": 0.1, "l2": 0.2}, (4, 5)),
    Case("Embedding", {"input_dim": 7, "output_dim": 3}, (4, 5), integers=7),
    Case("Embedding", {"input_dim": 7, "output_dim": 3}, (4,), integers=7),
    Case("CategoryEncoding", {"num_tokens": 7}, (4, 3), integers=7),
    Case("CategoryEncoding", {"num_tokens": 7, "output_mode": "count"}, (4, 9), integers=7),
    Case("CategoryEncoding", {"num_tokens": 7, "output_mode": "one_hot"}, (4, 1), integers=7),
    Case("CategoryEncoding", {"num_tokens": 7, "output_mode": "one_hot"}, (4, 3), integers=7),
    Case("Discretization", {"bin_boundaries": [0.0, 0.5, 2.0]}, (4, 3)),
    Case("Discretization", {"bin_boundaries": [1, 2], "output_mode": "one_hot"}, (4, 1), integers=4),
    Case("Discretization", {"bin_boundaries": [0.0], "output_mode": "count"}, (4, 6)),
    Case("EinsumDense", {"equation": "ab,bc->ac", "output_shape": 3, "bias_axes": "c"}, (4, 5)),
    Case("EinsumDense", {"equation": "...x,xy->...y", "output_shape": 3, "activation": "relu"}, (4, 2, 5)),
    Case("EinsumDense", {"equation": "abc,cde->abde", "output_shape": (None, 2, 3), "bias_axes": "d"}, (4, 5, 6)),
    Case("EinsumDense", {"equation": "ab...,bc->ac...", "output_shape": (7,), "bias_axes": "c"}, (4, 5, 2, 3)),
    Case("TimeDistributed", {}, (4, 3, 5), inner=("Dense", {"units": 2, "activation": "relu"})),
    Case("TimeDistributed", {}, (2, 3, 4, 5), inner=("Flatten", {})),
    Case("TimeDistributed", {}, (2, 3, 4), inner=("Softmax", {}), mask=(2, 3, 4)),
    Case("RepeatVector", {"n": 3}, (4, 5)),
    Case("Permute", {"dims": (2, 1)}, (4, 3, 2)),
    Case("Reshape", {"target_shape": (-1, 2)}, (4, 3, 2)),
    Case("Flatten", {}, (4, 3, 2)),
    Case("Flatten", {"data_format": "channels_first"}, (4, 3, 2, 5)),
    Case("Identity", {}, (4, 3)),
    Case("Dense", {"units": 3, "activation": "softmax"}, (4, 3)),
    Case("ReLU", {"max_value": 1.0, "negative_slope": 0.2, "threshold": 0.5}, (4, 5)),
    Case("LeakyReLU", {"negative_slope": 0.1}, (4, 5)),
    Case("PReLU", {"alpha_initializer": "random_normal", "shared_axes": [1]}, (4, 5, 3)),
    Case("ELU", {"alpha": 0.5}, (4, 5)),
    Case("Softmax", {"axis": 1}, (4, 5, 6)),
    Case("Softmax", {"axis": [1, 2]}, (4, 5, 6)),
    Case("Softmax", {}, (4, 5), mask=(4, 5)),
    Case("Activation", {"activation": "softplus"}, (4, 5)),
]  # fmt: skip
