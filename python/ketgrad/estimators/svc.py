"""A support vector classifier on a quantum kernel."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.svm import SVC
from sklearn.utils.multiclass import _ovr_decision_function

from ketgrad._core import _real
from ketgrad._types import Array, FloatArray
from ketgrad.analysis.alignment import target_kernel
from ketgrad.estimators.kernel_machine import KernelMachine, public
from ketgrad.estimators.targets import Classifier


@public
@dataclass(eq=False, repr=False, kw_only=True)
class QSVC(Classifier, KernelMachine):
    """A support vector classifier on a quantum kernel (scikit-learn's SVC solves it).

    Probabilities come, as of SVC from scikit-learn 1.9 on, from
    ``CalibratedClassifierCV(QSVC(), ensemble=False)``, not from a `probability` parameter.

    Several classes are told apart one against one. The scores of `decision_function` are those of
    SVC with one-versus-rest shape and ties broken by the score.

    Parameters
    ----------
    {parameters}
    C : float, default=1.0
        Inverse strength of the regularisation.
    class_weight : dict, "balanced" or None, default=None
        Factors of C by class.
    tol : float, default=1e-3
        Tolerance at which the solver stops.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The class labels, sorted.
    support_ : ndarray of shape (n_support,)
        Indices of the support vectors among the samples of positive weight.
    n_support_ : ndarray of shape (n_classes,)
        Support vectors of each class.
    dual_coef_ : ndarray of shape (n_classes - 1, n_support)
        Their coefficients.
    intercept_ : ndarray of shape (n_classes * (n_classes - 1) / 2,)
        Constants of the decision functions.
    {attributes}

    Examples
    --------
    >>> from sklearn.datasets import make_moons
    >>> from ketgrad import QSVC
    >>> X, y = make_moons(100, noise=0.1, random_state=0)
    >>> bool(QSVC(C=10.0, random_state=0).fit(X, y).score(X, y) > 0.9)
    True

    """

    _learned: ClassVar = {"support_": 1, "n_support_": 1, "dual_coef_": 2, "intercept_": 1}

    C: float = 1.0
    class_weight: Any = None
    tol: float = 1e-3

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn from samples and their class labels.

        Parameters
        ----------
        X : {samples}
        y : {labels}
        sample_weight : {factors_of_C}

        Returns
        -------
        self : QSVC

        Raises
        ------
        {wrong_labels_or_parameters}
        {too_large}

        """
        return self._fit(X, y, sample_weight)

    def _solver(self) -> SVC:
        return SVC(
            C=_real(self.C, "C"),
            kernel="precomputed",
            class_weight=self.class_weight,
            tol=_real(self.tol, "tol"),
        )

    def _scores(self, X: Any) -> FloatArray:
        rows = self._kernel_rows(X)
        if len(self.classes_) == 2:
            scores: FloatArray = rows @ self.dual_coef_[0] + self.intercept_[0]
            return scores
        pairs = self._pair_scores(rows)
        return np.asarray(_ovr_decision_function(pairs < 0, -pairs, len(self.classes_)))

    def _wanted_kernel(self, y: Array) -> FloatArray:
        return target_kernel(y)

    def _pair_scores(self, rows: FloatArray) -> FloatArray:
        """Score class i against class j for i < j, as LIBSVM lays the coefficients out."""
        ends = np.cumsum(self.n_support_)
        of_class = [slice(end - n, end) for n, end in zip(self.n_support_, ends, strict=True)]
        scores: list[FloatArray] = []
        for i, of_i in enumerate(of_class):
            for j, of_j in enumerate(of_class[i + 1 :], i + 1):
                coefficients = self.dual_coef_[j - 1, of_i], self.dual_coef_[i, of_j]
                scores.append(
                    rows[:, of_i] @ coefficients[0]
                    + rows[:, of_j] @ coefficients[1]
                    + self.intercept_[len(scores)]
                )
        return np.column_stack(scores)

    def _checks_own_shapes(self) -> None:
        n_classes, n_support = len(self.classes_), len(self.support_angles_)
        n_pairs = n_classes * (n_classes - 1) // 2
        fits = (
            n_classes >= 2
            and self.dual_coef_.shape == (n_classes - 1, n_support)
            and self.support_.shape == (n_support,)
            and self.n_support_.shape == (n_classes,)
            and self.n_support_.min() >= 0
            and self.n_support_.sum() == n_support
            and self.intercept_.shape == (n_pairs,)
        )
        if not fits:
            raise ValueError(f"coefficients do not fit {n_classes} classes and {n_support} vectors")
