"""BackupAndRestore: training that was interrupted goes on where it was."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from .callback import Callback, Logs

if TYPE_CHECKING:
    from pathlib import Path


class BackupAndRestore(Callback):
    """Keep the state of training in a file, and begin from it if it is there when `fit` is called again.

    The state is the weights, the optimizer's variables and the number of epochs done. The file is written beside its
    place and then renamed: a crash leaves the old file or the new one, whole. An epoch that was cut short is done
    again from its beginning.

    Args:
        backup_dir: directory for the file; nothing else should be in it.
        save_freq: "epoch", or a number of training steps.
        double_checkpoint: keep the file before the last one as well, for when the last one is damaged.
        delete_checkpoint: remove the files when training is over.

    Raises:
        ValueError: backup_dir is empty or save_freq neither; or (when training begins) the model is not built, or
            the file is damaged or of another model.
    """

    def __init__(
        self,
        backup_dir: str | os.PathLike[str],
        save_freq: str | int = "epoch",
        double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
    ) -> None:
        super().__init__()
        if not os.fspath(backup_dir):
            raise ValueError("BackupAndRestore: backup_dir must not be empty")
        if save_freq != "epoch" and not (isinstance(save_freq, int) and save_freq > 0):
            raise ValueError(
                f"BackupAndRestore: save_freq must be 'epoch' or a number of steps, got {save_freq!r}"
            )
        self.backup_dir, self.save_freq = os.fspath(backup_dir), save_freq
        self.double_checkpoint, self.delete_checkpoint = double_checkpoint, delete_checkpoint
        from pathlib import Path  # here: every import of pynn would wait for it

        self._file = Path(backup_dir) / "latest.npz"
        self._file_before = Path(backup_dir) / "previous.npz"
        self._epoch = self._steps = 0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        if not self.model.built:
            raise ValueError(
                "BackupAndRestore: the model must be built before fit; call build or give it an Input"
            )
        if self._file.exists():
            self._restore(self._read())

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._steps += 1
        if isinstance(self.save_freq, int) and self._steps % self.save_freq == 0:
            self._save()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self._epoch = epoch + 1
        if self.save_freq == "epoch":
            self._save()

    def on_train_end(self, logs: Logs | None = None) -> None:
        if self.delete_checkpoint and self._file.parent.exists():
            for file in (self._file, self._file_before):
                file.unlink(missing_ok=True)
            if not any(self._file.parent.iterdir()):
                self._file.parent.rmdir()

    def _save(self) -> None:
        arrays = {"epoch": np.array(self._epoch)}
        arrays.update({f"weights/{i}": w for i, w in enumerate(self.model.get_weights())})
        arrays.update({f"optimizer/{i}": v.numpy() for i, v in enumerate(self.model.optimizer.variables)})
        self._file.parent.mkdir(parents=True, exist_ok=True)
        beside = self._file.with_name(f".{os.getpid()}-{self._file.name}")
        try:
            with open(beside, "wb") as file:
                np.savez(file, **arrays)  # type: ignore[arg-type]
                file.flush()
                os.fsync(file.fileno())
            if self.double_checkpoint and self._file.exists():
                import shutil

                shutil.copyfile(self._file, self._file_before)
            os.replace(beside, self._file)
        finally:
            beside.unlink(missing_ok=True)

    def _read(self) -> dict[str, Any]:
        """Return the arrays of the last file, or of the one before if the last is damaged."""
        try:
            return _arrays(self._file)
        except ValueError:
            if not self._file_before.exists():
                raise
            return _arrays(self._file_before)

    def _restore(self, arrays: dict[str, Any]) -> None:
        """Set everything from the file, after making sure that it fits."""
        optimizer = self.model.optimizer
        optimizer.build(self.model.trainable_variables)
        for part, variables in (("weights", self.model.weights), ("optimizer", optimizer.variables)):
            found = [arrays.get(f"{part}/{i}") for i in range(sum(name.startswith(part) for name in arrays))]
            if [getattr(array, "shape", None) for array in found] != [v.shape for v in variables]:
                raise ValueError(f"BackupAndRestore: {self._file} holds the {part} of another model")
        self.model.set_weights([arrays[f"weights/{i}"] for i in range(len(self.model.weights))])
        for i, variable in enumerate(optimizer.variables):
            variable.assign(arrays[f"optimizer/{i}"])
        self.model.first_epoch = int(arrays["epoch"])


def _arrays(path: Path) -> dict[str, Any]:
    import zipfile

    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as arrays:
            return {"epoch": arrays["epoch"], **arrays}
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise ValueError(f"BackupAndRestore: {path} is damaged; delete it to start anew ({error})") from error
