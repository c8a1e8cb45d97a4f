"""What every optimizer shares: options, the learning rate, clipping, weight decay, averages of weights.

The arithmetic of a step is one C++ pass over flat tensors (`pynn._core.sgd` and its like); a subclass says
which state it keeps and makes that call.
"""

from __future__ import annotations

import inspect
import math
import warnings
from collections.abc import Callable, Iterable, Sequence
from numbers import Real
from typing import Any, TypeAlias

from .. import _core, structure
from .._core import Tensor
from ..devices import device
from ..naming import auto_name, snake_case
from ..registry import Registry
from ..serialization import deserialize_keras_object, serialize_keras_object
from ..variable import Variable
from . import schedules
from .arena import Arena, Segment
from .norms import scale_to, times
from .options import Options, check, check_accumulation, check_average, check_clipping, refuse_unknown
from .saved import SavedState

registry = Registry("optimizer")

LearningRate: TypeAlias = "float | Variable | schedules.LearningRateSchedule | Callable[[], Any]"


_IN_STEPS = frozenset({"learning_rate", "_product", "_swapped", "_plans"})
"""Attributes whose change leaves steps that were prepared (`prepared.py`) as they are."""


class Optimizer(SavedState):
    """Base class of optimizers.

    Args:
        learning_rate: a number, a schedule, a Variable, or a function without arguments.
        weight_decay: before each step, w shrinks by w * weight_decay * learning_rate.
        clipnorm: each gradient is scaled down to at most this L2 norm.
        clipvalue: each element of a gradient is clipped to [-clipvalue, clipvalue].
        global_clipnorm: all gradients together are scaled down to at most this L2 norm.
        use_ema: keep an exponential moving average of the weights, which replaces them at the end of `fit`
            and after every `ema_overwrite_frequency` steps.
        ema_momentum: share of the old average in the new one.
        ema_overwrite_frequency: None or a number of steps.
        loss_scale_factor: must be None: training is in float32, where small gradients do not vanish.
        gradient_accumulation_steps: number of calls of `apply` whose gradients are averaged to make one step.
        name: by default the class name in snake_case.

    Raises:
        TypeError: unknown argument; the message proposes the right one.
        ValueError: an option is out of range, or more than one way to clip is asked for.
    """

    def __init__(
        self,
        learning_rate: LearningRate,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **unknown: Any,
    ) -> None:
        kind = type(self).__name__
        refuse_unknown(kind, unknown, [*inspect.signature(type(self)).parameters, *Options.__annotations__])
        check_clipping(kind, clipnorm=clipnorm, clipvalue=clipvalue, global_clipnorm=global_clipnorm)
        check_average(kind, ema_momentum, ema_overwrite_frequency)
        check(kind, loss_scale_factor is None, "loss_scale_factor must be None", loss_scale_factor)
        check_accumulation(kind, gradient_accumulation_steps)
        self.name = name or auto_name(snake_case(kind))
        self.weight_decay, self.clipvalue = weight_decay, clipvalue
        self.clipnorm, self.global_clipnorm = clipnorm, global_clipnorm
        self.use_ema, self.ema_momentum = use_ema, ema_momentum
        self.ema_overwrite_frequency = ema_overwrite_frequency
        self.loss_scale_factor = loss_scale_factor
        self.gradient_accumulation_steps = gradient_accumulation_steps
        self.built = False
        with device("cpu"):  # what every step reads stays where reading is free
            self.iterations = Variable(0, dtype="int64", trainable=False, name="iteration")
            self._accumulated = Variable(0, dtype="int64", trainable=False, name="accumulated")
            self._learning_rate = self._as_learning_rate(learning_rate)
        self._swapped = False
        self._undecayed: tuple[frozenset[int], tuple[str, ...]] = (frozenset(), ())

    # What a subclass defines

    _variable_by_variable = False
    """Whether a step looks at each variable as a whole, so that neighbours in memory must not be put together."""

    def _initial_state(self) -> dict[str, float]:
        """Return the names of the state that is kept for each weight, with its first values."""
        return {}

    def _update(self, w: Tensor, g: Tensor, state: dict[str, Tensor], step: int, **shared: Any) -> Any:
        """Change 1-d weights `w` and their state in place.

        Args:
            w, g, state: weights, their gradient, what is kept for them; all of one length.
            step: how many steps this makes, from 1.
            **shared: learning_rate, weight_decay, clip_value and scale, as the C++ steps take them.

        Returns:
            What the C++ step returns, where the class is `steady`: without a learning rate, the step to be made.
        """
        raise NotImplementedError(f"{type(self).__name__} must define _update")

    # Building and stepping

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name not in _IN_STEPS:
            structure.changed()

    def build(self, variables: Iterable[Variable]) -> None:
        """Make the state for `variables` and move them side by side in memory. A second call does nothing.

        Raises:
            TypeError: something is not a Variable, or not of a float dtype.
            ValueError: a variable is there twice.
        """
        if self.built:
            return
        variables = list(variables)
        for variable in variables:
            _check_variable(self.name, variable)
        self._positions = {id(variable): i for i, variable in enumerate(variables)}
        if len(self._positions) < len(variables):
            raise ValueError(f"{self.name}: a variable is in the list more than once")
        self._arena = Arena(variables)
        initial = {"average": 0.0} if self.use_ema else {}
        if self.gradient_accumulation_steps:
            initial["gradient_accumulator"] = 0.0
        initial.update(self._initial_state())
        self._state = {name: self._arena.state(value) for name, value in initial.items()}
        self._state_variables = [
            self._state_variable(name, i)
            for names in self._groups()
            for i in range(len(variables))
            for name in names
        ]
        self._ids = [id(variable) for variable in variables]
        self._all = tuple(range(len(variables)))
        self._plans: dict[tuple[int, ...], list[Segment]] = {}
        self._constrained = {i: v.constraint for i, v in enumerate(variables) if v.constraint is not None}
        self.built = True

    def _move(self, place: str, moved: dict[int, Tensor]) -> None:
        """Put the variables that this optimizer changes, and its state, on another device."""
        if not self.built:
            return
        self._arena.move(place, moved)
        self._state = {
            name: {dtype: flat.to(place) for dtype, flat in flats.items()}
            for name, flats in self._state.items()
        }
        positions = iter(self._state_variables)
        for names in self._groups():
            for i in range(len(self._arena.variables)):
                for name in names:
                    next(positions)._rebind(self._arena.view(self._state[name], i))
        self._plans = {}

    _BUILT = ("_positions", "_arena", "_state", "_state_variables", "_ids", "_all", "_plans", "_constrained")
    """What `build` makes: it is bound to where these very variables lie, so that a copy makes its own."""

    def __getstate__(self) -> dict[str, Any]:
        if not self.built:
            return vars(self)
        kept = {name: value for name, value in vars(self).items() if name not in self._BUILT}
        values = [variable.numpy() for variable in self._state_variables]
        return {**kept, "built": False, "_restored": (self._arena.variables, values)}

    def __setstate__(self, kept: dict[str, Any]) -> None:
        variables, values = kept.pop("_restored", (None, ()))
        vars(self).update(kept)
        if variables is not None:
            self.build(variables)
        for variable, value in zip(self._state_variables if values else (), values, strict=True):
            variable.assign(value)

    def apply(self, grads: Sequence[Any], trainable_variables: Sequence[Variable] | None = None) -> None:
        """Do one step.

        Args:
            grads: one gradient for each variable, of its shape; None for a variable the loss does not use.
            trainable_variables: the variables, at the first call at the latest; all that were given to
                `build` by default.

        Raises:
            ShapeError: a gradient has not its variable's shape.
            ValueError: no gradient at all, not one for each variable, or an unknown variable.
        """
        grads = list(grads)
        if not self.built:
            if trainable_variables is None:
                raise ValueError(f"{self.name}: the first apply(grads, variables) needs the variables")
            self.build(trainable_variables)
        if self._are_usual(grads, trainable_variables):
            gradients, present = grads, self._all
        else:
            gradients = self._by_position(grads, trainable_variables)
            present = tuple(i for i, g in enumerate(gradients) if g is not None)
        step = int(self.iterations) + 1
        complete = not self.gradient_accumulation_steps or self._accumulate(present, gradients)
        if complete:
            self._step(present, gradients, step)
        if self.use_ema:
            self._average(step)
        for i, constraint in self._constrained.items():
            if gradients[i] is not None:
                self._arena.variables[i]._assign(constraint(self._arena.variables[i].detach()))
        if complete:
            self.iterations._assign(step)

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Variable]]) -> Variable:
        """Do one step from pairs of gradient and variable; return `iterations`.

        Raises:
            TypeError: what is given is no list of pairs.
        """
        pairs = list(grads_and_vars)
        if not all(isinstance(pair, (tuple, list)) and len(pair) == 2 for pair in pairs):
            raise TypeError(
                f"{self.name}: apply_gradients needs pairs (gradient, variable); "
                "write apply_gradients(zip(gradients, variables))"
            )
        self.apply([g for g, _ in pairs], [v for _, v in pairs])
        return self.iterations

    def finalize_variable_values(self, variables: Iterable[Variable] | None = None) -> None:
        """Replace weights by their moving averages, as the end of training does with `use_ema`."""
        if self.use_ema and self.built:
            if self._swapped:
                self.swap_averages()
            chosen = self._arena.variables if variables is None else variables
            for variable in chosen:
                variable._assign(self._arena.view(self._state["average"], self._position(variable)))

    def swap_averages(self) -> None:
        """Exchange the weights and their moving averages.

        Raises:
            ValueError: the optimizer keeps no averages.
        """
        if not self.use_ema:
            raise ValueError(f"{self.name}: keeps no averages of weights; make it with use_ema=True")
        if self.built:
            self._swapped = not self._swapped
            for position, variable in enumerate(self._arena.variables):
                average = self._arena.view(self._state["average"], position)
                weights = variable.numpy()
                variable._assign(average)
                average._assign(_core.asarray(weights))

    def exclude_from_weight_decay(
        self, var_list: Iterable[Variable] | None = None, var_names: Iterable[str] | None = None
    ) -> None:
        """Leave variables alone when weights decay.

        Args:
            var_list: variables.
            var_names: strings; a variable is meant if its path contains one of them, for instance "bias".

        Raises:
            ValueError: the optimizer is built already.
        """
        if self.built:
            raise ValueError(f"{self.name}: exclude_from_weight_decay must come before the first step")
        self._undecayed = (frozenset(id(v) for v in var_list or ()), tuple(var_names or ()))

    @property
    def variables(self) -> list[Variable]:
        """All state: the step count, the learning rate if it is a variable, what is kept for the weights."""
        rate = self._learning_rate
        own = [self.iterations, rate] if isinstance(rate, Variable) else [self.iterations]
        if self.gradient_accumulation_steps:
            own.append(self._accumulated)
        return [*own, *(self._state_variables if self.built else ())]

    def _changed_last(self) -> list[Variable]:
        """Return what `apply` changes only when it needs no more memory; nothing where it always may need some."""
        options = self.use_ema or self.gradient_accumulation_steps or self._variable_by_variable
        ours = all(
            method.__module__.startswith(__package__) for method in (self.apply, self._step, self._update)
        )
        if not self.built or options or self._constrained or not ours:
            return []
        return [*self._arena.variables, *self._state_variables]

    # The learning rate

    @property
    def learning_rate(self) -> Any:
        """The current learning rate: a 0-d float32 Variable, or the value of the schedule at this step."""
        rate = self._learning_rate
        if isinstance(rate, schedules.LearningRateSchedule):
            return rate(self.iterations)
        return rate if isinstance(rate, Variable) else rate()

    @learning_rate.setter
    def learning_rate(self, value: LearningRate) -> None:
        if callable(value) or isinstance(value, Variable):
            self._learning_rate = self._as_learning_rate(value)
        elif isinstance(self._learning_rate, Variable):
            self._learning_rate.assign(float(value))
        else:
            raise TypeError(
                f"{self.name}: the learning rate follows a schedule and cannot be set to a number"
            )

    def _as_learning_rate(self, value: Any) -> Variable | Callable[..., Any]:
        if isinstance(value, Variable) or callable(value):
            given: Variable | Callable[..., Any] = value
            return given
        if not isinstance(value, Real) or isinstance(value, bool) or not math.isfinite(value):
            raise ValueError(
                f"{type(self).__name__}: learning_rate must be a finite number or a schedule, got {value!r}"
            )
        return Variable(float(value), dtype="float32", trainable=False, name="learning_rate")

    # The parts of a step

    def _are_usual(self, grads: list[Any], variables: Sequence[Variable] | None) -> bool:
        """Return whether these are all variables in order, and a gradient of its shape and dtype for each."""
        in_order = variables is None or list(map(id, variables)) == self._ids
        return in_order and _core.alike(grads, self._arena.variables)

    def _by_position(self, grads: list[Any], variables: Sequence[Variable] | None) -> list[Tensor | None]:
        """Return the gradient of each variable in the arena's order, checked; None where there is none."""
        known = self._arena.variables
        positions = range(len(known)) if variables is None else [self._position(v) for v in variables]
        if len(grads) != len(positions):
            raise ValueError(f"{self.name}: got {len(grads)} gradients for {len(positions)} variables")
        gradients: list[Tensor | None] = [None] * len(known)
        for i, g in zip(positions, grads, strict=True):
            if g is not None:
                gradients[i] = self._gradient(g, i)
        missing = [known[i].path for i in positions if gradients[i] is None]
        if len(missing) == len(positions):
            raise ValueError(f"{self.name}: no gradient for any variable; does the loss depend on them?")
        if missing:
            warnings.warn(f"{self.name}: no gradient for {', '.join(missing)}; left unchanged", stacklevel=3)
        return gradients

    def _position(self, variable: Variable) -> int:
        try:
            return self._positions[id(variable)]
        except KeyError:
            raise ValueError(
                f"{self.name}: variable {variable.path!r} is not one of those this optimizer was built for; "
                "make a new optimizer"
            ) from None

    def _gradient(self, g: Any, position: int) -> Tensor:
        gradient: Tensor = g if isinstance(g, Tensor) else _core.asarray(g)
        shape, dtype = self._arena.shapes[position], self._arena.dtypes[position]
        if gradient.shape != shape:
            path = self._arena.variables[position].path
            raise _core.ShapeError(
                f"{self.name}: gradient of shape {gradient.shape} for variable {path!r} of shape {shape}"
            )
        return gradient if gradient.dtype == dtype else gradient.astype(dtype)

    def _step(self, present: tuple[int, ...], gradients: list[Tensor | None], step: int) -> None:
        rate = self._rate()
        scale: float | Tensor = 1.0
        if self.global_clipnorm:
            scale = scale_to([g for i in present if (g := gradients[i]) is not None], self.global_clipnorm)
        plan = self._plan(present)
        # All of them first: what needs memory comes before the first weight changes.
        collected = [segment.collect(gradients) for segment in plan]
        scales = [scale_to([g], self.clipnorm) if self.clipnorm else scale for g in collected]
        scaled = [times(g, by) for g, by in zip(collected, scales, strict=True)]
        for segment, (g, scaled_by) in zip(plan, scaled, strict=True):
            self._update_segment(segment, g, step, rate, scaled_by)

    def _update_segment(
        self, segment: Segment, g: Any, step: int, rate: float | None, scale: float
    ) -> _core.Update | None:
        update: _core.Update | None = self._update(
            segment.w,
            g,
            segment.state,
            step,
            learning_rate=rate,
            weight_decay=self.weight_decay if segment.decays else 0.0,
            clip_value=self.clipvalue or math.inf,
            scale=scale,
        )
        return update

    def _rate(self) -> float:
        """Return the learning rate as a number, computed where that does not wait for a device."""
        if self._arena.device == "cpu":
            return float(self.learning_rate)
        with device("cpu"):
            return float(self.learning_rate)

    def _plan(self, present: tuple[int, ...]) -> list[Segment]:
        """Return the segments for the variables that have gradients; remembered, as they rarely change."""
        plan = self._plans.get(present)
        if plan is None:
            decays = [self._decays(variable) for variable in self._arena.variables]
            # Clipping by its own norm gives each gradient its own scale.
            apart = range(len(decays)) if self.clipnorm or self._variable_by_variable else decays
            plan = self._plans[present] = self._arena.segments(present, decays, apart, self._state)
        return plan

    def _decays(self, variable: Variable) -> bool:
        chosen, words = self._undecayed
        excluded = id(variable) in chosen or any(word in variable.path for word in words)
        return bool(self.weight_decay) and not excluded

    def _accumulate(self, present: tuple[int, ...], gradients: list[Tensor | None]) -> bool:
        """Add to the sums; once there are enough, replace the gradients by their means and start anew."""
        count = int(self._accumulated) + 1
        complete = count == self.gradient_accumulation_steps
        for i in present:
            total = self._arena.view(self._state["gradient_accumulator"], i)
            gradient = gradients[i]
            assert gradient is not None  # `present` names those that are there
            total._assign(total + gradient)
            if complete:
                gradients[i] = total / count
                total._assign(0)
        self._accumulated._assign(0 if complete else count)
        return complete

    def _average(self, step: int) -> None:
        """Move the averages towards the weights; the first step sets them to the weights."""
        momentum = self.ema_momentum if step > 1 else 0.0
        for segment in self._plan(self._all):
            average = segment.state["average"]
            average._assign(average * momentum + segment.w * (1.0 - momentum))
        every = self.ema_overwrite_frequency
        if every is not None and step % every == 0:
            self.finalize_variable_values()

    def _state_variable(self, name: str, position: int) -> Variable:
        """Return one variable's part of the state as a variable of its own, for saving and loading."""
        of = self._arena.variables[position]
        part = self._arena.view(self._state[name], position)
        variable = Variable(part, dtype=of.dtype, trainable=False, name=f"{of.path}_{name}")
        variable._rebind(part)
        return variable

    # Configuration

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal optimizer, without its state."""
        rate = self._learning_rate
        if isinstance(rate, schedules.LearningRateSchedule):
            given: Any = schedules.serialize(rate)
        else:
            given = float(rate) if isinstance(rate, Variable) else serialize_keras_object(rate)
        return {
            "learning_rate": given,
            **{option: getattr(self, option) for option in Options.__annotations__},
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Optimizer:
        """Make an optimizer from what `get_config` returned; `custom_objects` are the user's schedules by name."""
        rate = config.get("learning_rate")
        if isinstance(rate, dict):
            rate = deserialize_keras_object(rate, custom_objects)
            config = {**config, "learning_rate": rate}
        return cls(**config)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"


def _check_variable(optimizer: str, variable: Any) -> None:
    if not isinstance(variable, Variable):
        raise TypeError(f"{optimizer}: can only change Variables, got {type(variable).__name__}")
    if str(variable.dtype) not in ("float32", "float64"):
        raise _core.DtypeError(
            f"{optimizer}: variable {variable.path!r} is {variable.dtype}; expected float32 or float64"
        )
