"""Pauli text, JSON and names of parts that are wrong."""

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import ketgrad as kg
from ketgrad.layers import Layer
from refusals import INF, NAN, refuses


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ["expected"]),
        ("ZQ", ["position 1", "'Q'"]),
        ("xyz", ["position 0", "'x'"]),
        ("Z0 Z0", ["qubit 0", "twice"]),
        ("0.5*", ["position 4", "the end"]),
        ("0.5 * * Z0", ["position 6", "'*'"]),
        ("Z0 Z1 +", ["position 7", "the end"]),
        ("Z0 2 Z1", ["'+' or '-'", "position 3"]),
        ("Z999", ["qubit 999", "61"]),
        ("Z99999999999999999999", ["qubit number"]),
        ("nan*Z0", ["position 0"]),
        ("1e999*Z0", ["number"]),
        ("Z" * 63, ["1 to 62", "63"]),
        ("Z0\x00", ['Pauli text "Z0']),
        ("½Z0", ["position 0"]),
    ],
)
def test_pauli_text(text: str, parts: list[str]) -> None:
    with refuses(ValueError, *parts):
        kg.PauliSum(text)


def test_pauli_sums() -> None:
    with refuses(ValueError, "at least one term"):
        kg.PauliSum({})
    with refuses(ValueError, "same length", '"ZZZ"', "3"):
        kg.PauliSum({"ZZ": 1.0, "ZZZ": 1.0})
    with refuses(ValueError, "'A'"):
        kg.PauliSum({"ZA": 1.0})
    with refuses(ValueError, "nan"):
        kg.PauliSum({"ZZ": NAN})
    with refuses(ValueError, "inf"):
        kg.PauliSum("ZZ") * INF
    with refuses(IndexError, "qubit 3", "2 qubits"):
        kg.PauliSum("Z3", n_qubits=2)
    with refuses(ValueError, "-2"):
        kg.PauliSum("Z0", n_qubits=-2)
    with refuses(ValueError, "63", "[1, 62]"):
        kg.PauliSum("Z0", n_qubits=63)
    with refuses(ValueError, "not Hermitian"):
        kg.PauliSum("X") @ kg.PauliSum("Z")
    with refuses(ValueError, "13-qubit", "12"):
        kg.PauliSum("Z" * 13).matrix()
    with refuses(ValueError, '"XZ"', "2 letters", "1 qubit"):
        kg.PauliSum.from_sparse([("XZ", [0], 0.5)], n_qubits=3)
    with refuses(IndexError, "qubit 5", "3 qubits"):
        kg.PauliSum.from_sparse([("X", [5], 0.5)], n_qubits=3)
    with refuses(TypeError, "terms must be a list of (letters, qubits, coefficient)"):
        kg.PauliSum.from_sparse(np.zeros((2, 2)), n_qubits=2)  # rows are made while it is read
    for bad in (None, 3, ["ZZ"]):
        with refuses(TypeError, "PauliSum"):
            kg.PauliSum(bad)
    for bad in ({"ZZ": 1j}, {"ZZ": "1"}):
        with refuses(TypeError, "'ZZ'", "real number"):
            kg.PauliSum(bad)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ["JSON"]),
        ("{", ["JSON"]),
        ("[]", ["object"]),
        ('{"format": "ketgrad.circuit"}', ["version"]),
        ('{"format": "other", "version": 1, "n_qubits": 1, "operations": []}', ["other"]),
        (
            '{"format": "ketgrad.circuit", "version": 9, "n_qubits": 1, "operations": []}',
            ["version", "9"],
        ),
        (
            '{"format": "ketgrad.circuit", "version": 1, "n_qubits": 100001, "operations": []}',
            ["100001", "100000"],
        ),
        (
            '{"format": "ketgrad.circuit", "version": 1, "n_qubits": 1,'
            ' "operations": [{"gate": "warp", "targets": [0]}]}',
            ["'warp'"],
        ),
        (
            '{"format": "ketgrad.circuit", "version": 1, "n_qubits": 1,'
            ' "operations": [{"gate": "x", "targets": [4]}]}',
            ["qubit 4", "1 qubit"],
        ),
    ],
)
def test_circuit_json(text: str, parts: list[str]) -> None:
    with refuses(ValueError, *parts):
        kg.Circuit.from_json(text)


@pytest.mark.parametrize(
    ("of", "name"),
    [(kg.Model, "model"), (kg.Trainer, "trainer"), (kg.Circuit, "circuit"), (Layer, "layer")],
)
@pytest.mark.parametrize(
    ("text", "kind"), [("[]", "array"), ("3", "number"), ("null", "null"), ('"x"', "string")]
)
def test_json_of_another_kind(of: Any, name: str, text: str, kind: str) -> None:
    with refuses(ValueError, f"JSON, {name}: expected an object, got {kind}"):
        of.from_json(text)


@pytest.mark.parametrize("of", [kg.Model, kg.Trainer])
def test_json_without_a_format(of: Any) -> None:
    with refuses(ValueError, "the key 'format' is missing"):
        of.from_json("{}")


def test_model_json() -> None:
    text = kg.make_model(1, n_layers=1).to_json()
    for bad in ("", "[]", "null", "{}", text[:-1], text.replace("ketgrad.model", "other")):
        with pytest.raises(ValueError, match=r"JSON|model") as info:
            kg.Model.from_json(bad)
        assert "json.exception" not in str(info.value)


@pytest.mark.parametrize(
    ("call", "parts"),
    [
        (lambda: kg.ansatz("warp", 2, 1), ["'warp'", "strongly_entangling"]),
        (lambda: kg.feature_map("warp", 2), ["'warp'", "angle"]),
        (lambda: kg.entangling_pairs("warp", 2), ["'warp'", "ring"]),
        (lambda: kg.basic_entangler(2, 1, "warp"), ["'warp'"]),
        (lambda: kg.two_local(2, 1, ["ry"], "warp"), ["'warp'"]),
        (lambda: kg.strongly_entangling(0, 1), ["0"]),
        (lambda: kg.strongly_entangling(2, 0), ["0"]),
        (lambda: kg.hardware_efficient(2, -1), ["-1"]),
        (lambda: kg.angle_map(0), ["0"]),
        (lambda: kg.amplitude_map(0), ["0"]),
        (lambda: kg.iqp_map(2, reps=0), ["0"]),
        (lambda: kg.make_model(2, n_outputs=0), ["0"]),
        (lambda: kg.make_model(1, n_outputs=4, n_qubits=1), ["4"]),
        (lambda: kg.set_num_threads(-1), ["-1"]),
        (lambda: kg.set_simd_target("ABACUS"), ["'ABACUS'", kg.simd_targets()[-1]]),
    ],
)
def test_parts(call: Callable, parts: list[str]) -> None:
    with refuses(ValueError, *parts):
        call()


def test_a_nonsense_simd_target_is_refused_by_name() -> None:
    code = "import ketgrad as kg; kg.Circuit(1).h(0).state()"
    environment = {**os.environ, "KETGRAD_TARGET": "ABACUS"}
    result = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert "ValueError" in result.stderr
    assert "'ABACUS'" in result.stderr
    assert all(name in result.stderr for name in kg.simd_targets())


BROKEN = "a\udc80"  # a lone surrogate: no UTF-8 has it
A = kg.Parameter("a")
NAMED: dict[str, Callable[[str], object]] = {
    "a parameter": kg.Parameter,
    "a gate": lambda name: kg.Circuit(1).gate(name, [], 0),
    "a box": lambda name: kg.Circuit(1).compose(kg.Circuit(1).x(0), label=name),
    "values": lambda name: kg.Circuit(1).rx(A, 0).state({name: 0.5}),
    "weights": lambda name: kg.compile(kg.Circuit(1).rx(A, 0)).state(weights={name: 0.5}),
    "inputs": lambda name: kg.compile(kg.Circuit(1).rx(A, 0), inputs=[name]),
    "a register": lambda name: kg.Circuit(1, 1).when((name, 1), kg.Circuit(1).x(0)),
    "rates": lambda name: kg.Trainer(kg.make_model(1), rates={name: 1.0}),
    "a Pauli sum": kg.PauliSum,
    "its terms": lambda name: kg.PauliSum({name: 1.0}),
    "pairs": lambda name: kg.PauliSum([(name, 1.0)]),
    "fermions": lambda name: kg.FermionOperator({name: 1.0}),
    "a channel": lambda name: kg.Channel.pauli({name: 0.5}),
    "outcomes": lambda name: kg.library.estimate_phase({name: 0.5}),
}


@pytest.mark.parametrize("what", NAMED)
def test_half_a_character_is_named(what: str) -> None:
    with refuses(ValueError, "'a\\udc80' has a lone surrogate, half of a character"):
        NAMED[what](BROKEN)


@pytest.mark.parametrize("call", ["kg.Circuit", "kg.Parameter", "kg.Circuit(1).h", "kg.compile"])
def test_an_argument_called_by_half_a_character_is_an_error(call: str) -> None:
    """In a process of its own, which ended."""
    tried = f"try: {call}(**{{'a\\udc80': 1}})"
    code = f"import ketgrad as kg\n{tried}\nexcept ValueError: print('told')"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.stdout == "told\n", run.stderr


def told_of(what: str, name: str) -> str:
    """Return the message, or nothing where the name is right."""
    try:
        NAMED[what](name)
    except ValueError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("what", NAMED)
@pytest.mark.parametrize("name", ["x" * 10**6, "x\n\x1b[2J", "漢" * 10**5], ids="xn漢")
def test_messages_are_short_and_move_no_cursor(what: str, name: str) -> None:
    message = told_of(what, name)
    assert message.isprintable()
    assert len(message) < 2000
