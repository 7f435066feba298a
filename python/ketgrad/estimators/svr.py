"""A support vector regressor on a quantum kernel."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from sklearn.svm import SVR

from ketgrad._core import _real
from ketgrad._types import FloatArray
from ketgrad.estimators.kernel_machine import KernelMachine, public
from ketgrad.estimators.targets import Regressor


@public
@dataclass(eq=False, repr=False, kw_only=True)
class QSVR(Regressor, KernelMachine):
    """A support vector regressor on a quantum kernel (scikit-learn's SVR solves it).

    Parameters
    ----------
    {parameters}
    C : float, default=1.0
        Inverse strength of the regularisation.
    epsilon : float, default=0.1
        Errors up to this cost nothing.
    tol : float, default=1e-3
        Tolerance at which the solver stops.

    Attributes
    ----------
    support_ : ndarray of shape (n_support,)
        Indices of the support vectors among the samples of positive weight.
    dual_coef_ : ndarray of shape (1, n_support)
        Their coefficients.
    intercept_ : ndarray of shape (1,)
        The constant.
    {attributes}

    Examples
    --------
    >>> import numpy as np
    >>> from ketgrad import QSVR
    >>> X = np.linspace(-2, 2, 50)[:, None]
    >>> regressor = QSVR(C=10.0, random_state=0).fit(X, np.sin(X[:, 0]))
    >>> bool(regressor.score(X, np.sin(X[:, 0])) > 0.9)
    True

    """

    _learned: ClassVar = {"support_": 1, "dual_coef_": 2, "intercept_": 1}

    C: float = 1.0
    epsilon: float = 0.1
    tol: float = 1e-3

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn from samples and their targets.

        Parameters
        ----------
        X : {samples}
        y : {targets}
        sample_weight : {factors_of_C}

        Returns
        -------
        self : QSVR

        Raises
        ------
        {wrong_parameters}
        {too_large}

        """
        return self._fit(X, y, sample_weight)

    def _solver(self) -> SVR:
        return SVR(
            C=_real(self.C, "C"),
            kernel="precomputed",
            epsilon=_real(self.epsilon, "epsilon"),
            tol=_real(self.tol, "tol"),
        )

    def _predicted(self, X: Any) -> FloatArray:
        targets: FloatArray = self._kernel_rows(X) @ self.dual_coef_[0] + self.intercept_[0]
        return targets

    def _checks_own_shapes(self) -> None:
        n_support = len(self.support_angles_)
        shapes = self.support_.shape, self.dual_coef_.shape, self.intercept_.shape
        if shapes != ((n_support,), (1, n_support), (1,)):
            raise ValueError(f"coefficients of shapes {shapes} do not fit {n_support} vectors")
