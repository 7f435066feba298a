"""Scores of predictions."""

from typing import Any

from sklearn.base import ClassifierMixin, RegressorMixin

from ketgrad._numbers import refuse_masked, refuse_text
from ketgrad.estimators.checks import given_weights


class Classifier(ClassifierMixin):  # type: ignore[misc]
    """scikit-learn's mixin, whose score takes labels and weights by the rule of `fit`."""

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Compute the share of samples whose class is predicted.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The samples.
        y : array-like of shape (n_samples,)
            Their class labels.
        sample_weight : array-like of shape (n_samples,), default=None
            A weight for every sample.

        Returns
        -------
        accuracy : float

        """
        refuse_masked(y=y)
        return float(super().score(X, y, given_weights(sample_weight)))


class Regressor(RegressorMixin):  # type: ignore[misc]
    """scikit-learn's mixin, whose score takes targets and weights by the rule of `fit`."""

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Compute the coefficient of determination R² of the prediction.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            The samples.
        y : array-like of shape (n_samples,)
            Their targets.
        sample_weight : array-like of shape (n_samples,), default=None
            A weight for every sample.

        Returns
        -------
        r2 : float

        """
        refuse_masked(y=y)
        refuse_text(y=y)
        return float(super().score(X, y, given_weights(sample_weight)))
