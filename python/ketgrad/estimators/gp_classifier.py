"""Gaussian process classification on a quantum kernel."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from scipy.linalg import cholesky, solve_triangular
from scipy.special import expit, log_expit, ndtr

from ketgrad._types import Array, FloatArray
from ketgrad.estimators.gaussian_process import Evidence, GaussianProcess, public
from ketgrad.estimators.targets import Classifier

_NEWTON_STEPS, _CLOSE, _ROUNDING = 100, 1e-10, 1e-13
# Of normal and logistic numbers. The sum over equal steps is exact to some exp(-4 pi**2).
_NORMAL = np.polynomial.hermite_e.hermegauss(32)
_STEPS = np.arange(-35, 35.5, 0.5)
_LOGISTIC = _STEPS, expit(_STEPS) * expit(-_STEPS) / 2
_TINY = np.finfo(np.float64).tiny


@public
@dataclass(eq=False, repr=False, kw_only=True)
class QGPClassifier(Classifier, GaussianProcess):
    """Gaussian process classification on a quantum kernel: probabilities that mean something.

    The log odds of a class are a function that is normal before any data, with the kernel as its
    covariance. What the labels tell of it is approximated by the normal distribution at its mode,
    Laplace's approximation (Rasmussen & Williams 2006, algorithms 3.1, 3.2 and 5.1). Bandwidth and
    variance are those under which the labels are likeliest, the maximum of the log marginal
    likelihood, with the exact gradient through the circuit. Of several classes each is told from
    the rest, all on one kernel, whose likelihoods multiply.

    Parameters
    ----------
    {parameters}
    {tuned}
    {search}

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The class labels, sorted.
    dual_coef_ : ndarray of shape (n_machines, n_samples)
        The coefficients of the samples, for each class, or for the second of two.
    {attributes}

    Examples
    --------
    >>> from sklearn.datasets import make_moons
    >>> from ketgrad import QGPClassifier
    >>> X, y = make_moons(60, noise=0.1, random_state=0)
    >>> classifier = QGPClassifier(random_state=0).fit(X, y)
    >>> classifier.predict_proba(X[:3]).shape
    (3, 2)
    >>> bool(classifier.score(X, y) > 0.9)
    True

    """

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn from samples and their class labels.

        Parameters
        ----------
        X : {samples}
        y : {labels}
        sample_weight : array-like of shape (n_samples,), default=None
            How often each sample counts; zero is its absence.

        Returns
        -------
        self : QGPClassifier

        Raises
        ------
        {wrong_labels_or_parameters}
        {too_large}

        """
        return self._fit(X, y, sample_weight)

    def predict_proba(self, X: Any) -> FloatArray:
        """Compute the probabilities of the classes, in the order of `classes_`.

        They are averages over what the function may be; of several classes, divided by their sum.

        Parameters
        ----------
        X : {samples}

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)

        """
        for_it, against = self._averages(X)
        if self._n_machines() == 1:
            return np.column_stack([against[0], for_it[0]])
        out: FloatArray = for_it.T / for_it.sum(axis=0)[:, None]
        return out

    def _scores(self, X: Any) -> FloatArray:
        for_it, against = self._averages(X)
        odds: FloatArray = np.log(for_it) - np.log(against)
        return odds[0] if len(odds) == 1 else odds.T

    def _averages(self, X: Any) -> tuple[FloatArray, FloatArray]:
        """Average the probabilities of the classes, and of the rest, (n_machines, n_samples)."""
        mean, variance = self._functions(X)
        std = np.sqrt(variance)
        return _average(mean, std), _average(-mean, std)

    def _evidence(self, kernel: FloatArray, _: float, y: Array, weight: FloatArray) -> Evidence:
        wanted = self.classes_[1:] if self._n_machines() == 1 else self.classes_
        parts = [_one(kernel, np.where(y == label, 1.0, -1.0), weight) for label in wanted]
        return Evidence(
            sum(part.value for part in parts),
            np.sum([part.by_kernel for part in parts], axis=0),
            0.0,
            np.concatenate([part.coefficients for part in parts]),
            np.concatenate([part.whitening for part in parts]),
        )

    def _n_machines(self) -> int:
        return 1 if len(self.classes_) == 2 else len(self.classes_)


def _one(kernel: FloatArray, sign: FloatArray, weight: FloatArray) -> Evidence:
    """Approximate the evidence for labels -1 and 1 (algorithms 3.1 and 5.1)."""
    coefficients = _mode(kernel, sign, weight)
    f = kernel @ coefficients
    chance = expit(f)
    curvature = weight * chance * (1 - chance)
    root, lower = _factor(kernel, curvature)
    whitening = solve_triangular(lower, np.diag(root), lower=True)
    value = weight @ log_expit(sign * f) - coefficients @ f / 2 - np.log(np.diag(lower)).sum()
    # The mode moves with the kernel, and with it the curvature there.
    left = np.diag(kernel) - np.square(whitening @ kernel).sum(axis=0)
    moved = -left * curvature * (1 - 2 * chance) / 2
    pulled = moved - whitening.T @ (whitening @ (kernel @ moved))
    slope = np.outer(coefficients, coefficients) - whitening.T @ whitening
    slope += np.outer(pulled, coefficients) + np.outer(coefficients, pulled)
    return Evidence(float(value), slope / 2, 0.0, coefficients[None], whitening[None])


def _mode(kernel: FloatArray, sign: FloatArray, weight: FloatArray) -> FloatArray:
    """Find the most likely function, kernel @ a, by Newton's method with steps that shrink."""

    def height(a: FloatArray) -> float:
        f = kernel @ a
        return float(weight @ log_expit(sign * f) - a @ f / 2)

    a = np.zeros(len(sign))
    now = height(a)
    for _ in range(_NEWTON_STEPS):
        f = kernel @ a
        chance = expit(f)
        curvature = weight * chance * (1 - chance)
        root, lower = _factor(kernel, curvature)
        b = curvature * f + weight * ((sign > 0) - chance)
        inner = solve_triangular(lower, root * (kernel @ b), lower=True)
        step = b - root * solve_triangular(lower, inner, lower=True, trans="T") - a
        size, least = 1.0, now - _ROUNDING * (1 + abs(now))
        while (found := height(a + size * step)) < least and size > _CLOSE:
            size /= 2
        a, now = a + size * step, found
        if np.abs(step).max() <= _CLOSE * (1 + np.abs(a).max()):
            break
    return a


def _average(mean: FloatArray, std: FloatArray) -> FloatArray:
    """Average the logistic function over normal numbers, above 0.

    It is the chance that a logistic number is below a normal one, whichever is drawn first: smooth
    over the one that is wider.
    """
    narrow = sum(
        share * expit(mean + node * std) for node, share in zip(*_NORMAL, strict=True)
    ) / np.sqrt(2 * np.pi)
    wide = sum(
        share * ndtr((mean - node) / np.maximum(std, 1))
        for node, share in zip(*_LOGISTIC, strict=True)
    )
    chances: FloatArray = np.maximum(np.where(std < 1, narrow, wide), _TINY)
    return chances


def _factor(kernel: FloatArray, curvature: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return W**(1/2), and the Cholesky factor of 1 + W**(1/2) K W**(1/2)."""
    root = np.sqrt(curvature)
    inner = root[:, None] * kernel * root
    inner[np.diag_indices_from(inner)] += 1
    return root, cholesky(inner, lower=True)
