"""What analysis refuses."""

import re

import numpy as np
import pytest

import ketgrad as kg
from rotations import rotations


def test_bad_input_is_refused():
    program = kg.compile(rotations(2), "ZI", inputs=["w[0]"])
    idle = kg.compile(kg.Circuit(1), "Z")
    with pytest.raises(ValueError, match="n_samples=1; it must be at least 2"):
        kg.gradient_variance(program, 1, inputs=[0.0])
    with pytest.raises(ValueError, match="no weights"):
        kg.gradient_variance(idle)
    with pytest.raises(ValueError, match="no observables"):
        kg.gradient_variance(kg.compile(rotations(1)))
    with pytest.raises(ValueError, match=r"inputs are missing: the program has 1, \['w\[0\]'\]"):
        kg.gradient_variance(program)
    with pytest.raises(ValueError, match="two sizes"):
        kg.plateau_scan(lambda _: program, [2])
    with pytest.raises(ValueError, match="n_pairs=0"):
        kg.expressibility(idle, 0)
    with pytest.raises(ValueError, match="n_bins=0"):
        kg.expressibility(idle, n_bins=0)
    with pytest.raises(ValueError, match="n_samples=0"):
        kg.entangling_capability(idle, 0)
    with pytest.raises(ValueError, match=r"\(5,\) or \(population, 5\), got \(2,\)"):
        kg.fisher_information(program, [[0.0]], [0.1, 0.2])
    with pytest.raises(ValueError, match=r"inputs must have shape \(n_samples, 1\), got \(1,\)"):
        kg.fisher_information(program, [0.0], [0.1] * 5)
    with pytest.raises(ValueError, match="gamma=2"):
        kg.effective_dimension(program, [[0.0]], gamma=2)
    with pytest.raises(ValueError, match=r"n_data=2; .* must be over 1"):
        kg.effective_dimension(program, [[0.0]], n_data=2)
    with pytest.raises(IndexError, match="input 1 is out of range for 1"):
        kg.fourier_spectrum(program, [0.0], [0.1, 0.2, 0.3], index=1)
    with pytest.raises(ValueError, match="max_frequency=-1"):
        kg.fourier_spectrum(program, [0.0], [0.1, 0.2, 0.3], max_frequency=-1)
    with pytest.raises(ValueError, match="period=0"):
        kg.fourier_spectrum(program, [0.0], [0.1, 0.2, 0.3], period=0)


def test_a_population_larger_than_memory_is_refused_with_figures():
    program = kg.compile(kg.hardware_efficient(4, 10), "ZIII")
    message = r"population of 10000000000 by 120 weights needs 9600000000000 bytes, but only \d+"
    for call in (kg.gradient_variance, kg.entangling_capability):
        with pytest.raises(MemoryError, match=message):
            call(program, 10**10)


X = kg.Parameter("x")

TURN = kg.compile(kg.Circuit(1).rx(X, 0).ry(kg.Parameter("a"), 0), "Z", inputs="x")

FREE = kg.compile(kg.Circuit(1).rx(X, 0), "Z")

INTEGERS = {
    "gradient_variance n_samples": (lambda n: kg.gradient_variance(FREE, n), 2, None),
    "plateau_scan n_samples": (
        lambda n: kg.plateau_scan(lambda _: FREE, [1, 2], n_samples=n),
        2,
        None,
    ),
    "expressibility n_pairs": (lambda n: kg.expressibility(FREE, n), 1, None),
    "expressibility n_bins": (lambda n: kg.expressibility(FREE, 2, n_bins=n), 1, None),
    "entangling_capability n_samples": (lambda n: kg.entangling_capability(FREE, n), 1, None),
    "effective_dimension n_samples": (lambda n: kg.effective_dimension(FREE, n_samples=n), 1, None),
    "effective_dimension n_data": (
        lambda n: kg.effective_dimension(FREE, n_data=n, n_samples=2),
        1,
        2**53,
    ),
    "fourier_spectrum max_frequency": (
        lambda n: kg.fourier_spectrum(TURN, [0.0], [0.1], max_frequency=n),
        0,
        4096,
    ),
    "plateau_scan n_qubits[1]": (lambda n: kg.plateau_scan(lambda _: FREE, [1, n]), 1, 100_000),
    "gradient_variance seed": (lambda n: kg.gradient_variance(FREE, 2, seed=n), 0, None),
    "plateau_scan seed": (lambda n: kg.plateau_scan(lambda _: FREE, [1, 2], seed=n), 0, None),
}


@pytest.mark.parametrize("name", INTEGERS)
def test_integers_are_named_with_their_limits(name):
    call, low, high = INTEGERS[name]
    argument = re.escape(name.split()[1])
    limits = f"at least {low}" if high is None else f"from {low} to {high}"
    for wrong in (low - 1, *([] if high is None else [high + 1])):
        with pytest.raises(ValueError, match=f"^{argument}={wrong}; it must be {limits}$"):
            call(wrong)
    for wrong in (2.5, np.float64(3), "3", [3], True, np.ma.masked, np.nan):
        with pytest.raises(TypeError, match=f"^{argument} must be an integer .*{limits}, not "):
            call(wrong)


def test_a_huge_histogram_names_what_it_needs():
    with pytest.raises(MemoryError, match="a histogram of 1000000000000 bins needs"):
        kg.expressibility(FREE, 2, n_bins=10**12)


def test_missing_inputs_are_named():
    for call in (
        lambda: kg.expressibility(TURN, 3),
        lambda: kg.gradient_variance(TURN, 3),
        lambda: kg.fisher_information(TURN, weights=[0.1]),
        lambda: kg.effective_dimension(TURN, n_samples=3),
    ):
        with pytest.raises(ValueError, match=r"inputs are missing: the program has 1, \['x'\]"):
            call()


def test_what_builds_programs_is_a_function():
    with pytest.raises(
        TypeError, match=r"build must be a function .* not <ketgrad.Circuit.*compile"
    ):
        kg.plateau_scan(kg.Circuit(1), [1, 2])
    with pytest.raises(TypeError, match="n_qubits must be a list of integers, not 3"):
        kg.plateau_scan(lambda _: FREE, 3)
