"""The quantum reservoir: its dynamics against a dense calculation, its memory, its manners."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

import ketgrad as kg
from ketgrad import QReservoir
from ketgrad.estimators.reservoir_dynamics import Dynamics

RNG = np.random.default_rng(0)
SERIES = RNG.uniform(size=40)
SMALL = {"n_qubits": 3, "n_virtual": 2, "random_state": 0}


@parametrize_with_checks([QReservoir(n_qubits=3, n_virtual=2)])
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def fitted(**params):
    return QReservoir(**{**SMALL, **params}).fit(SERIES[:, None])


def by_definition(circuit, observables, values, n_virtual):
    """Go along a series as the paper has it: replace the first qubits, act, read, act, read, ..."""
    matrix, n = circuit.matrix(), circuit.n_qubits
    m = values.shape[1]
    rho = np.zeros((2**n, 2**n), complex)
    rho[0, 0] = 1
    out = []
    for value in values:
        rest = sum(
            np.kron(np.eye(2 ** (n - m)), row[None])
            @ rho
            @ np.kron(np.eye(2 ** (n - m)), row[:, None])
            for row in np.eye(2**m)
        )
        psi = np.ones(1)
        for u in value:
            psi = np.kron([np.sqrt(1 - u), np.sqrt(u)], psi)
        rho = np.kron(rest, np.outer(psi, psi))
        row = []
        for _ in range(n_virtual):
            rho = matrix @ rho @ matrix.conj().T
            row += [np.trace(kg.PauliSum(o, n_qubits=n).matrix() @ rho).real for o in observables]
        out.append(row)
    return np.array(out), rho


@settings(max_examples=25, deadline=None)
@given(
    n=st.integers(1, 4), m=st.integers(1, 2), n_virtual=st.integers(1, 3), seed=st.integers(0, 99)
)
def test_features_are_those_of_the_definition(n, m, n_virtual, seed):
    n = max(n, m)
    circuit = kg.library.random_clifford(n, seed=seed) if n > 1 else kg.Circuit(1).h(0).t(0)
    circuit.rx(0.3, 0).rz(0.7, n - 1)
    observables = ["Z0", f"X{n - 1}", f"Y0 + 0.5*Z{n - 1}"]
    values = np.random.default_rng(seed).uniform(size=(6, m))
    model = QReservoir(
        circuit,
        n_qubits=n,
        n_inputs=m,
        n_virtual=n_virtual,
        observables=observables,
        input_scaling=None,
    ).fit(values)
    expected, state = by_definition(circuit, observables, values, n_virtual)
    features, end = model.run(values)
    np.testing.assert_allclose(features, expected, atol=1e-12)
    np.testing.assert_allclose(end, state, atol=1e-12)
    again = model.fit(values.reshape(1, -1)).transform(values.reshape(1, -1))
    np.testing.assert_allclose(again[0], expected[-1], atol=1e-12)


def test_the_ising_model_is_that_of_the_paper():
    model = fitted(interval=3.0, field=0.25)
    couplings = np.random.RandomState(0).uniform(-0.5, 0.5, 3)
    pairs = ["XXI"[::-1], "XIX"[::-1], "IXX"[::-1]]
    h = kg.PauliSum(
        dict(zip(pairs, couplings, strict=True)) | dict.fromkeys(["ZII", "IZI", "IIZ"], 0.25)
    )
    np.testing.assert_allclose(model.circuit_.matrix(), expm(-1.5j * h.matrix()), atol=1e-12)


def test_a_run_goes_on_where_another_ended():
    model = fitted()
    whole, end = model.run(SERIES, washout=5)
    first, state = model.run(SERIES[:20])
    second, last = model.run(SERIES[20:, None], state=state)
    np.testing.assert_allclose(np.concatenate([first, second])[5:], whole, atol=1e-13)
    np.testing.assert_allclose(last, end, atol=1e-13)
    assert model.run(SERIES, washout=40)[0].shape == (0, 6)


def test_it_forgets_where_it_began():
    model = fitted(n_qubits=4)
    start = model.run(RNG.uniform(size=10))[1]
    a, b = (model.run(np.tile(SERIES, 5), state=s)[0] for s in (None, start))
    assert np.abs(a - b)[0].max() > 1e-2
    assert np.abs(a - b)[-1].max() < 1e-6


def test_it_learns_a_product_of_the_past_in_a_pipeline():
    series = np.random.default_rng(1).uniform(size=500)
    rows = np.lib.stride_tricks.sliding_window_view(series, 6)
    wanted = rows[:, -1] * rows[:, -2]
    model = make_pipeline(QReservoir(n_qubits=4, random_state=0), Ridge(1e-6)).fit(
        rows[:300], wanted[:300]
    )
    assert model.score(rows[300:], wanted[300:]) > 0.95
    linear = Ridge(1e-6).fit(rows[:300], wanted[:300])
    assert linear.score(rows[300:], wanted[300:]) < 0.95


def test_values_beyond_the_range_are_taken_as_its_ends():
    model = fitted()
    low, high = SERIES.min(), SERIES.max()
    np.testing.assert_array_equal(model.run([low - 1, high + 1])[0], model.run([low, high])[0])
    wide = QReservoir(**SMALL).fit([[-1e308], [1e308]])
    assert np.isfinite(wide.run([0.0, 1e308])[0]).all()


@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        ({"n_qubits": 9}, ValueError, "n_qubits=9; it must be an integer from 1 to 8"),
        ({"n_virtual": 0}, ValueError, "n_virtual=0"),
        ({"n_inputs": 2}, ValueError, "1 features, which are no steps of n_inputs=2 values"),
        ({"interval": 0.0}, ValueError, "interval=0.0"),
        ({"field": -1.0}, ValueError, "field=-1.0"),
        ({"circuit": "ising"}, TypeError, "circuit='ising'; it must be a Circuit or None"),
        ({"circuit": kg.Circuit(2)}, ValueError, "it must have n_qubits=3 and no parameters"),
        ({"observables": "ZZZZ"}, ValueError, "an observable of 4 qubits for n_qubits=3"),
        ({"observables": []}, ValueError, r"observables=\[\]; there must be at least one"),
        ({"n_virtual": 10**9}, MemoryError, "n_virtual=1000000000 times 3 observables, needs"),
        ({"n_virtual": 2**70}, MemoryError, "3 qubits with .* only .* are available"),
        ({"input_scaling": "standard"}, ValueError, "input_scaling='standard'"),
    ],
)
def test_bad_parameters_are_named(params, error, message):
    model = QReservoir(**{**SMALL, **params})
    with pytest.raises(error, match=message):
        model.fit(SERIES[:, None])
    with pytest.raises(NotFittedError):
        model.run(SERIES)
    assert set(vars(model)) == set(model.get_params())


def test_bad_series_are_named():
    model = fitted()
    for call, message in [
        (
            lambda: model.run([0.1, np.nan]),
            "series is not finite: the first such value is of step 1",
        ),
        (lambda: model.run(np.zeros((4, 2))), r"shape \(4, 2\); it must be \(n_steps, 1\)"),
        (lambda: model.run([0.1], washout=2), "washout=2; it must be from 0 to 1"),
        (lambda: model.run([0.1], state=np.eye(2)), r"it must be finite, \(8, 8\)"),
        (lambda: model.run([0.1], state=np.eye(8)), "no density matrix"),
        (lambda: model.run([0.1], state=np.diag([2.0, -1, *[0] * 6])), "of trace 1 and positive"),
        (lambda: model.run([0.1], state=np.diag([1e308, *[0] * 7])), "no density matrix"),
        (lambda: fitted(input_scaling=None).run([1.5]), "1.5 is out of range"),
        (
            lambda: QReservoir(**{**SMALL, "n_inputs": 4}).fit(np.zeros((1, 4))),
            "at most n_qubits=3",
        ),
    ]:
        with pytest.raises(ValueError, match=message):
            call()


def test_states_of_other_things_are_named():
    for state, message in [("x", "state must be real numbers, got"), ({}, r"numbers, not \{\} ")]:
        with pytest.raises(TypeError, match=message):
            fitted().run([0.1], state=state)


def test_dynamics_are_prepared_once_and_follow_what_changes(monkeypatch):
    made = []

    def counted(*given):
        made.append(given)
        return prepare(*given)

    prepare = Dynamics.of
    monkeypatch.setattr(Dynamics, "of", counted)
    circuit = kg.library.random_clifford(3, seed=0)
    model = fitted(circuit=circuit)
    before = model.run(SERIES)[0]
    model.transform(SERIES[:, None])
    assert len(made) == 1
    copied = pickle.loads(pickle.dumps(model))
    assert "_prepared" not in vars(copied)
    np.testing.assert_array_equal(copied.run(SERIES)[0], before)
    assert len(made) == 2
    model.set_params(n_virtual=1)
    assert model.run(SERIES)[0].shape == (40, 3)
    circuit.ry(0.5, 1)
    after = model.run(SERIES)[0]
    assert len(made) == 4
    np.testing.assert_array_equal(after, fitted(circuit=circuit, n_virtual=1).run(SERIES)[0])


def test_features_that_memory_does_not_hold_are_refused(monkeypatch):
    model = fitted()
    monkeypatch.setattr("ketgrad._memory.available_memory", lambda: 3000)
    message = "40 rows of 6 features needs 3840 bytes, but only 3000"
    for call in (lambda: model.run(SERIES), lambda: model.transform(SERIES[:, None])):
        with pytest.raises(MemoryError, match=message):
            call()


def test_saved_it_runs_alike(tmp_path):
    model = fitted(observables=["Z0", "X1"])
    model.save(tmp_path / "model.json")
    loaded = kg.load(tmp_path / "model.json")
    np.testing.assert_array_equal(loaded.run(SERIES)[0], model.run(SERIES)[0])
    assert list(loaded.get_feature_names_out())[:2] == ["qreservoir0", "qreservoir1"]
