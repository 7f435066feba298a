"""Product states of any kind."""

import ketgrad as kg

W = kg.ParameterVector("w", 6)


def rotations(n: int) -> kg.Circuit:
    """A product state of any kind: RZ RY on every qubit."""
    circuit = kg.Circuit(n)
    for q in range(n):
        circuit.ry(W[2 * q], q).rz(W[2 * q + 1], q)
    return circuit
