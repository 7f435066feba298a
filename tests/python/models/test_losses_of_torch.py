"""Every loss, its value and its derivatives beside PyTorch's."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

import ketgrad as kg
from ketgrad import losses
from ketgrad.layers import Dense

RNG = np.random.default_rng(11)
ROWS, OUTPUTS = 7, 4
TorchLoss = Callable[[Tensor, Tensor], Tensor]  # by rows, outputs and targets


def cross_entropy(outputs: Tensor, targets: Tensor) -> Tensor:
    return functional.cross_entropy(outputs, targets, reduction="none")


def multi_label(outputs: Tensor, targets: Tensor) -> Tensor:
    each = functional.binary_cross_entropy_with_logits(outputs, targets, reduction="none")
    return each.mean(1)


NAMED: dict[str, tuple[str, np.ndarray, TorchLoss]] = {
    "squared": (
        "squared",
        RNG.normal(size=(ROWS, OUTPUTS)),
        lambda o, t: functional.mse_loss(o, t, reduction="none").mean(1),
    ),
    "huber": (
        "huber",
        2 * RNG.normal(size=(ROWS, OUTPUTS)),
        lambda o, t: functional.huber_loss(o, t, reduction="none").mean(1),
    ),
    "cross entropy": ("cross_entropy", RNG.dirichlet(np.ones(OUTPUTS), ROWS), cross_entropy),
    "cross entropy of one logit": ("cross_entropy", RNG.uniform(size=(ROWS, 1)), multi_label),
    "multi-label": ("multi_label", RNG.uniform(size=(ROWS, OUTPUTS)), multi_label),
    # Its targets are classes; the margin of each, where torch sums those of all others.
    "hinge": (
        "hinge",
        RNG.choice([-1.0, 1.0], (ROWS, OUTPUTS)),
        lambda o, t: functional.relu(1 - t * o).mean(1),
    ),
}


def of_torch(
    loss: TorchLoss, outputs: np.ndarray, targets: np.ndarray, weights: np.ndarray
) -> tuple[float, np.ndarray]:
    o = torch.tensor(outputs, requires_grad=True)
    w = torch.tensor(weights / weights.sum())
    value = (w * loss(o, torch.tensor(targets))).sum()
    value.backward()
    return value.item(), o.grad.numpy()


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", NAMED)
def test_losses_by_name(name: str, weighted: bool) -> None:
    """Of a layer that adds its bias: its gradient is the step of SGD at a rate of 1."""
    loss, targets, same = NAMED[name]
    n = targets.shape[1]
    outputs = 2 * RNG.normal(size=targets.shape)
    weights = RNG.uniform(0.2, 2, ROWS) if weighted else np.ones(ROWS)
    expected, by_outputs = of_torch(same, outputs, targets, weights)
    model = kg.Model(Dense(n, n))
    start = np.concatenate([np.eye(n).ravel(), np.zeros(n)])
    model.parameters = start
    trainer = kg.Trainer(
        model, loss=loss, optimizer="sgd", learning_rate=1.0, batch_size=0, epochs=1
    )
    record = trainer.step_epoch(outputs, targets, weights)
    assert record["loss"] == pytest.approx(expected, rel=1e-12, abs=1e-12)
    moved = start - trainer.model.parameters
    np.testing.assert_allclose(moved[n * n :], by_outputs.sum(0), rtol=0, atol=1e-10)
    by_weight = moved[: n * n].reshape(n, n)
    np.testing.assert_allclose(by_weight, by_outputs.T @ outputs, rtol=0, atol=1e-10)


def mmd_of_torch(bandwidths: list[float], squares: np.ndarray) -> TorchLoss:
    d = torch.tensor(squares, dtype=torch.double)
    kernel = torch.stack([torch.exp(-d / (2 * s)) for s in bandwidths]).mean(0)
    return lambda p, q: torch.einsum("ri,ij,rj->r", p - q, kernel, p - q)


PLACES = np.arange(8)
APART = (PLACES[:, None] - PLACES) ** 2
DIFFERING = np.array([[(i ^ j).bit_count() for j in range(8)] for i in range(8)])
P, Q = RNG.dirichlet(np.ones(8), ROWS), RNG.dirichlet(np.ones(8), ROWS)
JUDGE = kg.Model(Dense(8, 1))
JUDGE.initialize(seed=1)


def log_of_judge(samples: Tensor, _: Tensor) -> Tensor:
    w = torch.tensor(JUDGE.parameters)
    return -functional.logsigmoid(samples @ w[:8] + w[8])


OF_ROWS: dict[str, tuple[losses.BatchLoss, TorchLoss]] = {
    "mmd": (losses.mmd(8), mmd_of_torch([0.25, 1.0, 4.0], APART)),
    "mmd, hamming": (
        losses.mmd(8, [0.5, 3.0], distance="hamming"),
        mmd_of_torch([0.5, 3.0], DIFFERING),
    ),
    "likelihood": (losses.negative_log_likelihood, lambda p, q: -(q * p.log()).sum(1)),
    "entropy": (
        losses.kl_divergence,
        lambda p, q: functional.kl_div(p.log(), q, reduction="none").sum(1),
    ),
    "fooling": (losses.fooling(lambda: JUDGE), log_of_judge),
    "fooling, outcomes": (
        losses.fooling(lambda: JUDGE, np.eye(8)),
        lambda p, q: p @ log_of_judge(torch.eye(8, dtype=torch.double), q),
    ),
}


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", OF_ROWS)
def test_losses_of_whole_batches(name: str, weighted: bool) -> None:
    loss, same = OF_ROWS[name]
    weights = [RNG.uniform(0.2, 2, ROWS)] if weighted else []
    expected, by_outputs = of_torch(same, P, Q, weights[0] if weighted else np.ones(ROWS))
    value, gradient = loss(P, Q, *weights)
    assert value == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(gradient, by_outputs, rtol=0, atol=1e-10)


@pytest.mark.parametrize("bandwidth", [None, 0.7])
def test_kernel_alignment(bandwidth: float | None) -> None:
    outputs, targets = RNG.normal(size=(ROWS, 3)), np.eye(3)[RNG.integers(0, 3, ROWS)]
    z, t = torch.tensor(outputs, requires_grad=True), torch.tensor(targets)
    kernel = z @ z.T
    if bandwidth is not None:
        kernel = torch.exp(-(z[:, None] - z).square().sum(-1) / (2 * bandwidth))
    centre = torch.eye(ROWS, dtype=torch.double) - 1 / ROWS
    ours, theirs = centre @ kernel @ centre, centre @ t @ t.T @ centre
    expected = 1 - (ours * theirs).sum() / ours.norm() / theirs.norm()
    expected.backward()
    value, gradient = losses.kernel_alignment(bandwidth)(outputs, targets)
    assert value == pytest.approx(expected.item(), rel=1e-12)
    np.testing.assert_allclose(gradient, z.grad.numpy(), rtol=0, atol=1e-10)
