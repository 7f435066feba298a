"""Features that approximate a quantum kernel."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from ketgrad._rows import rows_as_given
from ketgrad._types import Array, FloatArray
from ketgrad.estimators.checks import validated
from ketgrad.estimators.kernel_estimator import KernelEstimator
from ketgrad.estimators.kernel_parameters import ATTRIBUTES, PARAMETERS
from ketgrad.estimators.public import publisher


@publisher(parameters=PARAMETERS, attributes=ATTRIBUTES)
@dataclass(eq=False, repr=False, kw_only=True)
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

    n_components: int = 100

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: ARG002 - scikit-learn's convention
        """Draw landmarks from samples.

        Parameters
        ----------
        X : {samples}
        y : ignored
            Not used.

        Returns
        -------
        self : QNystroem

        Raises
        ------
        {wrong_parameters}

        """
        with self._unchanged_by_failures():
            self._check_parameters()
            X = validated(self, X)
            angles = self._learn_kernel(X, None)
            random = check_random_state(self.random_state)
            n_components = min(self.n_components, len(X))
            self.component_indices_: Array = random.permutation(len(X))[:n_components]
            self._keep(angles, self.component_indices_)
            with rows_as_given() as rows:
                rows.append(self.component_indices_)
                kernel = self._kernel(self.support_angles_)
            u, s, vh = np.linalg.svd(kernel)
            self.normalization_: FloatArray = (u / np.sqrt(np.maximum(s, 1e-12))) @ vh
        return self

    def transform(self, X: Any) -> FloatArray:
        """Compute the features.

        Parameters
        ----------
        X : {samples}

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
