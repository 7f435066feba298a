"""A quantum reservoir: fixed, random dynamics that remember a series."""

import json
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from ketgrad._core import Circuit, PauliSum, _real, _real_array
from ketgrad._numbers import integer, refuse_lost, refuse_text
from ketgrad._types import ComplexArray, FloatArray
from ketgrad._words import shown
from ketgrad.estimators.base import ScaledEstimator
from ketgrad.estimators.checks import validated
from ketgrad.estimators.ensembles import are_density_matrices
from ketgrad.estimators.json_checks import MEMBERS, only
from ketgrad.estimators.json_features import FEATURES, features_to_json, restore_features
from ketgrad.estimators.public import publisher
from ketgrad.estimators.reservoir_dynamics import Dynamics, ising_circuit
from ketgrad.estimators.rules import RESERVOIR_RULES
from ketgrad.estimators.scaling import standardised

_TOLERANCE = 1e-6  # of what a density matrix is


@publisher()
@dataclass(eq=False, repr=False)
class QReservoir(ClassNamePrefixFeaturesOutMixin, TransformerMixin, ScaledEstimator):  # type: ignore[misc]
    """Features of a series from the dynamics of qubits that are not trained.

    Each step replaces the state of the first qubits by that of the step's values u from 0 to 1,
    sqrt(1 - u)|0> + sqrt(u)|1>, and lets a fixed circuit act `n_virtual` times; after each time the
    observables are read. What is replaced is traced out, so that the reservoir forgets, and all
    others remember: a linear model on the features learns functions of the past (Fujii & Nakajima
    2017, arXiv:1602.08159). The state is a density matrix, and readings are exact and disturb
    nothing, as those of an ensemble do.

    `transform` takes sequences, a row each, from the beginning to their end; `run` goes along one
    series and gives the features of every step.

    Parameters
    ----------
    circuit : Circuit, default=None
        What acts between two readings, on `n_qubits`, without parameters. None draws the Ising
        model of the paper: exp(-i H t) with H = sum of J_ij X_i X_j over all pairs, J_ij uniform in
        [-1/2, 1/2], plus `field` times the sum of Z_i, and t = `interval` / `n_virtual`.
    n_qubits : int, default=5
        Number of qubits, from n_inputs to 8; the time of a step grows as 8**n_qubits.
    n_inputs : int, default=1
        Values a step, each into a qubit of its own.
    n_virtual : int, default=10
        How often the circuit acts, and observables are read, in a step.
    observables : PauliSum, str or list of those, default=None
        What is read, as Pauli sums or text; None is Z of every qubit.
    interval : float, default=16.0
        Time of a step of the Ising model.
    field : float, default=0.5
        Its transverse field.
    input_scaling : {"minmax", None}, default="minmax"
        "minmax" learns the least and the greatest value of every input in `fit`, which become 0 and
        1; what is beyond them is taken as they are. None takes values from 0 to 1 as they are.
    random_state : int, RandomState or None, default=None
        Seed of the couplings J.

    Attributes
    ----------
    circuit_ : ketgrad.Circuit
        What acts between two readings.
    {features}

    Examples
    --------
    >>> import numpy as np
    >>> from ketgrad import QReservoir
    >>> series = np.random.default_rng(0).uniform(size=1000)
    >>> reservoir = QReservoir(n_qubits=4, random_state=0).fit(series[:, None])
    >>> features, _ = reservoir.run(series, washout=100)
    >>> features.shape
    (900, 40)
    >>> wanted = series[100:] * series[99:-1]  # a product with the past, which no linear model has
    >>> weights = np.linalg.lstsq(features[:600], wanted[:600])[0]
    >>> bool(np.square(features[600:] @ weights - wanted[600:]).mean() < 0.1 * wanted.var())
    True

    """

    _rules: ClassVar = RESERVOIR_RULES

    circuit: Circuit | None = None
    _: KW_ONLY
    n_qubits: int = 5
    n_inputs: int = 1
    n_virtual: int = 10
    observables: PauliSum | str | Sequence[PauliSum | str] | None = None
    interval: float = 16.0
    field: float = 0.5
    input_scaling: str | None = "minmax"
    random_state: Any = None

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: ARG002 - scikit-learn's convention
        """Draw the reservoir, and learn the range of the values.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_steps * n_inputs)
            Sequences, a row each: the values of the first step, then of the second and so on. A
            series by itself is a sample of rows of one step: ``series[:, None]``.
        y : ignored
            Not used.

        Returns
        -------
        self : QReservoir

        Raises
        ------
        {wrong_parameters}

        """
        before = dict(vars(self))
        try:
            self._check_parameters()
            steps = self._steps(validated(self, X))
            self._learn_range(steps.reshape(-1, self.n_inputs))
            self._scaled(steps)
            self.circuit_ = self._drawn() if self.circuit is None else self.circuit
            self._dynamics()
        except BaseException:
            self.__dict__.clear()
            self.__dict__.update(before)
            raise
        return self

    def transform(self, X: Any) -> FloatArray:
        """Compute the features at the end of sequences, each from the state |0...0>.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_steps * n_inputs)
            Sequences, a row each.

        Returns
        -------
        Z : ndarray of shape (n_samples, n_virtual * n_observables)
            The readings of the last step, in the order of time.

        """
        check_is_fitted(self, "circuit_")
        steps = self._scaled(self._steps(validated(self, X, reset=False)))
        return self._dynamics().ends(steps)

    def run(
        self, series: Any, *, washout: int = 0, state: Any = None
    ) -> tuple[FloatArray, ComplexArray]:
        """Go along one series of any length, and on where an earlier run ended.

        Parameters
        ----------
        series : array-like of shape (n_steps,) or (n_steps, n_inputs)
            The values, in the order of time.
        washout : int, default=0
            First steps whose features are left out: they depend on the state at the beginning.
        state : array-like of shape (2**n_qubits, 2**n_qubits), default=None
            The density matrix at the beginning; None is that of |0...0>.

        Returns
        -------
        features : ndarray of shape (n_steps - washout, n_virtual * n_observables)
        state : ndarray of shape (2**n_qubits, 2**n_qubits)
            The density matrix at the end.

        Raises
        ------
        NotFittedError
            Before `fit`.
        ValueError
            For values that are not finite, shapes that do not fit, a washout longer than the
            series, and a state that is no density matrix.
        TypeError
            For a state of anything but numbers.

        """
        check_is_fitted(self, "circuit_")
        refuse_lost(series=series)
        values = _real_array(series, "series")
        if values.ndim == 1 and self.n_inputs == 1:
            values = values[:, None]
        if values.ndim != 2 or values.shape[1] != self.n_inputs:
            raise ValueError(
                f"series has shape {values.shape}; it must be (n_steps, {self.n_inputs})"
            )
        if not np.isfinite(values).all():
            step = int(np.argwhere(~np.isfinite(values))[0][0])
            raise ValueError(f"series is not finite: the first such value is of step {step}")
        washout = integer("washout", washout, 0, len(values))
        dynamics = self._dynamics()
        start = dynamics.vacuum() if state is None else self._density_matrix(state)
        features, end = dynamics.along(self._scaled(values[None])[0], start)
        return features[washout:], end

    # What `fit` learns.

    def _steps(self, X: FloatArray) -> FloatArray:
        """Read rows as sequences, shape (rows, n_steps, n_inputs)."""
        if X.shape[1] % self.n_inputs:
            raise ValueError(
                f"X has {X.shape[1]} features, which are no steps of n_inputs={self.n_inputs} "
                "values"
            )
        return X.reshape(len(X), -1, self.n_inputs)

    def _learn_range(self, values: FloatArray) -> None:
        """Learn the least value and the width of every input, in the place of mean and scale."""
        self.input_mean_ = self.input_scale_ = None
        if self.input_scaling is not None:
            low, half = values.min(axis=0), np.ptp(values / 2, axis=0)
            width = np.where(half > 0, 2 * half.clip(max=np.finfo(np.float64).max / 2), 1.0)
            repeats = self.n_features_in_ // self.n_inputs
            self.input_mean_, self.input_scale_ = np.tile(low, repeats), np.tile(width, repeats)

    def _scaled(self, steps: FloatArray) -> FloatArray:
        if self.input_mean_ is not None and self.input_scale_ is not None:
            low, width = self.input_mean_[: self.n_inputs], self.input_scale_[: self.n_inputs]
            return standardised(steps, low, width).clip(0, 1)
        if (steps < 0).any() or (steps > 1).any():
            value = float(steps[(steps < 0) | (steps > 1)][0])
            raise ValueError(f"{value} is out of range; without input_scaling values are 0 to 1")
        return steps

    def _drawn(self) -> Circuit:
        interval, field = _real(self.interval, "interval"), _real(self.field, "field")
        random = check_random_state(self.random_state)
        return ising_circuit(int(self.n_qubits), interval / self.n_virtual, field, random)

    def _dynamics(self) -> Dynamics:
        if self.circuit_.n_qubits != self.n_qubits or self.circuit_.parameters:
            raise ValueError(
                f"circuit={self.circuit_!r}; it must have n_qubits={self.n_qubits} and no "
                "parameters"
            )
        if not self.n_inputs <= self.n_qubits:
            raise ValueError(
                f"n_inputs={self.n_inputs}; it must be at most n_qubits={self.n_qubits}"
            )
        parts = self.circuit_.copy(), self._sums(), int(self.n_inputs), int(self.n_virtual)
        # Parameters and circuits may change after `fit`.
        if "_prepared" not in vars(self) or self._prepared[0] != parts:
            self._prepared: tuple[Any, Dynamics] = parts, Dynamics.of(*parts)
        return self._prepared[1]

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what is prepared: it is large, and soon made again."""
        state = super().__getstate__()
        return {name: value for name, value in state.items() if name != "_prepared"}

    def _sums(self) -> list[PauliSum]:
        given, n = self.observables, int(self.n_qubits)
        if given is None:
            given = [f"Z{k}" for k in range(n)]
        several = [given] if isinstance(given, PauliSum | str) else given
        if len(several) == 0:
            raise ValueError(f"observables={given!r}; there must be at least one")
        return [_on_all(PauliSum(one) if isinstance(one, str) else one, n) for one in several]

    def _density_matrix(self, state: Any) -> ComplexArray:
        size = 2 ** int(self.n_qubits)
        refuse_lost(state=state)
        refuse_text(state=state)
        try:
            rho = np.asarray(state, dtype=np.complex128)
        except (TypeError, ValueError):
            raise TypeError(f"state must be a matrix of numbers, not {shown(state)}") from None
        if rho.shape != (size, size) or not np.isfinite(rho).all():
            raise ValueError(f"state has shape {rho.shape}; it must be finite, ({size}, {size})")
        if not are_density_matrices(rho, _TOLERANCE):
            raise ValueError(
                "state is no density matrix: it must be Hermitian, of trace 1 and positive"
            )
        return rho

    @property
    def _n_features_out(self) -> int:
        check_is_fitted(self, "circuit_")
        return int(self.n_virtual) * len(self._sums())

    # Files.

    def _learned_to_json(self) -> dict[str, Any]:
        return {
            "fitted": features_to_json(self),
            "circuit": json.loads(self.circuit_.to_json()),
        }

    def _restore(self, document: dict[str, Any]) -> None:
        only(document, "it", *MEMBERS, "circuit")
        only(document["fitted"], "'fitted'", *FEATURES)
        n_features = restore_features(self, document["fitted"])
        self._steps(np.zeros((1, n_features)))
        if (self.input_mean_ is None) != (self.input_scaling is None):
            raise ValueError(f"the scaling does not fit input_scaling={self.input_scaling!r}")
        self.circuit_ = Circuit.from_json(json.dumps(document["circuit"]))
        self._dynamics()


def _on_all(observable: PauliSum, n_qubits: int) -> PauliSum:
    """Give a sum on the first qubits as one on all of them."""
    if observable.n_qubits > n_qubits:
        raise ValueError(f"an observable of {observable.n_qubits} qubits for n_qubits={n_qubits}")
    # Text shows qubit 0 rightmost.
    terms = [(text.rjust(n_qubits, "I"), coefficient) for text, coefficient in observable.terms]
    return PauliSum(terms)
