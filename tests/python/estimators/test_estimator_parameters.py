"""Parameters of estimators: what they may be, and how constructors take them."""

import inspect

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

import ketgrad as kg
from ketgrad import (
    QSVC,
    QSVR,
    QGPClassifier,
    QGPRegressor,
    QKernelRidge,
    QNystroem,
    VQClassifier,
    VQRegressor,
)
from ketgrad.estimators.rules import RULES, check_parameters
from small_classifiers import small, two_qubit_layer, two_qubit_map


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"n_layers": 0}, "layer"),
        ({"feature_map": "fourier"}, "fourier"),
        ({"ansatz": "none"}, "none"),
        ({"optimizer": "lbfgs"}, "lbfgs"),
        ({"schedule": "linear"}, "linear"),
        ({"loss": "mse"}, "mse"),
        ({"learning_rate": -1.0}, "-1"),
        ({"max_iter": 0}, "0"),
        ({"max_iter": 0, "optimizer": "COBYLA"}, "0"),
        ({"batch_size": 0}, "batch_size=0"),
        ({"batch_size": "all"}, "batch_size='all'"),
        ({"early_stopping": True, "validation_fraction": 1.0}, "1"),
        ({"n_iter_no_change": 0}, "0"),
        ({"tol": -1.0}, "-1"),
        ({"checkpoint": ""}, "checkpoint=''; it must be a path that is not empty"),
        ({"init_spread": -1.0}, "-1"),
        ({"input_scaling": "minmax"}, "minmax"),
        ({"precision": "half"}, "half"),
        ({"feature_map": kg.Circuit(2).h(0)}, r"x\[0\] to x\[1\]"),
        ({"ansatz": two_qubit_layer(), "n_qubits": 3}, "2 qubits.* 3"),
        ({"feature_map": two_qubit_map(), "n_qubits": 3}, "n_qubits=3"),
        ({"ansatz": two_qubit_layer(), "entangle": False}, "entangle"),
        ({"ansatz": two_qubit_layer(), "n_layers": 0}, "n_layers=0"),
        ({"n_qubits": 0}, "n_qubits=0; it must be an integer of at least 1 or None"),
        ({"feature_map": "zz", "n_qubits": 3}, "'zz' encodes 2 .* in 2 .* not in 3"),
        ({"optimizer": "lbfgs"}, "'adam', .*'L-BFGS-B' or 'COBYLA'"),
        ({"validation_fraction": 0.0}, "validation_fraction=0.0"),
        ({"learning_rate": np.inf}, "learning_rate=inf"),
        ({"learning_rate": np.nan}, "learning_rate=nan"),
        ({"random_state": -1}, "random_state=-1"),
        ({"verbose": -1}, "verbose=-1"),
    ],
)
def test_bad_parameters_are_named(moons, params, message):
    model = small(**params)
    with pytest.raises(ValueError, match=message):
        model.fit(*moons)
    with pytest.raises(NotFittedError):
        model.predict(moons[0])
    assert not [name for name in vars(model) if name.endswith("_") or name.startswith("_")]


@pytest.mark.parametrize(
    "params",
    [
        {"feature_map": None},
        {"ansatz": 3},
        {"n_qubits": 2.0},
        {"n_layers": "3"},
        {"n_layers": True},
        {"reupload": "no"},
        {"scale_inputs": 1},
        {"entangle": None},
        {"observables": [3]},
        {"observables": 3},
        {"checkpoint": 3},
        {"input_scaling": 1},
        {"loss": None},
        {"optimizer": 3},
        {"learning_rate": "fast"},
        {"schedule": None},
        {"max_iter": 10.5},
        {"batch_size": 2.5},
        {"stopping": None},
        {"early_stopping": 1},
        {"validation_fraction": "a tenth"},
        {"n_iter_no_change": None},
        {"tol": None},
        {"init_spread": [1]},
        {"warm_start": "yes"},
        {"precision": 64},
        {"random_state": "seed"},
        {"callback": 3},
        {"comm": 3},
        {"verbose": "loud"},
    ],
)
def test_parameters_of_the_wrong_type_are_named(moons, params):
    ((name, value),) = params.items()
    with pytest.raises(TypeError, match=rf"^{name}=.*; it must be "):
        small(**params).fit(*moons)
    assert value is params[name]


def test_every_parameter_has_a_row_of_checks():
    assert set(RULES) == set(VQClassifier().get_params()) >= set(VQRegressor().get_params())
    for estimator in (VQClassifier(), VQRegressor()):
        check_parameters(estimator.get_params())
    numbers = {"n_layers": np.int64(2), "tol": np.float32(0), "learning_rate": 1, "n_qubits": None}
    check_parameters({**numbers, "reupload": np.bool_(True), "of_a_subclass": object()})


@pytest.mark.parametrize(
    "cls",
    [
        VQClassifier,
        VQRegressor,
        QSVC,
        QSVR,
        QKernelRidge,
        QNystroem,
        QGPClassifier,
        QGPRegressor,
    ],
)
def test_the_constructor_takes_the_circuits_by_place_and_all_else_by_name(cls):
    model = cls("iqp", "basic_entangler", n_layers=5)
    assert (model.feature_map, model.ansatz, model.n_layers) == ("iqp", "basic_entangler", 5)
    assert sorted(inspect.signature(cls).parameters) == sorted(model.get_params())
    assert set(vars(model)) == set(model.get_params())
    with pytest.raises(TypeError, match=rf"{cls.__name__}\.__init__\(\) takes"):
        cls("iqp", "basic_entangler", 5)
    with pytest.raises(TypeError, match=rf"{cls.__name__}\.__init__\(\) .*'n_spins'"):
        cls(n_spins=3)


def test_an_unknown_argument_is_reported_under_the_estimator_s_name():
    with pytest.raises(TypeError, match=r"VQRegressor\.__init__\(\) .*'class_weight'"):
        VQRegressor(class_weight="balanced")
