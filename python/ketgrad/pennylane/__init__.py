"""PennyLane on ketgrad: `qml.device("ketgrad.qubit", wires=n)`, with noise `"ketgrad.mixed"`.

Needs the extra `ketgrad[pennylane]`, and PennyLane 0.45 or later.
"""

from pennylane import __version__ as _version

from ketgrad._clients import check_release

check_release("PennyLane", _version, (0, 45), (0, 45), "pennylane")  # the last is what is tested

from ketgrad.pennylane.device import KetgradMixed, KetgradQubit  # noqa: E402 - behind the version

__all__ = ["KetgradMixed", "KetgradQubit"]
