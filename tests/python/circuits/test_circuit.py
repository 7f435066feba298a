"""Circuits: qubit order, gates and their controls, algebra, drawing, copies."""

import copy
import math
import pickle
import sys

import numpy as np
import pytest

import ketgrad as kg

R = np.sqrt(0.5)


def test_qubit_0_is_the_least_significant_bit() -> None:
    """Asymmetric states: X on qubit 1 of three is index 2, CX(0, 2) has qubit 0 as its control."""
    np.testing.assert_array_equal(kg.Circuit(3).x(1).state(), np.eye(8)[0b010])
    np.testing.assert_array_equal(kg.Circuit(3).x(0).cx(0, 2).state(), np.eye(8)[0b101])


def test_rotations_have_the_textbook_sign() -> None:
    half = 0.35
    c, s = np.cos(half), np.sin(half)
    np.testing.assert_allclose(kg.Circuit(1).rx(0.7, 0).matrix(), [[c, -1j * s], [-1j * s, c]])
    np.testing.assert_allclose(kg.Circuit(1).ry(0.7, 0).matrix(), [[c, -s], [s, c]])
    np.testing.assert_allclose(
        kg.Circuit(1).rz(0.7, 0).matrix(), np.diag([np.exp(-0.35j), np.exp(0.35j)])
    )
    np.testing.assert_allclose(kg.Circuit(1).p(0.7, 0).matrix(), np.diag([1, np.exp(0.7j)]))


def test_u_is_the_general_one_qubit_gate() -> None:
    theta, phi, lam = 0.4, 1.3, -0.8
    built = kg.Circuit(1).p(lam, 0).ry(theta, 0).p(phi, 0)
    np.testing.assert_allclose(kg.Circuit(1).u(theta, phi, lam, 0).matrix(), built.matrix())


@pytest.mark.parametrize("angle", [sys.float_info.max, -sys.float_info.max, 1e308, 5e-324])
def test_the_largest_and_the_least_numbers_are_angles(angle: float) -> None:
    a = kg.Parameter("a")
    phase = np.diag([1, complex(math.cos(angle), math.sin(angle))])
    np.testing.assert_allclose(kg.Circuit(1).p(angle, 0).matrix(), phase)
    np.testing.assert_allclose(kg.Circuit(1).u(0.0, a, 0.0, 0).matrix([angle]), phase)
    turned = kg.compile(kg.Circuit(2).h(0).p(a, 0), ["IX", "IY"])
    for method in ("adjoint", "parameter-shift"):
        _, slopes = turned.jacobian(weights=[angle], diff_method=method)
        np.testing.assert_allclose(slopes[:, 0], [-math.sin(angle), math.cos(angle)], atol=1e-12)


def test_an_evolution_that_goes_too_far_is_refused() -> None:
    a, twice = kg.Parameter("a"), kg.PauliSum({"X": 2.0})
    for circuit in (kg.Circuit(1).evolution(1e308, twice, 0), kg.Circuit(1).evolution(a, twice, 0)):
        with pytest.raises(ValueError, match=r"angle is 1e\+308, .* eigenvalue .*must be finite"):
            circuit.state([1e308] * len(circuit.parameters))


def test_two_qubit_rotations() -> None:
    for name, pauli in [("rxx", "XX"), ("ryy", "YY"), ("rzz", "ZZ")]:
        p = kg.PauliSum(pauli).matrix()
        expected = np.cos(0.3) * np.eye(4) - 1j * np.sin(0.3) * p
        np.testing.assert_allclose(getattr(kg.Circuit(2), name)(0.6, 0, 1).matrix(), expected)
        np.testing.assert_allclose(
            kg.Circuit(2).pauli_rotation(0.6, pauli, [0, 1]).matrix(), expected
        )


def test_pauli_letters_go_with_their_qubits() -> None:
    rotation = kg.Circuit(3).pauli_rotation(np.pi, "XZ", [2, 0]).matrix()
    np.testing.assert_allclose(rotation, -1j * kg.PauliSum("XIZ").matrix(), atol=1e-15)


def test_unitary_has_its_first_qubit_lowest() -> None:
    cx = np.eye(4)[[0, 3, 2, 1]]  # the low bit controls the high one
    np.testing.assert_array_equal(
        kg.Circuit(3).unitary(cx, [2, 0]).matrix(), kg.Circuit(3).cx(2, 0).matrix()
    )


def test_evolution_is_the_exponential_of_its_generator() -> None:
    linalg = pytest.importorskip("scipy.linalg")
    g = kg.PauliSum({"XY": 0.3, "ZI": -0.7, "IX": 0.2})
    expected = linalg.expm(-1j * 0.9 * g.matrix())
    np.testing.assert_allclose(
        kg.Circuit(2).evolution(0.9, g, [0, 1]).matrix(), expected, atol=1e-14
    )
    same = kg.Circuit(2).evolution(0.9, g.matrix(), [0, 1])
    np.testing.assert_allclose(same.matrix(), expected, atol=1e-14)


def test_controls_on_one_and_zero() -> None:
    circuit = kg.Circuit(3).x(0, controls={1: 1, 2: 0})
    expected = np.eye(8)
    expected[[0b010, 0b011]] = expected[[0b011, 0b010]]
    np.testing.assert_array_equal(circuit.matrix(), expected)
    assert kg.Circuit(3).x(0, controls=[1, 2]) == kg.Circuit(3).ccx(1, 2, 0)


def test_calls_chain_and_return_the_same_circuit() -> None:
    circuit = kg.Circuit(2)
    assert circuit.h(0).cx(0, 1).compose(kg.Circuit(2).h(1)) is circuit
    assert len(circuit) == circuit.size == 3
    assert circuit.depth() == 3
    assert circuit.count_gates() == {"h": 2, "cx": 1}


def test_a_chained_circuit_outlives_its_first_name() -> None:
    chained = kg.Circuit(1).h(0).t(0)
    assert chained.size == 2


def test_inverse_repeat_and_powers() -> None:
    a = kg.Parameter("a")
    circuit = kg.Circuit(2).h(0).crx(a, 0, 1).s(1)
    values = {"a": 0.8}
    m = circuit.matrix(values)
    np.testing.assert_allclose(circuit.inverse().matrix(values), m.conj().T, atol=1e-15)
    np.testing.assert_allclose(circuit.repeat(3).matrix(values), m @ m @ m, atol=1e-15)
    np.testing.assert_allclose(circuit.power(-2).matrix(values), np.linalg.inv(m @ m), atol=1e-14)
    assert circuit.power(2).parameters == ["a"]
    assert circuit.repeat(0).size == 0
    third = circuit.power(1 / 3, values).matrix()
    np.testing.assert_allclose(third @ third @ third, m, atol=1e-13)


def test_a_circuit_can_be_composed_with_itself() -> None:
    circuit = kg.Circuit(1).t(0)
    assert circuit.compose(circuit).size == 2


def test_assign_takes_many_names() -> None:
    w = kg.ParameterVector("w", 60_000)
    circuit = kg.Circuit(1)
    for parameter in w:
        circuit.rx(parameter, 0)
    values = {f"w[{k}]": 0.5 * k for k in range(len(w))}
    assert circuit.assign(values).parameters == []
    assert len(circuit.assign({"w[7]": 0.5}).parameters) == len(w)  # vectors stand whole
    with pytest.raises(ValueError, match=r"no parameter 'w\[60000\]'"):
        circuit.assign(values | {"w[60000]": 0.5})


def test_assign_keeps_what_it_is_not_given() -> None:
    a, b = kg.Parameter("a"), kg.Parameter("b")
    circuit = kg.Circuit(1).rx(a + b, 0)
    half = circuit.assign({"a": 2 * kg.Parameter("c")})
    assert half.parameters == ["c", "b"]
    assert circuit.parameters == ["a", "b"]
    np.testing.assert_allclose(half.state({"c": 0.1, "b": 0.3}), kg.Circuit(1).rx(0.5, 0).state())


def test_initialize_normalises_and_pads() -> None:
    np.testing.assert_allclose(kg.Circuit(2).initialize([3, 0, 4]).state(), [0.6, 0, 0.8, 0])
    x = kg.ParameterVector("x", 2)
    state = kg.Circuit(1).initialize(list(x)).state({"x[0]": 1.0, "x[1]": 1.0})
    np.testing.assert_allclose(state, [R, R])


def test_equality_is_by_content() -> None:
    assert kg.Circuit(1).h(0) == kg.Circuit(1).h(0)
    assert kg.Circuit(1).h(0) != kg.Circuit(1).x(0)
    assert kg.Circuit(1) != kg.Circuit(2)
    assert kg.Circuit(1) != "circuit"
    with pytest.raises(TypeError, match="unhashable"):
        hash(kg.Circuit(1))


@pytest.mark.parametrize(
    "duplicate", [copy.copy, copy.deepcopy, lambda c: pickle.loads(pickle.dumps(c))]
)
def test_copies_are_independent(duplicate) -> None:
    circuit = (
        kg.Circuit(2).h(0).unitary(np.diag([1, 1j]), [1], label="S").rx(kg.Parameter("a") * 2, 0)
    )
    other = duplicate(circuit)
    assert other == circuit
    other.h(1)
    assert circuit.size == 3


def test_drawing_shows_every_gate() -> None:
    circuit = kg.Circuit(3).h(0).crx(kg.Parameter("a"), 0, 2).swap(1, 2)
    text = circuit.draw()
    assert str(circuit) == text
    for symbol in ("H", "Rx", "a", "×"):
        assert symbol in text
    assert max(map(len, circuit.repeat(20).draw(width=60).splitlines())) <= 60
    for svg in (circuit.svg(), circuit._repr_svg_()):
        assert svg.startswith("<svg")
        assert svg.rstrip().endswith("</svg>")
    assert repr(circuit) == "<ketgrad.Circuit: 3 qubits, 3 operations, 1 parameters>"
