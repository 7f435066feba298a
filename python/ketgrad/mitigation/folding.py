"""Circuits made longer without changing what they do, so that noise acts more often."""

from collections.abc import Sequence
from typing import Any

from ketgrad._core import Circuit, _real
from ketgrad._memory import require_memory
from ketgrad._words import shown

_MOST_FOLDING = 1e6
_GATE_BYTES = 750.0  # that folding takes, with what is made on the way


def fold(circuit: Circuit, factor: float, *, by_gate: bool = False) -> Circuit:
    """Make a circuit longer that does the same, so that its noise acts more often.

    Of a circuit U it is U (U† U)^n, and U† U of its last gates alone where the factor is no odd
    integer; gate by gate, every gate G becomes G (G† G)^n, and the first ones have a pair more
    (Giurgica-Tiron et al. 2020, arXiv:2005.10921). A noise model that names gates must name the
    inverse ones as well ('sxdg' with 'sx').

    Parameters
    ----------
    circuit : Circuit
        Of gates alone: measurements are put behind the folded one.
    factor : float
        How many times as many gates, at least 1, as near to it as pairs of gates come.
    by_gate : bool
        Whether each gate is folded by itself.

    Returns
    -------
    folded : Circuit
        With the same parameters in the same order.

    Raises
    ------
    ValueError
        For a factor below 1 or above 1e6, and for circuits with measurements, channels or
        conditions.
    MemoryError
        For more gates than memory holds.

    Examples
    --------
    >>> bell = Circuit(2).h(0).cx(0, 1)
    >>> [gate.name for gate in fold(bell, 3)]
    ['h', 'cx', 'cx', 'h', 'h', 'cx']
    >>> [gate.name for gate in fold(bell, 3, by_gate=True)]
    ['h', 'h', 'h', 'cx', 'cx', 'cx']
    >>> [gate.name for gate in fold(bell, 2)]
    ['h', 'cx', 'cx', 'cx']

    """
    gates = gates_of(circuit)
    n_pairs = pairs_of(len(gates), factor)
    require_room(len(gates), factor)
    rounds, rest = divmod(n_pairs, max(len(gates), 1))
    if not by_gate:
        last = _circuit_of(circuit, gates[len(gates) - rest :])
        out = circuit.copy()
        for part, times in ((circuit, rounds), (last, 1)):
            out.compose(part.inverse().compose(part).repeat(times))
        return out
    out = _empty(circuit)
    for k, gate in enumerate(gates):
        alone = _circuit_of(circuit, [gate])
        times = rounds + (k < rest)
        out.compose(alone).compose(alone.inverse().compose(alone).repeat(times))
    return out


def gates_of(circuit: Circuit) -> list[Any]:
    """List what is folded; ValueError for circuits of more than gates."""
    if not isinstance(circuit, Circuit):
        raise TypeError(f"circuit must be a Circuit, not {shown(circuit)}")
    if not circuit.is_unitary:
        raise ValueError(
            "fold() takes circuits of gates alone; this one has measurements, resets, channels or "
            "conditions"
        )
    return [op for op in circuit.operations if op.name != "barrier"]


def pairs_of(n_gates: int, factor: float) -> int:
    """Say how many pairs of a gate and its inverse come closest to a factor."""
    factor = _real(factor, "factor")
    if not 1 <= factor <= _MOST_FOLDING:
        raise ValueError(f"factor={factor}; it must be from 1 to {_MOST_FOLDING:g}")
    return round(n_gates * (factor - 1) / 2)


def require_room(n_gates: int, factor: float) -> None:
    """Raise MemoryError where memory does not hold a folded circuit."""
    n = n_gates + 2 * pairs_of(n_gates, factor)
    require_memory(_GATE_BYTES * n, f"a circuit of {n} gates, of factor={factor},")


def _empty(circuit: Circuit) -> Circuit:
    return Circuit(circuit.qubit_registers, circuit.bit_registers)


def _circuit_of(circuit: Circuit, gates: Sequence[Any]) -> Circuit:
    out = _empty(circuit)
    for gate in gates:
        out.add(gate)
    return out
