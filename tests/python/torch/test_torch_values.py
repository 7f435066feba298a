"""Values of functions of tensors, against the program itself."""

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from programs_for_torch import PROGRAM, WITHOUT_INPUTS, WITHOUT_WEIGHTS, point

import ketgrad as kg
from ketgrad.torch import Layer, function

PACKAGE = Path(kg.__file__).parent


@pytest.mark.parametrize("rows", [(), (1,), (5,)])
@pytest.mark.parametrize("weights_rows", [False, True])
@pytest.mark.parametrize("of", ["expval", "probs"])
def test_values_are_those_of_the_program(rows: Any, weights_rows: bool, of: str) -> None:
    x, w = point((*rows, 2), (*rows, 3) if weights_rows else (3,))
    y = function(PROGRAM, of=of)(x, w)
    assert y.dtype == torch.double
    expected = getattr(PROGRAM, of)(x.detach(), w.detach())
    assert (y.detach().numpy() == expected).all()
    assert y.shape == expected.shape


@pytest.mark.parametrize("qubits", [[0], [1], [1, 0], 1])
def test_probabilities_of_some_qubits(qubits: Any) -> None:
    x, w = point((4, 2), (3,))
    f = function(PROGRAM, of="probs", qubits=qubits)
    expected = PROGRAM.probs(x.detach(), w.detach(), qubits=qubits)
    assert (f(x, w).detach().numpy() == expected).all()
    (by_w,) = torch.autograd.grad(f(x, w)[:, 0].sum(), w)
    g = np.zeros_like(expected)
    g[:, 0] = 1.0
    slopes = PROGRAM.vjp(g, x.detach(), w.detach(), of="probs", qubits=qubits)[1]
    assert np.allclose(by_w, slopes, atol=1e-14)


@pytest.mark.parametrize(
    ("x_axes", "w_axes", "axes"),
    [
        ((4, 3), (), (4, 3)),
        ((4, 1), (3,), (4, 3)),
        ((), (2, 3), (2, 3)),
        ((1,), (6,), (6,)),
        ((2, 1, 3), (4, 1), (2, 4, 3)),
    ],
)
def test_batch_axes_broadcast(x_axes: Any, w_axes: Any, axes: Any) -> None:
    x, w = point((*x_axes, 2), (*w_axes, 3))
    f = function(PROGRAM)
    y = f(x, w)
    assert y.shape == (*axes, 2)
    rows = torch.broadcast_to(x, (*axes, 2)), torch.broadcast_to(w, (*axes, 3))
    each = [f(a, b) for a, b in zip(*(r.flatten(0, -2) for r in rows), strict=True)]
    assert torch.allclose(y.flatten(0, -2), torch.stack(each), rtol=0, atol=1e-14)
    ours = torch.autograd.grad(y.square().sum(), (x, w))
    theirs = torch.autograd.grad(torch.stack(each).square().sum(), (x, w))
    for a, b in zip(ours, theirs, strict=True):
        assert torch.allclose(a, b, rtol=0, atol=1e-13)


def test_programs_without_inputs_and_without_weights() -> None:
    (w,) = point((3,))
    assert (
        function(WITHOUT_INPUTS)(w).detach().numpy() == WITHOUT_INPUTS.expval(weights=w.data)
    ).all()
    (w,) = point((2, 4, 3))
    assert function(WITHOUT_INPUTS)(w).shape == (2, 4, 2)
    (x,) = point((5, 2))
    expected = WITHOUT_WEIGHTS.expval(x.detach())
    assert (function(WITHOUT_WEIGHTS)(x).detach().numpy() == expected).all()
    layer = Layer(WITHOUT_WEIGHTS)
    assert list(layer.parameters()) == []
    assert torch.equal(layer(x), function(WITHOUT_WEIGHTS)(x))


@pytest.mark.parametrize("precision", ["double", "single"])
def test_single_and_double(precision: str) -> None:
    program = kg.compile(PROGRAM.circuit, "ZZ", inputs="x", precision=precision)
    f = function(program)
    x, w = point((4, 2), (3,))
    exact = function(kg.compile(PROGRAM.circuit, "ZZ", inputs="x"))(x, w)
    for of_x, of_w, of_y in [
        (torch.double, torch.double, torch.double),
        (torch.float, torch.float, torch.float),
        (torch.float, torch.double, torch.double),
    ]:
        a, b = (t.detach().to(d).requires_grad_() for t, d in ((x, of_x), (w, of_w)))
        y = f(a, b)
        assert y.dtype == of_y
        assert torch.allclose(y.double(), exact, rtol=0, atol=1e-6)
        by_a, by_b = torch.autograd.grad(y.sum(), (a, b))
        assert (by_a.dtype, by_b.dtype) == (of_x, of_w)
        by_x, by_w = torch.autograd.grad(exact.sum(), (x, w), retain_graph=True)
        assert torch.allclose(by_a.double(), by_x, rtol=0, atol=1e-5)
        assert torch.allclose(by_b.double(), by_w, rtol=0, atol=1e-5)


def test_tensors_of_any_layout_in_memory() -> None:
    x, w = (t.detach() for t in point((2, 4), (6,)))
    f = function(PROGRAM)
    assert torch.equal(f(x.T, w[::2]), f(x.T.contiguous(), w[::2].contiguous()))
    negative = torch.complex(w[:3], w[3:]).conj().imag  # whose sign is still to be taken
    assert negative.is_neg()
    assert torch.equal(f(x.T, negative), f(x.T, -w[3:]))


def test_nothing_is_kept_without_gradients() -> None:
    x, w = point((4, 2), (3,))
    f = function(PROGRAM)
    with torch.no_grad():
        assert not f(x, w).requires_grad
    with torch.inference_mode():
        assert not f(x, w).requires_grad
        assert torch.equal(f(x + 0, w + 0), f(x, w))
    assert not f(x.detach(), w.detach()).requires_grad


def test_the_package_goes_without_torch() -> None:
    code = "import ketgrad, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_nothing_else_imports_torch() -> None:
    for file in PACKAGE.rglob("*.py"):
        if file.parent == PACKAGE / "torch" or PACKAGE / "gallery" in file.parents:
            continue  # experiments, which only the command loads, compare with networks
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any(name.split(".")[0] == "torch" for name in names), file


def test_without_torch_it_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "try:\n    import ketgrad.torch\n"
        "except ImportError as error:\n    print(error)"
    )
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert run.stdout == "ketgrad.torch needs torch: pip install 'ketgrad[torch]'\n"
