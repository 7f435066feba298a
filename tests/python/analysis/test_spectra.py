"""Fisher information and Fourier spectra: definitions and known values."""

import numpy as np
import pytest

import ketgrad as kg
from rotations import W


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
