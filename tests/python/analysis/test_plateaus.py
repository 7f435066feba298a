"""The variance of derivatives over random weights."""

import numpy as np

import ketgrad as kg


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
