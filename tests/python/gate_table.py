"""The gates that the methods of `kg.Circuit` add: all rows and aliases of the gate table.

They are read from the bindings, so that a new row is tested before anyone writes a test for it.
"""

import re
from dataclasses import dataclass

import ketgrad as kg

ANGLES = ("theta", "phi", "lam")


@dataclass(frozen=True)
class Gate:
    """A row or alias: its method, and how many angles and qubits that takes."""

    name: str
    angles: int
    qubits: int


def _gate(name: str) -> Gate | None:
    """Read the gate from the signature pybind11 writes in the docstring; None for other methods."""
    signature = (getattr(kg.Circuit, name).__doc__ or "").split("->")[0]
    arguments = re.findall(r"(\w+): ", signature)[1:]  # without self
    angles = [a for a in arguments if a in ANGLES]
    qubits = [a for a in arguments if re.fullmatch(r"(qubit|control|target)\d?", a)]
    if arguments != [*angles, *qubits, "controls"]:
        return None
    return Gate(name, len(angles), len(qubits))


OTHER_NAMES = {"cnot", "toffoli"}
NAMES = [name for name in dir(kg.Circuit) if name[0] != "_" and name not in OTHER_NAMES]
GATES = [gate for name in NAMES if (gate := _gate(name)) is not None]

# Of parameters and expressions.
FUNCTIONS = [
    "arccos",
    "arcsin",
    "arctan",
    "cos",
    "cosh",
    "deg2rad",
    "exp",
    "exp2",
    "log",
    "log10",
    "log2",
    "rad2deg",
    "sin",
    "sinh",
    "sqrt",
    "tan",
    "tanh",
]
