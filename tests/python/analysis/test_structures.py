"""Circuits evolve that do what was asked for."""

import numpy as np
import pytest

import ketgrad as kg

GROUND = -np.sqrt(1.25)  # of ZZ - 0.5 XI


def make_program(circuit):
    return kg.compile(circuit, "ZZ - 0.5*XI")


def test_finds_a_ground_state_with_gradients():
    found = kg.structure_search(make_program, 2, train_steps=10, gate_cost=1e-3, seed=0)
    assert found.value == pytest.approx(GROUND, abs=1e-3)
    value = make_program(found.circuit).expval(weights=found.weights)[0]
    assert value == pytest.approx(found.value, abs=1e-12)
    assert (np.diff(found.history) <= 0).all()
    assert found.history[-1] == pytest.approx(found.value + 1e-3 * len(found.circuit))
    assert found.message == "all 50 steps were taken"


def test_finds_a_bell_state_by_mutations_alone():
    found = kg.structure_search(
        lambda circuit: kg.compile(circuit, ["ZZ", "XX"]),
        2,
        gates=[kg.Circuit(1).h(0), kg.Circuit(1).x(0), kg.Circuit(2).cx(0, 1)],
        loss=lambda program, weights: -program.expval(weights=weights).sum(axis=1),
        gate_cost=0.01,
        seed=0,
    )
    assert found.value == pytest.approx(-2)
    assert found.circuit.count_gates() == {"h": 1, "cx": 1}
    assert found.weights.shape == (0,)


@pytest.mark.parametrize("train_steps", [0, 3])
def test_every_run_is_counted_and_kept_in_its_limits(train_steps):
    rows, sizes = [], []

    def counted(circuit):
        assert circuit.n_qubits == 3
        sizes.append(len(circuit))
        return kg.compile(circuit, ["ZZI", "IXX"])

    def loss(program, weights):
        rows.append(weights.shape)
        if not train_steps:
            return program.expval(weights=weights).sum(axis=1)
        cotangent = np.ones((len(weights), 2))
        values, _, gradients = program.value_and_vjp(cotangent, weights=weights)
        return values.sum(axis=1), gradients

    options = {"n_steps": 6, "population": 9, "elite": 2, "max_gates": 5, "n_gates": 5, "seed": 3}
    found = kg.structure_search(counted, 3, loss=loss, train_steps=train_steps, **options)
    assert max(sizes) == 5
    assert len(sizes) <= 9 + 6 * 7
    losses = sum(n for n, _ in rows)
    assert losses == (9 + 6 * 7) * (train_steps + 1)
    gradients = sum(2 * n * p for n, p in rows) * train_steps / (train_steps + 1)
    assert found.n_runs == losses + gradients
    # The losses of one's own are those that it takes by itself.
    alone = kg.structure_search(
        lambda circuit: kg.compile(circuit, ["ZZI", "IXX"]), 3, train_steps=train_steps, **options
    )
    assert alone.circuit == found.circuit
    np.testing.assert_array_equal(alone.weights, found.weights)


def test_gates_are_circuits_whose_parameters_may_come_in_any_order():
    w = kg.ParameterVector("w", 2)
    block = kg.Circuit(2).ry(w[1], 0).cx(0, 1).rz(w[0], 1).ry(2 * w[1] + 0.1, 1)
    found = kg.structure_search(
        make_program, 2, gates=[block], train_steps=5, n_gates=2, n_steps=5, seed=1
    )
    assert len(found.circuit) % 4 == 0
    assert found.circuit.parameters == [f"w{k}" for k in range(len(found.weights))]
    value = make_program(found.circuit).expval(weights=found.weights)[0]
    assert value == pytest.approx(found.value, abs=1e-12)


def test_a_feature_map_may_go_in_front():
    x = np.linspace(-1, 1, 8)[:, None]

    def loss(program, weights):
        errors = [program.expval(x, row)[:, 0] + x[:, 0] for row in weights]
        return np.square(errors).mean(axis=1)

    found = kg.structure_search(
        lambda circuit: kg.compile(kg.angle_map(1).compose(circuit), "Z", inputs="x"),
        1,
        loss=loss,
        seed=0,
    )
    assert found.value < 0.01


def test_seeds_reproduce_and_searches_end_where_told():
    runs = [kg.structure_search(make_program, 2, n_steps=3, seed=s) for s in (1, 1, 2)]
    assert runs[0].circuit == runs[1].circuit
    assert runs[0].history == runs[1].history != runs[2].history
    seen = []

    def callback(progress):
        seen.append(progress)
        return progress["step"] < 2

    found = kg.structure_search(make_program, 2, callback=callback, seed=0)
    assert found.message == "the callback ended it"
    assert sorted(seen[-1]) == ["circuit", "n_runs", "step", "value", "weights"]
    assert seen[-1]["circuit"] == found.circuit
    found = kg.structure_search(make_program, 2, target=-0.9, train_steps=5, seed=0)
    assert found.message == "the loss reached the target of -0.9"


def test_noisy_programs_evolve_too():
    noise = kg.NoiseModel().add(kg.Channel.depolarizing(0.01))
    found = kg.structure_search(
        lambda circuit: kg.compile_noisy(circuit, "ZZ - 0.5*XI", noise), 2, n_steps=10, seed=0
    )
    assert found.value < -0.8


def test_noisy_programs_are_trained_too():
    noise = kg.NoiseModel().add(kg.Channel.depolarizing(0.001))
    options = {"n_steps": 5, "population": 8, "seed": 0}
    untrained, trained = (
        kg.structure_search(
            lambda circuit: kg.compile_noisy(circuit, ["ZZ", "-0.5*XI"], noise),
            2,
            train_steps=steps,
            **options,
        )
        for steps in (0, 20)
    )
    assert GROUND < trained.value < min(untrained.value, -0.9)
    program = kg.compile_noisy(trained.circuit, "ZZ - 0.5*XI", noise)
    assert program.expval(weights=trained.weights)[0] == pytest.approx(trained.value, abs=1e-12)


def test_bad_input_is_refused():
    with pytest.raises(TypeError, match=r"make_program must be a function of a circuit, not 'ZZ'"):
        kg.structure_search("ZZ", 2)
    with pytest.raises(TypeError, match=r"loss must be a function of a program and weights, not 1"):
        kg.structure_search(make_program, 2, loss=1)
    with pytest.raises(
        TypeError, match=r"make_program must return a Program, not <ketgrad.Circuit"
    ):
        kg.structure_search(lambda circuit: circuit, 2)
    with pytest.raises(ValueError, match=r"weights of the program are \[\].*, but they have to be"):
        kg.structure_search(
            lambda c: kg.compile(c, "ZZ", inputs=c.parameters), 2, n_gates=20, seed=0
        )
    with pytest.raises(ValueError, match=r"gates\[0\] has 3 qubits, but the circuits have 2"):
        kg.structure_search(make_program, 2, gates=[kg.Circuit(3).ccx(0, 1, 2)])
    with pytest.raises(ValueError, match=r"gates\[0\] has measurements or the like"):
        kg.structure_search(make_program, 2, gates=[kg.Circuit(1).reset(0)])
    with pytest.raises(ValueError, match="gates is empty"):
        kg.structure_search(make_program, 2, gates=[])
    with pytest.raises(TypeError, match=r"gates must be a sequence of circuits, not 'cx'"):
        kg.structure_search(make_program, 2, gates="cx")
    with pytest.raises(TypeError, match=r"gates\[0\] must be a Circuit, not 'cx'"):
        kg.structure_search(make_program, 2, gates=["cx"])
    with pytest.raises(ValueError, match="n_gates=31; it must be from 0 to 30"):
        kg.structure_search(make_program, 2, n_gates=31)
    with pytest.raises(ValueError, match="elite=0; it must be from 1 to 31"):
        kg.structure_search(make_program, 2, elite=0)
    with pytest.raises(ValueError, match="must return a pair, the losses and their gradients, not"):
        kg.structure_search(make_program, 2, loss=lambda p, w: w.sum(axis=1), train_steps=1)
    with pytest.raises(ValueError, match="a loss is nan, that of row 0"):
        kg.structure_search(make_program, 2, loss=lambda p, w: np.full(len(w), np.nan))
    with pytest.raises(ValueError, match=r"learning_rate=0.0"):
        kg.structure_search(make_program, 2, learning_rate=0)
