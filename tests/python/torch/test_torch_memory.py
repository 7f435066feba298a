"""Contiguous tensors of double go in and come out by their memory, and no copy of it."""

from typing import Any

import numpy as np
import pytest
import torch
from programs_for_torch import PROGRAM, WITHOUT_INPUTS, point

import ketgrad as kg
from ketgrad._core import _real_array
from ketgrad.torch import function
from ketgrad.torch.quantity import quantity
from layered_functions import DRESSED

Watched = list[tuple[list[np.ndarray], list[np.ndarray]]]


def watched(monkeypatch: pytest.MonkeyPatch, source: Any, method: str) -> Watched:
    """The arrays that a quantity's method gets and returns, call by call."""
    known = quantity(source, "expval", None)
    call, seen = getattr(known, method), []

    def watch(*arrays: np.ndarray) -> Any:
        out = call(*arrays)
        seen.append((list(arrays), list(out) if isinstance(out, tuple) else [out]))
        return out

    monkeypatch.setattr(known, method, watch)
    return seen


def same_memory(array: np.ndarray, tensor: torch.Tensor) -> bool:
    return bool(array.ctypes.data == tensor.data_ptr() and array.size == tensor.numel())


@pytest.mark.parametrize("source", [PROGRAM, DRESSED], ids=["program", "layer"])
def test_values(monkeypatch: pytest.MonkeyPatch, source: Any) -> None:
    f = function(source)
    n_inputs = 2 if source is PROGRAM else source.n_inputs
    n_weights = 3 if source is PROGRAM else source.n_parameters
    x, w = (t.detach() for t in point((4, n_inputs), (n_weights,)))
    seen = watched(monkeypatch, source, "values")
    out = f(x, w)
    (((by_x, by_w), (values,)),) = seen
    assert same_memory(by_x, x)
    assert same_memory(by_w, w)
    assert same_memory(values, out)


def test_derivatives(monkeypatch: pytest.MonkeyPatch) -> None:
    f = function(PROGRAM)
    x, w = point((4, 2), (3,))
    g = torch.ones(4, 2, dtype=torch.double)
    seen = watched(monkeypatch, PROGRAM, "vjp")
    by_x, by_w = torch.autograd.grad(f(x, w), (x, w), g)
    ((given, found),) = seen
    assert all(same_memory(a, t) for a, t in zip(given, (g, x, w), strict=True))
    assert all(same_memory(a, t) for a, t in zip(found, (by_x, by_w), strict=True))


def test_the_core_reads_the_memory_of_a_tensor() -> None:
    for tensor in (torch.ones(5, 3, dtype=torch.double), torch.ones(6, 2, dtype=torch.double)[2:]):
        assert same_memory(_real_array(tensor.numpy(), "inputs"), tensor)
    # What is not contiguous or not double is copied.
    for tensor in (torch.ones(5, 3, dtype=torch.double).T, torch.ones(5, 3)):
        assert not same_memory(_real_array(tensor.numpy(), "inputs"), tensor)


def test_arrays_come_as_tensors_of_their_memory() -> None:
    """And the way back: NumPy's views of the tensors are the arrays that ketgrad reads."""
    values = WITHOUT_INPUTS.expval(weights=np.ones(3))
    tensor = torch.from_numpy(values)
    assert same_memory(values, tensor)
    assert np.shares_memory(torch.from_dlpack(values).numpy(), values)
    state = kg.compile(kg.Circuit(2).h(0)).state()
    assert same_memory(state, torch.from_numpy(state))
