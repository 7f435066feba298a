"""The core in the browser beside Python's, and beside a dense reference that shares no code."""

import numpy as np
import pytest

import ketgrad as kg
from campaign.random_programs import random_program, random_terms

CIRCUITS = 50
CLOSE = {"rtol": 0, "atol": 1e-12}


def _case(seed):
    rng = np.random.default_rng(seed)
    n_qubits = int(rng.integers(1, 9))
    program = random_program(rng, n_qubits, int(rng.integers(1, 31)), int(rng.integers(1, 6)))
    weights = rng.uniform(-3, 3, max(program.n_weights, 1))
    return program, weights, random_terms(rng, n_qubits)


@pytest.fixture(scope="module")
def core(page, playground):
    """Return the playground, whose engine is asked."""
    return page.open(playground)


@pytest.mark.parametrize("seed", range(CIRCUITS))
def test_states_values_gradients_and_counts_are_those_of_python(core, seed):
    program, weights, terms = _case(seed)
    circuit = program.circuit()
    request = {
        "text": circuit.to_json(),
        "values": {name: float(weights[int(name[2:-1])]) for name in circuit.parameters},
    }
    state = core.call("circuit_state", request)
    assert "error" not in state, state
    amplitudes = np.array(state["amplitudes"], dtype=float).view(complex)
    np.testing.assert_allclose(amplitudes, circuit.state(request["values"]), **CLOSE)
    np.testing.assert_allclose(amplitudes, program.state(weights), rtol=0, atol=1e-11)
    np.testing.assert_allclose(state["probabilities"], np.abs(amplitudes) ** 2, **CLOSE)

    observable = kg.PauliSum(terms)
    compiled = kg.compile(circuit, [observable])
    ordered = [request["values"][name] for name in compiled.weights]
    _, wanted = compiled.jacobian(weights=ordered)
    found = core.call("circuit_gradient", {**request, "observable": _text(terms)})
    assert "error" not in found, found
    assert found["value"] == pytest.approx(compiled.expval(weights=ordered)[0], abs=1e-12)
    np.testing.assert_allclose(found["gradient"], np.ravel(wanted), **CLOSE)

    counts = core.call("circuit_counts", {**request, "shots": 500, "seed": seed})["counts"]
    assert counts == circuit.run(500, seed=seed, values=request["values"]).counts()


def _text(terms):
    """Write a sum of Pauli strings as text, "+ 0.5*X0 Z1 - 2.0"."""
    out = []
    for letters, value in terms.items():
        places = [f"{letter}{k}" for k, letter in enumerate(letters[::-1]) if letter != "I"]
        sign = "-" if value < 0 else "+"
        out += [sign, f"{abs(value)!r}*{' '.join(places)}" if places else repr(abs(value))]
    return " ".join(out)


def test_bloch_vectors(core):
    text = 'OPENQASM 3; include "stdgates.inc"; qubit[4] q; h q[0]; x q[1]; h q[2]; s q[2]; h q[3];'
    bloch = core.call("circuit_state", {"text": text, "values": {}})["bloch"]
    np.testing.assert_allclose(bloch, [[1, 0, 0], [0, 0, -1], [0, 1, 0], [1, 0, 0]], **CLOSE)


def test_measurements_resets_and_conditions(core):
    text = (
        'OPENQASM 3; include "stdgates.inc"; qubit[2] q; bit[2] c; h q[0]; c[0] = measure q[0]; '
        "if (c[0]) x q[1]; reset q[0]; h q[0]; c[1] = measure q[1];"
    )
    found = core.call("circuit_counts", {"text": text, "values": {}, "shots": 1000, "seed": 7})
    assert found["counts"] == kg.Circuit.from_qasm(text).run(1000, seed=7).counts()
    assert not core.call("read_circuit", {"text": text})["is_unitary"]
    refused = core.call("circuit_state", {"text": text, "values": {}})["error"]
    assert "has no one state at its end" in refused


def test_drawings_and_names_are_those_of_python(core):
    text = (
        'OPENQASM 3; include "stdgates.inc"; input float b; input float a; qubit[3] q; '
        "rx(a + b) q[2]; cx q[2], q[0];"
    )
    found = core.call("read_circuit", {"text": text})
    circuit = kg.Circuit.from_qasm(text)
    assert found["svg"] == circuit.svg()
    assert kg.Circuit.from_json(found["json"]) == circuit
    assert found["parameters"] == list(circuit.parameters)
    assert (found["n_qubits"], found["depth"], found["n_operations"]) == (3, 2, 2)


def test_sixteen_qubits(core):
    lines = ['OPENQASM 3; include "stdgates.inc"; qubit[16] q; h q;']
    lines += [f"cx q[{k}], q[{k + 1}]; t q[{k}];" for k in range(15)]
    text = "\n".join(lines)
    state = core.call("circuit_state", {"text": text, "values": {}})
    amplitudes = np.array(state["amplitudes"], dtype=float).view(complex)
    np.testing.assert_allclose(amplitudes, kg.Circuit.from_qasm(text).state(), **CLOSE)


@pytest.mark.parametrize(
    ("name", "request_", "told"),
    [
        (
            "read_circuit",
            {"text": "OPENQASM 3; qubit[17] q;"},
            "17 qubits; in a page there are at most 16",
        ),
        ("read_circuit", {"text": "OPENQASM 3;\nqubit[2] q;\nhh q[0];"}, "circuit:3:1"),
        ("read_circuit", {"text": ""}, "circuit"),
        ("read_circuit", {"text": "{"}, "JSON"),
        ("read_circuit", {}, "'text'"),
        (
            "circuit_counts",
            {"text": "OPENQASM 3; qubit q;", "values": {}, "shots": 0, "seed": 1},
            "0",
        ),
        (
            "circuit_counts",
            {"text": "OPENQASM 3; qubit q;", "values": {}, "shots": 2000000, "seed": 1},
            "at most 1000000",
        ),
        (
            "circuit_state",
            {"text": "OPENQASM 3; input float a; qubit q; U(a, 0, 0) q;", "values": {}},
            "a",
        ),
        (
            "circuit_gradient",
            {"text": "OPENQASM 3; qubit q;", "values": {}, "observable": "ZZZ"},
            "qubit",
        ),
        (
            "circuit_gradient",
            {"text": "OPENQASM 3; qubit q;", "values": {}, "observable": "hello"},
            "hello",
        ),
        ("fly", {}, "there is no function 'fly'"),
    ],
)
def test_errors_are_one_text_and_the_module_goes_on(core, name, request_, told):
    assert told in core.call(name, request_)["error"]
    assert core.call("read_circuit", {"text": "OPENQASM 3; qubit q;"})["n_qubits"] == 1
