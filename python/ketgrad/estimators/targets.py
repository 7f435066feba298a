"""Classifiers and regressors: what targets are, and how predictions are scored."""

from typing import Any, ClassVar

import numpy as np
from sklearn.base import ClassifierMixin, RegressorMixin

from ketgrad._docs import documented
from ketgrad._numbers import refuse_lost, refuse_text
from ketgrad._types import Array, FloatArray
from ketgrad.estimators.checks import classes_of, given_weights
from ketgrad.estimators.json_labels import labels, labels_to_json
from ketgrad.estimators.public import SHARED

document = documented(**SHARED)


@document
class Scored:
    """Scores that take targets and weights by the rule of `fit`."""

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Compute how well predictions agree with the truth.

        The score of a classifier is the share of samples whose class is predicted (or
        whose labels all are), that of a
        regressor the coefficient of determination R².

        Parameters
        ----------
        X : {samples}
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Their class labels, or their targets.
        sample_weight : array-like of shape (n_samples,), default=None
            A weight for every sample.

        Returns
        -------
        score : float

        """
        self._refuse_targets(y)
        return float(self._plain_score(X, y, given_weights(sample_weight, X)))

    def _refuse_targets(self, y: Any) -> None:
        refuse_lost(y=y)

    def _plain_score(self, X: Any, y: Any, sample_weight: Any) -> Any:
        """Compute the score as scikit-learn's mixin does."""
        raise NotImplementedError


@document
class Classifier(Scored, ClassifierMixin):  # type: ignore[misc]
    """What learns class labels."""

    classes_: Array

    _plain_score = ClassifierMixin.score
    _target_members: ClassVar[tuple[str, ...]] = ("classes",)

    def decision_function(self, X: Any) -> FloatArray:
        """Compute the scores of the classes, of which `predict` takes the highest.

        For two classes it is the score of the second, positive where that one is predicted; of
        more a column a class, in the order of `classes_` (never one a pair of classes); of several
        labels a sample a column a label, positive where it is predicted. Where there is a
        `predict_proba`, the class of the highest score has the highest probability.

        Parameters
        ----------
        X : {samples}

        Returns
        -------
        scores : ndarray of shape (n_samples, n_classes) or (n_samples,)

        """
        return self._scores(X)

    def predict(self, X: Any) -> Array:
        """Predict the class of every sample: the one with the highest score.

        Parameters
        ----------
        X : {samples}

        Returns
        -------
        labels : ndarray of shape (n_samples,)

        """
        return self._of_highest(self.decision_function(X))

    def _of_highest(self, scores: FloatArray) -> Array:
        index = scores > 0 if scores.ndim == 1 else scores.argmax(axis=1)
        labels: Array = self.classes_[index.astype(np.intp)]
        return labels

    def _scores(self, X: Any) -> FloatArray:
        """Compute what `decision_function` returns."""
        raise NotImplementedError

    def _learn_target(self, y: Array, weight: FloatArray | None) -> None:  # noqa: ARG002
        self.classes_ = classes_of(y)

    def _target_to_json(self) -> dict[str, Any]:
        return {"classes": labels_to_json(self.classes_)}

    def _restore_target(self, fitted: dict[str, Any]) -> None:
        self.classes_ = labels(fitted["classes"])


@document
class Regressor(Scored, RegressorMixin):  # type: ignore[misc]
    """What learns numbers."""

    _plain_score = RegressorMixin.score

    def predict(self, X: Any) -> FloatArray:
        """Predict the targets.

        Parameters
        ----------
        X : {samples}

        Returns
        -------
        y : ndarray of shape (n_samples,)

        """
        return self._predicted(X)

    def _predicted(self, X: Any) -> FloatArray:
        """Compute what `predict` returns."""
        raise NotImplementedError

    def _refuse_targets(self, y: Any) -> None:
        super()._refuse_targets(y)
        refuse_text(y=y)

    def _y_checks(self) -> dict[str, Any]:
        return {"y_numeric": True}
