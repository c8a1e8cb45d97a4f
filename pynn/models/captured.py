"""Training steps as CUDA graphs: a step is recorded while Python goes through it as ever, and launched as one."""

from __future__ import annotations

from typing import Any

from .. import _core, structure
from .arrays import leaves
from .undo import generators, put, variables

_MOST_FORMS = 16
_MEMORY = "out of memory"


class Captured:
    """The graphs of a model's training steps, one for each form of batch.

    Every step is recorded anew, which brings its numbers (learning rate, position of random numbers, where tensors
    lie) into the graph; only launching is left out. The first step of a form, and the first after a change of the
    model, runs without: it may make variables and read values. A step that cannot be recorded, since it reads a
    value or copies one from the host, runs without too, and then all that follow do.
    """

    def __init__(self) -> None:
        self.graphs: dict[Any, _core._Graph] = {}
        self._forms: dict[Any, _Form] = {}
        self.refusal: str | None = None
        """Why steps are not recorded any more."""

    def __reduce__(self) -> tuple[Any, ...]:
        return Captured, ()  # a graph is of this process and this model

    def step(self, model: Any, batch: Any) -> Any:
        """Take `model.train_step` of a batch on the model's device; return what it does."""
        if self.refusal is None and not _core._has_graphs(model._device):
            self.refusal = "these devices have no graphs"
        if self.refusal is not None:
            return model.train_step(batch)
        key = (model._device, tuple((leaf.shape, str(leaf.dtype)) for leaf in leaves(batch)))
        form = self._forms.get(key)
        if form is None or form.version != structure.version:
            logs = model.train_step(batch)
            if key in self._forms or len(self._forms) < _MOST_FORMS:
                self._forms[key] = _Form(model)
            return logs
        graph = self.graphs.get(key)
        if graph is None:
            graph = self.graphs[key] = _core._Graph(model._device)
        if not graph.begin():  # another thread trains the same model
            return model.train_step(batch)
        state = form.state()
        try:
            logs = model.train_step(batch)
        except BaseException as error:
            graph.end(False)
            form.restore(state)
            if graph.refusal is None or not isinstance(error, Exception):
                raise
        else:
            if graph.end(True):
                return logs
            form.restore(state)
        if graph.refusal != _MEMORY:
            self.refusal = graph.refusal or "the graph could not be launched"
        return model.train_step(batch)


class _Form:
    """What a step of a model changes on the host, while the model is as it is now.

    The device's part needs no keeping: where a recording is thrown away, nothing ran there.
    """

    def __init__(self, model: Any) -> None:
        self.version = structure.version
        self._variables = [variable for variable in variables(model) if variable.device == "cpu"]
        self._sources = generators(model)

    def state(self) -> tuple[list[Any], list[Any]]:
        """Return values of variables, and positions of random numbers."""
        return [each.numpy() for each in self._variables], [each.state for each in self._sources]

    def restore(self, state: tuple[list[Any], list[Any]]) -> None:
        """Put them back."""
        for variable, values in zip(self._variables, state[0], strict=True):
            put(variable, values)
        for source, position in zip(self._sources, state[1], strict=True):
            source.state = position
