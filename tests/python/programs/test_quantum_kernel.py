"""Quantum kernels: what pairs of states give, one after the other, and what kernels must be."""

import numpy as np
import pytest

import ketgrad as kg

TOLERANCE = {"double": 1e-12, "single": 2e-5}


def samples(n: int, size: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-1, 1, size=(size, n))


def program(n: int, precision: str = "double") -> kg.Program:
    return kg.compile(kg.iqp_map(n), inputs="x", precision=precision)


@pytest.mark.parametrize("precision", TOLERANCE)
@pytest.mark.parametrize(("n", "size"), [(1, 1), (3, 33), (6, 20), (10, 7)])
def test_fidelities_are_those_of_pairs(n, size, precision):
    X = samples(n, size)
    states = [
        kg.State(n).apply(kg.iqp_map(n), dict(zip(program(n).inputs, x, strict=True))) for x in X
    ]
    expected = [[abs(a.inner(b)) ** 2 for b in states] for a in states]
    K = kg.fidelity_kernel(program(n, precision), X)
    np.testing.assert_allclose(K, expected, atol=TOLERANCE[precision])
    both = kg.fidelity_kernel(program(n, precision), X[: size // 2 + 1], X)
    np.testing.assert_allclose(both, expected[: size // 2 + 1], atol=TOLERANCE[precision])


@pytest.mark.parametrize("kernel", [kg.fidelity_kernel, kg.projected_kernel])
@pytest.mark.parametrize("n_jobs", [None, 2])
def test_all_parameters_of_a_circuit_are_inputs(kernel, n_jobs):
    X = samples(3, 20)
    K = kernel(kg.iqp_map(3), X, X[:5], n_jobs=n_jobs)
    np.testing.assert_array_equal(K, kernel(program(3), X, X[:5]))
    with pytest.raises(ValueError, match="3"):
        kernel(kg.iqp_map(3), X[:, :2])


@pytest.mark.parametrize("precision", TOLERANCE)
@pytest.mark.parametrize("kernel", [kg.fidelity_kernel, kg.projected_kernel])
def test_gram_matrices_are_kernels(kernel, precision):
    K = kernel(program(4, precision), samples(4, 100))
    np.testing.assert_array_equal(K, K.T)
    np.testing.assert_array_equal(np.diag(K), 1.0)
    assert np.linalg.eigvalsh(K).min() > -100 * TOLERANCE[precision]


@pytest.mark.parametrize("gamma", [0.3, 2.0])
def test_the_projected_kernel_is_that_of_reduced_states(gamma):
    X = samples(3, 12)
    prog = program(3)
    reduced = []
    for psi in prog.state(X):
        tensor = psi.reshape(2, 2, 2)  # axis 0 is qubit 2
        reduced.append(
            [
                np.tensordot(t := np.moveaxis(tensor, 2 - q, 0).reshape(2, 4), t.conj(), (1, 1))
                for q in range(3)
            ]
        )
    rho = np.array(reduced)
    distance = np.square(np.abs(rho[:, None] - rho[None, :])).sum(axis=(2, 3, 4))
    np.testing.assert_allclose(
        kg.projected_kernel(prog, X, gamma=gamma), np.exp(-gamma * distance), atol=1e-12
    )
    np.testing.assert_allclose(
        kg.projected_kernel(prog, X, X[:5], gamma=gamma),
        np.exp(-gamma * distance[:, :5]),
        atol=1e-12,
    )


def test_bloch_vectors_are_expectation_values():
    circuit = kg.hardware_efficient(3, 2)
    letters = [kg.PauliSum(f"{axis}{q}", n_qubits=3) for q in range(3) for axis in "XYZ"]
    prog = kg.compile(circuit, letters)
    w = np.random.default_rng(1).normal(size=(11, len(prog.weights)))
    vectors = kg.bloch_vectors(prog, weights=w)
    assert vectors.shape == (11, 3, 3)
    np.testing.assert_allclose(vectors.reshape(11, 9), prog.expval(weights=w), atol=1e-12)
    np.testing.assert_allclose(kg.bloch_vectors(prog, weights=w[0]), vectors[0], atol=1e-12)


def test_weights_may_differ_between_samples():
    prog = kg.compile(kg.embedding(2, ansatz="basic_entangler"), inputs="x")
    X = samples(2, 9)
    W = np.random.default_rng(2).normal(size=(9, 2))
    states = np.array([prog.state(x, w) for x, w in zip(X, W, strict=True)])
    expected = np.abs(states.conj() @ states.T) ** 2
    np.testing.assert_allclose(kg.fidelity_kernel(prog, X, weights=W), expected, atol=1e-12)
    same = kg.fidelity_kernel(prog, X, X, weights=W[0])
    np.testing.assert_allclose(same, kg.fidelity_kernel(prog, X, weights=W[0]), atol=1e-12)


def test_threads_do_not_change_a_bit(threads):
    prog, X = program(6), samples(6, 90)
    results = []
    for count in (1, 3):
        kg.set_num_threads(count)
        results.append((kg.fidelity_kernel(prog, X), kg.projected_kernel(prog, X)))
    np.testing.assert_array_equal(results[0], results[1])


@pytest.mark.parametrize("kernel", [kg.fidelity_kernel, kg.projected_kernel])
def test_bad_input_is_refused(kernel):
    prog = kg.compile(kg.embedding(2, ansatz="basic_entangler"), inputs="x")
    X, w = samples(2, 4), [0.1, 0.2]
    with pytest.raises(ValueError, match=r"X must have shape \(n_samples, 2\)"):
        kernel(prog, X[0], weights=w)
    with pytest.raises(ValueError, match=r"Y must have shape \(n_samples, 2\)"):
        kernel(prog, X, X[0], weights=w)
    with pytest.raises(ValueError, match=r"inputs must have shape .*2.*\(4, 1\)"):
        kernel(prog, X, X[:, :1], weights=w)
    with pytest.raises(ValueError, match=r"Y=None; give weights of shape \(2,\)"):
        kernel(prog, X, X, weights=[w] * 4)
    with pytest.raises(ValueError, match=r"'x\[1\]' is nan"):
        kernel(prog, X, [[0.1, np.nan]], weights=w)
    with pytest.raises(ValueError, match="empty"):
        kernel(prog, X[:0], weights=w)
    with pytest.raises(TypeError, match="real"):
        kernel(prog, 1j * X, weights=w)
    idle = kg.compile(kg.Circuit(1).ry(kg.Parameter("w"), 0))
    with pytest.raises(MemoryError, match=r"kernel matrix of 3000000 by 3000000 needs \d+ bytes"):
        kernel(idle, weights=np.zeros((3_000_000, 1)))


def test_gamma_is_checked():
    for gamma in (0.0, -1.0, np.nan, np.inf):
        with pytest.raises(ValueError, match=r"gamma=.*positive"):
            kg.projected_kernel(program(1), [[0.1]], gamma=gamma)


def test_optimizer_steps():
    descent = kg.Optimizer("sgd", learning_rate=0.5)
    np.testing.assert_allclose(descent.step([[1.0, 2.0]], [[2.0, 4.0]]), [[0.0, 0.0]])
    np.testing.assert_allclose(descent.step([[1.0, 2.0]], [[2.0, 4.0]], 0.5), [[0.5, 1.0]])
    assert descent.steps == 2
    assert "sgd" in repr(descent)
    with pytest.raises(ValueError, match="learning"):
        kg.Optimizer(learning_rate=-1.0)
    with pytest.raises(ValueError, match="no optimizer"):
        kg.Optimizer("newton")
    with pytest.raises(ValueError, match="finite"):
        descent.step([[1.0, 2.0]], [[np.nan, 4.0]])
    assert descent.steps == 2
