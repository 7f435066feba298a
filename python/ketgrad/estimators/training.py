"""Runs an optimizer on a model: the C++ trainer, or SciPy on the model's loss and gradient."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from ketgrad._core import Model, Trainer
from ketgrad._files import read_whole
from ketgrad._ranks import of_first
from ketgrad._types import FloatArray, Record
from ketgrad.estimators.objective import Objective, Samples, StopTrainingError

Report = Callable[[Record], bool]  # called after every epoch; False ends the training

SCIPY_OPTIMIZERS = ("L-BFGS-B", "COBYLA")
_WITHOUT_RATE = ("l-bfgs",)  # of the trainer's optimizers
_FOREVER = 2**31 - 1  # epochs

STOPPINGS = ("plateau", "variance", "never")  # what ends a training before `max_iter`
_WINDOW = 100  # steps that the variance rule compares with as many before (Bowles et al. 2024)

ALL_IN_ONE_BATCH = 128  # the largest data set that batch_size="auto" takes in one batch
MINI_BATCH = 32


@dataclass(frozen=True)
class Training:
    """How to learn; the fields are parameters of the estimators."""

    loss: Any  # a name, or a function of outputs and targets
    optimizer: str
    learning_rate: float
    schedule: str
    max_iter: int
    batch_size: int | str
    stopping: str
    early_stopping: bool
    validation_fraction: float
    n_iter_no_change: int
    tol: float
    seed: int
    checkpoint: str | PathLike[str] | None = None
    comm: Any = None

    def run(
        self, model: Model, samples: Samples, report: Report, book: Callable[[Record], None]
    ) -> str | None:
        """Train the model in place; `book` gets the records of epochs before a checkpoint.

        Whatever ends the training (an interrupt, an exception of the callback), the model keeps
        what it has learned. Returns why it has not converged, or None: where it has, where `report`
        ended it, and where no test of that was asked for.
        """
        asked = True

        def report_and_listen(record: Record) -> bool:
            nonlocal asked
            asked = report(record)
            return asked

        self._check_stopping()
        if callable(self.loss) and self.optimizer in SCIPY_OPTIMIZERS:
            raise ValueError(
                f"a loss of one's own needs an optimizer that takes steps, not {self.optimizer}"
            )
        if self.comm is not None and self.optimizer in SCIPY_OPTIMIZERS:
            raise ValueError(f"comm needs an optimizer that takes steps, not {self.optimizer}")
        if self.optimizer not in SCIPY_OPTIMIZERS:
            lacking = self._run_trainer(model, samples, report_and_listen, book)
        elif self.checkpoint is not None:
            raise ValueError(
                f"checkpoint needs an optimizer that takes steps, not {self.optimizer}"
            )
        else:
            lacking = self._run_scipy(model, samples, report_and_listen)
        return lacking if asked and self._tests_convergence else None

    @property
    def _by_variance(self) -> bool:
        return self.stopping == "variance"

    @property
    def _tests_convergence(self) -> bool:
        return self._by_variance or self._improvement > 0

    @property
    def _improvement(self) -> float:
        """What counts as one; 0 asks for no test."""
        return self.tol if self.stopping == "plateau" else 0.0

    def _check_stopping(self) -> None:
        if not self._by_variance:
            return
        if self.early_stopping:
            raise ValueError(
                "stopping='variance' watches the steps; early_stopping=True, the loss of samples "
                "held out, goes with 'plateau'"
            )
        if self.optimizer in SCIPY_OPTIMIZERS:
            raise ValueError(
                f"stopping='variance' needs an optimizer that takes steps, not {self.optimizer}"
            )

    def trainer(self, model: Model, n_samples: int) -> Trainer:
        """Make the C++ trainer for that many samples.

        What early stopping changes is which loss is watched.
        """
        self._check_stopping()
        has_rate = self.optimizer not in _WITHOUT_RATE
        return Trainer(
            model,
            loss=self.loss,
            optimizer=self.optimizer,
            learning_rate=self.learning_rate if has_rate else None,
            schedule=self.schedule if has_rate else "constant",
            epochs=self.max_iter,
            batch_size=self._rows_per_batch(n_samples),
            validation_fraction=self.validation_fraction if self.early_stopping else 0.0,
            **self._rule(),
            seed=self.seed,
            comm=self.comm,
        )

    def _rule(self) -> dict[str, Any]:
        if self._by_variance:
            return {"early_stopping": "variance", "patience": _WINDOW}
        return {
            "early_stopping": "plateau",  # which keeps the best epoch, too
            "patience": self.n_iter_no_change if self._tests_convergence else _FOREVER,
            "tolerance": self._improvement,
        }

    def _rows_per_batch(self, n_samples: int) -> int:
        if self.batch_size == "auto":
            return n_samples if n_samples <= ALL_IN_ONE_BATCH else MINI_BATCH
        return int(self.batch_size)

    def _run_trainer(
        self, model: Model, samples: Samples, report: Report, book: Callable[[Record], None]
    ) -> str | None:
        data = (samples.inputs, samples.targets, samples.weight)
        trainer = self.trainer(model, len(samples.inputs))
        unfinished = self._unfinished(trainer, data)
        train = trainer.fit
        if unfinished is not None:
            trainer, train = unfinished, unfinished.resume
            for record in trainer.history:
                book(record)

        def after_epoch(record: Record) -> bool:
            model.parameters = trainer.model.parameters
            return report(record)

        try:
            train(*data, after_epoch, checkpoint=self.checkpoint)
        finally:
            model.parameters = trainer.model.parameters
        if trainer.stopped_early:
            return None
        over = f"max_iter={self.max_iter} epochs are over and the"
        if self._by_variance:
            return f"{over} mean loss of {_WINDOW} steps had not come to rest"
        watched = "validation loss" if self.early_stopping else "loss"
        return f"{over} {watched} had not stopped improving by tol={self.tol}"

    def _unfinished(self, trainer: Trainer, data: tuple[Any, ...]) -> Trainer | None:
        """Find the fit that this trainer would begin, half done in the checkpoint."""
        if self.checkpoint is None:
            return None
        try:
            text = of_first(self.comm, self._read)
            if text is None or _loss_of(text) not in (None, _loss_of(trainer.to_json())):
                return None
            own = self.loss if callable(self.loss) else None
            found = Trainer.from_json(text, loss=own, comm=self.comm)
        except (ValueError, OSError) as error:
            path = os.fspath(self.checkpoint)
            message = f"checkpoint={path!r} is no training to go on with: {error}"
            raise ValueError(message) from error
        same = _plan(found) == _plan(trainer)
        return found if same and found.is_fit_of(*data) else None

    def _read(self) -> str | None:
        path = Path(self.checkpoint or "")
        if not path.exists():
            return None
        try:
            return read_whole(path).decode()
        except UnicodeDecodeError as error:
            raise ValueError(f"it is not text (byte {error.start} is not UTF-8)") from None

    def _run_scipy(self, model: Model, samples: Samples, report: Report) -> str | None:
        from scipy.optimize import minimize

        if self.early_stopping:
            raise ValueError(
                f"early_stopping needs an optimizer that takes steps, not {self.optimizer}"
            )
        with_gradient = self.optimizer == "L-BFGS-B"
        objective = Objective(model.copy(), self.loss, samples, with_gradient)

        def after_iteration(_: FloatArray) -> None:
            model.parameters = objective.best_parameters
            if not report(objective.record()):
                raise StopTrainingError

        try:
            found = minimize(
                objective,
                model.parameters,
                method=self.optimizer,
                jac=with_gradient or None,
                callback=after_iteration,
                options=self._scipy_options(),
            )
        except StopTrainingError:
            return None
        finally:
            model.parameters = objective.best_parameters
        return None if found.success else f"{self.optimizer}: {found.message}"

    def _scipy_options(self) -> dict[str, Any]:
        tol = self._improvement
        if self.optimizer == "COBYLA":  # its last trust region cannot be empty
            return {"maxiter": self.max_iter, "tol": max(tol, np.finfo(np.float64).eps)}
        options = {"maxiter": self.max_iter, "gtol": tol}
        # By itself it ends, too, where the loss changes little.
        return options if tol > 0 else {**options, "ftol": 0.0}


def _loss_of(text: str) -> Any:
    """Return the loss that a trainer was written with; None of what is no trainer."""
    try:
        return json.loads(text)["options"]["loss"]
    except (ValueError, KeyError, TypeError):
        return None


def _plan(trainer: Trainer) -> Any:
    """Tell what a fit is: the circuit and all options, but not what has been learned."""
    document = json.loads(trainer.to_json())
    model = {key: value for key, value in document["model"].items() if key != "parameters"}
    return model, document["options"], document["optimizer"]["options"]
