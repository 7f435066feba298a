"""Circuits that keep their qubits from step to step, beside one long circuit."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import ketgrad as kg
from ketgrad.layers import Chain, Dense, Layer, RecurrentCircuit

OBSERVABLES = ["ZI", "0.5*XX + IY"]


def step(x: list[object], w: kg.ParameterVector) -> kg.Circuit:
    circuit = kg.Circuit(2).ry(x[0], 0).rx(x[1], 1).swap(0, 1).ry(w[0], 0).rx(w[1], 1)
    return circuit.cx(0, 1).rzz(w[2], 0, 1).ry(w[0] * 0.5, 1)


def layer(n_steps: int, outputs: str = "last", precision: str = "double") -> RecurrentCircuit:
    x, w = kg.ParameterVector("x", 2), kg.ParameterVector("w", 3)
    program = kg.compile(step(list(x), w), OBSERVABLES, inputs=x, precision=precision)
    return RecurrentCircuit(program, n_steps, outputs=outputs)


def unrolled(n_steps: int) -> kg.Program:
    x, w = kg.ParameterVector("x", 2 * n_steps), kg.ParameterVector("w", 3)
    circuit = kg.Circuit(2)
    for k in range(n_steps):
        circuit.compose(step([x[2 * k], x[2 * k + 1]], w))
    return kg.compile(circuit, OBSERVABLES, inputs=x)


def some(rng: np.random.Generator, rows: int, n_steps: int, n_outputs: int) -> tuple:
    return (
        rng.normal(size=(rows, 2 * n_steps)),
        rng.normal(size=3),
        rng.normal(size=(rows, n_outputs)),
    )


@pytest.mark.parametrize("rows", [1, 3, 40])
def test_the_last_outputs_are_those_of_one_long_circuit(rows):
    x, w, g = some(np.random.default_rng(rows), rows, 5, 2)
    found = layer(5).value_and_vjp(g, x, w)
    for ours, theirs in zip(found, unrolled(5).value_and_vjp(g, x, w), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_all_outputs_are_those_of_circuits_of_every_length():
    x, w, g = some(np.random.default_rng(4), 9, 4, 8)
    values, by_inputs, by_weights = layer(4, "all").value_and_vjp(g, x, w)
    expected_inputs, expected_weights = np.zeros_like(x), np.zeros(3)
    for k in range(4):
        places = slice(2 * k, 2 * k + 2)
        seen = x[:, : 2 * k + 2]
        of_step = unrolled(k + 1).value_and_vjp(g[:, places], seen, w)
        np.testing.assert_allclose(values[:, places], of_step[0], atol=1e-12)
        expected_inputs[:, : 2 * k + 2] += of_step[1]
        expected_weights += of_step[2]
    np.testing.assert_allclose(by_inputs, expected_inputs, atol=1e-12)
    np.testing.assert_allclose(by_weights, expected_weights, atol=1e-12)
    np.testing.assert_array_equal(layer(4, "all").forward(x, w), values)


def test_gradients_are_those_of_torch_through_matrices():
    """The same written out in torch: RY, then RX, on one qubit, two steps, <Z>."""
    program = kg.compile(
        kg.Circuit(1).ry(kg.Parameter("x"), 0).rx(kg.Parameter("w"), 0), "Z", inputs=["x"]
    )
    paulis = {
        "x": torch.tensor([[0, 1], [1, 0]], dtype=torch.complex128),
        "y": torch.tensor([[0, -1j], [1j, 0]], dtype=torch.complex128),
    }
    x = torch.tensor([[0.3, -1.2]], dtype=torch.float64, requires_grad=True)
    w = torch.tensor([0.7], dtype=torch.float64, requires_grad=True)
    state = torch.tensor([1, 0], dtype=torch.complex128)
    for k in range(2):
        for angle, pauli in ((x[0, k], "y"), (w[0], "x")):
            state = torch.cos(angle / 2) * state - 1j * torch.sin(angle / 2) * (
                paulis[pauli] @ state
            )
    value = (state.abs() ** 2) @ torch.tensor([1.0, -1.0], dtype=torch.float64)
    value.backward()
    found = RecurrentCircuit(program, 2).value_and_vjp(
        [[1.0]], x.detach().numpy(), w.detach().numpy()
    )
    np.testing.assert_allclose(found[0], [[value.item()]], atol=1e-12)
    np.testing.assert_allclose(found[1], x.grad.numpy(), atol=1e-10)
    np.testing.assert_allclose(found[2], w.grad.numpy(), atol=1e-10)


def test_single_precision_and_json():
    x, w, g = some(np.random.default_rng(5), 6, 3, 2)
    single, double = layer(3, precision="single"), layer(3)
    for ours, theirs in zip(
        single.value_and_vjp(g, x, w), double.value_and_vjp(g, x, w), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)
    assert Layer.from_json(single.to_json()) == single != double
    assert layer(3, "all") != layer(3)


def test_it_learns_whether_pulses_were_even():
    """A state that no measurement disturbs counts: a flip a pulse, read at the end."""
    x = kg.Parameter("x")
    program = kg.compile(kg.Circuit(1).rx(x * kg.Parameter("w"), 0), "Z", inputs=["x"])
    rng = np.random.default_rng(6)
    pulses = rng.integers(0, 2, size=(60, 6)).astype(float)
    parity = 1 - 2 * (pulses.sum(axis=1) % 2)
    model = kg.Model(Chain([RecurrentCircuit(program, 6), Dense(1, 1)]))
    model.initialize(seed=1)
    start = model.parameters.copy()
    start[0] = 2.7
    model.parameters = start
    trainer = kg.Trainer(model, loss="squared", learning_rate=0.05, epochs=60, seed=1)
    trainer.fit(pulses, parity)
    assert trainer.history[-1]["loss"] < 1e-2


def test_what_it_refuses():
    with pytest.raises(ValueError, match="no steps"):
        layer(0)
    with pytest.raises(ValueError, match="'some'; it must be 'last' or 'all'"):
        layer(2, "some")
    with pytest.raises(ValueError, match="initialize of its own"):
        RecurrentCircuit(
            kg.compile(kg.Circuit(1).initialize([1, 0]).rx(kg.Parameter("a"), 0), "Z"), 2
        )
    with pytest.raises(ValueError, match="observable"):
        RecurrentCircuit(kg.compile(kg.Circuit(1).rx(kg.Parameter("a"), 0)), 2)
