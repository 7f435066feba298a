"""Things that must not change, whatever fails."""

from collections.abc import Iterator

import numpy as np
import pytest

import ketgrad as kg


@pytest.fixture
def circuit() -> Iterator[kg.Circuit]:
    """A circuit that must not change, whatever fails."""
    circuit = kg.Circuit(3).h(0).rx(kg.Parameter("a"), 1).cx(1, 2)
    before = circuit.to_json()
    yield circuit
    assert circuit.to_json() == before


@pytest.fixture
def state() -> Iterator[kg.State]:
    """A state that must not change, whatever fails."""
    state = kg.State(2).apply(kg.Circuit(2).h(0).ry(0.4, 1))
    before = state.amplitudes()
    yield state
    np.testing.assert_array_equal(state.amplitudes(), before)


@pytest.fixture
def program() -> Iterator[kg.Program]:
    """Two inputs, two weights, two observables; gives the same values after every failure."""
    x, w = kg.ParameterVector("x", 2), kg.ParameterVector("w", 2)
    circuit = kg.Circuit(2).ry(x[0], 0).ry(x[1], 1).cx(0, 1).rx(w[0], 0).rx(w[1], 1)
    program = kg.compile(circuit, [kg.PauliSum("ZI"), kg.PauliSum("IZ")], inputs=x)
    before = program.expval([0.1, 0.2], [0.3, 0.4])
    yield program
    np.testing.assert_array_equal(program.expval([0.1, 0.2], [0.3, 0.4]), before)


@pytest.fixture
def trainer() -> Iterator[kg.Trainer]:
    model = kg.make_model(2, n_layers=1)
    trainer = kg.Trainer(model, loss="squared", epochs=2, batch_size=4)
    before = trainer.model.parameters
    yield trainer
    np.testing.assert_array_equal(trainer.model.parameters, before)
    assert trainer.history == []
