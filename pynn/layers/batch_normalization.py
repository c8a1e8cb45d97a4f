"""BatchNormalization: each channel less its mean over the batch, and what it remembers of the means."""

from __future__ import annotations

from typing import Any, ClassVar

from .. import _core, initializers
from .._core import ShapeError, Tensor
from .fault import Fault
from .normalization import ScaledNormalization, along, checked_single_axis, sizes_along
from .spec import Dims, InputSpec


class BatchNormalization(ScaledNormalization):
    """Each channel less its mean, over its standard deviation, both over all other axes (Ioffe, Szegedy 2015).

    While training, mean and variance are those of the batch, and moving averages remember them; otherwise,
    and while `trainable` is False, the moving averages are used. Weights: gamma, beta, moving_mean,
    moving_variance.

    Args:
        axis: of the channels; 1 for images with channels first.
        momentum: share of the old value in a moving average.
        epsilon, center, scale, beta_initializer, gamma_initializer, beta_regularizer, gamma_regularizer: as
            for `ScaledNormalization`.
        moving_mean_initializer, moving_variance_initializer: first values of the moving averages.

    Raises:
        ValueError: (when built) the input has no axis `axis`, or its size is not known.
    """

    keras_config: ClassVar[dict[str, Any]] = {
        "synchronized": False,
        "renorm": False,
        "renorm_clipping": None,
        "renorm_momentum": 0.99,
    }

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 0.001,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            epsilon,
            center,
            scale,
            beta_initializer,
            gamma_initializer,
            beta_regularizer,
            gamma_regularizer,
            **kwargs,
        )
        self.axis, self.momentum = checked_single_axis("BatchNormalization", axis), momentum
        self.moving_mean_initializer = initializers.get(moving_mean_initializer)
        self.moving_variance_initializer = initializers.get(moving_variance_initializer)

    def build(self, input_shape: Dims) -> None:
        shape = sizes_along(self, input_shape, (self.axis,))
        self.add_scale_and_center(shape)
        self.moving_mean = self.add_weight(
            shape, self.moving_mean_initializer, trainable=False, name="moving_mean"
        )
        self.moving_variance = self.add_weight(
            shape, self.moving_variance_initializer, trainable=False, name="moving_variance"
        )
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self.axis: shape[0]})

    def call(self, inputs: Tensor, training: bool | None = None, mask: Tensor | None = None) -> Tensor:
        if training and self.trainable:
            mean, variance = self._moments(inputs, mask)
            self._remember(mean, variance)
        else:
            mean, variance = self.moving_mean, self.moving_variance
        axes = (self.axis,)
        factor = _core.rsqrt(variance + self.epsilon)
        y = (inputs - along(mean, inputs, axes)) * along(factor, inputs, axes)
        return self.scale_and_center(y, axes)

    def _moments(self, inputs: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor]:
        """Return mean and variance of each channel; positions where the mask is False do not count."""
        others = tuple(axis for axis in range(inputs.ndim) if axis != self.axis % inputs.ndim)
        if mask is None:
            return _core.mean(inputs, axis=others), _core.var(inputs, axis=others)
        mask = _core.asarray(mask)
        if mask.shape != inputs.shape[:-1]:
            rows = [("input", f"{inputs.shape}", ""), ("mask", f"{mask.shape}", "")]
            raise ShapeError(Fault(self, f" expected a mask of the shape {inputs.shape[:-1]}", rows))
        weights = _core.broadcast_to(mask.astype(inputs.dtype)[..., None], inputs.shape)
        count = _core.maximum(_core.sum(weights, axis=others), 1.0)
        mean = _core.sum(inputs * weights, axis=others) / count
        squares = _core.square(inputs - along(mean, inputs, (self.axis,)))
        return mean, _core.sum(squares * weights, axis=others) / count

    def _remember(self, mean: Tensor, variance: Tensor) -> None:
        """Move the moving averages towards the statistics of this batch; not part of the derivative."""
        for moving, value in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(moving * self.momentum + value.detach() * (1 - self.momentum))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "axis": self.axis,
            "momentum": self.momentum,
            "moving_mean_initializer": initializers.serialize(self.moving_mean_initializer),
            "moving_variance_initializer": initializers.serialize(self.moving_variance_initializer),
        }
