"""The variational quantum regressor."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from ketgrad._types import Array, FloatArray
from ketgrad.estimators.json_checks import finite
from ketgrad.estimators.scaling import standardised, weighted_mean_and_scale
from ketgrad.estimators.targets import Regressor
from ketgrad.estimators.variational import VariationalEstimator
from ketgrad.estimators.variational_parameters import public


@public
@dataclass(eq=False, repr=False)
class VQRegressor(Regressor, VariationalEstimator):
    """A variational quantum regressor with the manners of scikit-learn.

    A sample sets the angles of a feature map, trainable layers follow, and an expectation value
    with a trainable scale and offset is the prediction; the squared error is minimised. With data
    re-uploading the prediction is a Fourier series of as many frequencies as there are layers.

    Features are angles: by default they are standardised first (`input_scaling`), so any scale will
    do. So are the targets, and predictions are turned back.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    target_mean_, target_scale_ : float
        The learned scaling of the targets.
    {attributes}

    Examples
    --------
    >>> import numpy as np
    >>> from ketgrad import VQRegressor
    >>> X = np.linspace(-2, 2, 50)[:, None]
    >>> regressor = VQRegressor(n_qubits=2, random_state=0).fit(X, 100 * np.sin(X[:, 0]))
    >>> bool(regressor.score(X, 100 * np.sin(X[:, 0])) > 0.95)
    True

    """

    _target_members: ClassVar[tuple[str, ...]] = ("target_mean", "target_scale")

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train on samples and their targets.

        {interrupted}

        Parameters
        ----------
        X : {samples}
        y : {targets}
        sample_weight : {weights}

        Returns
        -------
        self : VQRegressor

        Raises
        ------
        {wrong_parameters}

        """
        return self._fit(X, y, sample_weight)

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train one more epoch on these samples.

        The scaling of inputs and targets is learned from the first call alone.

        Parameters
        ----------
        X : {samples}
        y : {targets}
        sample_weight : array-like of shape (n_samples,), default=None
            A weight for every sample.

        Returns
        -------
        self : VQRegressor

        """
        return self._partial_fit(X, y, sample_weight)

    def _predicted(self, X: Any) -> FloatArray:
        outputs = self._outputs(X)[:, 0]
        return self.target_mean_ + self.target_scale_ * outputs

    def _learn_target(self, y: Array, weight: FloatArray | None) -> None:
        mean, scale = weighted_mean_and_scale(np.asarray(y, dtype=np.float64), weight)
        self.target_mean_, self.target_scale_ = float(mean), float(scale)

    def _targets(self, y: Array) -> FloatArray:
        return standardised(np.asarray(y), self.target_mean_, self.target_scale_)[:, None]

    def _target_to_json(self) -> dict[str, Any]:
        return {"target_mean": self.target_mean_, "target_scale": self.target_scale_}

    def _restore_target(self, fitted: dict[str, Any]) -> None:
        self.target_mean_ = float(finite(fitted["target_mean"]))
        self.target_scale_ = float(finite(fitted["target_scale"]))
        if self.target_scale_ <= 0:
            raise ValueError(f"the targets' scale is {self.target_scale_}")

    def _n_outputs(self) -> int:
        return 1

    def _loss(self) -> str:
        return "squared"
