"""Cirq on ketgrad: `ketgrad.cirq.Simulator()` in the place of `cirq.Simulator()`.

Needs the extra `ketgrad[cirq]`, and Cirq 1.7 or later.
"""

import warnings

from cirq import __version__ as _version

_FIRST, _LAST = (1, 7), (1, 7)  # what the tests run with
_found = tuple(int(part) for part in _version.split(".")[:2])
_WORKS = f"ketgrad.cirq works with Cirq {_FIRST[0]}.{_FIRST[1]}"
if _found < _FIRST:
    raise ImportError(f"{_WORKS} and later, not with {_version}: pip install -U cirq-core")
if _found > _LAST:
    warnings.warn(f"{_WORKS}; with {_version} it has not been tried", stacklevel=2)

from ketgrad.cirq.observables import pauli_sum  # noqa: E402 - behind the version
from ketgrad.cirq.reading import from_cirq  # noqa: E402
from ketgrad.cirq.simulator import Simulator  # noqa: E402
from ketgrad.cirq.writing import to_cirq  # noqa: E402

__all__ = ["Simulator", "from_cirq", "pauli_sum", "to_cirq"]
