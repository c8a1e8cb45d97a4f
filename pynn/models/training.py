"""Trainer: the loops over batches and epochs, `fit`, `evaluate` and `predict`; a step is the Learner's."""

from __future__ import annotations

import math
import operator
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from ..callbacks import Callback, CallbackList, History, ProgbarLogger
from ..devices import device
from ..messages import is_interactive_logging_enabled
from .arrays import batch_size_of, check_lengths, is_arrays, map_tensors, split_last, to_tensors
from .data import (
    ArrayBatches,
    Batches,
    Feed,
    IndexedBatches,
    IterableBatches,
    pack_x_y_sample_weight,
    unpack_x_y_sample_weight,
)
from .learner import Learner
from .results import in_form, joined, sorted_floats, unnamed
from .targets import class_weights
from .undo import Undo

_DEFAULT_BATCH_SIZE = 32
_LOOKS = 32  # steps between looks for NaN on a device


class Trainer(Learner):
    """The part of a model that trains, evaluates and predicts. Models inherit it."""

    stop_training = False
    """Set by a callback to end training after the current batch."""

    first_epoch = 0
    """The number of epochs done already; a callback that restores training sets it when training begins."""

    history: History | None = None
    _nan_seen = False

    def __getattr__(self, name: str) -> Any:
        method, _, rest = name.partition("_")
        if rest == "generator" and method in ("fit", "evaluate", "predict"):
            raise AttributeError(f"{name} is gone since Keras 3; {method} takes generators itself")
        return super().__getattr__(name)

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: int | str = "auto",
        callbacks: Sequence[Callback] | None = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: Mapping[int, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: int | Sequence[int] = 1,
    ) -> History:
        """Train.

        Args:
            x: array-like inputs (n, ...), a list or dict of them, or an iterable of batches
                x, (x, y) or (x, y, sample_weight).
            y: array-like targets (n, ...); None if x gives batches.
            batch_size: samples in a step; None means 32.
            epochs: number of the last epoch.
            verbose: 0 silent, 1 or "auto" a bar, 2 one line an epoch.
            callbacks: what else happens at batches and epochs.
            validation_split: fraction of the samples, the last ones, that is measured and not learnt.
            validation_data: (x, y), (x, y, sample_weight) or an iterable of batches; goes before
                `validation_split`.
            shuffle: another order of the samples in every epoch.
            class_weight: weight of each class's samples in the loss.
            sample_weight: weight of each sample in the loss, shape (n,).
            initial_epoch: number of epochs done already.
            steps_per_epoch: steps in an epoch; None for all the data.
            validation_steps: the same for the validation.
            validation_batch_size: None means `batch_size`.
            validation_freq: validate at every so many epochs, or at the epochs listed (counted from 1).

        Returns:
            The History: `history.history["loss"]` is a list with a value for each epoch.

        Raises:
            ValueError, ShapeError, DtypeError, TypeError: data that do not suit each other or the model;
                found before the first step where arrays are given.
        """
        self._require_compiled("fit")
        epochs = _count("epochs", epochs)
        if validation_split and validation_data is None:
            (x, y, sample_weight), validation_data = split_last(validation_split, x, y, sample_weight)
        feed = self._feed(x, y, sample_weight, batch_size, steps_per_epoch, shuffle, class_weight)
        validation = None
        if validation_data is not None:
            validation = self._validation_feed(
                validation_data, validation_batch_size or batch_size, validation_steps
            )
        self.history = History()
        self.stop_training = self._nan_seen = False
        hooks = self._hooks(callbacks, verbose, self.history, epochs=epochs, steps=feed.steps)
        self.first_epoch = initial_epoch
        hooks.on_train_begin()
        logs: dict[str, Any] = {}
        for epoch in range(self.first_epoch, epochs):
            hooks.on_epoch_begin(epoch)
            logs = self._train_epoch(epoch, feed, hooks)
            if validation is not None and _is_due(validation_freq, epoch):
                measured = sorted_floats(self._test_epoch(validation(), hooks))
                logs.update({f"val_{name}": value for name, value in measured.items()})
            hooks.on_epoch_end(epoch, logs)
            if self.stop_training or (feed.exhausted and _warn_of_end(epoch + 1, epochs)):
                break
        self.optimizer.finalize_variable_values(self.trainable_weights)
        hooks.on_train_end(logs)
        return self.history

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Sequence[Callback] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Measure loss and metrics.

        Args:
            x, y, batch_size, verbose, sample_weight, callbacks: as for `fit`.
            steps: number of batches; None for all.
            return_dict: return a dict by name.

        Returns:
            The loss, or a list of the loss and the metrics if there are any.

        Raises:
            ValueError, ShapeError, DtypeError, TypeError: as for `fit`.
        """
        self._require_compiled("evaluate")
        feed = self._feed(x, y, sample_weight, batch_size, steps)
        hooks = self._hooks(callbacks, verbose, epochs=1, steps=feed.steps)
        return in_form(self._in_order(self._test_epoch(feed, hooks)), return_dict)

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        steps: int | None = None,
        callbacks: Sequence[Callback] | None = None,
    ) -> Any:
        """Compute the outputs for many inputs, batch by batch.

        Args:
            x: as for `fit`.
            batch_size: samples in a step; None means 32.
            verbose, callbacks: as for `fit`.
            steps: number of batches; None for all.

        Returns:
            A NumPy array (n, ...), or a list or dict of them if the model returns several.
        """
        if verbose == 0 and callbacks is None and steps is None and is_arrays(x):
            size = _batch_size(batch_size)
            x, _, _ = self._checked(x, None, None, None)
            if batch_size_of(x) <= size:  # one batch that nobody watches needs no loop
                return self._predicted(x)
        feed = Feed(self._batches(x, None, None, batch_size), steps)
        hooks = self._hooks(callbacks, verbose, epochs=1, steps=feed.steps)
        hooks.on_predict_begin()
        outputs = []
        for step, batch in enumerate(feed.epoch()):
            hooks.on_predict_batch_begin(step)
            outputs.append(self._on_device(self.predict_step, batch))
            hooks.on_predict_batch_end(step, {"outputs": outputs[-1]})
        hooks.on_predict_end()
        return joined(outputs)

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Mapping[int, float] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Do one training step; return loss and metrics of this batch as `evaluate` does.

        Args:
            x, y, sample_weight, class_weight: as for `fit`, all of it one batch.
            return_dict: return a dict by name.
        """
        if sample_weight is None and class_weight is None:
            whole = self._shortest().whole
            logs = None if whole is None else whole(x, y, True)
            if logs is not None:
                return logs if return_dict else unnamed(logs)
        self._require_compiled("train_on_batch")
        batch = pack_x_y_sample_weight(*self._checked(x, y, sample_weight, class_weight))
        self.reset_metrics()
        return in_form(self._in_order(self._train_on_device(batch)), return_dict)

    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """Measure one batch; arguments and result are those of `train_on_batch`."""
        whole = self._shortest().whole
        if whole is not None and sample_weight is None:
            logs = whole.measure(x, y, True)
            if logs is not None:
                return logs if return_dict else unnamed(logs)
        self._require_compiled("test_on_batch")
        batch = pack_x_y_sample_weight(*self._checked(x, y, sample_weight, None))
        self.reset_metrics()
        return in_form(self._in_order(self._on_device(self.test_step, batch)), return_dict)

    def predict_on_batch(self, x: Any) -> Any:
        """Return the outputs for one batch as NumPy arrays."""
        return self._predicted(to_tensors("x", x))

    def _predicted(self, x: Any) -> Any:
        """Return the outputs for one batch of tensors as NumPy arrays."""
        return joined([self._on_device(self.predict_step, pack_x_y_sample_weight(x))])

    # Loops ---------------------------------------------------------------------------------------------

    def _train_epoch(self, epoch: int, feed: Feed, hooks: CallbackList) -> dict[str, Any]:
        """Train on one epoch of batches; return its logs."""
        self.reset_metrics()
        results: Mapping[str, Any] = {}
        for step, batch in enumerate(feed.epoch()):
            hooks.on_train_batch_begin(step)
            results = self._train_on_device(batch)
            if self._device is None or step % _LOOKS == 0:  # a look at a number waits for the device
                self._warn_of_nan(results, epoch, step)
            hooks.on_train_batch_end(step, partial(sorted_floats, results))
            if self.stop_training:
                break
        return sorted_floats(results)

    def _on_device(self, step: Callable[[Any], Any], batch: Any) -> Any:
        """Take a step where the model is: the batch, which lies on the host, goes there first."""
        place = self._device
        if place is None:
            return step(batch)
        with device(place):
            return step(map_tensors(lambda tensor: tensor.to(place), batch))

    def _train_on_device(self, batch: Any) -> Any:
        """Take a training step; one that the device has no memory for leaves everything as it was."""
        if self._device is None:
            whole = self._shortest().whole
            logs = None
            if whole is not None and type(batch) is tuple and len(batch) == 2:
                logs = whole(*batch, False)
            return self.train_step(batch) if logs is None else logs
        undo: Undo = vars(self).setdefault("_undo", Undo())
        with undo.step(self, batch):
            if self._captured is None:
                return self._on_device(self.train_step, batch)
            return self._on_device(partial(self._captured.step, self), batch)

    def _test_on_device(self, batch: Any) -> Mapping[str, Any]:
        whole = self._shortest().whole
        logs = None
        if whole is not None and type(batch) is tuple and len(batch) == 2:
            logs = whole.measure(*batch, False)
        return self._on_device(self.test_step, batch) if logs is None else logs

    def _test_epoch(self, feed: Feed, hooks: CallbackList) -> Mapping[str, Any]:
        """Measure all batches; return the results of the last step, which are over all of them."""
        self.reset_metrics()
        hooks.on_test_begin()
        results: Mapping[str, Any] = {}
        for step, batch in enumerate(feed.epoch()):
            hooks.on_test_batch_begin(step)
            results = self._test_on_device(batch)
            hooks.on_test_batch_end(step, partial(sorted_floats, results))
        hooks.on_test_end(sorted_floats(results))
        return results

    def _warn_of_nan(self, results: Mapping[str, Any], epoch: int, step: int) -> None:
        """Warn at the first step of a `fit` whose loss is NaN."""
        loss = results.get("loss")
        if loss is not None and math.isnan(loss) and not self._nan_seen:
            self._nan_seen = True
            warnings.warn(
                f"the loss is NaN since batch {step + 1} of epoch {epoch + 1}; a smaller learning rate may "
                "help, or x holds NaN or huge values",
                RuntimeWarning,
                stacklevel=4,
            )

    # Data ----------------------------------------------------------------------------------------------

    def _feed(
        self,
        x: Any,
        y: Any,
        sample_weight: Any,
        batch_size: int | None,
        steps: int | None,
        shuffle: bool = False,
        class_weight: Mapping[int, float] | None = None,
    ) -> Feed:
        steps = None if steps is None else _count("steps", steps)
        return Feed(self._batches(x, y, sample_weight, batch_size, shuffle, class_weight), steps)

    def _batches(
        self,
        x: Any,
        y: Any,
        sample_weight: Any,
        batch_size: int | None,
        shuffle: bool = False,
        class_weight: Mapping[int, float] | None = None,
    ) -> Batches:
        """Return the batches of x, y and weights, checked as far as they can be beforehand."""
        if is_arrays(x):
            size = _batch_size(batch_size)
            return ArrayBatches(*self._checked(x, y, sample_weight, class_weight), size, shuffle)
        if isinstance(x, str) or not (hasattr(x, "__iter__") or hasattr(x, "__getitem__")):
            raise TypeError(f"x must be arrays or give batches, got {type(x).__name__}")
        for name, value in (("y", y), ("sample_weight", sample_weight), ("batch_size", batch_size)):
            if value is not None:
                raise ValueError(f"{name} must be None when x gives batches; they come with their own")
        weigh = None if class_weight is None else partial(_weigh, class_weight)
        if hasattr(x, "on_epoch_end") and hasattr(x, "__getitem__"):
            return IndexedBatches(x, weigh, shuffle)
        return IterableBatches(x, weigh)

    def _checked(
        self, x: Any, y: Any, sample_weight: Any, class_weight: Mapping[int, float] | None
    ) -> tuple[Any, Any, Any]:
        """Return tensors that suit each other and, as far as its shapes are known, the model."""
        x, y = to_tensors("x", x), to_tensors("y", y)
        sample_weight = to_tensors("sample_weight", sample_weight)
        check_lengths(x, y, sample_weight)
        self._check_targets(y, self._output_shape_for(x))
        if class_weight is not None:
            if sample_weight is not None:
                raise ValueError("give either class_weight or sample_weight, not both")
            sample_weight = to_tensors("class_weight", class_weights(y, class_weight))
        return x, y, sample_weight

    def _output_shape_for(self, x: Any) -> Any:
        """Check inputs `x` and return the output's shape, both as far as that needs no computation."""
        return self._output_shape

    def _validation_feed(self, data: Any, batch_size: int | None, steps: int | None) -> Callable[[], Feed]:
        """Return what makes a Feed for each validation: arrays are checked once, and always read anew."""
        try:
            if isinstance(data, (tuple, list)):
                batches = self._batches(*unpack_x_y_sample_weight(tuple(data)), batch_size)
            else:
                batches = self._batches(data, None, None, None)
        except (ValueError, TypeError) as error:
            raise type(error)(f"validation_data: {error}") from None
        return partial(Feed, batches, None if steps is None else _count("validation_steps", steps))

    def _hooks(
        self, callbacks: Sequence[Callback] | None, verbose: int | str, *own: Callback, **params: Any
    ) -> CallbackList:
        """Return the user's callbacks, the model's own, and a progress bar unless `verbose` is 0."""
        if isinstance(callbacks, Callback):
            raise TypeError(f"callbacks must be a list, got {type(callbacks).__name__}; write [callback]")
        if isinstance(callbacks, str):
            raise TypeError(f"callbacks must be a list of Callback objects, got {callbacks!r}")
        if verbose not in ("auto", 0, 1, 2):
            raise ValueError(f"verbose must be 'auto', 0, 1 or 2, got {verbose!r}")
        level = 1 if verbose == "auto" else int(verbose)
        bar = [ProgbarLogger()] if level and is_interactive_logging_enabled() else []
        return CallbackList([*(callbacks or ()), *own, *bar], model=self, verbose=level, **params)

    def _require_compiled(self, method: str) -> None:
        if not self.compiled:
            raise ValueError(f"{self._title()}: call compile(optimizer, loss) before {method}")


def _weigh(class_weight: Mapping[int, float], batch: Any) -> Any:
    """Return a batch with the weights of its classes."""
    x, y, sample_weight = unpack_x_y_sample_weight(batch)
    if sample_weight is not None:
        raise ValueError("give either class_weight or batches with sample_weight, not both")
    return x, y, to_tensors("class_weight", class_weights(y, class_weight))


def _batch_size(given: int | None) -> int:
    return _DEFAULT_BATCH_SIZE if given is None else _count("batch_size", given)


def _count(argument: str, value: Any) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{argument} must be an integer, got {value!r}") from None
    if number <= 0:
        raise ValueError(f"{argument} must be positive, got {number}")
    return number


def _is_due(frequency: int | Sequence[int], epoch: int) -> bool:
    if isinstance(frequency, int):
        return (epoch + 1) % frequency == 0
    return epoch + 1 in frequency


def _warn_of_end(done: int, epochs: int) -> bool:
    """Say, if epochs are left, that an iterator cannot give them; return True."""
    if done < epochs:
        warnings.warn(
            f"x is an iterator and has no more batches after epoch {done} of {epochs}; training ends. "
            "Give an object that can be iterated anew, or an endless one and steps_per_epoch",
            stacklevel=3,
        )
    return True
