"""Layers from Python, beside torch's where torch has the same."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest
import torch

import ketgrad as kg
from ketgrad.layers import (
    Activation,
    Chain,
    CircuitLayer,
    Dense,
    Frozen,
    Layer,
    NoisyLayer,
    Patches,
    Recurrent,
    RecurrentCircuit,
    ScaleShift,
    Shared,
    image_windows,
    series_windows,
)


def program(n_inputs: int = 2, precision: str = "double") -> kg.Program:
    x, w = kg.ParameterVector("x", n_inputs), kg.ParameterVector("w", 4)
    circuit = kg.Circuit(2)
    for k in range(n_inputs):
        circuit.ry(x[k], k % 2)
    circuit.rx(w[:2], [0, 1]).cx(0, 1).ry(w[2:], [0, 1])
    return kg.compile(circuit, ["Z0", "Z1", "XX"], inputs=x, precision=precision)


def dressed() -> Chain:
    return Chain([Dense(4, 2), Activation("tanh", 2), CircuitLayer(program()), Dense(3, 2)])


def torch_gradients(model: torch.nn.Module, x: np.ndarray, g: np.ndarray) -> tuple[np.ndarray, ...]:
    inputs = torch.tensor(x, requires_grad=True)
    outputs = model(inputs)
    outputs.backward(torch.tensor(g))
    parameters = [p.grad.ravel() for p in model.parameters()]
    flat = torch.cat(parameters) if parameters else torch.zeros(0)
    return outputs.detach().numpy(), inputs.grad.numpy(), flat.numpy()


def flat(model: torch.nn.Module) -> np.ndarray:
    parameters = [p.detach().ravel() for p in model.parameters()]
    return torch.cat(parameters).numpy() if parameters else np.zeros(0)


@pytest.mark.parametrize(
    ("layer", "same"),
    [
        (Dense(4, 3), torch.nn.Linear(4, 3)),
        (Dense(4, 3, bias=False), torch.nn.Linear(4, 3, bias=False)),
        (Activation("tanh", 4), torch.nn.Tanh()),
        (Activation("relu", 4), torch.nn.ReLU()),
        (Activation("sigmoid", 4), torch.nn.Sigmoid()),
        (Activation("softmax", 4), torch.nn.Softmax(dim=-1)),
        (
            Chain([Dense(4, 5), Activation("tanh", 5), Dense(5, 2), Activation("softmax", 2)]),
            torch.nn.Sequential(
                torch.nn.Linear(4, 5), torch.nn.Tanh(), torch.nn.Linear(5, 2), torch.nn.Softmax(-1)
            ),
        ),
    ],
)
def test_gradients_are_those_of_torch(layer, same):
    same = same.double()
    rng = np.random.default_rng(1)
    x, g = rng.normal(size=(7, 4)), rng.normal(size=(7, layer.n_outputs))
    expected = torch_gradients(same, x, g)
    found = layer.value_and_vjp(g, x, flat(same))
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-10)


def test_recurrence_is_that_of_torch():
    """A cell tanh(W [x, h] + b) is an RNN of torch."""
    rnn = torch.nn.RNN(2, 3, batch_first=True).double()
    layer = Recurrent(Chain([Dense(5, 3), Activation("tanh", 3)]), 3, 6, outputs="all")
    weights = torch.cat([rnn.weight_ih_l0, rnn.weight_hh_l0], dim=1).detach().numpy().ravel()
    bias = (rnn.bias_ih_l0 + rnn.bias_hh_l0).detach().numpy()
    parameters = np.concatenate([weights, bias])
    rng = np.random.default_rng(2)
    x, g = rng.normal(size=(4, 12)), rng.normal(size=(4, 18))
    inputs = torch.tensor(x.reshape(4, 6, 2), requires_grad=True)
    outputs, _ = rnn(inputs)
    outputs.backward(torch.tensor(g.reshape(4, 6, 3)))
    values, by_inputs, by_parameters = layer.value_and_vjp(g, x, parameters)
    np.testing.assert_allclose(values, outputs.detach().numpy().reshape(4, 18), atol=1e-12)
    np.testing.assert_allclose(by_inputs, inputs.grad.numpy().reshape(4, 12), atol=1e-10)
    by_torch = torch.cat([rnn.weight_ih_l0.grad, rnn.weight_hh_l0.grad], dim=1).numpy().ravel()
    np.testing.assert_allclose(by_parameters[:15], by_torch, atol=1e-10)
    np.testing.assert_allclose(by_parameters[15:], rnn.bias_ih_l0.grad.numpy(), atol=1e-10)
    last = Recurrent(Chain([Dense(5, 3), Activation("tanh", 3)]), 3, 6)
    np.testing.assert_allclose(last.forward(x, parameters), values[:, -3:], atol=1e-14)


def test_convolution_is_that_of_torch():
    conv = torch.nn.Conv2d(2, 3, kernel_size=2, stride=1).double()
    layer = Patches(Dense(8, 3), 32, image_windows(4, 4, 2, size=2))
    image = np.random.default_rng(3).normal(size=(5, 4, 4, 2))
    expected = conv(torch.tensor(image).permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
    kernel = conv.weight.permute(0, 2, 3, 1).detach().numpy().ravel()
    parameters = np.concatenate([kernel, conv.bias.detach().numpy()])
    found = layer.forward(image.reshape(5, 32), parameters)
    np.testing.assert_allclose(found, expected.detach().numpy().reshape(5, -1), atol=1e-12)


def test_a_circuit_is_its_program():
    rng = np.random.default_rng(4)
    x, w, g = rng.normal(size=(6, 2)), rng.normal(size=4), rng.normal(size=(6, 3))
    prog = program()
    layer = CircuitLayer(prog)
    values, by_inputs, by_parameters = layer.value_and_vjp(g, x, w)
    expected = prog.value_and_vjp(g, x, w)
    for ours, theirs in zip((values, by_inputs, by_parameters), expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    probs = CircuitLayer(prog, of="probs", qubits=[1])
    np.testing.assert_array_equal(probs.forward(x, w), prog.probs(x, w, qubits=[1]))
    assert layer.parameter_names == prog.weights
    single = CircuitLayer(program(precision="single"))
    np.testing.assert_allclose(single.forward(x, w), values, atol=1e-5)
    assert not np.array_equal(single.forward(x, w), values)


@pytest.mark.parametrize(
    "layer",
    [
        dressed(),
        Patches(CircuitLayer(program()), 4, series_windows(4, size=2), shared=False),
        Recurrent(CircuitLayer(program(4)), 3, 5),
        RecurrentCircuit(program(), 3, outputs="all"),
        CircuitLayer(program(), of="probs", outcomes=["01", 3]),
        Shared(dressed(), {"2.": "circuit.", "3.weight[1,": "3.weight[0,"}),
        Frozen(Dense(2, 2), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
        ScaleShift(3, shift=False),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_layers_pickle_and_go_through_json(layer):
    x = np.random.default_rng(5).normal(size=(3, layer.n_inputs))
    w = layer.initialize(seed=1)
    for again in (pickle.loads(pickle.dumps(layer)), Layer.from_json(layer.to_json())):
        assert type(again) is type(layer)
        assert again == layer
        np.testing.assert_array_equal(again.forward(x, w), layer.forward(x, w))
    assert repr(layer).startswith(f"<ketgrad.layers.{type(layer).__name__}: {layer.n_inputs} in")
    assert layer != ScaleShift(7)
    assert len({layer, Layer.from_json(layer.to_json())}) == 1


def test_probabilities_of_given_outcomes_are_some_of_all():
    rng = np.random.default_rng(8)
    x, w, g = rng.normal(size=(6, 2)), rng.normal(size=4), rng.normal(size=(6, 2))
    prog = program()
    layer = CircuitLayer(prog, of="probs", outcomes=["10", 1])
    values, by_inputs, by_parameters = layer.value_and_vjp(g, x, w)
    all_g = np.zeros((6, 4))
    all_g[:, [2, 1]] = g
    expected = CircuitLayer(prog, of="probs").value_and_vjp(all_g, x, w)
    np.testing.assert_array_equal(values, expected[0][:, [2, 1]])
    np.testing.assert_array_equal(layer.forward(x, w), values)
    np.testing.assert_array_equal(by_inputs, expected[1])
    np.testing.assert_array_equal(by_parameters, expected[2])
    one = CircuitLayer(prog, of="probs", qubits=[1], outcomes=["1"])
    np.testing.assert_array_equal(one.forward(x, w), prog.probs(x, w, qubits=[1])[:, 1:])
    again = Layer.from_json(one.to_json())
    np.testing.assert_array_equal(again.forward(x, w), one.forward(x, w))
    drawn = CircuitLayer(prog, of="probs", outcomes=[3], shots=10**6, seed=1)
    exact = CircuitLayer(prog, of="probs", outcomes=[3])
    for ours, theirs in zip(
        drawn.value_and_vjp(g[:, :1], x, w), exact.value_and_vjp(g[:, :1], x, w), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, atol=0.02)
    with pytest.raises(ValueError, match="'012' is not a text of 2 bits"):
        CircuitLayer(prog, of="probs", outcomes=["012"])
    with pytest.raises(IndexError, match=r"outcome -1 is outside \[0, 4\)"):
        CircuitLayer(prog, of="probs", outcomes=[-1])
    with pytest.raises(IndexError, match=r"outcome 4 is outside \[0, 4\)"):
        CircuitLayer(prog, of="probs", outcomes=[4])
    with pytest.raises(ValueError, match="of no outcomes"):
        CircuitLayer(prog, of="probs", outcomes=[])
    with pytest.raises(ValueError, match="outcomes are those of probs"):
        CircuitLayer(prog, outcomes=[1])


def test_shared_parameters_have_the_sum_of_their_derivatives():
    chain = Chain([Dense(3, 3), Activation("tanh", 3), Dense(3, 3)])
    tied = Shared(chain, {"2.": "0."})
    rng = np.random.default_rng(9)
    x, w, g = rng.normal(size=(5, 3)), rng.normal(size=12), rng.normal(size=(5, 3))
    linear = torch.nn.Linear(3, 3).double()
    with torch.no_grad():
        linear.weight.copy_(torch.tensor(w[:9].reshape(3, 3)))
        linear.bias.copy_(torch.tensor(w[9:]))
    expected = torch_gradients(torch.nn.Sequential(linear, torch.nn.Tanh(), linear), x, g)
    for ours, theirs in zip(tied.value_and_vjp(g, x, w), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-10)
    assert tied.parameter_names == [f"0.{name}" for name in Dense(3, 3).parameter_names]
    np.testing.assert_array_equal(tied.initialize(seed=1), chain.initialize(seed=1)[:12])
    with pytest.raises(ValueError, match=r"no parameter's name begins with '3\.'"):
        Shared(chain, {"3.": "0."})
    uneven = Chain([Dense(3, 3), Activation("tanh", 3), Dense(3, 3, bias=False)])
    for names in ({"2.": "0."}, {"0.": "2."}, {"0.": "same.", "2.": "same."}):
        with pytest.raises(ValueError, match=r"there is no '2\.bias\[.\]' to be one with '0\.bias"):
            Shared(uneven, names)
    assert Shared(uneven, {"2.weight": "0.weight"}).n_parameters == 12
    assert Shared(uneven, {"2.": "last."}).n_parameters == 21


def test_parameters_are_frozen_shared_named_and_in_groups_with_rates():
    """A held layer, two circuits with one set of weights, names, and rates by these."""
    circuit = CircuitLayer(
        kg.compile(
            kg.angle_map(3).compose(kg.strongly_entangling(3, 1)),
            ["ZII", "IZI", "IIZ"],
            inputs=kg.ParameterVector("x", 3),
        )
    )
    held = Dense(2, 3)
    layer = Shared(
        Chain(
            [Frozen(held, held.initialize(seed=1)), circuit, ScaleShift(3), circuit, Dense(3, 1)]
        ),
        {"3.": "circuit.", "1.": "circuit.", "4.": "head."},
    )
    assert layer.n_parameters == circuit.n_parameters + 6 + 4
    model = kg.Model(layer)
    model.initialize(seed=1)
    before = model.parameters.copy()
    beginning = "circuit."
    trainer = kg.Trainer(model, loss="squared", epochs=2, rates={beginning: 0, "2.": 0.1}, seed=1)
    rng = np.random.default_rng(10)
    trainer.fit(rng.normal(size=(20, 2)), rng.normal(size=20))
    moved = trainer.model.parameters != before
    names = np.array(layer.parameter_names)
    is_circuit = np.char.startswith(names, beginning)
    assert is_circuit.sum() == circuit.n_parameters
    assert not moved[is_circuit].any()
    assert moved[~is_circuit].all()


def test_a_pauli_sum_with_trainable_coefficients():
    """<sum c_k P_k> and its derivatives by the coefficients, which are the strings' values."""
    prog = program()
    layer = Chain([CircuitLayer(prog), Dense(3, 1, bias=False)])
    rng = np.random.default_rng(11)
    x, w, c = rng.normal(size=(4, 2)), rng.normal(size=4), rng.normal(size=3)
    values, by_inputs, by_parameters = layer.value_and_vjp(np.ones((4, 1)), x, np.append(w, c))
    whole = kg.compile(
        prog.circuit,
        kg.PauliSum([("IZ", c[0]), ("ZI", c[1]), ("XX", c[2])]),
        inputs=kg.ParameterVector("x", 2),
    )
    expected = whole.value_and_vjp(np.ones((4, 1)), x, w)
    np.testing.assert_allclose(values, expected[0].reshape(4, 1), atol=1e-12)
    np.testing.assert_allclose(by_inputs, expected[1], atol=1e-12)
    np.testing.assert_allclose(by_parameters[:4], expected[2], atol=1e-12)
    np.testing.assert_allclose(by_parameters[4:], prog.expval(x, w).sum(axis=0), atol=1e-12)


def test_no_rows_have_no_outputs_and_no_derivatives():
    for layer in (
        dressed(),
        Dense(4, 3),
        Activation("softmax", 4),
        ScaleShift(4),
        CircuitLayer(program(4)),
        CircuitLayer(program(4), of="probs", outcomes=[0]),
        RecurrentCircuit(program(), 2),
        Patches(CircuitLayer(program()), 4, series_windows(4, size=2), shared=False),
        Recurrent(CircuitLayer(program(4)), 3, 4),
        Shared(dressed(), {"0.": "a."}),
        Frozen(Dense(4, 1), np.zeros(5)),
        NoisyLayer(
            kg.compile_noisy(kg.angle_map(4), "Z0", kg.NoiseModel(), kg.ParameterVector("x", 4))
        ),
        RecurrentCircuit(program(), 2, outputs="all"),
        Chain([CircuitLayer(program(4)), Dense(3, 4), CircuitLayer(program(4))]),
    ):
        w = layer.initialize(seed=1)
        assert layer.forward(np.zeros((0, 4)), w).shape == (0, layer.n_outputs)
        values, by_inputs, by_parameters = layer.value_and_vjp(
            np.zeros((0, layer.n_outputs)), np.zeros((0, 4)), w
        )
        assert values.shape == (0, layer.n_outputs)
        assert by_inputs.shape == (0, 4)
        np.testing.assert_array_equal(by_parameters, np.zeros(layer.n_parameters))
        model = kg.Model(layer)
        assert model.outputs(np.zeros((0, 4))).shape == (0, layer.n_outputs)


@pytest.mark.parametrize(
    "layer",
    [
        dressed(),
        Frozen(Dense(1, 1), [1, 2]),
        ScaleShift(1),
        Activation("tanh", 1),
        Shared(Dense(1, 1), {"": "a."}),
        RecurrentCircuit(program(), 2),
        CircuitLayer(program()),
        Recurrent(CircuitLayer(program(4)), 3, 5),
        Patches(Dense(2, 1), 4, series_windows(4, size=2)),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_unknown_keys_are_refused(layer):
    document = json.loads(layer.to_json())
    document["colour"] = 1
    with pytest.raises(ValueError, match="unknown key 'colour'; there is kind, "):
        Layer.from_json(json.dumps(document))


def test_names_of_many_parameters_are_quick():
    layer = Chain([Dense(1000, 1000)])
    names = layer.parameter_names
    assert len(names) == layer.n_parameters == 1001000
    assert (names[0], names[-1], names[1001]) == (
        "0.weight[0,0]",
        "0.bias[999]",
        "0.weight[1,1]",
    )


def test_a_model_of_layers_trains():
    rng = np.random.default_rng(6)
    x = rng.normal(size=(80, 4))
    y = (x[:, 0] * x[:, 1] > 0).astype(float)
    model = kg.Model(Chain([Dense(4, 2), CircuitLayer(program()), Dense(3, 1)]))
    model.initialize(seed=1)
    trainer = kg.Trainer(model, loss="cross_entropy", epochs=60, learning_rate=0.05, seed=1)
    trainer.fit(x, y)
    accuracy = np.mean((trainer.model.outputs(x)[:, 0] > 0) == (y > 0))
    assert accuracy > 0.9
    again = kg.Model.from_json(trainer.model.to_json())
    np.testing.assert_array_equal(again.outputs(x), trainer.model.outputs(x))
    assert json.loads(again.to_json())["version"] == 2
    copied = pickle.loads(pickle.dumps(trainer.model))
    np.testing.assert_array_equal(copied.outputs(x), again.outputs(x))
    assert "layers" in repr(copied)


def test_the_model_of_a_circuit_is_a_chain():
    x = kg.ParameterVector("x", 2)
    model = kg.Model(kg.Circuit(2).ry(x, [0, 1]).ry(kg.Parameter("a"), 0), ["Z0", "Z1"], inputs=x)
    layer = model.layer
    assert isinstance(layer, Chain)
    assert [type(one) for one in layer.layers] == [CircuitLayer, ScaleShift]
    inputs = np.random.default_rng(7).normal(size=(3, 2))
    np.testing.assert_array_equal(layer.forward(inputs, model.parameters), model.outputs(inputs))


def test_bad_input_is_named():
    with pytest.raises(ValueError, match=r"layer 0 \(dense\) has 2 outputs and layer 1 \(dense\)"):
        Chain([Dense(3, 2), Dense(3, 1)])
    with pytest.raises(ValueError, match=r"inputs must have shape \(4,\) or \(rows, 4\), got \(3,"):
        dressed().forward(np.zeros((3, 5)), np.zeros(dressed().n_parameters))
    with pytest.raises(ValueError, match=r"parameters must have shape \(6,\), got \(5,\)"):
        Dense(2, 2).forward([0.0, 0.0], np.zeros(5))
    with pytest.raises(ValueError, match="'cosine'; there is tanh"):
        Activation("cosine", 2)
    with pytest.raises(ValueError, match="'some'; it must be 'last' or 'all'"):
        Recurrent(Dense(2, 1), 1, 2, outputs="some")
    with pytest.raises(ValueError, match="made of layers"):
        _ = kg.Model(dressed()).circuit
    with pytest.raises(ValueError, match="JSON: parse error"):
        Layer.from_json("{")
    with pytest.raises(ValueError, match="magic"):
        Layer.from_json('{"kind": "magic"}')


def test_programs_are_no_layers_yet():
    program = kg.compile(kg.Circuit(1).rx(kg.Parameter("x"), 0), "Z", inputs="x")
    noisy = kg.compile_noisy(kg.Circuit(1).x(0), "Z", kg.NoiseModel())
    with pytest.raises(TypeError, match=r"item 1 of a Chain.*Program.*CircuitLayer\(program\)"):
        Chain([Dense(1, 1), program])
    with pytest.raises(TypeError, match=r"item 0 of a Chain.*NoisyProgram.*NoisyLayer\(program\)"):
        Chain([noisy])
    with pytest.raises(TypeError, match=r"item 2 of a Chain must be a layer, not 3 \(int\)$"):
        Chain([Dense(1, 1), Dense(1, 1), 3])
    with pytest.raises(TypeError, match=r"CircuitLayer.*NoisyProgram.*NoisyLayer\(program\)"):
        CircuitLayer(noisy)
    with pytest.raises(
        TypeError, match=r"CircuitLayer must be a Program .* not 'program' \(str\)$"
    ):
        CircuitLayer("program")
    assert Chain((Dense(1, 2), Dense(2, 1))) == Chain([Dense(1, 2), Dense(2, 1)])


def test_no_layer_is_without_a_kind():
    for arguments in ((), (3,), (Dense(1, 1),)):
        with pytest.raises(TypeError, match=r"make one of ketgrad\.layers: CircuitLayer, Dense"):
            Layer(*arguments)
