"""Ridge regression on a quantum kernel."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.kernel_ridge import KernelRidge

from ketgrad._core import _real
from ketgrad._types import FloatArray
from ketgrad.estimators.kernel_machine import KernelMachine
from ketgrad.estimators.kernel_parameters import public
from ketgrad.estimators.targets import Regressor


@public
@dataclass(eq=False, repr=False, kw_only=True)
class QKernelRidge(Regressor, KernelMachine):
    """Ridge regression on a quantum kernel (scikit-learn's KernelRidge solves it).

    Parameters
    ----------
    {parameters}
    {alignment}
    alpha : float, default=1.0
        Strength of the regularisation.

    Attributes
    ----------
    dual_coef_ : ndarray of shape (n_samples,)
        The coefficients of the samples.
    {attributes}

    Examples
    --------
    >>> import numpy as np
    >>> from ketgrad import QKernelRidge
    >>> X = np.linspace(-2, 2, 50)[:, None]
    >>> regressor = QKernelRidge(alpha=0.01, random_state=0).fit(X, np.sin(X[:, 0]))
    >>> bool(regressor.score(X, np.sin(X[:, 0])) > 0.9)
    True

    """

    _learned: ClassVar = {"dual_coef_": 1}

    alpha: float = 1.0

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn from samples and their targets.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The samples.
        y : array-like of shape (n_samples,)
            The targets.
        sample_weight : array-like of shape (n_samples,), default=None
            A weight for every sample; zero is the absence of the sample.

        Returns
        -------
        self : QKernelRidge

        Raises
        ------
        ValueError
            For parameters out of range.
        TypeError
            For parameters of the wrong type. Either leaves the estimator as it was before.
        MemoryError
            For a kernel matrix larger than memory.

        """
        with self._unchanged_by_failures() as rows:
            self._check_parameters()
            X, y, weight = self._checked(X, y, sample_weight, reset=True, rows=rows)
            angles = self._learn_kernel(X, weight, y)
            solver = KernelRidge(alpha=_real(self.alpha, "alpha"), kernel="precomputed")
            solver.fit(self._kernel(angles), y, weight)
            self.dual_coef_: FloatArray = np.asarray(solver.dual_coef_, dtype=np.float64)
            self._keep(angles, np.arange(len(angles)))
        return self

    def predict(self, X: Any) -> FloatArray:
        """Predict the targets.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The samples.

        Returns
        -------
        y : ndarray of shape (n_samples,)

        """
        targets: FloatArray = self._kernel_rows(X) @ self.dual_coef_
        return targets

    def _checks_own_shapes(self) -> None:
        n_support = len(self.support_angles_)
        if self.dual_coef_.shape != (n_support,):
            raise ValueError(f"{self.dual_coef_.shape} coefficients do not fit {n_support} samples")
