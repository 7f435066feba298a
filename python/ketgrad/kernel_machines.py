"""Kernel machines on quantum kernels, with scikit-learn's solvers."""

from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.kernel_ridge import KernelRidge
from sklearn.svm import SVC, SVR
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import _ovr_decision_function
from sklearn.utils.validation import check_is_fitted

from ketgrad._core import Circuit, _real
from ketgrad._kernel_estimator import KernelEstimator, public
from ketgrad._scaled import Array, Classifier, Regressor, classes_of, validated
from ketgrad._training import FloatArray
from ketgrad.alignment import target_kernel


@public
class QSVC(Classifier, KernelEstimator):
    """A support vector classifier on a quantum kernel (scikit-learn's SVC solves it).

    Several classes are told apart one against one. The scores of `decision_function` are those of
    SVC with one-versus-rest shape and ties broken by the score.

    Parameters
    ----------
    {parameters}
    {alignment}
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

    def __init__(
        self,
        feature_map: str | Circuit = "angle",
        ansatz: str | Circuit | None = "strongly_entangling",
        *,
        n_qubits: int | None = None,
        n_layers: int = 2,
        entangle: bool = True,
        kernel: str = "fidelity",
        gamma: float | str = "scale",
        input_scaling: str | None = "standard",
        precision: str = "double",
        random_state: Any = None,
        alignment_steps: int = 0,
        C: float = 1.0,
        class_weight: Any = None,
        tol: float = 1e-3,
    ) -> None:
        self.feature_map = feature_map
        self.ansatz = ansatz
        self.n_qubits = n_qubits
        self.n_layers = n_layers
        self.entangle = entangle
        self.kernel = kernel
        self.gamma = gamma
        self.input_scaling = input_scaling
        self.precision = precision
        self.random_state = random_state
        self.alignment_steps = alignment_steps
        self.C = C
        self.class_weight = class_weight
        self.tol = tol

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn from samples and their class labels.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The samples.
        y : array-like of shape (n_samples,)
            The class labels: numbers or strings.
        sample_weight : array-like of shape (n_samples,), default=None
            Factors of C by sample; zero is the absence of the sample.

        Returns
        -------
        self : QSVC

        Raises
        ------
        ValueError
            For samples of less than two classes and for parameters out of range.
        TypeError
            For parameters of the wrong type. Either leaves the estimator as it was before.
        MemoryError
            For a kernel matrix larger than memory.

        """
        with self._unchanged_by_failures() as rows:
            self._check_parameters()
            X, y, weight = self._checked(X, y, sample_weight, reset=True, rows=rows)
            self.classes_: Array = classes_of(y)
            target = target_kernel(y) if self.alignment_steps > 0 else None
            angles = self._learn_kernel(X, weight, target)
            solver = SVC(
                C=_real(self.C, "C"),
                kernel="precomputed",
                class_weight=self.class_weight,
                tol=_real(self.tol, "tol"),
            ).fit(self._kernel(angles), y, weight)
            self.support_: Array = solver.support_
            self.n_support_: Array = solver.n_support_
            self.dual_coef_: FloatArray = solver.dual_coef_
            self.intercept_: FloatArray = solver.intercept_
            self._keep(angles, self.support_)
        return self

    def decision_function(self, X: Any) -> FloatArray:
        """Compute the scores of the classes.

        For two classes it is the score of the second, positive where that one is predicted.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The samples.

        Returns
        -------
        scores : ndarray of shape (n_samples, n_classes) or (n_samples,)

        """
        rows = self._kernel_rows(X)
        if len(self.classes_) == 2:
            scores: FloatArray = rows @ self.dual_coef_[0] + self.intercept_[0]
            return scores
        pairs = self._pair_scores(rows)
        return np.asarray(_ovr_decision_function(pairs < 0, -pairs, len(self.classes_)))

    def predict(self, X: Any) -> Array:
        """Predict the class of every sample: the one with the highest score.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The samples.

        Returns
        -------
        labels : ndarray of shape (n_samples,)

        """
        scores = self.decision_function(X)
        index = scores > 0 if scores.ndim == 1 else scores.argmax(axis=1)
        labels: Array = self.classes_[index.astype(np.intp)]
        return labels

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


@public
class QSVR(Regressor, KernelEstimator):
    """A support vector regressor on a quantum kernel (scikit-learn's SVR solves it).

    Parameters
    ----------
    {parameters}
    {alignment}
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

    def __init__(
        self,
        feature_map: str | Circuit = "angle",
        ansatz: str | Circuit | None = "strongly_entangling",
        *,
        n_qubits: int | None = None,
        n_layers: int = 2,
        entangle: bool = True,
        kernel: str = "fidelity",
        gamma: float | str = "scale",
        input_scaling: str | None = "standard",
        precision: str = "double",
        random_state: Any = None,
        alignment_steps: int = 0,
        C: float = 1.0,
        epsilon: float = 0.1,
        tol: float = 1e-3,
    ) -> None:
        self.feature_map = feature_map
        self.ansatz = ansatz
        self.n_qubits = n_qubits
        self.n_layers = n_layers
        self.entangle = entangle
        self.kernel = kernel
        self.gamma = gamma
        self.input_scaling = input_scaling
        self.precision = precision
        self.random_state = random_state
        self.alignment_steps = alignment_steps
        self.C = C
        self.epsilon = epsilon
        self.tol = tol

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn from samples and their targets.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The samples.
        y : array-like of shape (n_samples,)
            The targets.
        sample_weight : array-like of shape (n_samples,), default=None
            Factors of C by sample; zero is the absence of the sample.

        Returns
        -------
        self : QSVR

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
            angles = self._learn_kernel(X, weight, _wanted(y, self.alignment_steps))
            solver = SVR(
                C=_real(self.C, "C"),
                kernel="precomputed",
                epsilon=_real(self.epsilon, "epsilon"),
                tol=_real(self.tol, "tol"),
            )
            solver.fit(self._kernel(angles), y, weight)
            self.support_: Array = solver.support_
            self.dual_coef_: FloatArray = solver.dual_coef_
            self.intercept_: FloatArray = solver.intercept_
            self._keep(angles, self.support_)
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
        targets: FloatArray = self._kernel_rows(X) @ self.dual_coef_[0] + self.intercept_[0]
        return targets

    def _y_checks(self) -> dict[str, Any]:
        return {"y_numeric": True}

    def _checks_own_shapes(self) -> None:
        n_support = len(self.support_angles_)
        shapes = self.support_.shape, self.dual_coef_.shape, self.intercept_.shape
        if shapes != ((n_support,), (1, n_support), (1,)):
            raise ValueError(f"coefficients of shapes {shapes} do not fit {n_support} vectors")


@public
class QKernelRidge(Regressor, KernelEstimator):
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

    def __init__(
        self,
        feature_map: str | Circuit = "angle",
        ansatz: str | Circuit | None = "strongly_entangling",
        *,
        n_qubits: int | None = None,
        n_layers: int = 2,
        entangle: bool = True,
        kernel: str = "fidelity",
        gamma: float | str = "scale",
        input_scaling: str | None = "standard",
        precision: str = "double",
        random_state: Any = None,
        alignment_steps: int = 0,
        alpha: float = 1.0,
    ) -> None:
        self.feature_map = feature_map
        self.ansatz = ansatz
        self.n_qubits = n_qubits
        self.n_layers = n_layers
        self.entangle = entangle
        self.kernel = kernel
        self.gamma = gamma
        self.input_scaling = input_scaling
        self.precision = precision
        self.random_state = random_state
        self.alignment_steps = alignment_steps
        self.alpha = alpha

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
            angles = self._learn_kernel(X, weight, _wanted(y, self.alignment_steps))
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

    def _y_checks(self) -> dict[str, Any]:
        return {"y_numeric": True}

    def _checks_own_shapes(self) -> None:
        n_support = len(self.support_angles_)
        if self.dual_coef_.shape != (n_support,):
            raise ValueError(f"{self.dual_coef_.shape} coefficients do not fit {n_support} samples")


@public
class QNystroem(ClassNamePrefixFeaturesOutMixin, TransformerMixin, KernelEstimator):  # type: ignore[misc]
    """Features whose inner products approximate a quantum kernel, by Nystroem's method.

    With landmarks L drawn from the samples, the features of x are k(x, L) k(L, L)**(-1/2) (Williams
    and Seeger 2001; as scikit-learn's Nystroem). A linear model on them costs a state a sample and
    only n_components kernel values each, where a kernel machine needs all pairs.

    Parameters
    ----------
    {parameters}
    n_components : int, default=100
        Number of landmarks, at most the number of samples.

    Attributes
    ----------
    component_indices_ : ndarray of shape (n_components,)
        Indices of the landmarks among the samples.
    normalization_ : ndarray of shape (n_components, n_components)
        k(L, L)**(-1/2), where singular values below 1e-12 count as 1e-12.
    {attributes}

    Examples
    --------
    >>> import numpy as np
    >>> from ketgrad import QNystroem
    >>> X = np.random.default_rng(0).normal(size=(30, 2))
    >>> Z = QNystroem(n_components=30, random_state=0).fit_transform(X)
    >>> bool(np.allclose((Z * Z).sum(axis=1), 1))  # k(x, x)
    True

    """

    _learned: ClassVar = {"component_indices_": 1, "normalization_": 2}

    def __init__(
        self,
        feature_map: str | Circuit = "angle",
        ansatz: str | Circuit | None = "strongly_entangling",
        *,
        n_qubits: int | None = None,
        n_layers: int = 2,
        entangle: bool = True,
        kernel: str = "fidelity",
        gamma: float | str = "scale",
        input_scaling: str | None = "standard",
        precision: str = "double",
        random_state: Any = None,
        n_components: int = 100,
    ) -> None:
        self.feature_map = feature_map
        self.ansatz = ansatz
        self.n_qubits = n_qubits
        self.n_layers = n_layers
        self.entangle = entangle
        self.kernel = kernel
        self.gamma = gamma
        self.input_scaling = input_scaling
        self.precision = precision
        self.random_state = random_state
        self.n_components = n_components

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: ARG002 - scikit-learn's convention
        """Draw landmarks from samples.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The samples.
        y : ignored
            Not used.

        Returns
        -------
        self : QNystroem

        Raises
        ------
        ValueError
            For parameters out of range.
        TypeError
            For parameters of the wrong type. Either leaves the estimator as it was before.

        """
        with self._unchanged_by_failures():
            self._check_parameters()
            X = validated(self, X)
            angles = self._learn_kernel(X, None)
            random = check_random_state(self.random_state)
            n_components = min(self.n_components, len(X))
            self.component_indices_: Array = random.permutation(len(X))[:n_components]
            self._keep(angles, self.component_indices_)
            u, s, vh = np.linalg.svd(self._kernel(self.support_angles_))
            self.normalization_: FloatArray = (u / np.sqrt(np.maximum(s, 1e-12))) @ vh
        return self

    def transform(self, X: Any) -> FloatArray:
        """Compute the features.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The samples.

        Returns
        -------
        Z : ndarray of shape (n_samples, n_components)

        """
        features: FloatArray = self._kernel_rows(X) @ self.normalization_.T
        return features

    @property
    def _n_features_out(self) -> int:
        check_is_fitted(self, "circuit_")
        return len(self.component_indices_)

    def _checks_own_shapes(self) -> None:
        n = len(self.support_angles_)
        if self.component_indices_.shape != (n,) or self.normalization_.shape != (n, n):
            raise ValueError(f"a normalization of {self.normalization_.shape} for {n} landmarks")


def _wanted(y: Array, alignment_steps: int) -> FloatArray | None:
    """Return the kernel that centred targets want, where there is an alignment."""
    if alignment_steps == 0:
        return None
    centred = np.asarray(y, dtype=np.float64) - np.mean(y)
    return np.outer(centred, centred)
