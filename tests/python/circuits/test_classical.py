"""Classical bits, measurements and conditions of circuits, as data."""

import copy

import pytest

import ketgrad as kg


def teleportation() -> kg.Circuit:
    """Qubit 0 onto qubit 2."""
    c = kg.Circuit([("q", 3)], [("z", 1), ("x", 1)])
    c.ry(0.7, 0).h(1).cx(1, 2).cx(0, 1).h(0).measure([0, 1], [0, 1])
    return c.when(("x", 1), kg.Circuit(3).x(2)).when({0: 1}, kg.Circuit(3).z(2))


def test_a_circuit_knows_its_registers() -> None:
    c = teleportation()
    assert (c.n_qubits, c.n_bits, c.size) == (3, 2, 9)
    assert c.qubit_registers == [("q", 3)]
    assert c.bit_registers == [("z", 1), ("x", 1)]
    assert kg.Circuit(2, 1).bit_registers == [("c", 1)]
    assert kg.Circuit([("a", 2)]) != kg.Circuit(2)


def test_copies_are_equal() -> None:
    c = teleportation()
    assert copy.copy(c) == c
    assert copy.deepcopy(c) == c
    assert c != teleportation().barrier()


def test_a_condition_is_bits_or_a_register() -> None:
    x = kg.Circuit(1).x(0)
    by_dict = kg.Circuit(1, 2).when({0: 1, 1: 0}, x)
    assert by_dict == kg.Circuit(1, 2).when(("c", 1), x)
    assert kg.Circuit(1, 2).when([0, 1], x) == kg.Circuit(1, 2).when({0: 1, 1: 1}, x)


def test_otherwise_is_the_other_case() -> None:
    c = kg.Circuit(1, 1).when([0], kg.Circuit(1).x(0), otherwise=kg.Circuit(1).y(0))
    assert c.count_gates() == {"x": 1, "y": 1}
    assert c != kg.Circuit(1, 1).when([0], kg.Circuit(1).x(0)).when([0], kg.Circuit(1).y(0))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda c: c.measure(0, 5), "bit 5 is out of range for 2"),
        (lambda c: c.measure([0, 1], [0]), "2 qubit"),
        (lambda c: c.measure([0, 1], [0, 9]), "bit 9"),
        (lambda c: c.measure("a", 0), "qubits must be an integer or a list of integers, not 'a'"),
        (lambda c: c.when({}, kg.Circuit(1).x(0)), "without bits"),
        (lambda c: c.when({0: 2}, kg.Circuit(1).x(0)), "must be 0 or 1"),
        (lambda c: c.when(("c", 9), kg.Circuit(1).x(0)), "never equals 9"),
        (lambda c: c.when(("d", 0), kg.Circuit(1).x(0)), "called 'd'"),
        (lambda c: c.when(3, kg.Circuit(1).x(0)), "a condition is"),
        (lambda c: c.when([0], kg.Circuit(1, 1).measure(0, 0).x(0)), "bit 0 is measured"),
        (lambda c: c.add_bits("c", 1), "two registers are called 'c'"),
        (lambda c: c.add_bits("d", 0), "0 classical bits"),
        (lambda c: c.reset(7), "qubit 7"),
        (lambda c: c.barrier([0, 0]), "twice"),
    ],
)
def test_what_is_wrong_is_refused_and_adds_nothing(call, message: str) -> None:  # type: ignore[no-untyped-def]
    c = kg.Circuit(2, 2).h(0)
    with pytest.raises((ValueError, IndexError, TypeError), match=message):
        call(c)
    assert c == kg.Circuit(2, 2).h(0)


def test_what_measures_has_no_state() -> None:
    c = kg.Circuit(1).h(0).measure_all()
    with pytest.raises(ValueError, match=r"run\(\)"):
        c.state()
    assert c.without_final_measurements().state() == pytest.approx([0.5**0.5, 0.5**0.5])
