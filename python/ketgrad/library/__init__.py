"""Circuits and algorithms that people know by name.

Every function that makes a circuit returns an ordinary `Circuit`: compose it onto others, take its
inverse, control it, compile it. Qubit 0 is the least significant bit of a number.

>>> import ketgrad as kg
>>> kg.library.qft(3).count_gates()
{'cp': 3, 'h': 3, 'swap': 1}
"""

from ketgrad._core import ghz_state, qft

__all__ = ["ghz_state", "qft"]
