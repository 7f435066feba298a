"""Many shots."""

from collections.abc import Callable
from functools import cache

import ketgrad as kg
from long_calls.call import Call, on
from long_calls.circuits import measured, wide

CALLS: dict[str, Callable[[], Call]] = {}


def dynamic(n: int = 5) -> kg.Circuit:
    circuit = kg.Circuit(n, n)
    for qubit in range(n):
        circuit.h(qubit).measure(qubit, qubit).h(qubit)
    return circuit


def noise() -> kg.NoiseModel:
    return kg.NoiseModel().add(kg.Channel.depolarizing(0.05))


@cache
def many_shots() -> kg.Result:
    circuit = kg.Circuit(20)
    for qubit in range(20):
        circuit.h(qubit)
    return circuit.measure_all().run(5_000_000, seed=1)


def of_shots(run: Callable[[kg.Result], object], times: int = 1) -> Callable[[], Call]:
    def setup() -> Call:
        result = many_shots()
        return Call(lambda: [run(result) for _ in range(times)], lambda: result.shots == 5_000_000)

    return setup


@cache
def wide_shots() -> kg.Result:
    return kg.Circuit(1, 10**6).x(0).measure(0, 0).run(500)


CALLS |= {
    "Circuit.run": on(lambda: dynamic(2), lambda c: c.run(20_000_000, seed=1)),
    "Circuit.run of final measurements": on(
        lambda: measured().measure_all(), lambda c: c.run(30_000_000, seed=1)
    ),
    "Circuit.run of trajectories": on(
        lambda: noise().apply(dynamic(5)), lambda c: c.run(1_000_000, seed=1)
    ),
    "Circuit.run by density matrix": on(
        lambda: noise().apply(measured(10, 10).compose(wide(10, 4))).measure_all(),
        lambda c: c.run(5_000_000, seed=1, method="density_matrix"),
    ),
    "Circuit.run with postselection": on(
        lambda: dynamic(2), lambda c: c.run(20_000_000, seed=1, postselect={0: 1})
    ),
    "Result.counts": of_shots(lambda r: r.counts(), 2),
    "Result.probabilities": of_shots(lambda r: r.probabilities(), 2),
    "Result.bitstrings": of_shots(lambda r: r.bitstrings()),
    "Result.counts of wide results": on(wide_shots, lambda r: r.counts()),
    "Result.probabilities of wide results": on(wide_shots, lambda r: r.probabilities()),
    "Result.bitstrings of wide results": on(wide_shots, lambda r: r.bitstrings()),
    "Result.memory": of_shots(lambda r: r.memory(), 4),
}
