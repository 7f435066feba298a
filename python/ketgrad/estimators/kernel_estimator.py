"""What the estimators on quantum kernels share."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from ketgrad._core import (
    Circuit,
    _real,
    bloch_vectors,
    embedding,
    fidelity_kernel,
    projected_kernel,
)
from ketgrad._types import Array, FloatArray
from ketgrad.analysis.alignment_training import align_kernel
from ketgrad.estimators.checks import rows_as_given, validated
from ketgrad.estimators.learned_kernel import LearnedKernel
from ketgrad.estimators.parameters import KERNEL_RULES
from ketgrad.estimators.public import publisher

PARAMETERS = """
    feature_map : str or Circuit, default="angle"
        How a sample enters the circuit: "angle", "amplitude", "iqp" or "zz", or a circuit of your
        own whose parameters are ``x[0]`` to ``x[n_features - 1]``.
    ansatz : str, Circuit or None, default="strongly_entangling"
        The layer after each feature map: a name of :func:`ketgrad.ansatz_names`, a circuit that is
        one layer, or None for none. Its weights are drawn from [-pi, pi) and, with
        `alignment_steps`, trained.
    n_qubits : int, default=None
        Number of qubits; None means one a feature, at most 8 (more features than qubits share
        them). Only the angle map can choose.
    n_layers : int, default=2
        How often the feature map (with a layer of the ansatz) is repeated.
    entangle : bool, default=True
        False leaves out the entangling gates of a named ansatz: the separable ablation.
    kernel : {"fidelity", "projected"}, default="fidelity"
        :func:`ketgrad.fidelity_kernel` or :func:`ketgrad.projected_kernel`.
    gamma : float or "scale", default="scale"
        That of the projected kernel. "scale" is what an SVC's gamma="scale" would be for the Bloch
        vectors of the samples.
    input_scaling : {"standard", None}, default="standard"
        "standard" learns the weighted mean and standard deviation of every feature in `fit` and
        turns one standard deviation into 1 / sqrt(n_features) radians, at most 2.5 radians either
        way. None takes the features as angles (or amplitudes) as they are.
    precision : {"double", "single"}, default="double"
        Floating-point type of the simulation.
    random_state : int, RandomState or None, default=None
        Seed of the weights."""

ALIGNMENT = """
    alignment_steps : int, default=0
        Steps of Adam that train the weights by :func:`ketgrad.align_kernel` before the kernel is
        used; they need an ansatz and the fidelity kernel."""

ATTRIBUTES = """
    circuit_ : ketgrad.Circuit
        Prepares the states; its parameters ``x`` are the angles.
    weights_ : ndarray of shape (n_weights,)
        The weights of the circuit.
    gamma_ : float
        That of the projected kernel.
    support_angles_ : ndarray of shape (n_support, n_features)
        The angles of the samples that predictions compare with.
    n_features_in_ : int
        Number of features seen in `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the features, where `X` had string column names.
    input_mean_, input_scale_ : ndarray of shape (n_features_in_,) or None
        The learned scaling."""

public = publisher(parameters=PARAMETERS, alignment=ALIGNMENT, attributes=ATTRIBUTES)
ALIGN_ALL = 128  # the largest data set whose every step of the alignment sees all samples
ALIGN_BATCH = 64


class KernelEstimator(LearnedKernel):
    """A kernel machine on the states of a circuit; see kernel_machines.py."""

    ansatz: str | Circuit | None
    n_qubits: int | None
    n_layers: int
    entangle: bool
    kernel: str
    gamma: float | str
    precision: str
    random_state: Any

    _rules: ClassVar = KERNEL_RULES

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
        self, X: FloatArray, weight: FloatArray | None, target: FloatArray | None = None
    ) -> FloatArray:
        """Learn scaling, circuit, weights and gamma; return the angles of the samples."""
        self._learn_scaling(X, weight)
        angles = self._angles(X)
        self.circuit_ = embedding(
            self.n_features_in_,
            self.feature_map,
            self.ansatz,
            n_qubits=0 if self.n_qubits is None else self.n_qubits,
            n_layers=self.n_layers,
            entangle=bool(self.entangle),
        )
        random = check_random_state(self.random_state)
        n_weights = len(self.circuit_.parameters) - self.n_features_in_
        self.weights_ = random.uniform(-np.pi, np.pi, n_weights)
        if target is not None:
            self.weights_ = self._aligned(angles, target, random)
        self.gamma_ = self._learn_gamma(angles, weight)
        return angles

    def _aligned(
        self, angles: FloatArray, target: FloatArray, random: np.random.RandomState
    ) -> FloatArray:
        if len(self.weights_) == 0:
            raise ValueError(f"ansatz={self.ansatz!r} has no weights that alignment could train")
        if self.kernel != "fidelity":
            raise ValueError(f"alignment trains the fidelity kernel, not the {self.kernel} one")
        return align_kernel(
            self._program(),
            angles,
            target,
            self.weights_,
            n_steps=self.alignment_steps,
            batch_size=None if len(angles) <= ALIGN_ALL else ALIGN_BATCH,
            seed=int(random.randint(np.iinfo(np.int32).max)),
        ).weights

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


def wanted(y: Array, alignment_steps: int) -> FloatArray | None:
    """Return the kernel that centred targets want, where there is an alignment."""
    if alignment_steps == 0:
        return None
    centred = np.asarray(y, dtype=np.float64) - np.mean(y)
    return np.outer(centred, centred)
