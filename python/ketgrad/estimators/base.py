"""What all estimators share: features become angles, weights of zero are absence, files."""

import os
from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator

from ketgrad._types import Array, FloatArray
from ketgrad.estimators.checks import given_weights, validated
from ketgrad.estimators.rules import Rules, check_parameters
from ketgrad.estimators.saving import save
from ketgrad.estimators.scaling import standardised, weighted_mean_and_scale

# Scaled features stay within this many radians, short of the half turn where both ends meet: an
# angle that wraps round would make outliers look like ordinary samples.
LARGEST_ANGLE = 2.5

MOST_QUBITS = 8  # that n_qubits=None takes; more features share them


class ScaledEstimator(BaseEstimator):  # type: ignore[misc]
    """An estimator whose parameters have `feature_map` and `input_scaling`."""

    feature_map: Any
    input_scaling: str | None

    _rules: ClassVar[Rules]  # of the parameters
    _unsaved_once: ClassVar[dict[str, Any]] = {}  # parameters that older files lack: what they were
    _target_members: ClassVar[tuple[str, ...]] = ()  # of `fitted` in a file

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the fitted estimator as JSON that `ketgrad.load` reads back exactly.

        A callback, a `comm` and a RandomState cannot be written; they are None after loading.

        Parameters
        ----------
        path : str or path-like
            The file; it is replaced only once everything has been written.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            For a parameter or class label that has no exact JSON form.

        """
        save(self, path)

    # What `save` writes and `load` reads.

    def _learned_to_json(self) -> dict[str, Any]:
        """Write what `fit` learned: `fitted`, and what the family has besides."""
        raise NotImplementedError

    def _restore(self, document: dict[str, Any]) -> None:
        """Read it back into an estimator that has its parameters."""
        raise NotImplementedError

    def _target_to_json(self) -> dict[str, Any]:
        """Write what `fit` learned about the targets."""
        return {}

    def _restore_target(self, fitted: dict[str, Any]) -> None:
        """Read it back."""

    def _learn_target(self, y: Array, weight: FloatArray | None) -> None:
        """Learn what targets are from those of `fit`."""

    # What `fit` is given.

    def _check_parameters(self) -> None:
        check_parameters(self.get_params(deep=False), self._rules)

    def _checked(
        self, X: Any, y: Any, sample_weight: Any, *, reset: bool, rows: list[Array]
    ) -> tuple[FloatArray, Array, FloatArray | None]:
        """Check what `fit` is given; `rows` gets the indices of the samples that are returned."""
        X, y = validated(self, X, y, reset=reset, **self._y_checks())
        weight = given_weights(sample_weight, X, ensure_non_negative=True)
        if weight is None:
            return X, y, None
        # A weight of zero is the absence of the sample, in batches and held-out samples too.
        kept = np.flatnonzero(weight > 0)
        if len(kept) == 0:
            raise ValueError("no sample has a positive weight")
        rows.append(kept)
        return X[kept], y[kept], weight[kept]

    def _y_checks(self) -> dict[str, Any]:
        return {}

    # From features to angles.

    def _learn_scaling(self, X: FloatArray, weight: FloatArray | None) -> None:
        self.input_mean_: FloatArray | None = None
        self.input_scale_: FloatArray | None = None
        if self.input_scaling is not None:
            self.input_mean_, self.input_scale_ = weighted_mean_and_scale(X, weight)
            if self.feature_map == "amplitude":
                # Centred features of an average sample are all zero, which no state can have.
                self.input_mean_ = np.zeros_like(self.input_mean_)

    def _angles(self, X: FloatArray) -> FloatArray:
        if self.input_mean_ is None or self.input_scale_ is None:
            return X
        angles = standardised(X, self.input_mean_, self.input_scale_, np.sqrt(self.n_features_in_))
        angles.clip(-LARGEST_ANGLE, LARGEST_ANGLE, out=angles)
        return angles
