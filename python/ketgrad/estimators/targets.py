"""Classifiers and regressors: what targets are, and how predictions are scored."""

from typing import Any, ClassVar

from sklearn.base import ClassifierMixin, RegressorMixin

from ketgrad._numbers import refuse_masked, refuse_text
from ketgrad._types import Array
from ketgrad.estimators.checks import given_weights
from ketgrad.estimators.json_labels import labels, labels_to_json


class Scored:
    """Scores that take targets and weights by the rule of `fit`."""

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Compute how well predictions agree with the truth.

        The score of a classifier is the share of samples whose class is predicted, that of a
        regressor the coefficient of determination R².

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The samples.
        y : array-like of shape (n_samples,)
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
        refuse_masked(y=y)

    def _plain_score(self, X: Any, y: Any, sample_weight: Any) -> Any:
        """Compute the score as scikit-learn's mixin does."""
        raise NotImplementedError


class Classifier(Scored, ClassifierMixin):  # type: ignore[misc]
    """What learns class labels."""

    classes_: Array

    _plain_score = ClassifierMixin.score
    _target_members: ClassVar[tuple[str, ...]] = ("classes",)

    def _target_to_json(self) -> dict[str, Any]:
        return {"classes": labels_to_json(self.classes_)}

    def _restore_target(self, fitted: dict[str, Any]) -> None:
        self.classes_ = labels(fitted["classes"])


class Regressor(Scored, RegressorMixin):  # type: ignore[misc]
    """What learns numbers."""

    _plain_score = RegressorMixin.score

    def _refuse_targets(self, y: Any) -> None:
        super()._refuse_targets(y)
        refuse_text(y=y)

    def _y_checks(self) -> dict[str, Any]:
        return {"y_numeric": True}
