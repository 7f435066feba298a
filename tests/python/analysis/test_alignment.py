"""Kernel-target alignment: its value, its gradient and its training."""

import numpy as np
import pytest

import ketgrad as kg


@pytest.fixture(scope="module")
def problem():
    rng = np.random.default_rng(0)
    X = rng.uniform(-1.5, 1.5, size=(24, 3))
    y = (X[:, 0] * X[:, 1] > 0).astype(int) + (X[:, 2] > 1)
    circuit = kg.embedding(3, ansatz="strongly_entangling", n_layers=2)
    prog = kg.compile(circuit, inputs="x")
    return prog, X, kg.target_kernel(y), rng.normal(size=len(prog.weights))


def test_targets_of_two_and_three_classes():
    np.testing.assert_array_equal(kg.target_kernel([1, -1, 1]), np.outer([1, -1, 1], [1, -1, 1]))
    expected = [[1, -0.5, -0.5], [-0.5, 1, -0.5], [-0.5, -0.5, 1]]
    np.testing.assert_array_equal(kg.target_kernel(["a", "b", "c"]), expected)


def test_alignment_is_its_definition(problem):
    prog, X, target, w = problem
    K = kg.fidelity_kernel(prog, X, weights=w)
    norms = np.linalg.norm(K) * np.linalg.norm(target)
    assert kg.kernel_target_alignment(K, target) == pytest.approx((K * target).sum() / norms)
    H = np.eye(24) - 1 / 24
    centred, wanted = H @ K @ H, H @ target @ H
    norms = np.linalg.norm(centred) * np.linalg.norm(wanted)
    value = kg.kernel_target_alignment(K, target, center=True)
    assert value == pytest.approx((centred * wanted).sum() / norms)


@pytest.mark.parametrize("kernel", ["fidelity", "projected"])
@pytest.mark.parametrize("center", [False, True])
def test_the_gradient_is_that_of_finite_differences(problem, center, kernel):
    prog, X, target, w = problem

    def alignment(weights):
        if kernel == "fidelity":
            K = kg.fidelity_kernel(prog, X, weights=weights)
        else:
            K = kg.projected_kernel(prog, X, weights=weights, gamma=0.7)
        return kg.kernel_target_alignment(K, target, center=center)

    value, gradient = kg.alignment_gradient(
        prog, X, target, w, center=center, kernel=kernel, gamma=0.7
    )
    assert value == pytest.approx(alignment(w), abs=1e-12)
    step = 1e-5 * np.eye(len(w))
    differences = [(alignment(w + h) - alignment(w - h)) / 2e-5 for h in step]
    np.testing.assert_allclose(gradient, differences, atol=1e-9)


def test_single_precision_is_close(problem):
    prog, X, target, w = problem
    circuit = kg.embedding(3, ansatz="strongly_entangling", n_layers=2)
    single = kg.compile(circuit, inputs="x", precision="single")
    expected = kg.alignment_gradient(prog, X, target, w)
    value, gradient = kg.alignment_gradient(single, X, target, w)
    assert value == pytest.approx(expected[0], abs=1e-5)
    np.testing.assert_allclose(gradient, expected[1], atol=1e-5)


def test_training_finds_a_better_kernel(problem):
    prog, X, target, w = problem
    seen = []
    result = kg.align_kernel(
        prog, X, target, w, n_steps=30, callback=lambda k, a: seen.append((k, a))
    )
    assert [a for _, a in seen] == result.history
    assert len(result.history) == 30
    reached = kg.kernel_target_alignment(
        kg.fidelity_kernel(prog, X, weights=result.weights), target
    )
    assert reached >= max(result.history) - 1e-9 > result.history[0] + 0.05


def test_training_on_parts_depends_on_the_seed_alone(problem):
    prog, X, target, w = problem
    runs = [
        kg.align_kernel(prog, X, target, w, n_steps=5, batch_size=8, seed=s).weights
        for s in (1, 1, 2)
    ]
    np.testing.assert_array_equal(runs[0], runs[1])
    assert not np.allclose(runs[0], runs[2])
    stopped = kg.align_kernel(prog, X, target, w, callback=lambda k, _: k < 2)
    assert len(stopped.history) == 3


def test_bad_input_is_refused(problem):
    prog, X, target, w = problem
    with pytest.raises(ValueError, match="at least 2 classes; there are 1"):
        kg.target_kernel([1, 1])
    with pytest.raises(ValueError, match=r"labels must have shape .* \(2, 1\)"):
        kg.target_kernel([[1], [2]])
    with pytest.raises(ValueError, match=r"K must have shape .* \(2, 3\)"):
        kg.kernel_target_alignment(np.ones((2, 3)), target)
    with pytest.raises(ValueError, match=r"\(2, 2\) and target \(24, 24\)"):
        kg.kernel_target_alignment(np.ones((2, 2)), target)
    with pytest.raises(ValueError, match="zero"):
        kg.kernel_target_alignment(np.zeros((24, 24)), target)
    with pytest.raises(
        ValueError, match=r"X of shape \(23, 3\) does not fit a target of 24 samples"
    ):
        kg.alignment_gradient(prog, X[1:], target, w)
    with pytest.raises(ValueError, match="batch_size=25; it must be from 2 to 24"):
        kg.align_kernel(prog, X, target, w, batch_size=25)
    with pytest.raises(ValueError, match="n_steps=-1"):
        kg.align_kernel(prog, X, target, w, n_steps=-1)
    with pytest.raises(ValueError, match="no optimizer"):
        kg.align_kernel(prog, X, target, w, optimizer="newton")


def test_projected_kernels_are_trained(problem):
    prog, X, target, w = problem
    result = kg.align_kernel(prog, X, target, w, n_steps=20, kernel="projected", gamma=0.7)
    K = kg.projected_kernel(prog, X, weights=result.weights, gamma=0.7)
    assert kg.kernel_target_alignment(K, target) > result.history[0] + 0.01


def test_an_unknown_kernel_is_named(problem):
    prog, X, target, w = problem
    with pytest.raises(ValueError, match="kernel='linear'; it must be"):
        kg.alignment_gradient(prog, X, target, w, kernel="linear")
    for gamma in (0.0, -1.0, np.inf, np.nan):
        with pytest.raises(ValueError, match="gamma="):
            kg.alignment_gradient(prog, X, target, w, kernel="projected", gamma=gamma)
