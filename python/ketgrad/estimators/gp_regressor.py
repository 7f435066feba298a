"""Gaussian process regression on a quantum kernel."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from scipy.linalg import cholesky, solve_triangular

from ketgrad._types import Array, FloatArray
from ketgrad.estimators.gaussian_process import Evidence, GaussianProcess, public
from ketgrad.estimators.json_checks import finite
from ketgrad.estimators.scaling import standardised, weighted_mean_and_scale
from ketgrad.estimators.targets import Regressor


@public
@dataclass(eq=False, repr=False, kw_only=True)
class QGPRegressor(Regressor, GaussianProcess):
    """Gaussian process regression on a quantum kernel: predictions with error bars.

    Targets are a function, normal before any data with the kernel as its covariance, plus normal
    noise. Bandwidth, variance and noise are those under which the data are likeliest, the maximum
    of the log marginal likelihood (Rasmussen & Williams 2006, algorithm 2.1 and equation 5.9), with
    the exact gradient through the circuit. Targets are standardised first.

    Parameters
    ----------
    {parameters}
    {tuned}
    noise : float, default=0.1
        Variance of the noise, in units of that of the targets. Where the search begins.
    {search}

    Attributes
    ----------
    target_mean_, target_scale_ : float
        The learned scaling of the targets; variances are in units of its square.
    noise_ : float
        The variance of the noise that was found.
    dual_coef_ : ndarray of shape (1, n_samples)
        The coefficients of the samples.
    {attributes}

    Examples
    --------
    >>> import numpy as np
    >>> from ketgrad import QGPRegressor
    >>> X = np.linspace(-2, 2, 40)[:, None]
    >>> noise = np.random.default_rng(0).normal(0, 0.1, 40)
    >>> regressor = QGPRegressor(random_state=0).fit(X, np.sin(3 * X[:, 0]) + noise)
    >>> mean, std = regressor.predict(X, return_std=True)
    >>> bool(0.07 < std.mean() < 0.15)  # noise of 0.1
    True

    """

    _positive: ClassVar[tuple[str, ...]] = (*GaussianProcess._positive, "noise_")
    _tuned: ClassVar[tuple[str, ...]] = (*GaussianProcess._tuned, "noise")
    _target_members: ClassVar[tuple[str, ...]] = ("target_mean", "target_scale")

    noise: float = 0.1

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn from samples and their targets.

        Parameters
        ----------
        X : {samples}
        y : {targets}
        sample_weight : array-like of shape (n_samples,), default=None
            How often each sample counts: its noise has that times less variance. Zero is the
            absence of the sample.

        Returns
        -------
        self : QGPRegressor

        Raises
        ------
        {wrong_parameters}
        {too_large}

        """
        return self._fit(X, y, sample_weight)

    def predict(self, X: Any, return_std: bool = False) -> Any:
        """Predict the targets.

        Parameters
        ----------
        X : {samples}
        return_std : bool, default=False
            Whether the standard deviations of targets to come are returned as well: of what is
            not known about the function, and of the noise.

        Returns
        -------
        y : ndarray of shape (n_samples,)
        std : ndarray of shape (n_samples,)
            Only with `return_std`.

        """
        (mean,), (variance,) = self._functions(X)
        y = self.target_mean_ + self.target_scale_ * mean
        return (y, self.target_scale_ * np.sqrt(variance + self.noise_)) if return_std else y

    def _evidence(self, kernel: FloatArray, noise: float, y: Array, weight: FloatArray) -> Evidence:
        targets = standardised(np.asarray(y, np.float64), self.target_mean_, self.target_scale_)
        n = len(targets)
        lower = cholesky(kernel + np.diag(noise / weight), lower=True)
        whitening = solve_triangular(lower, np.eye(n), lower=True)
        seen = whitening @ targets
        coefficients = whitening.T @ seen
        slope = (np.outer(coefficients, coefficients) - whitening.T @ whitening) / 2
        # As if a sample of weight w were there w times.
        again = np.sum(weight - 1)
        value = -(seen @ seen + n * np.log(2 * np.pi)) / 2 - np.log(np.diag(lower)).sum()
        value -= (again * np.log(2 * np.pi * noise) + np.log(weight).sum()) / 2
        by_noise = np.sum(np.diag(slope) / weight) - again / (2 * noise)
        return Evidence(float(value), slope, float(by_noise), coefficients[None], whitening[None])

    def _learn_target(self, y: Array, weight: FloatArray | None) -> None:
        mean, scale = weighted_mean_and_scale(np.asarray(y, dtype=np.float64), weight)
        self.target_mean_, self.target_scale_ = float(mean), float(scale)

    def _target_to_json(self) -> dict[str, Any]:
        return {"target_mean": self.target_mean_, "target_scale": self.target_scale_}

    def _restore_target(self, fitted: dict[str, Any]) -> None:
        self.target_mean_ = float(finite(fitted["target_mean"]))
        self.target_scale_ = float(finite(fitted["target_scale"]))
        if self.target_scale_ <= 0:
            raise ValueError(f"the targets' scale is {self.target_scale_}")
