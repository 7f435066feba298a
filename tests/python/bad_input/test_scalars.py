"""Real numbers from Python: what has an imaginary part, text and what is masked is refused."""

import fractions
import warnings
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ketgrad as kg
from scalar_entries import SCALARS, A, real_arguments

NAN = float("nan")


def test_every_argument_that_takes_a_real_number_is_tried() -> None:
    known = real_arguments()
    assert set(known) <= set(SCALARS)
    assert len(known) > 80


# Other ways to write one half.
HALVES: list[Any] = [
    np.float64(0.5),
    np.float32(0.5),
    np.float16(0.5),
    np.longdouble(0.5),
    np.array(0.5),
    np.array(0.5, dtype=np.float32),
    np.array(0.5, dtype=object),
    0.5 + 0j,
    complex(0.5, -0.0),
    np.complex64(0.5),
    np.complex128(0.5),
    np.clongdouble(0.5),
    np.array(0.5 + 0j),
    np.array(0.5 + 0j, dtype=object),
    fractions.Fraction(1, 2),
    Decimal("0.5"),
]
REFUSED: list[Any] = [
    0.5 + 1j,
    0.5 + 1e-300j,
    complex(0.5, NAN),
    np.complex64(0.5 + 1j),
    np.complex128(0.5 + 1j),
    np.complex128(complex(0.5, NAN)),
    np.clongdouble(0.5 + 1j),
    np.array(0.5 + 1j),
    np.array(0.5 + 1j, dtype=object),
    np.array("0.5"),
    np.array(b"0.5"),
    np.array("0.5", dtype=object),
    np.str_("0.5"),
    "0.5",
    np.array(5, dtype="timedelta64[s]"),
    np.datetime64("2026-01-01"),
    np.ma.masked,
    np.ma.masked_array(0.5, mask=True),
    np.ma.masked_array(0.5, mask=False),
    None,
    object(),
]


def same(a: Any, b: Any) -> bool:
    if isinstance(a, tuple | list):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, np.ndarray):
        return bool(np.allclose(a, b, rtol=1e-12, atol=1e-12))
    if isinstance(a, float):
        return abs(a - b) <= 1e-12
    return bool(a == b)


@pytest.mark.parametrize("name", SCALARS)
def test_one_half_is_one_half(name: str) -> None:
    call = SCALARS[name]
    expected = call(0.5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for value in HALVES:
            assert same(call(value), expected), repr(value)


MAY_BE_NONE = {name for name, text in real_arguments().items() if text.endswith("| None")}
MAY_BE_NONE |= {"evolution_strategy:learning_rate", "genetic_algorithm:mutation"}
SEARCHES = ("genetic_algorithm", "particle_swarm", "cma_es", "structure_search")
MAY_BE_NONE |= {f"{name}:target" for name in SEARCHES}


@pytest.mark.parametrize("name", SCALARS)
def test_what_is_no_real_number_is_refused(name: str) -> None:
    call = SCALARS[name]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for value in REFUSED:
            if value is None and name in MAY_BE_NONE:
                continue
            try:
                result = call(value)
            except TypeError:
                continue
            assert result is NotImplemented, repr(value)


@given(st.complex_numbers())
def test_numbers_are_real_exactly_where_their_imaginary_part_is_zero(value: complex) -> None:
    for number in (value, np.complex128(value), np.array(value)):
        if value.imag == 0:
            read = kg._core._real(number, "x")
            assert read == value.real or (read != read and value.real != value.real)
        else:
            with pytest.raises(TypeError, match="which has an imaginary part"):
                kg._core._real(number, "x")


def test_messages_name_the_argument_and_the_reason() -> None:
    with pytest.raises(TypeError, match=r"learning_rate must be float.*, not .*imaginary part"):
        kg.Optimizer("adam", learning_rate=np.complex128(0.1 + 1j))
    with pytest.raises(TypeError, match=r"an angle must be a number.*imaginary part"):
        kg.Circuit(1).rx(np.complex128(1j), 0)
    with pytest.raises(TypeError, match=r"'a' must be a number, not .*masked"):
        kg.Circuit(1).rx(A, 0).state({"a": np.ma.masked_array(1.0, mask=True)})
    with pytest.raises(TypeError, match=r"a real number is expected.*imaginary part"):
        kg.PauliSum("Z") * np.complex128(2j)
    with pytest.raises(TypeError):
        np.complex128(2j) * kg.PauliSum("Z")
    with pytest.raises(TypeError, match=r"inputs must be real numbers, got an array of complex128"):
        kg.bloch_vectors(kg.compile(kg.angle_map(1), inputs="x"), [[1j]])


def test_arithmetic_with_arrays_is_done_entry_by_entry() -> None:
    np.testing.assert_array_equal(A * np.array([1.0, 2.0]), [A * 1.0, A * 2.0])
    np.testing.assert_array_equal(np.array([1.0, 2.0]) * A, [1.0 * A, 2.0 * A])
    with pytest.raises(TypeError):
        A * np.array([1.0, 2j])


INTEGERS = {
    "Circuit": lambda v: kg.Circuit(v),
    "State": lambda v: kg.State(v),
    "rx": lambda v: kg.Circuit(3).rx(0.5, v),
    "control": lambda v: kg.Circuit(3).h(0, controls=[v]),
    "repeat": lambda v: kg.Circuit(1).h(0).repeat(v),
    "shots": lambda v: kg.State(1).sample(v, seed=1),
    "seed": lambda v: kg.State(1, seed=v),
    "set_basis": lambda v: kg.State(2).set_basis(v),
    "hardware_efficient": lambda v: kg.hardware_efficient(v, 1),
    "epochs": lambda v: kg.Trainer(kg.make_model(1), epochs=v, seed=1),
    "ParameterVector": lambda v: kg.ParameterVector("x", v),
    "measure": lambda v: kg.Circuit(3, 3).measure(0, v),
}


@pytest.mark.parametrize("name", INTEGERS)
def test_integers_are_not_cut_from_other_numbers(name: str) -> None:
    call = INTEGERS[name]
    for value in (2, np.int8(2), np.uint64(2), np.int64(2)):
        call(value)
    if name != "Circuit":  # whose other overload takes sequences, and asks for the length
        call(np.array(2))
    call(np.bool_(True))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        refused = [2.5, np.float64(2.0), np.float32(2.5), np.float16(2.0), 2 + 0j, np.array(2.5)]
        refused += [np.complex128(2 + 1j), np.array("2"), "2", Decimal(2), np.ma.masked_array(2)]
        refused += [np.array(2 + 1j), np.datetime64("2026-01-01"), np.timedelta64(2, "s")]
        for value in refused:
            with pytest.raises(TypeError):
                call(value)


def test_initialize_takes_complex_amplitudes() -> None:
    amplitudes = np.array([1, 1j]) / 2**0.5
    for given_ in (
        amplitudes,
        list(amplitudes),
        tuple(amplitudes),
        amplitudes.astype(np.complex64),
    ):
        state = kg.Circuit(1).initialize(given_).state()
        np.testing.assert_allclose(state, amplitudes, atol=1e-7)
    mixed = kg.Circuit(2).initialize([3, 0, np.complex128(4j)])
    np.testing.assert_allclose(mixed.state(), [0.6, 0, 0.8j, 0], atol=1e-15)
    assert kg.Circuit.from_json(mixed.to_json()) == mixed
    assert mixed != kg.Circuit(2).initialize([3, 0, 4])
    real = kg.Circuit(1).initialize(np.array([3 + 0j, 4]))
    assert real == kg.Circuit(1).initialize([3, 4])
    with pytest.raises(TypeError, match="imaginary part"):
        kg.Circuit(1).initialize([A, 1j])
    with pytest.raises(ValueError, match="one axis"):
        kg.Circuit(1).initialize(np.eye(2))
    with pytest.raises(ValueError, match="takes 1 to 2"):
        kg.Circuit(1).initialize([1, 1j, 0])
    with pytest.raises(ValueError, match="norm 0"):
        kg.Circuit(1).initialize([0, 0j]).state()


@pytest.mark.parametrize("precision", ["double", "single"])
@pytest.mark.parametrize("n_qubits", [2, 4, 13])
def test_programs_begin_with_complex_amplitudes(precision: str, n_qubits: int) -> None:
    rng = np.random.default_rng(n_qubits)
    psi = rng.normal(size=2**n_qubits) + 1j * rng.normal(size=2**n_qubits)
    psi /= np.linalg.norm(psi)
    w = kg.ParameterVector("w", 2)
    after = kg.Circuit(n_qubits).swap(0, 1).rx(w[0], 0).cx(0, n_qubits - 1).ry(w[1], 1)
    begun = kg.Circuit(n_qubits).initialize(psi).compose(after)
    weights = rng.normal(size=(3, 2))
    observables = ["Z" + "I" * (n_qubits - 1), "I" * (n_qubits - 1) + "Y"]
    own = kg.compile(begun, observables, precision=precision)
    given_ = kg.compile(after, observables, precision=precision)
    tolerance = 1e-12 if precision == "double" else 1e-5
    for method in ("expval", "state", "variance", "jacobian"):
        a = getattr(own, method)(weights=weights)
        b = getattr(given_, method)(weights=weights, initial_state=psi)
        for x, y in zip(
            a if isinstance(a, tuple) else [a], b if isinstance(b, tuple) else [b], strict=True
        ):
            np.testing.assert_allclose(x, y, atol=tolerance)
    hessian = own.hessian(weights=weights[0])
    step = 1e-3 if precision == "double" else 3e-2
    moved = [own.jacobian(weights=weights[0] + [s * step, 0])[1] for s in (1, -1)]
    slack = 1e-5 if precision == "double" else 2e-3
    np.testing.assert_allclose(hessian[:, 0], (moved[0] - moved[1]) / (2 * step), atol=slack)


def test_noise_begins_with_complex_amplitudes() -> None:
    psi = np.array([0.5, 0.5j, -0.5, 0.5 - 0.0j])
    circuit = kg.Circuit(2).initialize(psi).rx(A, 0).cx(0, 1)
    noise = kg.NoiseModel().add(kg.Channel.amplitude_damping(0.25))
    noisy = kg.compile_noisy(circuit, ["ZI", "IX", "YY"], noise)
    rho = circuit.density_matrix({"a": 0.5}, noise=noise)
    expected = [rho.expval(o) for o in ("ZI", "IX", "YY")]
    np.testing.assert_allclose(noisy.expval(weights=[0.5]), expected, atol=1e-12)
    np.testing.assert_allclose(
        noisy.jacobian(weights=[0.5], diff_method="adjoint")[1],
        noisy.jacobian(weights=[0.5], diff_method="parameter-shift")[1],
        atol=1e-12,
    )
    bare = kg.Circuit(2).initialize(psi).density_matrix()
    np.testing.assert_allclose(bare.matrix(), np.outer(psi, psi.conj()), atol=1e-15)
