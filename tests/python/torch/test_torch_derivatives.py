"""First and second derivatives in every mode of PyTorch, against differences and the program."""

import itertools
from typing import Any

import numpy as np
import pytest
import torch
from programs_for_torch import PROGRAM, WITHOUT_INPUTS, WITHOUT_WEIGHTS, point
from torch.autograd import gradcheck, gradgradcheck
from torch.func import functional_call, grad, hessian, jacfwd, jacrev, jvp, vmap

from ketgrad.torch import Layer, function

KINDS: list[dict[str, Any]] = [
    {"of": "expval"},
    {"of": "probs"},
    {"of": "probs", "qubits": [1]},
]
SHAPES = [((2,), (3,)), ((3, 2), (3,)), ((3, 2), (3, 3)), ((2, 1, 2), (2, 3))]


@pytest.mark.parametrize("shapes", SHAPES)
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_first_derivatives(kind: Any, shapes: Any) -> None:
    assert gradcheck(
        function(PROGRAM, **kind),
        point(*shapes),
        check_forward_ad=True,
        check_batched_grad=True,
        check_batched_forward_grad=True,
    )


@pytest.mark.parametrize("shapes", SHAPES)
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_second_derivatives(kind: Any, shapes: Any) -> None:
    f = function(PROGRAM, **kind)
    assert gradgradcheck(f, point(*shapes), check_fwd_over_rev=True, check_batched_grad=True)


@pytest.mark.parametrize("needed", [(True, False), (False, True)])
def test_derivatives_by_one_kind_alone(needed: Any) -> None:
    tensors = point((3, 2), (3,))
    for tensor, requires in zip(tensors, needed, strict=True):
        tensor.requires_grad_(requires)
    f = function(PROGRAM)
    assert gradcheck(f, tensors, check_forward_ad=True)
    assert gradgradcheck(f, tensors, check_fwd_over_rev=True)


@pytest.mark.parametrize(("program", "n"), [(WITHOUT_INPUTS, 3), (WITHOUT_WEIGHTS, 2)])
@pytest.mark.parametrize("axes", [(), (4,)])
def test_derivatives_of_programs_of_one_kind(program: Any, n: int, axes: Any) -> None:
    f = function(program)
    assert gradcheck(f, point((*axes, n)), check_forward_ad=True, check_batched_grad=True)
    assert gradgradcheck(f, point((*axes, n)), check_fwd_over_rev=True)


def test_forward_mode_can_be_differentiated() -> None:
    def along(*args: Any) -> Any:
        x, w, dx, dw = args
        return jvp(function(PROGRAM), (x, w), (dx, dw))[1]

    for rows, w_rows in [((), ()), ((3,), ()), ((3,), (3,))]:
        assert gradcheck(along, point((*rows, 2), (*w_rows, 3), (*rows, 2), (*w_rows, 3)))


def blocks(second: Any) -> np.ndarray:
    """Second derivatives of a point by both kinds as one matrix for each value."""
    return np.concatenate([np.concatenate([b.numpy() for b in row], 2) for row in second], 1)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_hessians_are_those_of_the_program(kind: Any) -> None:
    x, w = (t.detach() for t in point((2,), (3,)))
    f = function(PROGRAM, **kind)
    expected = PROGRAM.hessian(x, w, wrt="all", **kind)
    both = (0, 1)
    ways = [
        hessian(f, both),
        jacrev(jacrev(f, both), both),
        jacrev(jacfwd(f, both), both),
    ]
    for way in ways:
        assert np.allclose(blocks(way(x, w)), expected, rtol=0, atol=1e-13)


def test_hessians_of_a_batch_of_points() -> None:
    x, w = (t.detach() for t in point((4, 2), (3,)))
    f = function(PROGRAM)
    expected = PROGRAM.hessian(x, w)
    assert np.allclose(vmap(hessian(f, 1), (0, None))(x, w), expected, rtol=0, atol=1e-13)
    rows = torch.stack([w, 2 * w, 3 * w, -w])
    expected = PROGRAM.hessian(x, rows, wrt="inputs")
    assert np.allclose(vmap(hessian(f, 0))(x, rows), expected, rtol=0, atol=1e-13)
    total = hessian(lambda w: f(x, w).sum())(w)  # of a batch that shares its weights
    assert np.allclose(total, PROGRAM.hessian(x, w).sum(axis=(0, 1)), rtol=0, atol=1e-13)


def test_jacobians_are_those_of_the_program() -> None:
    x, w = (t.detach() for t in point((4, 2), (3,)))
    f = function(PROGRAM, of="probs")
    by_x, by_w = PROGRAM.jacobian(x, w, of="probs")
    for way in (jacrev, jacfwd):
        assert np.allclose(vmap(way(f, 0), (0, None))(x, w), by_x, rtol=0, atol=1e-14)
        assert np.allclose(way(f, 1)(x, w), by_w, rtol=0, atol=1e-14)
    per_sample = vmap(grad(lambda a, b: f(a, b)[0], argnums=1), (0, None))(x, w)
    assert np.allclose(per_sample, by_w[:, 0], rtol=0, atol=1e-14)


def test_vmap_along_any_axes() -> None:
    x, w = (t.detach() for t in point((5, 2), (4, 3)))
    f = function(PROGRAM)
    every = f(x[:, None], w)  # (5, 4, 2)
    torch.testing.assert_close(vmap(f, (0, None))(x, w[0]), every[:, 0])
    torch.testing.assert_close(vmap(f, (None, 1), out_dims=1)(x, w.T), every)
    torch.testing.assert_close(vmap(vmap(f, (None, 0)), (0, None))(x, w), every)
    rows = x[:, None].expand(5, 4, 2)  # both have rows
    torch.testing.assert_close(vmap(f, (0, None))(rows, w), every)
    torch.testing.assert_close(vmap(f, (1, 0), out_dims=1)(rows, w), every)


@pytest.mark.parametrize("w_rows", [False, True])
@pytest.mark.parametrize("x_rows", [False, True])
def test_vmap_of_derivatives_along_every_choice_of_axes(x_rows: bool, w_rows: bool) -> None:
    """Each argument of vjp and of second derivatives is mapped or not."""
    f = function(PROGRAM)
    rows = (4,) if x_rows or w_rows else ()
    shapes = {"g": (*rows, 2), "x": (*rows, 2), "w": (4, 3) if w_rows else (3,)}
    shapes |= {"dx": shapes["x"], "dw": shapes["w"]}

    def second(g: Any, x: Any, w: Any, dx: Any, dw: Any) -> Any:
        def first(x: Any, w: Any) -> Any:
            return torch.func.vjp(f, x, w)[1](g)

        return (*first(x, w), *jvp(first, (x, w), (dx, dw))[1], jvp(f, (x, w), (dx, dw))[1])

    for mapped in itertools.product([False, True], repeat=5):
        if not any(mapped):
            continue
        sizes = [(3, *s) if m else s for s, m in zip(shapes.values(), mapped, strict=True)]
        tensors = [t.detach() for t in point(*sizes)]
        found = vmap(second, tuple(0 if m else None for m in mapped))(*tensors)
        for k in range(3):
            each = second(*(t[k] if m else t for t, m in zip(tensors, mapped, strict=True)))
            for a, b in zip(found, each, strict=True):
                assert torch.allclose(a[k], b, rtol=0, atol=1e-12)


def test_functions_of_a_layer() -> None:
    (x,) = point((4, 2), dtype=torch.float)
    layer = Layer(PROGRAM, dtype=torch.float)
    parameters = {k: p.detach() for k, p in layer.named_parameters()}

    def loss(parameters: Any, sample: Any) -> Any:
        return functional_call(layer, parameters, (sample,)).square().sum()

    each = vmap(grad(loss), (None, 0))(parameters, x.detach())["weights"]
    layer(x).square().sum().backward()
    assert torch.allclose(each.sum(0), layer.weights.grad, atol=1e-6)


def test_a_gradient_penalty_trains() -> None:
    x, w = point((4, 2), (3,))
    y = function(PROGRAM)(x, w)
    (by_x,) = torch.autograd.grad(y.sum(), x, create_graph=True)
    (of_penalty,) = torch.autograd.grad(by_x.square().sum(), w)
    h = PROGRAM.hessian(x.detach(), w.detach(), wrt="all").sum(axis=1)  # (4, 5, 5)
    expected = 2 * np.einsum("bi,biw->w", by_x.detach(), h[:, :2, 2:])
    assert np.allclose(of_penalty, expected, rtol=0, atol=1e-13)


def test_a_function_may_go_before_its_gradient_is_taken() -> None:
    x, w = point((4, 2), (3,))
    y = function(PROGRAM)(x, w).sum()  # the function is gone
    y.backward()
    expected = PROGRAM.vjp(np.ones((4, 2)), x.detach(), w.detach())[1]
    assert np.allclose(w.grad, expected, rtol=0, atol=1e-14)


def test_what_has_no_rule_says_so() -> None:
    x, w = (t.detach() for t in point((2,), (3,)))
    f = function(PROGRAM)
    with pytest.raises(NotImplementedError, match="third derivatives"):
        jacrev(hessian(f, 1), 1)(x, w)
    with pytest.raises(NotImplementedError, match=r"jacfwd\(jacfwd\(f\)\).*hessian"):
        jacfwd(jacfwd(f, 1), 1)(x, w)
