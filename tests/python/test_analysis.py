"""Analysis of circuits: known values, and populations that do not depend on how they are cut."""

import re

import numpy as np
import pytest

import ketgrad as kg
from ketgrad.analysis import populations

W = kg.ParameterVector("w", 6)


def rotations(n: int) -> kg.Circuit:
    """A product state of any kind: RZ RY on every qubit."""
    circuit = kg.Circuit(n)
    for q in range(n):
        circuit.ry(W[2 * q], q).rz(W[2 * q + 1], q)
    return circuit


@pytest.fixture(params=[None, 1000.0])
def memory(request, monkeypatch):
    """As much memory as there is, or so little that a population is cut into small parts."""
    if request.param is not None:
        monkeypatch.setattr(populations, "_SHARE", request.param / kg.available_memory())


# Variance of derivatives.


def test_the_variance_of_derivatives_is_that_of_single_runs(memory):
    program = kg.compile(kg.strongly_entangling(3, 2), ["ZII", "IXY"])
    weights = np.random.default_rng(3).uniform(0, 2 * np.pi, (50, 18))
    expected = np.var([program.jacobian(weights=w)[1] for w in weights], axis=0, ddof=1)
    np.testing.assert_allclose(kg.gradient_variance(program, 50, seed=3), expected, atol=1e-12)


def test_the_variance_of_a_product_is_known():
    # <Z...Z> = prod cos a_q: each factor has mean square 1/2.
    for n in (1, 3):
        circuit, w = kg.Circuit(n), kg.ParameterVector("w", n)
        for q in range(n):
            circuit.ry(w[q], q)
        variance = kg.gradient_variance(kg.compile(circuit, "Z" * n), 20_000, seed=0)
        np.testing.assert_allclose(variance, 0.5**n, rtol=0.05)


def test_plateaus_of_deep_circuits_halve_with_every_qubit_or_faster():
    def build(n):
        return kg.compile(kg.strongly_entangling(n, 4 * n), kg.PauliSum("Z0", n_qubits=n))

    scan = kg.plateau_scan(build, [2, 3, 4, 5, 6], n_samples=100, seed=1)
    assert -1.4 < scan.rate < -0.7
    assert scan.variances.shape == (5,)
    again = kg.plateau_scan(build, [2, 3, 4, 5, 6], n_samples=100, seed=1)
    np.testing.assert_array_equal(again.variances, scan.variances)


# Expressibility.


@pytest.mark.parametrize("n", [1, 2, 10])
def test_an_idle_circuit_has_the_known_expressibility(n):
    idle = kg.compile(kg.Circuit(n).h(0))
    assert kg.expressibility(idle, 20) == pytest.approx((2**n - 1) * np.log(75))
    assert kg.expressibility(idle, 20, n_bins=10) == pytest.approx((2**n - 1) * np.log(10))


def test_one_rotation_is_where_sim_et_al_found_it():
    # Their figure 1: H RZ has 0.2, H RZ RX has 0.02, a general gate less.
    a, b = W[0], W[1]
    half = kg.compile(kg.Circuit(1).h(0).rz(a, 0))
    more = kg.compile(kg.Circuit(1).h(0).rz(a, 0).rx(b, 0))
    assert 0.15 < kg.expressibility(half, 20_000, seed=0) < 0.3
    assert kg.expressibility(more, 20_000, seed=0) < 0.05


def test_deep_circuits_are_expressible(memory):
    deep = kg.compile(kg.strongly_entangling(3, 5))
    value = kg.expressibility(deep, 2000, seed=2)
    assert 0 <= value < 0.05
    pairs = np.random.default_rng(2).uniform(0, 2 * np.pi, (4000, 45))
    states = deep.state(weights=pairs)
    fidelities = np.abs((states[::2].conj() * states[1::2]).sum(axis=1)) ** 2
    counts = np.histogram(fidelities, bins=75, range=(0, 1))[0]
    edges = np.linspace(0, 1, 76)
    haar = (1 - edges[:-1]) ** 7 - (1 - edges[1:]) ** 7
    p = counts / 2000
    expected = sum(p[k] * np.log(p[k] / haar[k]) for k in range(75) if p[k] > 0)
    assert value == pytest.approx(expected, rel=1e-9)


# Entanglement.


@pytest.mark.parametrize("n", [2, 3, 6])
def test_ghz_states_are_maximally_entangled(n):
    circuit = kg.Circuit(n).h(0)
    for q in range(n - 1):
        circuit.cx(q, q + 1)
    assert float(kg.meyer_wallach(kg.compile(circuit))) == pytest.approx(1.0)


def test_w_states_have_their_known_entanglement():
    # The reduced state of a qubit is diag(2/3, 1/3): Q = 2 (1 - 5/9).
    amplitudes = np.zeros(8)
    amplitudes[[1, 2, 4]] = 1.0
    program = kg.compile(kg.Circuit(3).initialize(amplitudes))
    assert float(kg.meyer_wallach(program)) == pytest.approx(8 / 9)


def test_product_states_are_not_entangled(memory):
    program = kg.compile(rotations(3))
    weights = np.random.default_rng(0).uniform(0, 6, (20, 6))
    np.testing.assert_allclose(kg.meyer_wallach(program, weights=weights), np.zeros(20), atol=1e-12)
    assert kg.entangling_capability(program, 100, seed=0) == pytest.approx(0.0, abs=1e-12)


def test_the_capability_is_the_mean(memory):
    program = kg.compile(kg.strongly_entangling(3, 1), inputs=["w[0]"])
    weights = np.random.default_rng(5).uniform(0, 2 * np.pi, (60, 8))
    expected = kg.meyer_wallach(program, [0.4], weights).mean()
    value = kg.entangling_capability(program, 60, inputs=[0.4], seed=5)
    assert value == pytest.approx(expected, abs=1e-12)


# Fisher information and effective dimension.


def test_the_fisher_information_is_its_definition(memory):
    program = kg.compile(kg.strongly_entangling(2, 1), inputs=["w[0]", "w[1]"])
    rng = np.random.default_rng(0)
    X, weights = rng.normal(size=(3, 2)), rng.normal(size=(5, 4))
    fisher = kg.fisher_information(program, X, weights)
    assert fisher.shape == (5, 4, 4)
    for F, w in zip(fisher, weights, strict=True):
        expected = np.zeros((4, 4))
        for x in X:
            p, slopes = program.probs(x, w), program.jacobian(x, w, of="probs")[1]
            expected += sum(np.outer(d, d) / q for d, q in zip(slopes, p, strict=True)) / 3
        np.testing.assert_allclose(F, expected, atol=1e-10)
    np.testing.assert_allclose(kg.fisher_information(program, X, weights[1]), fisher[1], atol=1e-12)


def test_the_effective_dimension_counts_what_matters():
    # A rotation of each of three qubits has the Fisher information 1 everywhere.
    circuit = kg.Circuit(3)
    for q in range(3):
        circuit.rx(W[q], q).rz(W[3 + q], q)  # the phases change no probability
    program = kg.compile(circuit)
    n = 10**6
    k = n / (2 * np.pi * np.log(n))
    expected = 3 * np.log(1 + 2 * k) / np.log(k)  # six weights share a trace of 3
    value = kg.effective_dimension(program, n_data=n, n_samples=20, seed=0)
    assert value == pytest.approx(expected, rel=1e-6)


# Fourier spectrum.


@pytest.mark.parametrize("repeats", [1, 2, 3])
def test_encodings_have_their_frequencies(repeats, memory):
    circuit, w = kg.Circuit(1), kg.ParameterVector("w", repeats)
    for k in range(repeats):
        circuit.rx(kg.Parameter("x"), 0).ry(w[k], 0)
    program = kg.compile(circuit, "Z", inputs="x")
    spectrum = kg.fourier_spectrum(program, [0.0], [0.7, 0.4, 0.9][:repeats])
    np.testing.assert_array_equal(spectrum.frequencies, np.arange(-repeats, repeats + 1))
    x = 1.234
    series = (spectrum.coefficients[:, 0] * np.exp(1j * spectrum.frequencies * x)).sum()
    value = program.expval([x], [0.7, 0.4, 0.9][:repeats])[0]
    assert series == pytest.approx(value, abs=1e-12)


def test_a_population_has_a_spectrum_each(memory):
    x, w = kg.ParameterVector("x", 2), kg.ParameterVector("w", 4)
    circuit = kg.Circuit(2).rx(x[0], 0).rx(x[1], 1).ry(w[0], 0).ry(w[1], 1).cx(0, 1)
    circuit.rx(x[0], 0).rx(2 * x[1], 1).ry(w[2], 0).ry(w[3], 1)
    program = kg.compile(circuit, ["ZI", "IZ"], inputs="x")
    weights = np.random.default_rng(0).normal(size=(3, 4))
    spectrum = kg.fourier_spectrum(program, [0.3, 0.0], weights, index=1, max_frequency=4)
    assert spectrum.coefficients.shape == (3, 9, 2)
    for row, coefficients in zip(weights, spectrum.coefficients, strict=True):
        alone = kg.fourier_spectrum(program, [0.3, 0.0], row, index=1, max_frequency=4)
        np.testing.assert_allclose(alone.coefficients, coefficients, atol=1e-12)
    np.testing.assert_allclose(spectrum.coefficients[:, [0, 8]], 0, atol=1e-12)


def test_another_period():
    program = kg.compile(kg.Circuit(1).rx(kg.Parameter("x") / 2, 0), "Z", inputs="x")
    spectrum = kg.fourier_spectrum(program, [0.0], period=4 * np.pi)
    np.testing.assert_array_equal(spectrum.frequencies, [-1, 0, 1])
    with pytest.raises(ValueError, match=r"no largest frequency .* for the period 6\.28"):
        kg.fourier_spectrum(program, [0.0])


# What is refused.


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
