"""Qiskit's circuits as ketgrad's."""

import re

from qiskit import QuantumCircuit
from qiskit.exceptions import QiskitError

from ketgrad import Circuit
from ketgrad.qiskit.angles import angle
from ketgrad.qiskit.checks import require_type, require_whole
from ketgrad.qiskit.reading import Lift, Place, Reader

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def from_qiskit(circuit: QuantumCircuit, *, max_rounds: int | None = None) -> Circuit:
    """Give a circuit of Qiskit as one of ketgrad.

    Parameters, expressions, registers, measurements, resets, barriers, the global phase, channels
    (`Kraus` instructions), `if_test` and `switch` on measured bits are kept; loops are unrolled and
    classical variables become what they are worth. Delays are dropped. A gate that ketgrad lacks is
    read by its definition, or else by its matrix.

    Parameters
    ----------
    circuit : qiskit.QuantumCircuit
        With one qubit at least. Qubit k and classical bit k stay what they are.
    max_rounds : int, default=None
        How often a `while_loop` that measured bits decide is unrolled: what would go on behind
        that is cut off. None refuses such a loop; `Sampler`, `Estimator` and `Backend` run it.

    Returns
    -------
    circuit : Circuit
        Registers keep their names where they are disjoint and in the order of the bits.

    Raises
    ------
    qiskit.exceptions.QiskitError
        Naming what ketgrad lacks.

    Examples
    --------
    >>> from qiskit import QuantumCircuit
    >>> bell = QuantumCircuit(2)
    >>> _ = bell.h(0)
    >>> _ = bell.cx(0, 1)
    >>> print(from_qiskit(bell))
         ┌───┐
    q0: ─┤ H ├──●──
         └───┘  │
    q1: ────────⊕──

    """
    require_type(circuit, QuantumCircuit, "what from_qiskit reads")
    if max_rounds is not None:
        require_whole(max_rounds, 0, "max_rounds")
    return convert(circuit, angle, max_rounds)


def convert(circuit: QuantumCircuit, lift: Lift, max_rounds: int | None = None) -> Circuit:
    """Convert a circuit, whose angles become what `lift` makes of them."""
    out = empty_like(circuit)
    reader = Reader(max_rounds)
    reader.beginning = out
    place = Place.of(circuit)
    # What a circuit begins with must be its first operation.
    late = bool(circuit.data) and circuit.data[0].name == "initialize"
    if not late:
        reader.phase(out, circuit)
    reader.read(out, circuit, place, lift)
    if late:
        reader.phase(out, circuit)
    return out


def empty_like(circuit: QuantumCircuit) -> Circuit:
    """Give a circuit without operations on the same qubits and bits."""
    if not circuit.num_qubits:
        raise QiskitError("ketgrad has no circuits without qubits")
    return Circuit(*_registers(circuit))


def _registers(circuit: QuantumCircuit) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """Give the registers by name and size, or one of each kind where those will not do."""
    found = []
    for bits, registers in ((circuit.qubits, circuit.qregs), (circuit.clbits, circuit.cregs)):
        in_order = [bit for register in registers for bit in register]
        if in_order != list(bits):
            break
        found.append([(register.name, register.size) for register in registers if register.size])
    names = [name for registers in found for name, _ in registers]
    if len(found) == 2 and len({*names}) == len(names) and all(map(_NAME.fullmatch, names)):
        return found[0], found[1]
    bits = [("c", circuit.num_clbits)] if circuit.num_clbits else []
    return [("q", circuit.num_qubits)], bits
