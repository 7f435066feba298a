"""The variational quantum classifier."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from scipy.special import expit
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.multiclass import type_of_target, unique_labels
from sklearn.utils.validation import column_or_1d

from ketgrad._core import class_probabilities, class_targets
from ketgrad._types import Array, FloatArray
from ketgrad._words import plain
from ketgrad.estimators.checks import require_two
from ketgrad.estimators.targets import Classifier
from ketgrad.estimators.variational import VariationalEstimator
from ketgrad.estimators.variational_parameters import public

_LOSSES_OF_LABELS = ("cross_entropy", "multi_label")


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
        What is minimised; squared, hinge and huber against targets of -1 and 1. Several labels a
        sample have the cross-entropy of each label, which both "cross_entropy" and "multi_label"
        then are.
    class_weight : dict or "balanced", default=None
        Factors of the samples' weights by class; a class that is not named has 1. "balanced" makes
        all classes of the training data count the same.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The class labels, sorted; of several labels a sample, 0 to n_classes - 1.
    multilabel_ : bool
        Whether samples have several labels: `y` was a binary indicator matrix.
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
    learning_rate: float = 0.02
    multilabel_ = False  # of those pickled before there was another

    _target_members: ClassVar[tuple[str, ...]] = ("classes", "multilabel")

    loss: str = "cross_entropy"
    class_weight: dict[Any, float] | str | None = None

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train on samples and their class labels.

        {interrupted}

        Parameters
        ----------
        X : {samples}
        y : {several_labels}
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
        y : {several_labels}
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

    def predict(self, X: Any) -> Array:
        """Predict the class of every sample: the one with the highest score.

        Parameters
        ----------
        X : {samples}

        Returns
        -------
        labels : ndarray of shape (n_samples,) or (n_samples, n_classes)
            Of several labels a sample, ones where the score is positive.

        """
        scores = self.decision_function(X)
        if self.multilabel_:
            return (scores > 0).astype(np.int64)
        return self._of_highest(scores)

    def _scores(self, X: Any) -> FloatArray:
        outputs = self._outputs(X)
        return outputs[:, 0] if self._n_outputs() == 1 else outputs

    def predict_proba(self, X: Any) -> FloatArray:
        """Compute the probabilities of the classes, in the order of `classes_`.

        Parameters
        ----------
        X : {samples}

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
            Of several labels a sample, each label's own.

        """
        outputs = self._outputs(X)
        if self.multilabel_:
            each: FloatArray = expit(outputs)
            return each
        probabilities: FloatArray = class_probabilities(outputs, len(self.classes_), self.loss)
        return probabilities

    def _y_checks(self) -> dict[str, Any]:
        return {**super()._y_checks(), "multi_output": True}

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags

    def _checked(self, *data: Any, **options: Any) -> Any:
        X, y, weight = super()._checked(*data, **options)
        if y.ndim == 2 and y.shape[1] > 1:
            kind = type_of_target(y, input_name="y")
            if kind != "multilabel-indicator":
                raise ValueError(f"y is {kind}; with several columns it must have zeros and ones")
            return X, y, weight
        return X, column_or_1d(y, warn=True), weight

    def _learn_target(self, y: Array, weight: FloatArray | None) -> None:
        classes = getattr(self, "_classes_to_come", None)
        self.multilabel_ = y.ndim == 2
        if self.multilabel_:
            self._learn_labels(y.shape[1], classes)
        elif classes is None:
            super()._learn_target(y, weight)
        else:
            require_two(classes)
            self.classes_ = classes

    def _learn_labels(self, n_labels: int, classes: Array | None) -> None:
        if self.loss not in _LOSSES_OF_LABELS:
            allowed = " or ".join(map(repr, _LOSSES_OF_LABELS))
            raise ValueError(
                f"loss={self.loss!r}; for several labels a sample it must be {allowed}"
            )
        self.classes_ = np.arange(n_labels)
        if classes is not None and not np.array_equal(classes, self.classes_):
            raise ValueError(
                f"classes={plain(classes)!r}; for a y of {n_labels} columns they are 0 to "
                f"{n_labels - 1}"
            )

    def _targets(self, y: Array) -> FloatArray:
        columns = len(self.classes_) if self.multilabel_ else 1
        if columns != (y.shape[1] if y.ndim == 2 else 1):
            raise ValueError(f"y has shape {y.shape}; the first fit had {columns} column(s)")
        if self.multilabel_:
            return np.asarray(y, dtype=np.float64)
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
        if self.multilabel_:
            raise ValueError(
                f"class_weight={plain(self.class_weight)!r} is for one class a sample; with "
                f"several labels give sample_weight"
            )
        factors = compute_sample_weight(self.class_weight, y)
        out: FloatArray = factors if weight is None else factors * weight
        return out

    def _n_outputs(self) -> int:
        return 1 if len(self.classes_) == 2 and not self.multilabel_ else len(self.classes_)

    def _loss(self) -> Any:
        return "multi_label" if self.multilabel_ else self.loss

    def _target_to_json(self) -> dict[str, Any]:
        return {**super()._target_to_json(), "multilabel": self.multilabel_}

    def _restore_target(self, fitted: dict[str, Any]) -> None:
        super()._restore_target(fitted)
        self.multilabel_ = fitted.get("multilabel", False)  # which older files lack
        if not isinstance(self.multilabel_, bool):
            raise ValueError(f"'multilabel' is {self.multilabel_!r}")
        numbers = np.arange(len(self.classes_))
        if self.multilabel_ and not np.array_equal(self.classes_, numbers):
            raise ValueError(
                f"'multilabel' is true, and the classes are {plain(self.classes_)!r}; they must be "
                f"0 to {numbers[-1]}"
            )
