"""What becomes of circuits before the device runs them, and which of them it differentiates."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pennylane as qml
from pennylane.devices import ExecutionConfig, MCMConfig
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
    VarianceMP,
)
from pennylane.operation import Channel, Operator, StatePrepBase
from pennylane.tape import QuantumScript
from pennylane.transforms import broadcast_expand, defer_measurements

from ketgrad.pennylane import gates
from ketgrad.pennylane.plan import is_measured
from ketgrad.pennylane.reading import Read

Tapes = tuple[tuple[QuantumScript, ...], Callable[[Any], Any]]


def mid_circuit(config: MCMConfig) -> MCMConfig:
    """Choose how measurements inside of a circuit are done: deferred to its end."""
    if config.mcm_method not in (None, "device", "deferred"):
        method = str(getattr(config.mcm_method, "value", config.mcm_method))
        raise DeviceError(f"mcm_method={method!r}; ketgrad.qubit has 'deferred' and 'device'")
    return replace(config, mcm_method="deferred")


def pipeline(device: Any, config: ExecutionConfig) -> qml.CompilePipeline:
    """Make the transforms of a device's circuits."""
    name, out = device.name, qml.CompilePipeline()
    out.add_transform(defer_measurements, allow_postselect=False)
    out.add_transform(
        decompose,
        stopping_condition=device.has,
        skip_initial_state_prep=not device.is_mixed,
        device_wires=device.wires,
        target_gates=gates.NAMES,
        name=name,
    )
    out.add_transform(device_resolve_dynamic_wires, wires=device.wires, allow_resets=False)
    out.add_transform(validate_device_wires, device.wires, name=name)
    out.add_transform(
        validate_measurements,
        analytic_measurements=is_exact,
        sample_measurements=can_be_sampled,
        name=name,
    )
    out.add_transform(validate_observables, is_observable, name=name)
    out.add_transform(_one_a_sample)
    if config.gradient_method == "adjoint":
        out.add_transform(no_sampling, name=f"adjoint + {name}")
    return out


@qml.transform  # type: ignore[untyped-decorator]
def _one_a_sample(tape: QuantumScript) -> Tapes:
    """Split a batch of what the device has no batches of: matrices, and classical shadows."""
    shadows = any(isinstance(mp, ShadowExpvalMP | ClassicalShadowMP) for mp in tape.measurements)
    matrices = any(not gates.has_angles(op) and op.batch_size for op in tape.operations[1:])
    if (shadows or matrices) and tape.batch_size:
        tapes, after = broadcast_expand(tape)
        return tuple(tapes), after
    return (tape,), lambda results: results[0]


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
    return isinstance(mp, ProbabilityMP) and mp.mv is None and not mixed


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
