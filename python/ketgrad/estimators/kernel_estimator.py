"""What the estimators on quantum kernels share."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from ketgrad._core import _real, bloch_vectors, embedding
from ketgrad._kernels import fidelity_kernel, projected_kernel
from ketgrad._rows import rows_as_given
from ketgrad._types import Array, FloatArray
from ketgrad.estimators.checks import validated
from ketgrad.estimators.feature_layers import spread_map
from ketgrad.estimators.kernel_parameters import KernelParameters


class KernelEstimator(KernelParameters):
    """An estimator on the states of a circuit; see KernelMachine and QNystroem."""

    @contextmanager
    def _unchanged_by_failures(self) -> Iterator[list[Array]]:
        before = dict(vars(self))
        try:
            with rows_as_given() as rows:
                yield rows
        except BaseException:
            self.__dict__.clear()
            self.__dict__.update(before)
            raise

    def _learn_kernel(
        self, X: FloatArray, weight: FloatArray | None, y: Array | None = None
    ) -> FloatArray:
        """Learn scaling, circuit, weights and gamma; return the angles of the samples."""
        self._learn_scaling(X, weight)
        angles = self._angles(X)
        self.circuit_ = embedding(
            self.n_features_in_,
            spread_map(self.feature_map, self.n_features_in_, self.n_qubits),
            self.ansatz,
            n_qubits=0 if self.n_qubits is None else self.n_qubits,
            n_layers=self.n_layers,
            entangle=bool(self.entangle),
        )
        random = self._random()
        n_weights = len(self.circuit_.parameters) - self.n_features_in_
        self.weights_ = random.uniform(-np.pi, np.pi, n_weights)
        if y is not None:
            self._train_weights(angles, y, random)
        self.gamma_ = self._learn_gamma(angles, weight)
        return angles

    def _random(self) -> np.random.RandomState:
        random: np.random.RandomState = check_random_state(self.random_state)
        return random

    def _train_weights(self, angles: FloatArray, y: Array, random: np.random.RandomState) -> None:
        """Train the weights that were drawn, where the parameters say so."""

    def _learn_gamma(self, angles: FloatArray, weight: FloatArray | None) -> float:
        if self.gamma != "scale":
            return _real(self.gamma, "gamma")
        if self.kernel != "projected":
            return 1.0
        vectors = bloch_vectors(self._program(), angles, self.weights_).reshape(len(angles), -1)
        mean = np.average(vectors, axis=0, weights=weight).mean()
        spread = np.average(np.square(vectors - mean).mean(axis=1), weights=weight)
        # The kernel has gamma / 2 before the distance of the Bloch vectors.
        return float(2 / (vectors.shape[1] * spread)) if spread > 0 else 1.0

    def _kernel(self, angles: FloatArray, others: FloatArray | None = None) -> FloatArray:
        if self.kernel == "fidelity":
            return fidelity_kernel(self._program(), angles, others, self.weights_)
        return projected_kernel(self._program(), angles, others, self.weights_, self.gamma_)

    def _kernel_rows(self, X: Any) -> FloatArray:
        """Compute the kernel of samples with those that predictions compare with."""
        check_is_fitted(self, "circuit_")
        X = validated(self, X, reset=False)
        if len(self.support_angles_) == 0:
            return np.empty((len(X), 0))
        return self._kernel(self._angles(X), self.support_angles_)

    def _keep(self, angles: FloatArray, support: Array) -> None:
        self.support_angles_ = np.ascontiguousarray(angles[support])
