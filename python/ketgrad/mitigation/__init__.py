"""Errors of a noisy machine, made smaller afterwards.

Zero-noise extrapolation measures a circuit with several strengths of its noise and continues the
values to none at all (Temme, Bravyi & Gambetta 2017, arXiv:1612.02058). Where noise cannot be
turned up, circuits are made longer without changing what they do: `fold`. Misread bits are undone
by what a machine reads where the bits are known: `confusion_matrices` and `invert_readout`.

>>> import ketgrad as kg
>>> noise = kg.NoiseModel().add(kg.Channel.depolarizing2(0.02), "cx")
>>> circuit = kg.Circuit(2).ry(kg.Parameter("a"), 0).cx(0, 1)
>>> kg.compile_noisy(circuit, "ZZ", noise).expval(weights=[0.4]).round(5)
array([0.98])
>>> kg.mitigation.zero_noise(circuit, "ZZ", noise, weights=[0.4]).round(5)
array([0.99998])
"""

from ketgrad.mitigation.extrapolation import extrapolate, zero_noise
from ketgrad.mitigation.folding import fold
from ketgrad.mitigation.readout import calibration_circuits, confusion_matrices, invert_readout

__all__ = [
    "calibration_circuits",
    "confusion_matrices",
    "extrapolate",
    "fold",
    "invert_readout",
    "zero_noise",
]
