"""Ridge regression on a quantum kernel."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from sklearn.kernel_ridge import KernelRidge

from ketgrad._core import _real
from ketgrad._types import FloatArray
from ketgrad.estimators.kernel_machine import KernelMachine, public
from ketgrad.estimators.targets import Regressor


@public
@dataclass(eq=False, repr=False, kw_only=True)
class QKernelRidge(Regressor, KernelMachine):
    """Ridge regression on a quantum kernel (scikit-learn's KernelRidge solves it).

    Parameters
    ----------
    {parameters}
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
        X : {samples}
        y : {targets}
        sample_weight : {weights}

        Returns
        -------
        self : QKernelRidge

        Raises
        ------
        {wrong_parameters}
        {too_large}

        """
        return self._fit(X, y, sample_weight)

    def _solver(self) -> KernelRidge:
        return KernelRidge(alpha=_real(self.alpha, "alpha"), kernel="precomputed")

    def _predicted(self, X: Any) -> FloatArray:
        targets: FloatArray = self._kernel_rows(X) @ self.dual_coef_
        return targets

    def _checks_own_shapes(self) -> None:
        n_support = len(self.support_angles_)
        if self.dual_coef_.shape != (n_support,):
            raise ValueError(f"{self.dual_coef_.shape} coefficients do not fit {n_support} samples")
