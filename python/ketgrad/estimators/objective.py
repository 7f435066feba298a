"""The loss of samples as SciPy's optimizers want it."""

import math
from dataclasses import dataclass

import numpy as np

from ketgrad._core import Model
from ketgrad._types import FloatArray, Record


@dataclass(frozen=True)
class Samples:
    """What to learn from: one row a sample."""

    inputs: FloatArray
    targets: FloatArray
    weight: FloatArray | None


class Objective:
    """The loss as SciPy wants it; remembers the best parameters it has seen."""

    def __init__(self, model: Model, loss: str, samples: Samples, with_gradient: bool) -> None:
        self._model = model
        self._arguments = (loss, samples.inputs, samples.targets, samples.weight)
        self._with_gradient = with_gradient
        self._epoch = 0
        self._best_loss = math.inf
        self.best_parameters: FloatArray = model.parameters

    def __call__(self, parameters: FloatArray) -> float | tuple[float, FloatArray]:
        """Compute the loss, and its gradient where that was asked for."""
        self._model.parameters = parameters
        if not self._with_gradient:
            loss = float(self._model.loss(*self._arguments))
            self._remember(loss, parameters)
            return loss
        loss, gradient = self._model.loss_and_gradient(*self._arguments)
        self._remember(loss, parameters)
        return loss, gradient

    def _remember(self, loss: float, parameters: FloatArray) -> None:
        if loss < self._best_loss:
            self._best_loss, self.best_parameters = loss, np.array(parameters)

    def record(self) -> Record:
        """Write the record of an iteration, as the C++ trainer does."""
        self._epoch += 1
        return {
            "epoch": self._epoch,
            "loss": self._best_loss,
            "validation_loss": math.nan,
            "learning_rate": math.nan,
        }


class StopTrainingError(Exception):
    """The callback asked SciPy's optimizer to stop."""
