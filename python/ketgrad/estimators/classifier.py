"""The variational quantum classifier."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.multiclass import unique_labels

from ketgrad._core import class_probabilities, class_targets
from ketgrad._types import Array, FloatArray
from ketgrad._words import plain
from ketgrad.estimators.checks import require_two
from ketgrad.estimators.targets import Classifier
from ketgrad.estimators.variational import VariationalEstimator
from ketgrad.estimators.variational_parameters import public


@public
@dataclass(eq=False, repr=False, kw_only=True)
class VQClassifier(Classifier, VariationalEstimator):
    """A variational quantum classifier with the manners of scikit-learn.

    A sample sets the angles of a feature map, trainable layers follow, and expectation values are
    the scores: by default linear functions of those of all qubits (`dressed`), else of one
    observable a class (a single one for two classes). Gradients come from the adjoint method, and
    the training runs in C++.

    Features are standardised first by default (`input_scaling`), so any scale will do, and so will
    any number of them.

    Parameters
    ----------
    {parameters}
    loss : {"cross_entropy", "squared", "hinge", "huber", "multi_label"}, default="cross_entropy"
        What is minimised; squared, hinge and huber against targets of -1 and 1.
    class_weight : dict or "balanced", default=None
        Factors of the samples' weights by class; a class that is not named has 1. "balanced" makes
        all classes of the training data count the same.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The class labels, sorted.
    {attributes}

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from ketgrad import VQClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> classifier = VQClassifier(n_layers=2, max_iter=30, tol=0, random_state=0).fit(X, y)
    >>> classifier.predict_proba(X[:2]).shape
    (2, 3)
    >>> bool(classifier.score(X, y) > 0.9)
    True

    """

    dressed: bool | str = "auto"
    loss: str = "cross_entropy"
    class_weight: dict[Any, float] | str | None = None

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train on samples and their class labels.

        {interrupted}

        Parameters
        ----------
        X : {samples}
        y : {labels}
        sample_weight : {weights}

        Returns
        -------
        self : VQClassifier

        Raises
        ------
        {wrong_labels_or_parameters}

        """
        return self._fit(X, y, sample_weight)

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """Train one more epoch on these samples.

        The input scaling is learned from the first call alone.

        Parameters
        ----------
        X : {samples}
        y : array-like of shape (n_samples,)
            The class labels.
        classes : array-like of shape (n_classes,), default=None
            All class labels there will be; needed in the first call.
        sample_weight : array-like of shape (n_samples,), default=None
            A weight for every sample.

        Returns
        -------
        self : VQClassifier

        """
        if self.class_weight == "balanced":
            raise ValueError(
                "class_weight='balanced' needs all samples at once; give partial_fit a dict"
            )
        if hasattr(self, "model_"):
            if classes is not None and not np.array_equal(unique_labels(classes), self.classes_):
                raise ValueError(
                    f"classes={plain(classes)!r} are not those of before, {plain(self.classes_)!r}"
                )
            return self._partial_fit(X, y, sample_weight)
        if classes is None:
            raise ValueError("classes must be given in the first call to partial_fit")
        self._classes_to_come = unique_labels(classes)
        try:
            return self._partial_fit(X, y, sample_weight)
        finally:
            del self._classes_to_come

    def _scores(self, X: Any) -> FloatArray:
        outputs = self._outputs(X)
        return outputs[:, 0] if outputs.shape[1] == 1 else outputs

    def predict_proba(self, X: Any) -> FloatArray:
        """Compute the probabilities of the classes, in the order of `classes_`.

        Parameters
        ----------
        X : {samples}

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)

        """
        outputs = self._outputs(X)
        probabilities: FloatArray = class_probabilities(outputs, len(self.classes_), self.loss)
        return probabilities

    def _learn_target(self, y: Array, weight: FloatArray | None) -> None:
        classes = getattr(self, "_classes_to_come", None)
        if classes is None:
            super()._learn_target(y, weight)
            return
        require_two(classes)
        self.classes_ = classes

    def _targets(self, y: Array) -> FloatArray:
        unknown = np.setdiff1d(y, self.classes_)
        if len(unknown) > 0:
            raise ValueError(
                f"y has labels {plain(unknown)!r} that are not of the classes "
                f"{plain(self.classes_)!r}"
            )
        index = np.searchsorted(self.classes_, y)
        targets: FloatArray = class_targets(index, len(self.classes_), self.loss)
        return targets

    def _weights(self, y: Array, weight: FloatArray | None) -> FloatArray | None:
        if self.class_weight is None:
            return weight
        factors = compute_sample_weight(self.class_weight, y)
        out: FloatArray = factors if weight is None else factors * weight
        return out

    def _n_outputs(self) -> int:
        return 1 if len(self.classes_) == 2 else len(self.classes_)

    def _loss(self) -> str:
        return self.loss
