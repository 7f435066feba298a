"""The sentences of Cirq in docs/coming_from run, and give the values of ours."""

from coming_from import same_values


def test_both_columns_say_the_same() -> None:
    same_values("cirq", ["the state", "an expectation value", "a sweep", "exact under noise"])
