"""What is said of arguments that fit no signature of a function of the core."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import ketgrad as kg

CIRCUIT: Any = kg.Circuit(2)
CORE: Any = kg
EXPRESSION: Any = 2 * kg.Parameter("a")


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
        (lambda: CORE.PauliSum(5), TypeError, "from text such as '0.5*Z0 Z1 - X2', or from {'ZI"),
        (lambda: CORE.PauliSum({"Z"}), TypeError, "not from {'Z'} (set)"),
        (
            lambda: CORE.PauliSum.from_sparse([("X", [0], 1j)], n_qubits=1),
            TypeError,
            "the coefficient of 'X' must be a real number, not 1j (complex)",
        ),
        (
            lambda: CORE.PauliSum.from_sparse([("X", [0])], n_qubits=1),
            TypeError,
            "a list of (letters, qubits, coefficient), such as ('XZ', [0, 2], 0.5), not ('X', [0])",
        ),
        (
            lambda: CORE.PauliSum.from_sparse([("X", "0", 1.0)], n_qubits=1),
            TypeError,
            "qubits must be an integer or a list of integers, not '0' (str)",
        ),
        (
            lambda: EXPRESSION.evaluate({"a": 1j}),
            TypeError,
            "'a' must be a number, not 1j (complex)",
        ),
        (
            lambda: CIRCUIT.assign({"a": "b"}),
            TypeError,
            "the value of 'a' must be a number, Parameter or Expression, not 'b' (str)",
        ),
        (
            lambda: CIRCUIT.assign({1: 2.0}),
            TypeError,
            "values are given by a name, Parameter or ParameterVector, not by 1 (int)",
        ),
        (
            lambda: CORE.minimize("x", [1]),
            TypeError,
            "program must be Program | NoisyProgram, not 'x' (str)",
        ),
        (lambda: CORE.Channel.reset(1), TypeError, "reset(): 1 positional argument(s) too many"),
        (lambda: CIRCUIT.unitary("x", [0]), TypeError, "the matrix must be numbers, got an array"),
        (lambda: CIRCUIT.unitary([1, 2], [0]), ValueError, "the matrix must have two axes, got 1"),
        (lambda: CIRCUIT.evolution(0.3, 7, [0]), ValueError, "generator must have two axes, got 0"),
        (
            lambda: CIRCUIT.evolution(0.3, kg.MatrixObservable(np.eye(2), [0]), [0]),
            TypeError,
            "a generator is a PauliSum, what it is made from",
        ),
        (lambda: CIRCUIT.repeat(10**12), ValueError, f"{10**12}, which is out of range: it must"),
        (lambda: CIRCUIT.repeat(10**12), ValueError, "be at most 2147483647"),
        (
            lambda: CIRCUIT.repeat(-(10**12)),
            ValueError,
            "times is -1000000000000, which is out of range: it must be at least 0",
        ),
        (
            lambda: kg.library.trotter("ZZ", 0.1, -(10**10)),
            ValueError,
            "n_steps is -10000000000, which is out of range: it must be at least 1",
        ),
        (
            lambda: kg.library.dicke_state(3, -(10**10)),
            ValueError,
            "n_ones is -10000000000, which is out of range: it must be at least 0",
        ),
        (
            lambda: kg.library.estimate_phase({2: 900}),
            TypeError,
            "outcomes are given by text of bits, such as {'010': 900}, not by 2 (int)",
        ),
        (
            lambda: kg.library.estimate_phase({"01": "many"}),
            TypeError,
            "the weight of outcome '01' must be a number, not 'many' (str)",
        ),
        (lambda: CORE.Circuit(1, 10**12), ValueError, "at most 100000 qubits and 1000000"),
        (lambda: CIRCUIT.add_bits("x", 10**12), ValueError, "1000000 classical bits"),
        (lambda: CORE.ParameterVector("x", 2**70), ValueError, "at most 2147483647"),
        (lambda: CORE.State(2).sample(2**70), ValueError, "from 0 to 9007199254740992"),
        (lambda: CIRCUIT.h(2**40), IndexError, "a circuit has at most 100000 qubits"),
        (lambda: CORE.iqp_map(10**7), ValueError, "10000000 is outside [1, 62]"),
        (lambda: CORE.iqp_map(1500), ValueError, "1500 is outside [1, 62]"),
        (lambda: CORE.make_model(10**9), MemoryError, "2000000000 names of the inputs needs"),
        (lambda: CORE.shift_rule([1.0, np.inf]), ValueError, "frequency 1 is inf; it must be"),
        (lambda: CORE.shift_rule([0.0]), ValueError, "frequency 0 is 0; it must be"),
        (lambda: CORE.shift_rule([2.0, 1.0]), ValueError, "above the one before it, 2"),
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


def test_an_evolution_takes_what_a_pauli_sum_is_made_from() -> None:
    wanted = kg.Circuit(2).evolution(0.3, kg.PauliSum("ZX"), [0, 1])
    for generator in ("ZX", {"ZX": 1.0}, "Z1 X0", kg.PauliSum("ZX").matrix()):
        assert kg.Circuit(2).evolution(0.3, generator, [0, 1]) == wanted


@pytest.mark.parametrize("rows", [3, 40])
def test_an_infinite_derivative_names_its_sample(rows: int) -> None:
    x = kg.Parameter("x")
    program = kg.compile(kg.Circuit(1).rx(kg.sqrt(x), 0), "Z", inputs=x)
    at = np.ones((rows, 1))
    at[2] = 0
    for method in ("adjoint", "parameter-shift"):
        with pytest.raises(ValueError, match=r"derivative .* is inf at 'x' = 0 in sample 2$"):
            program.jacobian(inputs=at, diff_method=method)
    with pytest.raises(ValueError, match=r"derivative .* is inf at 'x' = 0 in sample 2$"):
        program.vjp(np.ones((rows, 1)), inputs=at)
    with pytest.raises(ValueError, match=r"derivative .* is inf at 'x' = 0$"):
        program.jacobian(inputs=[0.0])


def test_data_reuploading_takes_gates_alone() -> None:
    layer = kg.ansatz_layers("basic_entangler", 1, n_layers=1)
    feature_map = kg.Circuit(1, 1).rx(kg.Parameter("x"), 0).measure(0, 0)
    with pytest.raises(ValueError, match="the feature map has 1 classical bit"):
        kg.reupload(feature_map, layer)
    with pytest.raises(ValueError, match="layer 0 has 1 classical bit"):
        kg.reupload(kg.angle_map(1), [kg.Circuit(1, 1).measure(0, 0)])


def test_integers_of_any_type_are_out_of_range() -> None:
    for call in (
        lambda n: kg.Circuit(1).h(n),
        lambda n: kg.Circuit(n),
        lambda n: kg.Circuit(1).h(0).repeat(n),
    ):
        for n in (np.int64(10**12), 10**12, 10**5000):
            with pytest.raises((ValueError, IndexError), match="out of range") as caught:
                call(n)
            assert "1000000000000" in str(caught.value) or "bits" in str(caught.value)
    with pytest.raises(
        ValueError, match="batch_size is -1, which is out of range: it must be at least 0"
    ):
        kg.Trainer(kg.make_model(1), batch_size=-1)
    with pytest.raises(TypeError, match="n_qubits of a PauliSum must be an integer"):
        kg.PauliSum("Z0", "x")


@pytest.mark.parametrize("path", ["/nowhere\udcff", b"/nowhere\xff"])
def test_paths_may_be_any_bytes(path: str | bytes) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        kg.State.load(path)
