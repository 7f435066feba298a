"""Derivatives for qiskit-machine-learning: by the adjoint method, of whole batches at once."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.exceptions import QiskitError
from qiskit.providers import Options
from qiskit_machine_learning.gradients import (
    BaseEstimatorGradient,
    BaseSamplerGradient,
    DerivativeType,
    EstimatorGradientResult,
    SamplerGradientResult,
)
from qiskit_machine_learning.gradients.base.base_qgt import BaseQGT
from qiskit_machine_learning.gradients.base.qgt_result import QGTResult

from ketgrad.qiskit.course import Course
from ketgrad.qiskit.structures import Floats, Structure, find


def _distinct(*columns: Sequence[Any]) -> dict[tuple[int, ...], list[int]]:
    """Give the places where the same objects stand together."""
    out: dict[tuple[int, ...], list[int]] = {}
    for k, together in enumerate(zip(*columns, strict=True)):
        out.setdefault(tuple(map(id, together)), []).append(k)
    return out


def _pick(columns: Sequence[Any], places: dict[tuple[int, ...], list[int]]) -> list[list[Any]]:
    return [[column[own[0]] for own in places.values()] for column in columns]


def _state(circuit: QuantumCircuit) -> Structure:
    """Find the structure of a circuit that has a state, whatever is measured at its end."""
    structure, _ = find(circuit)
    if isinstance(structure, Course) or not structure.core.is_unitary:
        raise QiskitError("ketgrad has no gradients of circuits that measure in their course")
    return structure


def _columns(structure: Structure, parameters: Sequence[Parameter]) -> list[int]:
    """Give the columns of parameters in the derivatives; -1, a column of zeros, of the others."""
    column = {name: k for k, name in enumerate(structure.inputs)}
    return [column.get(parameter.name, -1) for parameter in parameters]


def _padded(by_inputs: Any) -> Any:
    """Give derivatives with a column of zeros behind them."""
    return np.concatenate([by_inputs, np.zeros_like(by_inputs[..., :1])], axis=-1)


def _rows(structure: Structure, values: Any, own: list[int]) -> Floats:
    return structure.rows(np.empty(0), np.asarray([values[k] for k in own], float))


class EstimatorGradient(BaseEstimatorGradient):  # type: ignore[misc]
    """Exact gradients of expectation values, by one backward sweep a sample and observable.

    For `EstimatorQNN(gradient=...)` and wherever qiskit-machine-learning takes a gradient of an
    estimator. Everything that a call asks of one circuit and observable runs as one batch.

    Parameters
    ----------
    estimator : BaseEstimatorV2, default=None
        For the sake of the other gradients' signatures: it is not run.

    Examples
    --------
    >>> from qiskit import QuantumCircuit
    >>> from qiskit.circuit import Parameter
    >>> from qiskit.quantum_info import SparsePauliOp
    >>> circuit = QuantumCircuit(1)
    >>> _ = circuit.ry(Parameter("a"), 0)
    >>> job = EstimatorGradient().run([circuit], [SparsePauliOp("Z")], [[0.5]])
    >>> job.result().gradients[0].round(6)
    array([-0.479426])

    """

    def __init__(self, estimator: Any = None) -> None:
        super().__init__(estimator)

    @staticmethod
    def _validate_arguments(
        circuits: Sequence[Any],
        observables: Sequence[Any],
        parameter_values: Sequence[Any],
        parameters: Sequence[Any],
    ) -> None:
        """Validate what differs, once each: circuits are looked through every time."""
        lengths = {len(circuits), len(observables), len(parameter_values), len(parameters)}
        given: list[Any] = [circuits, observables, parameter_values, parameters]
        if len(lengths) == 1 and _is_table(parameter_values):
            given = _pick(given, _distinct(circuits, observables, parameters))
        BaseEstimatorGradient._validate_arguments(*given)

    def _run(
        self,
        circuits: Sequence[Any],
        observables: Sequence[Any],
        parameter_values: Sequence[Any],
        parameters: Sequence[Any],
        **options: Any,
    ) -> EstimatorGradientResult:
        gradients: list[Any] = [None] * len(circuits)
        for own in _distinct(circuits, observables, parameters).values():
            structure = _state(circuits[own[0]])
            program = structure.state_program([observables[own[0]]])
            rows = _rows(structure, parameter_values, own)
            by_inputs = _padded(program.vjp(np.ones((len(rows), 1)), inputs=rows)[0])
            found = by_inputs[:, _columns(structure, parameters[own[0]])]
            for k, gradient in zip(own, found, strict=True):
                gradients[k] = gradient
        metadata = [{"parameters": of} for of in parameters]
        return EstimatorGradientResult(gradients, metadata, Options(**options))

    @property
    def options(self) -> Options:
        """What was given as options, which change nothing."""
        return self._default_options


def _is_table(values: Sequence[Any]) -> bool:
    return isinstance(values, np.ndarray) and values.ndim == 2


class SamplerGradient(BaseSamplerGradient):  # type: ignore[misc]
    """Exact gradients of the probabilities of a register's values.

    For `SamplerQNN(gradient=...)`. The register is `meas`, or else the circuit's first.

    Parameters
    ----------
    sampler : BaseSamplerV2, default=None
        For the sake of the other gradients' signatures: it is not run.

    Examples
    --------
    >>> from qiskit import QuantumCircuit
    >>> from qiskit.circuit import Parameter
    >>> circuit = QuantumCircuit(1)
    >>> _ = circuit.ry(Parameter("a"), 0)
    >>> circuit.measure_all()
    >>> by_a = SamplerGradient().run([circuit], [[0.5]]).result().gradients[0][0]
    >>> {value: round(float(slope), 6) for value, slope in by_a.items()}
    {0: -0.239713, 1: 0.239713}

    """

    def __init__(self, sampler: Any = None) -> None:
        super().__init__(sampler)

    @staticmethod
    def _validate_arguments(
        circuits: Sequence[Any], parameter_values: Sequence[Any], parameters: Sequence[Any]
    ) -> None:
        """Validate what differs, once each."""
        given: list[Any] = [circuits, parameter_values, parameters]
        if len({*map(len, given)}) == 1 and _is_table(parameter_values):
            given = _pick(given, _distinct(circuits, parameters))
        BaseSamplerGradient._validate_arguments(*given)

    def _run(
        self,
        circuits: Sequence[Any],
        parameter_values: Sequence[Any],
        parameters: Sequence[Any],
        **options: Any,
    ) -> SamplerGradientResult:
        gradients: list[Any] = [None] * len(circuits)
        for own in _distinct(circuits, parameters).values():
            circuit = circuits[own[0]]
            structure = _state(circuit)
            rows = _rows(structure, parameter_values, own)
            found = structure.state_program().jacobian(
                inputs=rows, of="probs", qubits=_register(circuit, structure)
            )[0]
            columns = _columns(structure, parameters[own[0]])
            for k, by_inputs in zip(own, _padded(found), strict=True):
                gradients[k] = [_without_zeros(slopes) for slopes in by_inputs.T[columns]]
        metadata = [{"parameters": of} for of in parameters]
        return SamplerGradientResult(gradients, metadata, Options(**options))

    @property
    def options(self) -> Options:
        """What was given as options, which change nothing."""
        return self._default_options


def _without_zeros(slopes: Floats) -> dict[int, float]:
    values = np.flatnonzero(slopes)
    return dict(zip(values.tolist(), slopes[values].tolist(), strict=True))


def _register(circuit: QuantumCircuit, structure: Structure) -> list[int]:
    """Give the qubits that a register has been measured from."""
    if not circuit.cregs:
        raise QiskitError("the circuit has no classical register")
    named = {register.name: register for register in circuit.cregs}
    register = named.get("meas", circuit.cregs[0])
    numbers = [circuit.find_bit(bit).index for bit in register]
    qubits = [structure.bits[k] for k in numbers if k in structure.bits]
    if len(qubits) < len(numbers) or len({*qubits}) < len(qubits):
        raise QiskitError(f"each bit of register '{register.name}' needs a qubit of its own")
    return qubits


class QGT(BaseQGT):  # type: ignore[misc]
    """The quantum geometric tensor of a circuit's state, exact for any circuit.

    `qiskit_machine_learning.gradients.QFI` makes the quantum Fisher information of it.

    Parameters
    ----------
    estimator : BaseEstimatorV2, default=None
        For the sake of the other tensors' signatures: it is not run.
    phase_fix : bool, default=True
        Whether to subtract <d_i psi|psi><psi|d_j psi>.
    derivative_type : DerivativeType, default=COMPLEX
        Its real part, its imaginary part or all of it.
    precision : float, default=None
        Kept in results, which are exact all the same.

    Examples
    --------
    >>> from qiskit import QuantumCircuit
    >>> from qiskit.circuit import Parameter
    >>> circuit = QuantumCircuit(1)
    >>> _ = circuit.ry(Parameter("a"), 0)
    >>> QGT().run([circuit], [[0.5]]).result().qgts[0].real.round(6)
    array([[0.25]])

    """

    def __init__(
        self,
        estimator: Any = None,
        phase_fix: bool = True,
        derivative_type: DerivativeType = DerivativeType.COMPLEX,
        *,
        precision: float | None = None,
    ) -> None:
        super().__init__(estimator, phase_fix, derivative_type, precision)

    def _run(
        self,
        circuits: Sequence[Any],
        parameter_values: Sequence[Any],
        parameters: Sequence[Any],
        *,
        precision: Any = None,
    ) -> QGTResult:
        qgts: list[Any] = [None] * len(circuits)
        for own in _distinct(circuits, parameters).values():
            structure = _state(circuits[own[0]])
            rows = _rows(structure, parameter_values, own)
            columns = _columns(structure, parameters[own[0]])
            for k, tensor in zip(own, self._tensors(structure, rows), strict=True):
                whole = _padded(_padded(tensor).T).T
                qgts[k] = whole[np.ix_(columns, columns)]
        metadata = [{"parameters": of} for of in parameters]
        return QGTResult(qgts, self.derivative_type, metadata, precision or 0.0)

    def _tensors(self, structure: Structure, rows: Floats) -> Any:
        program = structure.state_program()
        if self.derivative_type == DerivativeType.REAL and self._phase_fix:
            return program.metric_tensor(inputs=rows, wrt="inputs")
        by_inputs = program.jacobian(inputs=rows, of="state")[0]
        dual = by_inputs.conj().transpose(0, 2, 1)
        out = dual @ by_inputs
        if self._phase_fix:
            along = dual @ program.state(inputs=rows)[:, :, None]
            out -= along @ along.conj().transpose(0, 2, 1)
        parts = {DerivativeType.REAL: out.real, DerivativeType.IMAG: out.imag}
        return parts.get(self.derivative_type, out)
