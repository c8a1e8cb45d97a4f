"""What a callback is, and how a training loop calls many of them cheaply."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

Logs: TypeAlias = dict[str, Any]
Hook: TypeAlias = Callable[..., Any]


class Callback:
    """Base class: override the hooks that matter. `logs` maps names to floats.

    Attributes:
        model: the model that is trained.
        params: what the loop was called with: "epochs", "steps", "verbose".
    """

    # A callback that reads `logs` only now and then can set this and be handed a function that makes them.
    lazy_logs = False

    def __init__(self) -> None:
        self._model: Any = None
        self.params: dict[str, Any] = {}

    @property
    def model(self) -> Any:
        """The model that is trained, evaluated or asked."""
        return self._model

    def set_model(self, model: Any) -> None:
        """Called before anything else, with the model."""
        self._model = model

    def set_params(self, params: dict[str, Any]) -> None:
        """Called before anything else, with what the loop was called with."""
        self.params = params

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Called once before training."""

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Called once after training, with the logs of the last epoch."""

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Called before each epoch, counted from 0."""

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Called after each epoch with its metrics, validation included."""

    def on_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Older name of `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Older name of `on_train_batch_end`."""

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called before each training step, counted from 0 in each epoch."""
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Called after each training step, with the metrics of the epoch so far."""
        self.on_batch_end(batch, logs)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Called before an evaluation, also that of an epoch."""

    def on_test_end(self, logs: Logs | None = None) -> None:
        """Called after an evaluation, with its metrics."""

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called before each step of an evaluation."""

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Called after each step of an evaluation."""

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """Called before a prediction."""

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """Called after a prediction."""

    def on_predict_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called before each step of a prediction."""

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Called after each step of a prediction."""


# The newer hook falls back on the older one, so overriding either counts.
_OLDER_NAMES = {"on_train_batch_begin": "on_batch_begin", "on_train_batch_end": "on_batch_end"}


def _overrides(callback: Callback, hook: str) -> bool:
    """Whether a callback does anything at `hook`, by its class or by an attribute set on the object."""
    if getattr(getattr(callback, hook), "__func__", None) is not getattr(Callback, hook):
        return True
    return hook in _OLDER_NAMES and _overrides(callback, _OLDER_NAMES[hook])


class CallbackList:
    """Callbacks called together; a hook that none overrides costs one look at an empty tuple.

    Args:
        callbacks: Callback objects.
        add_history: append a History, kept in `history`, unless there is one.
        add_progbar: append a ProgbarLogger unless there is one.
        model: given to each by `set_model`; None to do that later.
        **params: given to each by `set_params`.

    Raises:
        TypeError: something is not a Callback.
    """

    def __init__(
        self,
        callbacks: Sequence[Callback] | None = None,
        add_history: bool = False,
        add_progbar: bool = False,
        model: Any = None,
        **params: Any,
    ) -> None:
        self.callbacks: list[Callback] = []
        self.params = params
        self._batch_hooks: dict[str, tuple[tuple[bool, Hook], ...]] = {}
        for callback in callbacks or ():
            self.append(callback)
        if add_progbar:
            from .training import ProgbarLogger  # which is a Callback itself

            self._add(ProgbarLogger)
        self.history = self._add(History) if add_history else None
        self.set_params(params)
        if model is not None:
            self.set_model(model)

    def append(self, callback: Callback) -> None:
        """Add a callback at the end."""
        if not isinstance(callback, Callback):
            hint = " (a class: add parentheses)" if isinstance(callback, type) else ""
            raise TypeError(f"callbacks must be Callback objects, got {callback!r}{hint}")
        self.callbacks.append(callback)
        self._batch_hooks.clear()

    def _add(self, kind: type[Callback]) -> Callback:
        """Return the callback of this kind, a new one if there is none."""
        for callback in self.callbacks:
            if isinstance(callback, kind):
                return callback
        self.append(kind())
        return self.callbacks[-1]

    def set_params(self, params: dict[str, Any]) -> None:
        """Hand to each what the loop was called with."""
        self.params = params
        for callback in self.callbacks:
            callback.set_params(params)

    def set_model(self, model: Any) -> None:
        """Hand the model to each."""
        for callback in self.callbacks:
            callback.set_model(model)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._call("on_train_begin", logs or {})

    def on_train_end(self, logs: Logs | None = None) -> None:
        self._call("on_train_end", logs or {})

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._call("on_epoch_begin", epoch, {} if logs is None else logs)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self._call("on_epoch_end", epoch, {} if logs is None else logs)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        self._call("on_test_begin", logs or {})

    def on_test_end(self, logs: Logs | None = None) -> None:
        self._call("on_test_end", logs or {})

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        self._call("on_predict_begin", logs or {})

    def on_predict_end(self, logs: Logs | None = None) -> None:
        self._call("on_predict_end", logs or {})

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self._call_batch("on_train_batch_begin", batch, logs)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Logs may be a function that makes them: it is called when somebody wants to read them."""
        self._call_batch("on_train_batch_end", batch, logs)

    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        self._call_batch("on_test_batch_begin", batch, logs)

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        self._call_batch("on_test_batch_end", batch, logs)

    def on_predict_batch_begin(self, batch: int, logs: Any = None) -> None:
        self._call_batch("on_predict_batch_begin", batch, logs)

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        self._call_batch("on_predict_batch_end", batch, logs)

    def _call(self, hook: str, *arguments: Any) -> None:
        for callback in self.callbacks:
            getattr(callback, hook)(*arguments)

    def _call_batch(self, hook: str, batch: int, logs: Any) -> None:
        try:
            hooks = self._batch_hooks[hook]
        except KeyError:
            hooks = self._batch_hooks[hook] = self._find(hook)
        if not hooks:
            return
        made = None
        for lazy, call in hooks:
            if lazy:
                call(batch, logs)
                continue
            if made is None:
                made = (logs() if callable(logs) else logs) or {}
            call(batch, made)

    def _find(self, hook: str) -> tuple[tuple[bool, Hook], ...]:
        return tuple((c.lazy_logs, getattr(c, hook)) for c in self.callbacks if _overrides(c, hook))


class History(Callback):
    """What every epoch's metrics were; `fit` returns one.

    Attributes:
        history: a list of values, one an epoch, by name.
        epoch: the numbers of the epochs.
    """

    def __init__(self) -> None:
        super().__init__()
        self.history: dict[str, list[Any]] = {}
        self.epoch: list[int] = []

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self.epoch = []

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)


class LambdaCallback(Callback):
    """A callback from functions: `LambdaCallback(on_epoch_end=lambda epoch, logs: print(logs))`.

    Args:
        **hooks: a function for each hook, with the hook's arguments, logs included.

    Raises:
        TypeError: there is no such hook.
    """

    def __init__(self, **hooks: Hook | None) -> None:
        super().__init__()
        for name, function in hooks.items():
            if not name.startswith("on_") or not hasattr(Callback, name):
                raise TypeError(f"LambdaCallback has no hook {name!r}")
            if function is not None:
                setattr(self, name, function)
