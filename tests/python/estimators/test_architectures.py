"""Circuits that follow the parameters of estimators."""

import numpy as np
import pytest

import ketgrad as kg
from small_classifiers import small, two_qubit_layer, two_qubit_map


@pytest.mark.parametrize("ansatz", [two_qubit_layer(), "basic_entangler"])
@pytest.mark.parametrize("feature_map", [two_qubit_map(), "angle", "iqp"])
@pytest.mark.parametrize("reupload", [True, False])
def test_circuits_and_names_mix(moons, feature_map, ansatz, reupload):
    model = small(feature_map=feature_map, ansatz=ansatz, reupload=reupload).fit(*moons)
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
    model = small(entangle=False).fit(X, y == "versicolor")
    assert model.model_.n_outputs == 1
    for k in range(4):
        moved = X.copy()
        moved[:, k] += 0.5
        assert not np.allclose(model.decision_function(moved), model.decision_function(X))


def test_ablation_has_no_entangling_gates(iris):
    counts = small(entangle=False).fit(*iris).model_.circuit.count_gates()
    assert "cx" not in counts
    assert "cx" in small().fit(*iris).model_.circuit.count_gates()


def test_scale_inputs_adds_a_weight_for_every_feature_and_layer(iris):
    plain, scaled = (small(scale_inputs=s).fit(*iris).model_.n_parameters for s in (False, True))
    assert scaled == plain + 2 * 4


def test_single_precision_learns_the_same(moons):
    X, y = moons
    double, single = (small(precision=p).fit(X, y).predict_proba(X) for p in ("double", "single"))
    np.testing.assert_allclose(single, double, atol=1e-3)
