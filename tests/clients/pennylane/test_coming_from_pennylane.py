"""The sentences of PennyLane in docs/coming_from run, and give the values of ours."""

import numpy as np
import pennylane as qml

import ketgrad as kg
from coming_from import same_values


def test_both_columns_say_the_same() -> None:
    same_values(
        "pennylane",
        [
            "its value",
            "its gradient",
            "by parameter shift",
            "the Hessian",
            "a batch: rows of weights",
            "probabilities of one wire",
            "the metric tensor",
            "a step of Adam",
            "a matrix of a circuit",
        ],
    )


def test_an_iqp_map_of_products_is_the_iqp_embedding() -> None:
    x = np.array([0.3, -0.7, 1.1])

    @qml.qnode(qml.device("default.qubit", wires=3))
    def state():
        qml.IQPEmbedding(x, wires=range(3), n_repeats=2)
        return qml.state()

    ours = kg.iqp_map(3, reps=2, products=True).state({"x": x})
    theirs = np.transpose(np.reshape(state(), [2] * 3)).ravel()  # wire 0 is the last bit there
    np.testing.assert_allclose(ours, theirs, atol=1e-12)
