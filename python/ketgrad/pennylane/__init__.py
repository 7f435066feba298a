"""PennyLane on ketgrad: `qml.device("ketgrad.qubit", wires=n)`, with noise `"ketgrad.mixed"`.

Needs the extra `ketgrad[pennylane]`, and PennyLane 0.45 or later.
"""

import warnings

from pennylane import __version__ as _version

_FIRST, _LAST = (0, 45), (0, 45)  # what the tests run with
_found = tuple(int(part) for part in _version.split(".")[:2])
_WORKS = f"ketgrad.pennylane works with PennyLane {_FIRST[0]}.{_FIRST[1]}"
if _found < _FIRST:
    raise ImportError(f"{_WORKS} and later, not with {_version}: pip install -U pennylane")
if _found > _LAST:
    warnings.warn(f"{_WORKS}; with {_version} it has not been tried", stacklevel=2)

from ketgrad.pennylane.device import KetgradMixed, KetgradQubit  # noqa: E402 - behind the version

__all__ = ["KetgradMixed", "KetgradQubit"]
