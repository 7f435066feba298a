"""Classifiers that are trained in a moment, and parts of circuits for them."""

import ketgrad as kg
from ketgrad import VQClassifier


def small(**params):
    return VQClassifier(**{"n_layers": 2, "max_iter": 5, "tol": 0.0, "random_state": 0, **params})


def two_qubit_map():
    x = kg.ParameterVector("x", 2)
    return kg.Circuit(2).ry(x[0], 0).ry(x[1], 1)


def two_qubit_layer():
    a = kg.ParameterVector("a", 3)
    return kg.Circuit(2).rx(a[0], 0).rx(a[1], 1).crx(a[2], 0, 1)
