"""Circuits that follow the parameters of estimators."""

import numpy as np
import pytest

import ketgrad as kg
from small_classifiers import small, two_qubit_layer, two_qubit_map


@pytest.mark.parametrize("ansatz", [two_qubit_layer(), "basic_entangler"])
@pytest.mark.parametrize("feature_map", [two_qubit_map(), "angle", "iqp"])
@pytest.mark.parametrize("reupload", [True, False])
def test_circuits_and_names_mix(moons, feature_map, ansatz, reupload):
    options = {"feature_map": feature_map, "ansatz": ansatz, "reupload": reupload}
    model = small(dressed=False, **options).fit(*moons)
    assert model.model_.circuit.n_qubits == 2
    layer = 3 if isinstance(ansatz, kg.Circuit) else 2
    assert model.model_.n_parameters == 2 * layer + 2  # two layers, a scale and a bias


def test_observables_of_ones_own(moons, iris):
    parity = kg.PauliSum("ZZ")
    assert small(observables=[parity]).fit(*moons).decision_function(moons[0]).shape == (80,)
    same = [small(observables=o).fit(*moons) for o in ([parity], parity, "ZZ", ["ZZ"])]
    for model in same:
        np.testing.assert_array_equal(
            model.decision_function(moons[0]), same[0].decision_function(moons[0])
        )
    with pytest.raises(ValueError, match="1 observables were given; this task needs 3"):
        small(observables=[parity], n_qubits=2).fit(*iris)


def test_amplitudes(iris):
    X, y = iris
    model = small(feature_map="amplitude", input_scaling=None, max_iter=60).fit(X, y)
    assert model.model_.circuit.n_qubits == 2
    assert model.score(X, y) > 0.6


def test_every_feature_reaches_the_separable_ablation(iris):
    X, y = iris
    model = small(dressed=False, entangle=False).fit(X, y == "versicolor")
    assert model.model_.n_outputs == 1
    for k in range(4):
        moved = X.copy()
        moved[:, k] += 0.5
        assert not np.allclose(model.decision_function(moved), model.decision_function(X))


def test_ablation_has_no_entangling_gates(iris):
    counts = small(dressed=False, entangle=False).fit(*iris).model_.circuit.count_gates()
    assert "cx" not in counts
    assert "cx" in small(dressed=False).fit(*iris).model_.circuit.count_gates()


def test_scale_inputs_adds_a_weight_for_every_feature_and_layer(iris):
    plain, scaled = (
        small(dressed=False, scale_inputs=s).fit(*iris).model_.n_parameters for s in (False, True)
    )
    assert scaled == plain + 2 * 4


def test_a_dressed_circuit_takes_every_feature_in_every_layer(iris):
    X, y = iris
    for reupload, n_uploads in ((True, 2), (False, 1)):
        model = small(n_qubits=2, reupload=reupload).fit(X, y).model_
        uploads, readout = (4 + 1) * 2 * n_uploads, (3 * 2 + 1) * 3
        assert model.n_parameters == uploads + 2 * 2 * 3 + readout
    one = small(dressed=True, observables="ZZ", n_qubits=2).fit(X, y)
    assert one.decision_function(X).shape == (len(X), 3)
    single = kg.VQRegressor(dressed=True, n_layers=1, max_iter=2, tol=0).fit(X, X[:, 0])
    assert single.predict(X).shape == (len(X),)


@pytest.mark.parametrize(
    "params", [{"feature_map": "iqp"}, {"ansatz": two_qubit_layer()}, {"scale_inputs": True}]
)
def test_what_cannot_be_dressed_is_named(moons, params):
    ((name, _),) = params.items()
    assert small(**params).fit(*moons).model_.circuit.n_qubits == 2
    with pytest.raises(ValueError, match=f"dressed=True does not go with {name}="):
        small(dressed=True, **params).fit(*moons)


def test_single_precision_learns_the_same(moons):
    X, y = moons
    double, single = (small(precision=p).fit(X, y).predict_proba(X) for p in ("double", "single"))
    np.testing.assert_allclose(single, double, atol=1e-3)
