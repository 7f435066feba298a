"""The sentences of PennyLane in docs/coming_from run, and give the values of ours."""

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
