"""The variational quantum regressor."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.utils.validation import column_or_1d

from ketgrad._types import Array, FloatArray
from ketgrad.estimators.json_checks import finite
from ketgrad.estimators.rules import REGRESSOR_RULES, Rules
from ketgrad.estimators.scaling import standardised, weighted_mean_and_scale
from ketgrad.estimators.targets import Regressor
from ketgrad.estimators.variational import VariationalEstimator
from ketgrad.estimators.variational_parameters import public


@public
@dataclass(eq=False, repr=False, kw_only=True)
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
    loss : {"squared", "huber"} or callable, default="squared"
        What is minimised, of standardised targets. A callable gets outputs and targets of a batch,
        both of shape (rows, n_targets), and returns its value and its derivatives by the outputs,
        of that shape; sample weights, where there are any, are its third argument, of shape
        (rows,). It takes no optimizer of SciPy, and is not saved.

    Attributes
    ----------
    target_mean_, target_scale_ : float or ndarray of shape (n_targets,)
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
    _rules: ClassVar[Rules] = REGRESSOR_RULES

    loss: str | Callable[[FloatArray, FloatArray], tuple[float, FloatArray]] = "squared"

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train on samples and their targets.

        {interrupted}

        Parameters
        ----------
        X : {samples}
        y : {several_targets}
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
        y : {several_targets}
        sample_weight : array-like of shape (n_samples,), default=None
            A weight for every sample.

        Returns
        -------
        self : VQRegressor

        """
        return self._partial_fit(X, y, sample_weight)

    def _predicted(self, X: Any) -> FloatArray:
        outputs = self._outputs(X)
        several = np.ndim(self.target_mean_) == 1
        return self.target_mean_ + self.target_scale_ * (outputs if several else outputs[:, 0])

    def _checked(self, *data: Any, **options: Any) -> Any:
        X, y, weight = super()._checked(*data, **options)
        return X, y if y.ndim == 2 and y.shape[1] > 1 else column_or_1d(y, warn=True), weight

    def _learn_target(self, y: Array, weight: FloatArray | None) -> None:
        mean, scale = weighted_mean_and_scale(np.asarray(y, dtype=np.float64), weight)
        self.target_mean_: float | FloatArray = mean if np.ndim(mean) else float(mean)
        self.target_scale_: float | FloatArray = scale if np.ndim(scale) else float(scale)

    def _targets(self, y: Array) -> FloatArray:
        given = y.shape[1] if y.ndim == 2 else 1
        if given != self._n_outputs():
            raise ValueError(f"y has {given} target(s); the first fit had {self._n_outputs()}")
        targets = standardised(np.asarray(y), self.target_mean_, self.target_scale_)
        return targets.reshape(len(y), -1)

    def _target_to_json(self) -> dict[str, Any]:
        return {
            "target_mean": np.asarray(self.target_mean_).tolist(),
            "target_scale": np.asarray(self.target_scale_).tolist(),
        }

    def _restore_target(self, fitted: dict[str, Any]) -> None:
        mean, scale = _numbers(fitted["target_mean"]), _numbers(fitted["target_scale"])
        if np.shape(mean) != np.shape(scale):
            raise ValueError(f"{np.size(mean)} means and {np.size(scale)} scales of targets")
        if np.min(scale) <= 0:
            raise ValueError(f"the targets' scale is {scale}")
        self.target_mean_, self.target_scale_ = mean, scale

    def _y_checks(self) -> dict[str, Any]:
        return {**super()._y_checks(), "multi_output": True}

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def _n_outputs(self) -> int:
        return np.size(self.target_mean_)

    def _loss(self) -> Any:
        return self.loss


def _numbers(value: Any) -> float | FloatArray:
    if not isinstance(value, list):
        return float(finite(value))
    if len(value) < 2:
        raise ValueError(f"{len(value)} number(s) in a list of those of several targets")
    return np.array([float(finite(number)) for number in value])
