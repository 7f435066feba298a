"""What searches over populations share: the best row so far, when to end, bounds."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ketgrad._core import MinimizeResult, _real, _real_array
from ketgrad._jobs import losses_of
from ketgrad._memory import require_memory
from ketgrad._numbers import integer
from ketgrad._types import FloatArray
from ketgrad._words import shown
from ketgrad.analysis.arguments import require, require_function

Loss = Callable[[FloatArray], Any]
Callback = Callable[[dict[str, Any]], Any]

EXAMPLE = "lambda W: program.expval(weights=W)[:, 0]"


class Best:
    """The best row of all populations."""

    def __init__(self) -> None:
        self.loss = np.inf
        self.weights: FloatArray = np.empty(0)
        self.history: list[float] = []

    def see(self, population: FloatArray, losses: Any) -> FloatArray:
        """Read the losses of a population."""
        values = finite_losses(losses, len(population))
        k = int(values.argmin())
        if values[k] < self.loss:
            self.loss, self.weights = float(values[k]), population[k].copy()
        self.history.append(self.loss)
        return values

    def result(self, message: str = "") -> MinimizeResult:
        """Give the best row."""
        return MinimizeResult(self.weights, self.loss, self.history, message=message)


@dataclass(frozen=True)
class Ending:
    """When a search ends."""

    n_steps: int
    target: float | None
    patience: int | None
    tolerance: float
    callback: Callback | None

    @classmethod
    def read(
        cls,
        n_steps: Any,
        target: Any,
        patience: Any,
        tolerance: Any,
        callback: Callback | None,
    ) -> "Ending":
        """Check what a user gave."""
        if callback is not None and not callable(callback):
            raise TypeError(f"callback must be a function of a dict, not {shown(callback)}")
        if target is not None and np.isnan(target := _real(target, "target")):
            raise ValueError(f"target={target}; it must be a number that losses can reach")
        return cls(
            integer("n_steps", n_steps, 1),
            target,
            None if patience is None else integer("patience", patience, 1),
            positive(tolerance, "tolerance", zero=True),
            callback,
        )

    def message(self, history: list[float], **best: Any) -> str:
        """Say why a search ends after this step, or nothing where it goes on.

        The callback sees what is best.
        """
        step, value = len(history) - 1, history[-1]
        if self.callback is not None and step > 0:
            answer = self.callback({"step": step, "value": value, **best})
            if answer is not None and not _truth(answer):
                return "the callback ended it"
        if self.target is not None and value <= self.target:
            return f"the loss reached the target of {self.target:g}"
        if self.patience is not None and step >= self.patience:
            gained = history[-1 - self.patience] - value
            if gained <= self.tolerance:
                slowly = f"the best loss fell by no more than {self.tolerance:g}"
                return f"{slowly} in {self.patience} steps"
        return f"all {self.n_steps} steps were taken" if step >= self.n_steps else ""


def _truth(answer: Any) -> bool:
    """Tell whether a callback's answer is true."""
    try:
        return bool(answer)
    except ValueError:  # of an array
        raise TypeError(
            f"the callback must return True, False or None, not {shown(answer)}"
        ) from None


class Generations:
    """Evaluates generations until a search ends, as `message` then says."""

    def __init__(self, loss: Loss, ending: Ending, n_jobs: Any) -> None:
        require_function(loss, "loss", "weights, a row each", EXAMPLE)
        self._loss = loss
        self._ending = ending
        self._n_jobs = n_jobs
        self._best = Best()
        self.message = ""

    def see(self, population: FloatArray) -> FloatArray:
        """Evaluate a generation as one batch, or in jobs."""
        losses = self._best.see(population, losses_of(self._loss, population, self._n_jobs))
        self.message = self._ending.message(self._best.history, weights=self._best.weights)
        return losses

    def result(self) -> MinimizeResult:
        """Give the best row of all generations."""
        return self._best.result(self.message)


class Box:
    """Lower and upper bounds, one of each a weight."""

    def __init__(self, bounds: npt.ArrayLike) -> None:
        limits = _real_array(bounds, "bounds")
        require(
            limits.ndim == 2 and limits.shape[1] == 2 and len(limits) > 0,
            f"bounds must have shape (n_weights, 2), got {limits.shape}",
        )
        wrong = ~(np.isfinite(limits).all(axis=1) & (limits[:, 0] <= limits[:, 1]))
        if wrong.any():
            k = int(np.flatnonzero(wrong)[0])
            pair = tuple(limits[k].tolist())
            raise ValueError(f"bounds[{k}]={pair}; both must be finite, the lower one first")
        self.low, self.high = limits.T.copy()
        self.width = self.high - self.low
        if not np.isfinite(self.width).all():
            k = int(np.flatnonzero(~np.isfinite(self.width))[0])
            raise ValueError(f"bounds[{k}] are further apart than the largest number")

    def __len__(self) -> int:
        return len(self.low)

    def row(self, start: npt.ArrayLike) -> FloatArray:
        """Read a row of weights that lies inside."""
        out: FloatArray = _real_array(start, "start")
        require(out.shape == (len(self),), f"start must have shape ({len(self)},), got {out.shape}")
        outside = ~((self.low <= out) & (out <= self.high))
        if outside.any():
            k = int(np.flatnonzero(outside)[0])
            raise ValueError(
                f"start[{k}]={out[k]}; it must lie in its bounds, {self.low[k]} to {self.high[k]}"
            )
        return out

    def clip(self, rows: FloatArray) -> FloatArray:
        """Move what lies outside to the bounds."""
        out: FloatArray = np.clip(rows, self.low, self.high)
        return out

    def rows(self, random: np.random.Generator, n: int) -> FloatArray:
        """Draw rows, uniformly."""
        out: FloatArray = self.low + self.width * random.random((n, len(self)))
        return out


def finite_losses(losses: Any, n_rows: int) -> FloatArray:
    """Read the losses of a population; ValueError unless they are finite, one a row."""
    values: FloatArray = _real_array(losses, "the losses")
    if values.shape != (n_rows,):
        raise ValueError(f"the losses must have shape ({n_rows},), got {values.shape}")
    if not np.isfinite(values).all():
        row = int(np.flatnonzero(~np.isfinite(values))[0])
        raise ValueError(
            f"a loss is {values[row]}, that of row {row} of the population; it must be finite"
        )
    return values


def losses_and_gradients(answer: Any, name: str = "loss_and_gradient") -> tuple[Any, Any]:
    """Take what a user's function returned apart."""
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        raise ValueError(
            f"{name} must return a pair, the losses and their gradients, not {shown(answer)}"
        )
    losses, gradients = answer
    return losses, gradients


def require_room(population: int, n_weights: int) -> None:
    """Raise MemoryError for a population larger than memory."""
    require_memory(
        6.0 * 8 * population * n_weights, f"a population of {population} by {n_weights} weights"
    )


def positive(value: Any, name: str, *, zero: bool = False) -> float:
    """Read a finite number above 0, or of at least 0.

    >>> positive(-1, "sigma")
    Traceback (most recent call last):
    ValueError: sigma=-1.0; it must be positive and finite
    """
    number: float = _real(value, name)
    if not (np.isfinite(number) and (number > 0 or (zero and number == 0))):
        what = "finite and at least 0" if zero else "positive and finite"
        raise ValueError(f"{name}={number}; it must be {what}")
    return number


def share(value: Any, name: str) -> float:
    """Read a number from 0 to 1."""
    number: float = _real(value, name)
    if not 0 <= number <= 1:
        raise ValueError(f"{name}={number}; it must be from 0 to 1")
    return number
