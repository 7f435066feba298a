"""Measurements made of others that the device has, inside of what is differentiated.

What follows from a state becomes the state; what is measured where outcomes were postselected
becomes ratios. Postselection is a flag: a qubit that is 1 where all outcomes are those selected. An
expectation value is then <O flag> / <flag>, which has derivatives and knows batches.
"""

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import numpy as np
import pennylane as qml
from pennylane.devices.qubit import measure
from pennylane.exceptions import DeviceError
from pennylane.measurements import (
    DensityMatrixMP,
    ExpectationMP,
    MeasurementProcess,
    MutualInfoMP,
    ProbabilityMP,
    PurityMP,
    StateMP,
    VarianceMP,
    VnEntropyMP,
)
from pennylane.operation import Operator
from pennylane.ops import Projector
from pennylane.tape import QuantumScript
from pennylane.wires import Wires

Tapes = tuple[tuple[QuantumScript, ...], Callable[[Any], Any]]
Post = Callable[[list[Any]], Any]

OF_STATES = (DensityMatrixMP, MutualInfoMP, PurityMP, VnEntropyMP)
_IMPOSSIBLE = 1e-15  # a probability that is rounding
_SET = np.diag([0.0, 1.0])  # where a wire is 1
_FEW = 3  # wires of an observable that becomes a matrix where outcomes are postselected


class _Collected:
    """Measurements of a tape, each once, and what is made of their results."""

    def __init__(self) -> None:
        self.measurements: list[MeasurementProcess] = []
        self.posts: list[Post] = []

    def add(self, made: Sequence[MeasurementProcess], post: Callable[..., Any]) -> None:
        """Add a measurement: what it is made of, and how."""
        places = [self._place(mp) for mp in made]
        self.posts.append(lambda found: post(*(found[k] for k in places)))

    def _place(self, mp: MeasurementProcess) -> int:
        for k, other in enumerate(self.measurements):
            if qml.equal(mp, other):
                return k
        self.measurements.append(mp)
        return len(self.measurements) - 1

    def tapes(self, tape: QuantumScript) -> Tapes:
        """Make the tape, and the function from its results."""
        one = len(self.measurements) == 1

        def after(results: Any) -> Any:
            found = [results[0]] if one else list(results[0])
            made = tuple(post(found) for post in self.posts)
            return made if len(made) > 1 else made[0]

        return (tape.copy(measurements=self.measurements),), after


@qml.transform  # type: ignore[untyped-decorator]
def through_states(tape: QuantumScript) -> Tapes:
    """Measure the state in the place of what is made of it, so that its derivatives serve."""
    if not any(isinstance(mp, OF_STATES) for mp in tape.measurements):
        return (tape,), lambda results: results[0]
    out = _Collected()
    for mp in tape.measurements:
        if isinstance(mp, OF_STATES):
            out.add([StateMP(wires=tape.wires)], _reduced(mp, tape.wires))
        else:
            out.add([mp], lambda found: found)
    return out.tapes(tape)


@qml.transform  # type: ignore[untyped-decorator]
def through_moments(tape: QuantumScript) -> Tapes:
    """Measure O and O^2 in the place of variances."""
    out = _Collected()
    for mp in tape.measurements:
        if isinstance(mp, VarianceMP):
            moments = [qml.expval(_times(mp.obs, mp.obs)), qml.expval(mp.obs)]
            out.add(moments, lambda square, mean: square - mean**2)
        else:
            out.add([mp], lambda found: found)
    return out.tapes(tape)


def _reduced(mp: MeasurementProcess, wires: Wires) -> Callable[[Any], Any]:
    """Compute from the density matrix of the wires that it is about, which may be a few."""
    places = wires.indices(mp.wires)
    own = mp.map_wires({wire: k for k, wire in enumerate(mp.wires)})

    def of_state(state: Any) -> Any:
        reduced = qml.math.reduce_statevector(state, indices=places)
        return own.process_density_matrix(reduced, wire_order=Wires(range(len(places))))

    return of_state


@qml.transform  # type: ignore[untyped-decorator]
def conditioned(tape: QuantumScript, *, mixed: bool) -> Tapes:
    """Postselect: projectors, which deferred measurements leave, become a flag of the results."""
    if tape.shots or not any(isinstance(op, Projector) for op in tape.operations):
        return (tape,), lambda results: results[0]
    operations, added, values = _flagged(tape)
    wires = tape.wires
    unitary = tape.copy(operations=operations)
    flag = Wires(added[-1])
    out = _Collected()
    for mp in tape.measurements:
        if isinstance(mp, ExpectationMP | VarianceMP) and mp.mv is None:
            _add_moments(out, mp, flag)
        elif isinstance(mp, ProbabilityMP) and mp.obs is None:
            out.add([qml.probs(wires=(mp.wires or wires) + flag)], _selected_probabilities)
        elif mixed:
            raise DeviceError(f"{mp} where outcomes are postselected; ketgrad.mixed lacks it")
        else:
            selected = _selected_state(values)
            whole = StateMP(wires=wires + Wires(added))
            out.add([whole], lambda state, mp=mp, of=selected: _of(mp, of(state), wires))
    return out.tapes(unitary)


def _flagged(tape: QuantumScript) -> tuple[list[Operator], list[str], list[int]]:
    """Give operations that copy the selected outcomes and set the flag, the last of the wires.

    Also the wires that this takes, and what they hold where the flag is 1. A wire on which nothing
    acts any more, and which is not measured, holds its outcome itself.
    """
    operations: list[Operator] = []
    added: list[str] = []
    controls, values, copied = [], [], []
    everywhere = any(not mp.wires for mp in tape.measurements)
    measured = Wires.all_wires([mp.wires for mp in tape.measurements])
    for k, op in enumerate(tape.operations):
        if not isinstance(op, Projector):
            operations.append(op)
            continue
        later = Wires.all_wires([other.wires for other in tape.operations[k + 1 :]])
        (wire,), value = op.wires, int(op.data[0][0])
        if everywhere or wire in later or wire in measured:
            added.append(_new_wire("outcome", tape.wires + Wires(added)))
            operations.append(qml.CNOT([wire, added[-1]]))
            copied.append(value)
            wire = added[-1]
        controls.append(wire)
        values.append(value)
    flag = _new_wire("flag", tape.wires)
    operations.append(qml.MultiControlledX([*controls, flag], control_values=values))
    return operations, [*added, flag], [*copied, 1]


def _new_wire(name: str, wires: Wires) -> str:
    return next(label for k in count() if (label := f"{name} {k}") not in wires)


def _add_moments(out: _Collected, mp: MeasurementProcess, flag: Wires) -> None:
    chosen = qml.expval(qml.Hermitian(_SET, wires=flag))
    mean = qml.expval(_where_set(mp.obs, flag))
    if isinstance(mp, ExpectationMP):
        out.add([mean, chosen], lambda value, p: value / _possible(p))
        return
    square = qml.expval(_where_set(_times(mp.obs, mp.obs), flag))
    out.add(
        [square, mean, chosen], lambda two, one, p: two / _possible(p) - (one / _possible(p)) ** 2
    )


def _where_set(obs: Operator, flag: Wires) -> Operator:
    """Give an observable times the flag.

    On a few wires as a matrix, whose value has all digits where the flag is hardly ever 1; a Pauli
    sum would be a small difference of two values.
    """
    if len(obs.wires) > _FEW or any(map(qml.math.requires_grad, obs.data)):
        return _times(obs, 0.5 * qml.I(flag) - 0.5 * qml.Z(flag))
    matrix = qml.math.toarray(qml.matrix(obs, wire_order=obs.wires))
    return qml.Hermitian(np.kron(matrix, _SET), wires=obs.wires + flag)


def _times(one: Operator, other: Operator) -> Operator:
    if one.pauli_rep is not None and other.pauli_rep is not None:
        product = one.pauli_rep @ other.pauli_rep
        product.simplify()
        return product.operation(wire_order=one.wires + other.wires)
    return qml.prod(one, other)


def _possible(p: Any) -> Any:
    """Give a probability, nan where it is none but rounding."""
    return qml.math.where(p < _IMPOSSIBLE, qml.math.ones_like(p) * float("nan"), p)


def _selected_probabilities(joint: Any) -> Any:
    shape = qml.math.shape(joint)
    chosen = qml.math.reshape(joint, (*shape[:-1], shape[-1] // 2, 2))[..., 1]
    return chosen / _possible(qml.math.sum(chosen, axis=-1))[..., None]


def _selected_state(values: list[int]) -> Callable[[Any], Any]:
    """Make the function that takes what is left of a state, whose last wires have values."""
    place = int("".join(map(str, values)), 2)

    def selected(state: Any) -> Any:
        shape, n = qml.math.shape(state), 2 ** len(values)
        part = qml.math.reshape(state, (*shape[:-1], shape[-1] // n, n))[..., place]
        p = qml.math.sum(qml.math.abs(part) ** 2, axis=-1)
        return part / qml.math.sqrt(_possible(p))[..., None]

    return selected


def _of(mp: MeasurementProcess, state: Any, wires: Wires) -> Any:
    batched = qml.math.ndim(state) == 2
    shape = ([qml.math.shape(state)[0]] if batched else []) + [2] * len(wires)
    places = {wire: k for k, wire in enumerate(wires)}
    return measure(mp.map_wires(places), qml.math.reshape(state, shape), is_state_batched=batched)
