"""What becomes of circuits before the device runs them, and which of them it differentiates."""

from typing import Any

import pennylane as qml
from pennylane.devices import ExecutionConfig
from pennylane.devices.preprocess import (
    decompose,
    device_resolve_dynamic_wires,
    no_sampling,
    validate_device_wires,
    validate_measurements,
    validate_observables,
)
from pennylane.exceptions import DeviceError
from pennylane.measurements import (
    ClassicalShadowMP,
    ExpectationMP,
    MeasurementProcess,
    ProbabilityMP,
    SampleMeasurement,
    ShadowExpvalMP,
    StateMeasurement,
    StateMP,
    VarianceMP,
)
from pennylane.operation import Channel, Operator, StatePrepBase
from pennylane.ops import MidMeasure, Projector
from pennylane.tape import QuantumScript
from pennylane.transforms import broadcast_expand, defer_measurements

from ketgrad.pennylane import gates
from ketgrad.pennylane.branches import EXACT
from ketgrad.pennylane.measured import (
    OF_STATES,
    Tapes,
    conditioned,
    through_moments,
    through_states,
)
from ketgrad.pennylane.observables import is_measured
from ketgrad.pennylane.reading import Read
from ketgrad.pennylane.sampling import is_shadow


def pipeline(device: Any, config: ExecutionConfig) -> qml.CompilePipeline:
    """Make the transforms of a device's circuits."""
    name, out = device.name, qml.CompilePipeline()
    deferred = config.mcm_config.mcm_method in (None, "deferred")
    if deferred:
        out.add_transform(defer_measurements, allow_postselect=True)
    out.add_transform(
        decompose,
        stopping_condition=device.has,
        skip_initial_state_prep=not device.is_mixed,
        device_wires=device.wires,
        target_gates=gates.NAMES,
        name=name,
    )
    out.add_transform(device_resolve_dynamic_wires, wires=device.wires, allow_resets=not deferred)
    out.add_transform(validate_device_wires, device.wires, name=name)
    out.add_transform(
        validate_measurements,
        analytic_measurements=is_exact,
        sample_measurements=can_be_sampled,
        name=name,
    )
    out.add_transform(validate_observables, is_observable, name=name)
    if not deferred:
        out.add_transform(_for_branches, name=name)
    out.add_transform(_one_a_sample)
    if config.gradient_method == "adjoint":
        out.add_transform(no_sampling, name=f"adjoint + {name}")
        if not device.is_mixed:
            out.add_transform(through_states)
    if deferred:
        out.add_transform(conditioned, mixed=device.is_mixed)
    if config.gradient_method == "backprop":
        out.add_transform(through_moments)
    return out


@qml.transform  # type: ignore[untyped-decorator]
def _for_branches(tape: QuantumScript, *, name: str) -> Tapes:
    """Refuse measurements that are not made of branches."""
    if any(isinstance(op, MidMeasure) for op in tape.operations):
        for mp in tape.measurements:
            if is_shadow(mp) if tape.shots else not isinstance(mp, EXACT):
                raise DeviceError(
                    f"{mp} where measurements inside of the circuit are not deferred; {name} has "
                    "it with mcm_method='deferred'"
                )
    return (tape,), lambda results: results[0]


@qml.transform  # type: ignore[untyped-decorator]
def _one_a_sample(tape: QuantumScript) -> Tapes:
    """Split a batch of what the device has no batches of: branches, and classical shadows."""
    if (is_branched(tape) or any(map(is_shadow, tape.measurements))) and tape.batch_size:
        tapes, after = broadcast_expand(tape)
        return tuple(tapes), after
    return (tape,), lambda results: results[0]


def is_branched(tape: QuantumScript) -> bool:
    """Whether a tape runs by branches: measured inside, or shots that postselect."""
    kinds = (MidMeasure, Projector) if tape.shots else MidMeasure
    return any(isinstance(op, kinds) for op in tape.operations)


def is_observable(obs: Operator) -> bool:
    """Whether an observable can be measured."""
    return is_measured(obs) or bool(obs.has_diagonalizing_gates)


def is_exact(mp: MeasurementProcess) -> bool:
    """Whether a measurement has an exact value."""
    return isinstance(mp, StateMeasurement)


def can_be_sampled(mp: MeasurementProcess) -> bool:
    """Whether a measurement is made of samples."""
    return isinstance(mp, SampleMeasurement | ClassicalShadowMP | ShadowExpvalMP)


def is_differentiable(tape: QuantumScript, *, mixed: bool) -> bool:
    """Whether the adjoint method serves: exact values, and only angles that are trained."""
    trained = [mp.obs for mp in tape.measurements if mp.obs is not None]
    trained += [op for op in tape.operations if isinstance(op, StatePrepBase | Channel)]
    return (
        not tape.shots
        and all(_has_derivatives(mp, mixed) for mp in tape.measurements)
        and not any(qml.math.requires_grad(number) for op in trained for number in op.data)
    )


def _has_derivatives(mp: MeasurementProcess, mixed: bool) -> bool:
    if mp.obs is not None:
        kinds = ExpectationMP if mixed else ExpectationMP | VarianceMP
        return isinstance(mp, kinds) and is_measured(mp.obs)
    if mixed:
        return isinstance(mp, ExpectationMP)
    return isinstance(mp, (ExpectationMP, VarianceMP, ProbabilityMP, StateMP, *OF_STATES))


def is_traceable(tape: QuantumScript) -> bool:
    """Whether a circuit that is differentiable can be a function of JAX, second derivatives too."""
    prepared = tape.operations and isinstance(tape.operations[0], StatePrepBase)
    return not prepared and all(
        isinstance(mp, ExpectationMP | ProbabilityMP)
        or (isinstance(mp, VarianceMP) and mp.obs is not None)
        for mp in tape.measurements
    )


def trainable_columns(tape: QuantumScript, given: Read) -> list[int]:
    """Give the places of trainable parameters among the angles."""
    out = []
    for k in tape.trainable_params:
        column = given.columns[k] if k < len(given.columns) else None
        if column is None:
            raise DeviceError(
                f"parameter {k} of the circuit is no angle; the adjoint method has no derivative "
                "by it: use diff_method='parameter-shift'"
            )
        out.append(column)
    return out
