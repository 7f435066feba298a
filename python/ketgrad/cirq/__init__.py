"""Cirq on ketgrad: `ketgrad.cirq.Simulator()` in the place of `cirq.Simulator()`.

Needs the extra `ketgrad[cirq]`, and Cirq 1.7 or later.
"""

from cirq import __version__ as _version

from ketgrad._clients import check_release

check_release("Cirq", _version, (1, 7), (1, 7), "cirq-core")  # the last is what is tested

from ketgrad.cirq.observables import pauli_sum  # noqa: E402 - behind the version
from ketgrad.cirq.reading import from_cirq  # noqa: E402
from ketgrad.cirq.simulator import Simulator  # noqa: E402
from ketgrad.cirq.writing import to_cirq  # noqa: E402

__all__ = ["Simulator", "from_cirq", "pauli_sum", "to_cirq"]
