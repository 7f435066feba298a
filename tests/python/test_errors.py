"""What is said of arguments that fit no signature of a function of the core."""

import re
from collections.abc import Callable
from typing import Any

import pytest

import ketgrad as kg

CIRCUIT: Any = kg.Circuit(2)
CORE: Any = kg


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (
            lambda: CORE.two_local(2, "x"),
            TypeError,
            "two_local(): n_layers must be int, not 'x' (str)",
        ),
        (
            lambda: CORE.two_local(2, 1, [1]),
            TypeError,
            "rotations must be Sequence[str], not [1] (list)",
        ),
        (
            lambda: CORE.feature_map("angle", 2, reps=1.5),
            TypeError,
            "reps must be int, not 1.5 (float)",
        ),
        (
            lambda: CIRCUIT.repeat(None),
            TypeError,
            "repeat(): times must be int, not None (NoneType)",
        ),
        (
            lambda: CIRCUIT.repeat(10**30),
            ValueError,
            "repeat(): times is 1" + 30 * "0" + ", which is out",
        ),
        (
            lambda: CIRCUIT.repeat(1, 2),
            TypeError,
            "1 positional argument(s) too many, from 2 (int) on",
        ),
        (lambda: CIRCUIT.repeat(1, times=2), TypeError, "'times' is given twice"),
        (
            lambda: CIRCUIT.compose("x"),
            TypeError,
            "compose(): other must be Circuit, not 'x' (str)",
        ),
        (lambda: CIRCUIT.h(), TypeError, "h(): the argument 'qubit' is missing"),
        (
            lambda: CIRCUIT.h(0, bogus=1),
            TypeError,
            "no argument 'bogus'; there are qubit, controls",
        ),
        (lambda: CIRCUIT.run(method=5), TypeError, "run(): method must be str, not 5 (int)"),
        (lambda: CORE.State("x"), TypeError, "State(): n_qubits must be int, not 'x' (str)"),
        (lambda: CORE.PauliSum(5), TypeError, "PauliSum() takes (text: str, n_qubits: int = 0) or"),
        (lambda: CORE.minimize("x", [1]), TypeError, "program must be Program, not 'x' (str)"),
        (lambda: CORE.Channel.reset(1), TypeError, "reset(): 1 positional argument(s) too many"),
        (lambda: CIRCUIT.unitary("x", [0]), TypeError, "unitary() takes (matrix: array, qubits:"),
    ],
)
def test_the_argument_that_is_wrong_is_named(
    call: Callable[[], Any], error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=re.escape(text)) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_an_argument_that_cannot_be_shown_is_an_error_all_the_same() -> None:
    class Strange:
        def __repr__(self) -> str:
            raise RuntimeError("no text")

    with pytest.raises((TypeError, RuntimeError)):
        CIRCUIT.repeat(Strange())
