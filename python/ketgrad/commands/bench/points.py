"""One size, measured in one precision."""

import math

import numpy as np

import ketgrad as kg
from ketgrad import _core
from ketgrad.commands.bench.company import Company
from ketgrad.commands.bench.report import Point
from ketgrad.commands.bench.timing import (
    Seconds,
    fits,
    measure_passes,
    measure_program,
    median,
    state_bytes,
    variational_program,
)

POINT_SECONDS = 0.5  # what repeats of one measurement may take in all
_GATE_FLOPS = 16  # an amplitude: a complex 2x2 matrix is 8 multiply-adds


def measure(
    n_qubits: int, precision: str, n_layers: int, repeats: int, budget: float = POINT_SECONDS
) -> Point:
    """Measure one size on the threads that are set.

    `budget` is how many seconds the repeats of a measurement may take; the first always runs. Where
    memory holds one state but not the two of a gradient, the variational circuit is left out (NaN).

    >>> point = measure(3, "double", n_layers=1, repeats=1, budget=0.01)
    >>> point.n_parameters, point.gradient_seconds > point.forward_seconds
    (9, True)
    """
    company = Company()
    passes = measure_passes(n_qubits, precision, repeats, budget)
    runs: Seconds = np.full((1, 2), math.nan)
    if fits(n_qubits, precision, 2):
        runs = measure_program(n_qubits, n_layers, precision, repeats, budget)
    traffic = 2 * state_bytes(n_qubits, precision)
    gate_seconds = median(passes[:, 1]) / n_qubits
    n_gates = len(kg.hardware_efficient(n_qubits, n_layers))
    return Point(
        n_qubits=n_qubits,
        precision=precision,
        threads=_core.num_threads(),
        scale_bytes_per_second=traffic / median(passes[:, 0]),
        gate_seconds=gate_seconds,
        gate_bytes_per_second=traffic / gate_seconds,
        gate_flops_per_second=_GATE_FLOPS * 2.0**n_qubits / gate_seconds,
        forward_seconds=median(runs[:, 0]),
        gradient_seconds=median(runs[:, 1]),
        gradient_per_forward=median(runs[:, 1] / runs[:, 0]),
        n_parameters=3 * n_qubits * n_layers,
        gates_per_pass=n_gates / variational_program(n_qubits, n_layers, precision).n_passes,
        other_cores=company.cores(),
    )
