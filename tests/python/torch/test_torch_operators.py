"""The operators as PyTorch's compilers and tracers see them."""

from typing import Any

import pytest
import torch
from programs_for_torch import PROGRAM, WITHOUT_INPUTS, point
from torch import nn
from torch._dynamo.testing import CompileCounterWithBackend
from torch.func import grad, hessian, jacfwd, jacrev, vmap
from torch.fx.experimental.proxy_tensor import make_fx

from ketgrad.torch import Layer, function

ARGUMENTS = {  # of each operator, in rows and not, with weights for all rows and for each
    "values": "xw",
    "vjp": "gxw",
    "jvp": "xwxw",
    "hvp": "gxwxw",
}


@pytest.mark.filterwarnings("ignore::UserWarning")  # PyTorch's, of its own test of dynamic shapes
@pytest.mark.parametrize(
    ("rows", "w_rows", "dtype"),
    [((), (), torch.double), ((3,), (), torch.double), ((3,), (3,), torch.float)],
)
@pytest.mark.parametrize("name", ARGUMENTS)
def test_operators_are_registered_as_they_behave(
    name: str, rows: Any, w_rows: Any, dtype: Any
) -> None:
    f = function(PROGRAM)
    shapes = {"g": (*rows, 2), "x": (*rows, 2), "w": (*w_rows, 3)}
    tensors = point(*(shapes[letter] for letter in ARGUMENTS[name]), dtype=dtype)
    if name == "hvp":  # which has no derivatives
        tensors = [t.detach() for t in tensors]
    operator = getattr(torch.ops.ketgrad, name).default
    torch.library.opcheck(operator, (*tensors, f.quantity.handle))


def hybrid() -> tuple[nn.Module, torch.Tensor]:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 2), Layer(PROGRAM), nn.Tanh(), nn.Linear(2, 1))
    return model, torch.randn(6, 3)


def gradients(model: nn.Module, call: Any, x: torch.Tensor) -> list[torch.Tensor]:
    return list(torch.autograd.grad(call(x).square().sum(), list(model.parameters())))


def test_a_hybrid_compiles_to_one_graph() -> None:
    model, x = hybrid()
    counter = CompileCounterWithBackend("aot_eager")
    compiled = torch.compile(model, fullgraph=True, backend=counter)
    torch.testing.assert_close(compiled(x), model(x))
    for ours, theirs in zip(gradients(model, compiled, x), gradients(model, model, x), strict=True):
        torch.testing.assert_close(ours, theirs)
    assert counter.frame_count == 1
    nodes = [str(node.target) for node in counter.graphs[0].graph.nodes]
    assert nodes.count("ketgrad.values.default") == 1


@pytest.mark.filterwarnings("ignore")  # of PyTorch's compiler about itself
def test_the_default_compiler_takes_it_too() -> None:
    model, x = hybrid()
    compiled = torch.compile(model[1], fullgraph=True)
    z = model[0](x).detach().requires_grad_()
    torch.testing.assert_close(compiled(z), model[1](z))
    for ours, theirs in zip(
        gradients(model[1], compiled, z), gradients(model[1], model[1], z), strict=True
    ):
        torch.testing.assert_close(ours, theirs)


def test_batches_of_any_size_share_a_graph() -> None:
    f = function(PROGRAM, of="probs")
    counter = CompileCounterWithBackend("aot_eager")
    compiled = torch.compile(f, fullgraph=True, dynamic=True, backend=counter)
    for axes in [(2,), (5,), (7,)]:
        x, w = point((*axes, 2), (3,))
        torch.testing.assert_close(compiled(x, w), f(x, w))
    assert counter.frame_count == 1
    x, w = point((4, 1, 2), (5, 3))
    torch.testing.assert_close(compiled(x, w), f(x, w))


def test_two_programs_in_one_compiled_function() -> None:
    f, g = function(PROGRAM), function(WITHOUT_INPUTS, of="probs")
    x, w = point((4, 2), (3,))

    def both(x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        return f(x, w).sum() * g(w)[0]

    compiled = torch.compile(both, fullgraph=True, backend="aot_eager")
    torch.testing.assert_close(compiled(x, w), both(x, w))
    for ours, theirs in zip(
        torch.autograd.grad(compiled(x, w), (x, w)),
        torch.autograd.grad(both(x, w), (x, w)),
        strict=True,
    ):
        torch.testing.assert_close(ours, theirs)


@pytest.mark.filterwarnings("ignore:Dynamo does not know how to trace:UserWarning")
@pytest.mark.parametrize(
    "transform", [grad, hessian, jacrev, jacfwd, vmap], ids=lambda t: t.__name__
)
def test_transforms_are_left_uncompiled(transform: Any) -> None:
    f = function(PROGRAM)
    x, w = (t.detach() for t in point((4, 2), (5, 3)))
    at = w if transform is vmap else w[0]
    scalar = transform in (grad, hessian)

    def whole(w: torch.Tensor) -> torch.Tensor:
        return 2 * transform(lambda w: f(x, w).sum() if scalar else f(x, w))(3 * w)

    torch.testing.assert_close(torch.compile(whole, backend="aot_eager")(at), whole(at))


def test_transforms_make_no_whole_graph() -> None:
    f = function(PROGRAM)
    x, w = (t.detach() for t in point((4, 2), (3,)))
    torch._dynamo.reset()
    compiled = torch.compile(grad(lambda w: f(x, w).sum()), backend="aot_eager", fullgraph=True)
    with pytest.raises(torch._dynamo.exc.Unsupported, match="it stays uncompiled"):
        compiled(w)


def test_traced_graphs_have_the_operator() -> None:
    f = function(PROGRAM)
    x, w = (t.detach() for t in point((4, 2), (3,)))
    graph = make_fx(lambda x, w: f(x, w) * 2)(x, w)  # of plain tensors
    torch.testing.assert_close(graph(2 * x, 3 * w), 2 * f(2 * x, 3 * w))
    assert "torch.ops.ketgrad.values" in graph.code


@pytest.mark.filterwarnings("ignore:.*torch.jit.trace:DeprecationWarning")
@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning")  # of the checks of shapes
@pytest.mark.parametrize("follows", [False, True])
def test_what_jit_traces_keeps_no_values(follows: bool) -> None:
    """Nor where nothing is to be differentiated, and a kernel would run by itself."""
    layer = nn.Sequential(nn.Linear(2, 2), Layer(PROGRAM))
    with torch.set_grad_enabled(follows):
        traced = torch.jit.trace(layer, torch.rand(4, 2))
    x = torch.rand(7, 2)
    torch.testing.assert_close(traced(x), layer(x))
    weights = list(layer.parameters())
    slopes = [torch.autograd.grad(f(x).sum(), weights) for f in (traced, layer)]
    torch.testing.assert_close(*slopes)


def test_export() -> None:
    model, x = hybrid()
    exported = torch.export.export(model, (x,))
    torch.testing.assert_close(exported.module()(x), model(x))


def test_a_handle_of_no_program_is_refused() -> None:
    x, w = point((4, 2), (3,))
    with pytest.raises(RuntimeError, match="no ketgrad program of handle 7"):
        torch.ops.ketgrad.values(x, w, 7)


def test_handles_are_of_the_content() -> None:
    f = function(PROGRAM)
    assert function(PROGRAM).quantity is f.quantity
    others = [function(PROGRAM, of="probs"), function(PROGRAM, of="probs", qubits=0)]
    others += [function(WITHOUT_INPUTS)]
    assert len({g.quantity.handle for g in [f, *others]}) == 4
