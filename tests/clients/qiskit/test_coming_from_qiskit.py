"""The sentences of Qiskit in docs/coming_from run, and give the values of ours."""

from coming_from import same_values


def test_both_columns_say_the_same() -> None:
    same_values("qiskit", ["an expectation value", "a batch of them"])
