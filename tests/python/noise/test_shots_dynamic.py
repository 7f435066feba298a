"""Circuits with measurements, resets and conditions, run by their shots."""

import threading
from typing import Any

import numpy as np
import pytest

import ketgrad as kg


def teleportation(theta: float) -> kg.Circuit:
    c = kg.Circuit([("q", 3)], [("m", 2), ("out", 1)])
    c.ry(theta, 0).h(1).cx(1, 2).cx(0, 1).h(0).measure([0, 1], [0, 1])
    c.when({1: 1}, kg.Circuit(3).x(2)).when({0: 1}, kg.Circuit(3).z(2))
    return c.ry(-theta, 2).measure(2, 2)


def test_teleportation_costs_four_branches() -> None:
    result = teleportation(0.7).run(10_000, seed=1)
    assert result.n_branches == 4
    assert result.counts("out") == {"0": 10_000}
    assert set(result.counts("m")) == {"00", "01", "10", "11"}
    assert result.memory().shape == (10_000, 3)


def test_counts_bitstrings_and_memory_tell_the_same() -> None:
    result = kg.Circuit([("q", 3)], [("a", 1), ("b", 2)]).h(0).x(2).measure_all().run(50, seed=3)
    texts = result.bitstrings()
    assert sum(result.counts().values()) == 50
    assert all(texts.count(bits) == n for bits, n in result.counts().items())
    rows = ["".join(str(b) for b in row[::-1]) for row in result.memory()]
    assert rows == texts
    assert result.bitstrings("b") == [text[:2] for text in texts]
    assert result.bitstrings("a") == [text[2] for text in texts]
    assert sum(result.probabilities().values()) == pytest.approx(1)


def test_the_same_seed_gives_the_same_shots_on_any_number_of_threads() -> None:
    circuit = kg.Circuit(4, 4).h(0).cx(0, 1).measure(0, 0).reset(1).h(1).ry(0.3, 2).measure_all()
    try:
        runs = []
        for threads in (1, 2):
            kg.set_num_threads(threads)
            runs.append(circuit.run(500, seed=9).bitstrings())
    finally:
        kg.set_num_threads(0)
    assert runs[0] == runs[1]
    assert runs[0][:20] == circuit.run(20, seed=9).bitstrings()
    assert runs[0] != circuit.run(500, seed=10).bitstrings()
    assert circuit.run(500).bitstrings() != circuit.run(500).bitstrings()


def test_postselection_keeps_what_fulfils_the_condition() -> None:
    circuit = kg.Circuit([("q", 2)], [("c", 2)]).h(0).cx(0, 1).measure_all()
    result = circuit.run(1000, seed=1, postselect=("c", 3))
    assert result.n_run == 1000
    assert result.counts() == {"11": result.shots}
    assert circuit.run(1000, seed=1, postselect={0: 0}).counts() == {"00": 1000 - result.shots}
    assert circuit.run(1000, seed=1, postselect=[0, 1]).shots == result.shots
    with pytest.raises(ValueError, match="none of 10 shots"):
        kg.Circuit(1).measure_all().run(10, postselect={0: 1})


def test_parameters_are_given_by_name() -> None:
    circuit = kg.Circuit(1).rx(kg.Parameter("a"), 0).measure_all()
    assert circuit.run(10, values={"a": np.pi}).counts() == {"1": 10}
    with pytest.raises(ValueError, match="'a' has no value"):
        circuit.run(10)


def test_the_exact_distribution_comes_from_the_density_matrix() -> None:
    circuit = kg.Circuit(2, 2).h(0).measure(0, 0).when({0: 1}, kg.Circuit(2).h(1)).measure(1, 1)
    result = circuit.run(2000, seed=1, method="density_matrix")
    assert result.exact
    p = result.probabilities()
    assert p == pytest.approx({"00": 0.5, "01": 0.25, "11": 0.25})
    assert result.counts()["00"] == pytest.approx(1000, abs=5 * 22)
    assert not circuit.run(10).exact


@pytest.mark.parametrize("method", ["auto", "density_matrix"])
def test_a_bit_has_what_was_measured_into_it_last(method: str) -> None:
    circuit = kg.Circuit(2, 2).h(0).x(1).measure(1, 1).measure(0, 1).measure(0, 0)
    assert set(circuit.run(100, seed=1, method=method).counts()) == {"00", "11"}


def many_branches() -> kg.Circuit:
    """A different course for every shot."""
    circuit = kg.Circuit(5, 30)
    for bit in range(30):
        circuit.h(bit % 5).measure(bit % 5, bit)
    return circuit


def many_channels() -> kg.Circuit:
    """One stage on density matrices, which take a while."""
    circuit = kg.Circuit(10)
    for k in range(200):
        circuit.h(k % 10).cx(k % 10, (k + 3) % 10)
        circuit.channel(kg.Channel.depolarizing2(0.01), [k % 10, (k + 3) % 10])
    return circuit.measure_all()


@pytest.mark.parametrize(
    ("circuit", "method"),
    [(many_branches(), "trajectories"), (many_channels(), "density_matrix")],
)
def test_progress_is_told_from_the_calling_thread_until_all_is_done(
    circuit: kg.Circuit, method: str
) -> None:
    told: list[tuple[int, int]] = []
    threads = set()

    def progress(done: int, shots: int) -> None:
        told.append((done, shots))
        threads.add(threading.get_ident())

    shots = 50_000
    assert circuit.run(shots, seed=1, method=method, progress=progress).shots == shots
    assert told == sorted(set(told))
    assert len(told) > 1, "it takes some tenths of a second"
    assert told[-1] == (shots, shots)
    assert threads == {threading.get_ident()}

    def enough(done: int, shots: int) -> None:
        raise StopIteration(done)

    with pytest.raises(StopIteration):
        circuit.run(shots, method=method, progress=enough)


def test_probabilities_come_with_the_standard_errors_of_their_shots() -> None:
    circuit = kg.Circuit(2).ry(0.9, 0).cx(0, 1).ry(1.9, 1).measure_all()
    exact = circuit.run(1, method="density_matrix").probabilities()
    shots, seeds = 400, 500
    deviations: dict[str, list[float]] = {bits: [] for bits in exact}
    for seed in range(seeds):
        p, std = circuit.run(shots, seed=seed).probabilities(return_std=True)
        assert set(p) == set(std)
        for bits, error in std.items():
            assert error == pytest.approx((p[bits] * (1 - p[bits]) / shots) ** 0.5)
            deviations[bits].append((p[bits] - exact[bits]) / error)
    for bits, z in deviations.items():
        assert len(z) == seeds, bits
        within = np.mean(np.abs(z) < 1.96)
        # Wald's intervals cover somewhat less than they say; 0.95 to a few standard deviations.
        assert within == pytest.approx(0.945, abs=4 * (0.95 * 0.05 / seeds) ** 0.5), bits
        assert np.mean(z) == pytest.approx(0, abs=5 / seeds**0.5 + 0.05), bits


def test_exact_probabilities_have_no_error_and_registers_have_their_own() -> None:
    circuit = kg.Circuit([("q", 2)], [("a", 1), ("b", 1)]).h(0).measure_all()
    p, std = circuit.run(10, method="density_matrix").probabilities("a", return_std=True)
    assert p == pytest.approx({"0": 0.5, "1": 0.5})
    assert std == {"0": 0, "1": 0}
    assert circuit.run(10, seed=1).probabilities("b", return_std=True) == ({"0": 1.0}, {"0": 0.0})


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"shots": 0}, ValueError, "shots is 0"),
        ({"shots": "many"}, TypeError, "the number of shots must be an integer"),
        ({"seed": -1}, ValueError, "the seed -1 is out of range"),
        ({"method": "exact"}, ValueError, "there is no method 'exact'"),
        ({"precision": "half"}, ValueError, "there is no precision 'half'"),
        ({"postselect": {5: 1}}, IndexError, "bit 5 to postselect on is out of range"),
        ({"postselect": {0: 2}}, ValueError, "must be 0 or 1"),
        ({"postselect": ("d", 1)}, ValueError, "no register of classical bits called 'd'"),
        ({"values": {"a": 1.0}}, ValueError, "no parameters, so 'a'"),
        ({"values": {1: 1.0}}, TypeError, r"by a name, Parameter or ParameterVector, not by 1"),
        ({"values": {"a": "x"}}, TypeError, "'a' must be a number, not 'x'"),
        ({"values": [0.1]}, ValueError, "got 1 value for 0 parameters"),
        ({"values": 0.1}, ValueError, "values are expected by name"),
        ({"values": "0.1"}, TypeError, "values must be real"),
        ({"noise": "x"}, TypeError, "noise must be NoiseModel .*, not 'x'"),
        ({"progress": 5}, TypeError, r"progress must be Callable .*, not 5 \(int\)"),
    ],
)
def test_bad_arguments_are_refused(
    arguments: dict[str, Any], error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        kg.Circuit(1).measure_all().run(**arguments)


def test_what_a_circuit_with_measurements_cannot_do_is_said() -> None:
    circuit = kg.Circuit(1).h(0).measure_all()
    with pytest.raises(ValueError, match=r"run it with run.*without_final_measurements"):
        circuit.state()
    with pytest.raises(ValueError, match="run it with run"):
        kg.compile(circuit, "Z")
    assert circuit.without_final_measurements().state().shape == (2,)
    with pytest.raises(ValueError, match="called 'x'"):
        circuit.run(1).counts("x")
    with pytest.raises(MemoryError, match="bytes"):
        kg.Circuit(45).measure_all().run(1)


def test_an_outcome_has_a_bit_of_its_own() -> None:
    circuit = kg.Circuit(2, 2)
    with pytest.raises(ValueError, match="bit 0 is named twice"):
        circuit.measure([0, 1], [0, 0])
    assert circuit.size == 0
    with pytest.raises(ValueError, match="bit 0 is named twice in compose"):
        circuit.compose(kg.Circuit(2, 2).measure(0, 0), bits=[0, 0])
    with pytest.raises(ValueError, match="bit 1 is named twice in a condition"):
        circuit.when([1, 1], kg.Circuit(1).x(0))
    with pytest.raises(ValueError, match="1000000000000 is out of range"):
        circuit.add_bits("d", 10**12)
    with pytest.raises(TypeError, match="must be an integer, not 'x'"):
        circuit.add_bits("d", "x")  # type: ignore[arg-type]
    assert circuit.n_bits == 2
