"""The device `ketgrad.qubit`."""

from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pennylane as qml
from pennylane.devices import Device, ExecutionConfig
from pennylane.devices.modifiers import simulator_tracking, single_tape_support
from pennylane.exceptions import DeviceError
from pennylane.measurements import Shots
from pennylane.operation import Operator
from pennylane.ops import Conditional, MidMeasure, Projector
from pennylane.tape import QuantumScript

from ketgrad._clients import Remembered, require_seed
from ketgrad.pennylane import gates, preparation
from ketgrad.pennylane.branches import Branches
from ketgrad.pennylane.configuration import METHODS, resolved
from ketgrad.pennylane.cotangents import Gradients, cotangents_of, has_axis
from ketgrad.pennylane.mixed_plan import MixedPlan, SampledMixedPlan
from ketgrad.pennylane.plan import Plan
from ketgrad.pennylane.reading import Numbers, Read, read, refuse_followed
from ketgrad.pennylane.sampled_plan import SampledPlan
from ketgrad.pennylane.sampling import require_shots

_PLANS = 256  # structures that a device remembers
_PRECISIONS = {"complex128": "double", "complex64": "single"}


@simulator_tracking
@single_tape_support
class KetgradQubit(Device):  # type: ignore[misc]
    """A state vector: exact values, samples and adjoint derivatives, of whole batches at once.

    Made by `qml.device("ketgrad.qubit", wires=n)`. Circuits that differ by angles alone are
    compiled once, and broadcast parameters and equal circuits of a batch run as one call.

    Parameters
    ----------
    wires : int or sequence, default=None
        Number or labels of the wires; None takes those of each circuit.
    shots : int or sequence of int, default=None
        For values from samples; None is exact. Set shots of a QNode in its stead.
    seed : int, sequence of int or numpy.random.Generator, default="global"
        Of the samples; "global" draws one from NumPy's global generator, None fresh entropy.
    c_dtype : {"complex128", "complex64"} or NumPy type, default=numpy.complex128
        Of the amplitudes.

    Raises
    ------
    pennylane.exceptions.DeviceError
        For another type, seed or number of shots, and where a circuit has what the device lacks.

    Examples
    --------
    >>> import pennylane as qml
    >>> device = qml.device("ketgrad.qubit", wires=2)
    >>> @qml.qnode(device)
    ... def energy(x):
    ...     qml.RX(x, wires=0)
    ...     qml.CNOT(wires=[0, 1])
    ...     return qml.expval(qml.Z(0) @ qml.Z(1) - 2 * qml.X(0))
    >>> round(float(energy(0.5)), 6)
    1.0

    """

    config_filepath = Path(__file__).with_name("ketgrad_qubit.toml")
    is_mixed: ClassVar[bool] = False
    _plan_of: ClassVar[type[Plan]] = Plan
    _sampled_plan_of: ClassVar[type[SampledPlan]] = SampledPlan

    def __init__(
        self,
        wires: Any = None,
        shots: Any = None,
        *,
        seed: Any = "global",
        c_dtype: Any = np.complex128,
    ) -> None:
        require_shots(Shots(shots))
        super().__init__(wires=wires, shots=shots)
        name = np.dtype(c_dtype).name
        if name not in _PRECISIONS:
            raise DeviceError(f"c_dtype={name}; it must be {' or '.join(_PRECISIONS)}")
        self._precision = _PRECISIONS[name]
        if isinstance(seed, str) and seed == "global":
            seed = np.random.randint(2**31 - 1)  # noqa: NPY002
        require_seed(seed, DeviceError)
        self._random = np.random.default_rng(seed)
        self._plans = Remembered(_PLANS)

    @property
    def name(self) -> str:
        """The name by which `qml.device` makes it."""
        return "ketgrad.qubit"

    def has(self, op: Operator) -> bool:
        """Whether an operator needs no decomposition."""
        if isinstance(op, Conditional):
            return gates.is_gate(op.base)
        return gates.is_gate(op) or isinstance(op, MidMeasure | Projector)

    def setup_execution_config(
        self, config: ExecutionConfig | None = None, circuit: QuantumScript | None = None
    ) -> ExecutionConfig:
        """Choose adjoint derivatives where PennyLane leaves it to the device."""
        config = config or ExecutionConfig()
        for option in config.device_options:
            raise DeviceError(f"device option {option} not present on {self}")
        has_derivatives = self.supports_derivatives(config, circuit)
        return resolved(config, circuit, has_derivatives=has_derivatives, mixed=self.is_mixed)

    def preprocess_transforms(
        self, execution_config: ExecutionConfig | None = None
    ) -> qml.CompilePipeline:
        """Bring circuits into gates that the device has."""
        return preparation.pipeline(self, execution_config or ExecutionConfig())

    def supports_derivatives(
        self,
        execution_config: ExecutionConfig | None = None,
        circuit: QuantumScript | None = None,
    ) -> bool:
        """Whether the adjoint method gives the derivatives of a circuit's measurements."""
        if execution_config and (
            execution_config.gradient_method not in METHODS
            or execution_config.derivative_order > 1  # of a gradient there is no gradient
        ):
            return False
        if circuit is None:
            return True
        mcm = execution_config.mcm_config.mcm_method if execution_config else None
        if mcm == "tree-traversal" and preparation.is_branched(circuit):
            return False
        return preparation.is_differentiable(circuit, mixed=self.is_mixed)

    def supports_vjp(
        self,
        execution_config: ExecutionConfig | None = None,
        circuit: QuantumScript | None = None,
    ) -> bool:
        """Whether vector-Jacobian products are to be had: where derivatives are."""
        return self.supports_derivatives(execution_config, circuit)

    def execute(
        self,
        circuits: Sequence[QuantumScript],
        execution_config: ExecutionConfig | None = None,
    ) -> tuple[Any, ...]:
        """Run circuits; those of one structure as one batch."""
        config = execution_config or ExecutionConfig()
        for circuit in circuits:
            require_shots(circuit.shots)
        circuits = [circuit.map_to_standard_wires() for circuit in circuits]
        out: list[Any] = [None] * len(circuits)
        groups: dict[Plan, list[tuple[int, Read]]] = {}
        for k, circuit in enumerate(circuits):
            if config.gradient_method != "backprop":
                refuse_followed(circuit)
            if preparation.is_branched(circuit):
                out[k] = self._branched(circuit, config)
                continue
            key, given = read(circuit)
            if circuit.shots:
                out[k] = self._sampled(circuit, key, given)
                continue
            plan = self._plan(key, circuit)
            if config.gradient_method == "backprop":
                out[k] = self._traced(key, plan, given)
            elif given.state is not None:
                out[k] = self._results(circuit, plan.run(given.rows(), given.state), given)
            else:
                groups.setdefault(plan, []).append((k, given))
        for plan, members in groups.items():
            rows = [given.rows() for _, given in members]
            found = plan.run(np.concatenate(rows), None)
            begin = 0
            for (k, given), own in zip(members, rows, strict=True):
                end = begin + len(own)
                out[k] = self._results(circuits[k], [f[begin:end] for f in found], given)
                begin = end
        return tuple(out)

    def _plan(self, key: Hashable, circuit: QuantumScript) -> Plan:
        return self._plans.once(key, lambda: self._plan_of(circuit, self._precision))

    def _results(self, circuit: QuantumScript, found: list[Numbers], given: Read) -> Any:
        out = tuple(f if given.batch else f[0] for f in found)
        return out if len(circuit.measurements) > 1 else out[0]

    def _traced(self, key: Hashable, plan: Plan, given: Read) -> Any:
        from ketgrad.pennylane.traced import Traced

        return self._plans.once((key, "traced"), lambda: Traced(plan))(given.angles)

    def _sampled(self, circuit: QuantumScript, key: Hashable, given: Read) -> Any:
        make = self._sampled_plan_of
        plan = self._plans.once((key, "sampled"), lambda: make(circuit, self._precision))
        batched = bool(given.batch)
        return plan.run(given.rows(), given.state, circuit.shots, self._random, batched=batched)

    def _branched(self, circuit: QuantumScript, config: ExecutionConfig) -> Any:
        branches = Branches(circuit, self._precision)
        if not circuit.shots:
            return branches.exact()
        return branches.sampled(circuit.shots, config.mcm_config.postselect_mode, self._random)

    def compute_derivatives(
        self,
        circuits: Sequence[QuantumScript],
        execution_config: ExecutionConfig | None = None,  # noqa: ARG002
    ) -> tuple[Any, ...]:
        """Compute the Jacobians by all trainable parameters."""
        return tuple(self._jacobian(circuit) for circuit in circuits)

    def _jacobian(self, circuit: QuantumScript) -> Any:
        refuse_followed(circuit)
        circuit = circuit.map_to_standard_wires()
        key, given = read(circuit)
        found = self._plan(key, circuit).jacobian(given.rows(), given.state)
        columns = preparation.trainable_columns(circuit, given)
        out: list[Any] = []
        for mp, by_angles in zip(circuit.measurements, found, strict=True):
            each = tuple(self._derivative(mp, by_angles, column, given) for column in columns)
            out.append(each if len(columns) != 1 else each[0])
        return tuple(out) if len(out) > 1 else out[0]

    @staticmethod
    def _derivative(mp: Any, by_angles: Numbers, column: int, given: Read) -> Numbers:
        by = by_angles[:, :, column]
        by = by if has_axis(mp) else by[:, 0]
        return by if given.batch else by[0]

    def execute_and_compute_derivatives(
        self,
        circuits: Sequence[QuantumScript],
        execution_config: ExecutionConfig | None = None,
    ) -> tuple[Any, Any]:
        """Run circuits and compute their Jacobians."""
        return (
            self.execute(circuits, execution_config),
            self.compute_derivatives(circuits, execution_config),
        )

    def compute_vjp(
        self,
        circuits: Sequence[QuantumScript],
        cotangents: Sequence[Any],
        execution_config: ExecutionConfig | None = None,  # noqa: ARG002
    ) -> tuple[Any, ...]:
        """Compute vector-Jacobian products, by one backward sweep a sample."""
        return tuple(map(self._vjp, circuits, cotangents))

    def _vjp(self, circuit: QuantumScript, cotangents: Any) -> tuple[Any, ...]:
        refuse_followed(circuit)
        circuit = circuit.map_to_standard_wires()
        key, given = read(circuit)
        plan = self._plan(key, circuit)
        wanted = cotangents_of(circuit, cotangents, given)
        repeats = (wanted.sets or 1, 1)
        state = given.state
        if state is not None and state.ndim == 2:
            state = np.tile(state, repeats)
        by_angles = plan.vjp(np.tile(given.rows(), repeats), state, wanted.rows)
        return Gradients(
            wanted.gradient(by_angles, column, given)
            for column in preparation.trainable_columns(circuit, given)
        )

    def execute_and_compute_vjp(
        self,
        circuits: Sequence[QuantumScript],
        cotangents: Sequence[Any],
        execution_config: ExecutionConfig | None = None,
    ) -> tuple[Any, Any]:
        """Run circuits and compute vector-Jacobian products."""
        return (
            self.execute(circuits, execution_config),
            self.compute_vjp(circuits, cotangents, execution_config),
        )


class KetgradMixed(KetgradQubit):
    """A density matrix: circuits with channels, exact values, samples, adjoint derivatives.

    Made by `qml.device("ketgrad.mixed", wires=n)`, with the arguments of :class:`KetgradQubit`.
    Expectation values have derivatives by all angles; the numbers of channels are no parameters.

    Examples
    --------
    >>> import pennylane as qml
    >>> device = qml.device("ketgrad.mixed", wires=1)
    >>> @qml.qnode(device)
    ... def energy(x):
    ...     qml.RX(x, wires=0)
    ...     qml.BitFlip(0.1, wires=0)
    ...     return qml.expval(qml.Z(0))
    >>> round(float(energy(0.0)), 6)
    0.8

    """

    config_filepath = Path(__file__).with_name("ketgrad_mixed.toml")
    is_mixed: ClassVar[bool] = True
    _plan_of: ClassVar[type[Plan]] = MixedPlan
    _sampled_plan_of: ClassVar[type[SampledPlan]] = SampledMixedPlan

    @property
    def name(self) -> str:
        """The name by which `qml.device` makes it."""
        return "ketgrad.mixed"

    def has(self, op: Operator) -> bool:
        """Whether an operator needs no decomposition."""
        return super().has(op) or gates.is_channel(op)
