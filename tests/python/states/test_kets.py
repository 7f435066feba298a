"""States, shots, density matrices and results as text."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ketgrad as kg


def state(*amplitudes: complex) -> kg.State:
    vector = np.array(amplitudes)
    return kg.State.from_amplitudes(vector / np.linalg.norm(vector))


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (state(1, 0), "|0⟩"),
        (state(0, -1), "-|1⟩"),
        (state(0, 0, 1j, 0), "i|10⟩"),
        (state(1, 0, 0, 1), "0.707|00⟩ + 0.707|11⟩"),
        (state(1, -1), "0.707|0⟩ - 0.707|1⟩"),
        (state(1, -1j), "0.707|0⟩ - 0.707i|1⟩"),
        (state(3 + 4j, 0, 0, 1e-9), "(0.6+0.8i)|00⟩"),
        (state(1, 1 - 1j), "0.577|0⟩ + (0.577-0.577i)|1⟩"),
    ],
)
@pytest.mark.parametrize("precision", ["double", "single"])
def test_kets(made: kg.State, text: str, precision: str) -> None:
    assert str(kg.State.from_amplitudes(made.amplitudes(), precision=precision)) == text


def test_latex() -> None:
    bell = kg.State(2).apply(kg.Circuit(2).h(0).cx(0, 1))
    assert bell._repr_latex_() == r"$0.707|00\rangle + 0.707|11\rangle$"


def test_the_largest_terms_in_lines_that_fold() -> None:
    text = str(kg.State(6).apply(kg.Circuit(6).h(range(6)).x(0)))
    assert text.startswith("0.125|000000⟩ + 0.125|000001⟩")
    assert text.endswith("+ … (48 more)")
    assert text.count("⟩") == 16
    assert max(map(len, text.splitlines())) <= 90
    assert len(text.splitlines()) == 4
    peaked = state(*([0.01] * 31), 1)
    assert "|11111⟩" in str(peaked)


@given(st.lists(st.complex_numbers(max_magnitude=1, allow_nan=False), min_size=8, max_size=8))
def test_the_terms_add_up_to_the_state(numbers: list[complex]) -> None:
    vector = np.array(numbers)
    norm = np.linalg.norm(vector)
    if norm < 1e-3:
        return
    vector = vector / norm
    text = str(kg.State.from_amplitudes(vector)).replace("\n", " ").replace(" - ", " + -")
    read = np.zeros(8, dtype=complex)
    for term in text.split(" + "):
        factor, ket = term.split("|")
        sign = -1 if factor.startswith("-") else 1
        factor = factor.lstrip("-").strip("()").replace("i", "j")
        value = complex({"": "1", "j": "1j"}.get(factor, factor))
        read[int(ket[:3], 2)] = sign * value
    assert np.abs(read - vector).max() < 1e-3


def test_shots_print_a_table() -> None:
    result = kg.Circuit(2).h(0).run(1000, seed=1)
    lines = str(result).splitlines()
    assert lines[0] == "1000 shots of 2 bits"
    rows = [line.split() for line in lines[1:]]
    assert {bits: int(count) for bits, count, _, _ in rows} == result.counts()
    assert [int(row[1]) for row in rows] == sorted((int(row[1]) for row in rows), reverse=True)
    many = str(kg.Circuit(6).h(range(6)).run(1000, seed=1)).splitlines()
    assert len(many) == 18
    assert many[-1].endswith("other values")


def test_a_circuit_without_measurements_measures_all() -> None:
    circuit = kg.Circuit(2).h(0).cx(0, 1)
    assert (
        circuit.run(100, seed=3).counts() == circuit.copy().measure_all().run(100, seed=3).counts()
    )
    assert len(circuit) == 2
    exact = circuit.run(10, method="density_matrix").probabilities()
    assert exact == pytest.approx({"00": 0.5, "11": 0.5})
    assert circuit.run(100, seed=3, postselect={0: 1}).counts().keys() == {"11"}


def test_results_print_what_they_found() -> None:
    program = kg.compile(kg.Circuit(1).rx(kg.Parameter("a"), 0), "Z")
    text = str(kg.minimize(program, [0.5], optimizer="rotosolve"))
    assert text.startswith("value -1 after")
    assert "\na = 3.14159" in text


def test_density_matrices_print_their_numbers() -> None:
    rho = kg.Circuit(1, 1).h(0).measure(0, 0).density_matrix()
    assert "0.5" in str(rho)
    wide = kg.Circuit(6).density_matrix()
    assert str(wide) == "<ketgrad.DensityMatrix: 6 qubits, double precision>"


def test_noise_models_print_their_rules() -> None:
    model = kg.NoiseModel().add(kg.Channel.depolarizing(0.01), gates=["h"], qubits=[0])
    model.add(kg.Channel.bit_flip(0.1)).add_readout_error(0.02, 0.03)
    text = str(model)
    assert "depolarizing(0.01) after h on qubits 0" in text
    assert "bit_flip(0.1) after every gate" in text
    assert "0.02" in text
    assert str(kg.NoiseModel()) == "no noise"
