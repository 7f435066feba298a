"""What Gaussian processes on quantum kernels share: hyper-parameters by the evidence.

Rasmussen & Williams 2006, Gaussian processes for machine learning: chapters 2, 3 and 5.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from scipy.optimize import minimize
from scipy.special import xlogy
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state

from ketgrad._core import _real
from ketgrad._types import Array, FloatArray
from ketgrad.analysis.kernel_derivative import gram_and_pull
from ketgrad.estimators.kernel_estimator import KernelEstimator
from ketgrad.estimators.kernel_parameters import ATTRIBUTES, PARAMETERS
from ketgrad.estimators.public import publisher

# What the search keeps to, unless it begins elsewhere.
_BOUNDS = {
    "bandwidth": (1e-3, 1e2),
    "variance": (1e-3, 1e3),
    "noise": (1e-6, 1e1),
    "gamma": (1e-4, 1e4),
}
_FACTORS = (1.0, 0.25, 0.5, 2.0, 4.0)  # of the bandwidth; the search begins at the best
_WEIGHTS = (1e-100, 1e15)  # of samples: what rounding leaves of them beside others
_SPREAD = 2.0  # of the logarithms of further starts, either way
_OUT_OF_STEPS = 1  # of the states in which L-BFGS-B of SciPy ends
_FLAT = 1e-3  # of the gradient that a search begins with

TUNED = """
    bandwidth : float, default=1.0
        A factor before the angles of the samples: the larger, the less alike are samples. The
        search begins there, or at a quarter, half, twice or four times that, whichever is the
        likeliest.
    variance : float, default=1.0
        That of the function before any data, the factor of the kernel. Where the search begins."""
SEARCH = """
    tuning_steps : int, default=50
        Most iterations of L-BFGS, which maximises the log marginal likelihood by its exact
        gradient; 0 keeps the numbers that are given. Where they end before the search does,
        scikit-learn's ConvergenceWarning says so.
    train_weights : bool, default=False
        Whether the weights of the circuit are trained with them.
    n_restarts : int, default=0
        How many more searches begin at random numbers, at most e^2 times smaller or larger. The
        best one counts."""
FOUND = """
    bandwidth_, variance_ : float
        The numbers that were found, and gamma of a projected kernel.
    log_marginal_likelihood_ : float
        That of the data: the logarithm of the evidence for these numbers.
    whitening_ : ndarray of shape (n_machines, n_samples, n_samples)
        Matrices V; |V k|**2 is what the samples take off the variance of a function whose kernel
        with them is k."""

public = publisher(parameters=PARAMETERS, tuned=TUNED, search=SEARCH, attributes=FOUND + ATTRIBUTES)


Loss = Callable[[FloatArray], tuple[float, FloatArray]]


class Evidence(NamedTuple):
    """The log marginal likelihood of kernel matrix and noise, and all that comes of the mode."""

    value: float
    by_kernel: FloatArray
    by_noise: float
    coefficients: FloatArray
    """The mean of the function is its kernel with the samples times these: (n_machines, n)."""
    whitening: FloatArray


@dataclass(eq=False, repr=False, kw_only=True)
class GaussianProcess(KernelEstimator):
    """A Gaussian process on a quantum kernel; see QGPRegressor and QGPClassifier."""

    _learned: ClassVar = {"dual_coef_": 2, "whitening_": 3, "log_marginal_likelihood_": 0}
    _positive: ClassVar[tuple[str, ...]] = ("gamma_", "bandwidth_", "variance_")
    _tuned: ClassVar[tuple[str, ...]] = ("bandwidth", "variance")

    bandwidth: float = 1.0
    variance: float = 1.0
    tuning_steps: int = 50
    train_weights: bool = False
    n_restarts: int = 0

    def _evidence(self, kernel: FloatArray, noise: float, y: Array, weight: FloatArray) -> Evidence:
        """Compute the evidence; LinAlgError where rounding makes a matrix singular."""
        raise NotImplementedError

    def _fit(self, X: Any, y: Any, sample_weight: Any) -> Self:
        with self._unchanged_by_failures() as rows:
            self._check_parameters()
            X, y, weight = self._checked(X, y, sample_weight, reset=True, rows=rows)
            if weight is not None:
                _check_weights(weight)
            self._learn_target(y, weight)
            for name in self._tuned:
                setattr(self, f"{name}_", _real(getattr(self, name), name))
            self._learn_kernel(X, weight)
            ones = np.ones(len(y)) if weight is None else weight
            lacking = self._tune(super()._angles(X), y, ones)
        if lacking is not None:
            warnings.warn(
                f"{type(self).__name__} has not converged: {lacking}",
                ConvergenceWarning,
                stacklevel=3,
            )
        return self

    def _angles(self, X: FloatArray) -> FloatArray:
        angles: FloatArray = self.bandwidth_ * super()._angles(X)
        return angles

    def _tune(self, angles: FloatArray, y: Array, weight: FloatArray) -> str | None:
        """Find what the search is over, and learn from the samples with it.

        Returns why the search has not converged, or None.
        """
        names = [*self._tuned, *(["gamma"] if self.kernel == "projected" else [])]

        def loss(at: FloatArray) -> tuple[float, FloatArray]:
            self._take(names, at)
            try:
                value, gradient = self._evidence_and_gradient(names, angles, y, weight)
            except np.linalg.LinAlgError:
                return np.inf, np.zeros_like(at)
            return -value, -gradient[: len(at)]

        lacking = None
        if self.tuning_steps > 0:
            starts, bounds = self._starts(names)
            found = [_search(loss, start, bounds, self.tuning_steps) for start in starts]
            best = min(found, key=lambda one: one.value)
            self._take(names, best.at)
            lacking = best.lacking
        self._learn(angles, y, weight)
        return lacking

    def _starts(self, names: list[str]) -> tuple[list[FloatArray], list[Any]]:
        """Make the places where searches begin, and the bounds that they keep to."""
        start = np.log([getattr(self, f"{name}_") for name in names])
        bounds: list[Any] = [
            (min(np.log(low), at), max(np.log(high), at))
            for (low, high), at in zip(map(_BOUNDS.__getitem__, names), start, strict=True)
        ]
        random = check_random_state(self.random_state)
        shape = self.n_restarts + 1, len(names)
        starts = list(start + random.uniform(-_SPREAD, _SPREAD, shape))
        starts[0] = start
        if self.train_weights:
            bounds += [(None, None)] * len(self.weights_)
            starts = [np.append(some, self.weights_) for some in starts]
        return starts, bounds

    def _take(self, names: list[str], at: FloatArray) -> None:
        for name, logarithm in zip(names, at, strict=False):
            setattr(self, f"{name}_", float(np.exp(logarithm)))
        if self.train_weights:
            self.weights_ = np.array(at[len(names) :])

    def _evidence_and_gradient(
        self, names: list[str], angles: FloatArray, y: Array, weight: FloatArray
    ) -> tuple[float, FloatArray]:
        """Give the derivatives by the logarithms of the numbers, then those by the weights."""
        turned = self.bandwidth_ * angles
        gram, pull = gram_and_pull(self._program(), turned, self.weights_, self.kernel, self.gamma_)
        noise = getattr(self, "noise_", 0.0)
        found = self._evidence(self.variance_ * gram, noise, y, weight)
        slope = self.variance_ * found.by_kernel
        by_angles, by_weights = pull(slope)
        by_name = {
            "bandwidth": np.sum(by_angles * turned),
            "variance": np.sum(slope * gram),
            "noise": noise * found.by_noise,
            "gamma": np.sum(slope * xlogy(gram, gram)),
        }
        return found.value, np.append([by_name[name] for name in names], by_weights)

    def _learn(self, angles: FloatArray, y: Array, weight: FloatArray) -> None:
        self.support_angles_ = self.bandwidth_ * angles
        noise = getattr(self, "noise_", 0.0)
        kernel = self.variance_ * self._kernel(self.support_angles_)
        try:
            found = self._evidence(kernel, noise, y, weight)
        except np.linalg.LinAlgError:
            shared = f" for sample_weight={weight.max():g}" if weight.max() > 1 else ""
            raise ValueError(
                f"noise={noise}{shared} is too small beside variance={self.variance_}: rounding "
                "errors of the kernel are larger"
            ) from None
        self.dual_coef_ = found.coefficients
        self.whitening_ = found.whitening
        self.log_marginal_likelihood_ = np.float64(found.value)

    def _functions(self, X: Any) -> tuple[FloatArray, FloatArray]:
        """Compute means and variances of the functions, of shape (n_machines, n_samples)."""
        rows = self._kernel_rows(X)  # first: it refuses what is not fitted
        rows *= self.variance_
        taken = np.square(self.whitening_ @ rows.T).sum(axis=1)
        return self.dual_coef_ @ rows.T, np.maximum(self.variance_ - taken, 0.0)

    def _checks_own_shapes(self) -> None:
        n, machines = len(self.support_angles_), self._n_machines()
        shapes = self.dual_coef_.shape, self.whitening_.shape
        if shapes != ((machines, n), (machines, n, n)):
            raise ValueError(f"coefficients of shapes {shapes} do not fit {n} samples")

    def _n_machines(self) -> int:
        return 1


def _check_weights(weight: FloatArray) -> None:
    low, high = _WEIGHTS
    wrong = np.flatnonzero((weight < low) | (weight > high))
    if len(wrong):
        raise ValueError(
            f"sample {wrong[0]} has sample_weight={weight[wrong[0]]:g}; it must be 0 or from "
            f"{low:g} to {high:g}"
        )


class _Found(NamedTuple):
    value: float
    at: FloatArray
    lacking: str | None  # why the search has not converged


def _search(loss: Loss, start: FloatArray, bounds: list[Any], steps: int) -> _Found:
    """Minimise from a start, of which the first number is the logarithm of the bandwidth."""
    tries = [start + np.log(factor) * (np.arange(len(start)) == 0) for factor in _FACTORS]
    values = [loss(some) for some in tries]
    first = int(np.argmin([value for value, _ in values]))
    # Gradients are long, and the first step is of their length: one to the bounds, often.
    unit = max(1.0, float(np.linalg.norm(values[first][1])))
    found = minimize(
        lambda at: tuple(part / unit for part in loss(at)),
        tries[first],
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"maxiter": steps},
    )
    return _Found(unit * float(found.fun), found.x, _lacking(found, steps, bounds))


def _lacking(found: Any, steps: int, bounds: list[Any]) -> str | None:
    if found.status == _OUT_OF_STEPS:
        return f"the search ended after tuning_steps={steps} steps; raise tuning_steps"
    low, high = np.array(bounds, dtype=np.float64).T  # None is nan
    step = np.fmin(np.fmax(found.x - found.jac, low), high) - found.x
    # A line search that rounding ends is called abnormal, at a minimum too.
    if found.success or np.max(np.abs(step)) <= _FLAT:
        return None
    return f"the search ended with {found.message!r}"
