"""Saved: the methods of a model that write files, JSON and configs; what they write is pynn.saving's business."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from typing import Any

from ..serialization import deserialize_keras_object, serialize_keras_object
from .learner import Learner


class Saved(Learner):
    """The part of a model that knows how to be saved."""

    def save(
        self,
        filepath: str | os.PathLike[str],
        overwrite: bool = True,
        zipped: bool | None = None,
        **kwargs: Any,
    ) -> None:
        """Write the whole model to a `.keras` file, which Keras 3 opens; see `saving.save_model`.

        Raises:
            ImportError: h5py is missing; the message names the extra that brings it.
            FileExistsError: the file is there and `overwrite` is False.
            ValueError: another ending, or an argument that pynn does not support.
            TypeError, NotImplementedError: something in the model cannot be written as plain values.
            OSError: the file cannot be written.
        """
        from ..saving import save_model  # here: training needs no files

        save_model(self, filepath, overwrite, zipped, **kwargs)

    def save_weights(
        self, filepath: str | os.PathLike[str], overwrite: bool = True, max_shard_size: float | None = None
    ) -> None:
        """Write all variables to a `.weights.h5` or `.safetensors` file; see `saving.save_weights`.

        Raises:
            ImportError: h5py or safetensors is missing; the message names the extra that brings it.
            ValueError: the model is not built, or the name ends otherwise.
            OSError: the file cannot be written.
        """
        from ..saving import save_weights

        save_weights(self, filepath, overwrite, max_shard_size)

    def load_weights(
        self,
        filepath: str | os.PathLike[str],
        skip_mismatch: bool = False,
        *,
        objects_to_skip: Sequence[Any] | None = None,
        by_name: bool | None = None,
    ) -> None:
        """Set all variables from a file of `save_weights` or `save`; none is set if one does not fit.

        Args:
            filepath, skip_mismatch, objects_to_skip, by_name: see `saving.load_weights`.

        Raises:
            ImportError: h5py or safetensors is missing; the message names the extra that brings it.
            ValueError: the model is not built, or the file is damaged, foreign or of another model.
            OSError: the file cannot be read.
        """
        from ..saving import load_weights

        load_weights(self, filepath, skip_mismatch, objects_to_skip=objects_to_skip, by_name=by_name)

    def export(self, filepath: Any, format: str = "tf_saved_model", **kwargs: Any) -> None:
        """Raise the error that says what there is instead: pynn writes no formats of other runtimes.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError(
            f"export: pynn does not write {format!r}; model.save('name.keras') writes a file that Keras opens and "
            "exports"
        )

    def to_json(self, **kwargs: Any) -> str:
        """Return the model without its weights as JSON, for `model_from_json` here or in Keras.

        Args:
            **kwargs: for `json.dumps`, for instance `indent=2`.
        """
        import json

        return json.dumps(serialize_keras_object(self), **kwargs)

    def get_compile_config(self) -> dict[str, Any]:
        """Return what the model was compiled with, for `compile_from_config`; {} if it was not."""
        given = vars(self).get("_compile_arguments")
        if not self.compiled or given is None:
            return {}
        config: dict[str, Any] = serialize_keras_object({**vars(given), "optimizer": self.optimizer})
        return config

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compile with what `get_compile_config`, here or in Keras, returned.

        A class with a `compile` of its own is left uncompiled, with a warning, unless it defines this method too.
        """
        if type(self).compile is not Learner.compile:
            warnings.warn(
                f"{self._title()} was loaded uncompiled: its class defines compile(); define get_compile_config() "
                "and compile_from_config(config) too, or call compile",
                stacklevel=2,
            )
            return
        self.compile(**deserialize_keras_object(config))
        if self.built:
            self.optimizer.build(self.trainable_variables)
