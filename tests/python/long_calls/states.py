"""States of many qubits."""

import pickle
from collections.abc import Callable, Sequence
from functools import cache

import ketgrad as kg
from long_calls.call import Call, new_folder, on, on_both
from long_calls.circuits import random_sum, wide

CALLS: dict[str, Callable[[], Call]] = {}


@cache
def spread(n: int) -> kg.State:
    """A state of many qubits with amplitudes everywhere."""
    circuit = kg.Circuit(n)
    for qubit in range(n):
        circuit.ry(0.4 + 0.03 * qubit, qubit)
    return kg.State(n, seed=1).apply(circuit)


def of_state(
    run: Callable[[kg.State], object],
    n: int = 24,
    times: int = 1,
    sums: Sequence[tuple[int, int]] = (),
) -> Callable[[], Call]:
    """A call that reads a state, several times over where it is quick; sums it needs are made."""

    def setup() -> Call:
        state = spread(n)
        for size in sums:
            random_sum(*size)
        return Call(
            lambda: [run(state) for _ in range(times)], lambda: abs(state.norm() - 1) < 1e-9
        )

    return setup


def changing(run: Callable[[kg.State], object], n: int = 24, times: int = 1) -> Callable[[], Call]:
    """A call that changes a state: interrupted, it may leave part of the change, and it goes on."""

    def setup() -> Call:
        state = kg.State(n)

        def usable() -> bool:
            return state.set_basis(1).norm() == 1 and state.n_qubits == n

        return Call(lambda: [run(state) for _ in range(times)], usable)

    return setup


def set_amplitudes() -> Call:
    state, values = kg.State(24), spread(24).amplitudes()
    return Call(
        lambda: [state.set_amplitudes(values) for _ in range(4)],
        lambda: state.set_basis(1).norm() == 1,
    )


def from_amplitudes() -> Call:
    values = spread(24).amplitudes()
    return Call(lambda: [kg.State.from_amplitudes(values) for _ in range(4)])


def save() -> Call:
    state = spread(26)
    folder = new_folder()
    path = folder / "state"
    path.write_text("as before")

    def intact() -> bool:
        return path.read_text() == "as before" and [*folder.iterdir()] == [path]

    return Call(lambda: state.save(path), intact)


def load_state() -> Call:
    folder = new_folder()
    path = folder / "state"
    spread(26).save(path)
    return Call(lambda: kg.State.load(path))


CALLS |= {
    "State": lambda: Call(lambda: [kg.State(27) for _ in range(3)]),
    "State.copy": of_state(lambda s: s.copy(), 26, 3),
    "pickle of a State": of_state(lambda s: [pickle.dumps(s) for _ in range(2)], 24),
    "State.amplitudes": of_state(lambda s: s.amplitudes(), 26, 2),
    "State.apply": changing(lambda s: s.apply(wide(24, 4))),
    "State.set_basis": changing(lambda s: s.set_basis(5), 26, 8),
    "State.measure": changing(lambda s: s.set_basis(0).measure(3), 25, 8),
    "State.project": changing(lambda s: s.set_basis(0).project(3, 0), 25, 8),
    "State.norm": of_state(lambda s: s.norm(), 26, 8),
    "State.inner": of_state(lambda s: s.inner(s), 26, 8),
    "State.probabilities": of_state(lambda s: s.probabilities(), 26, 3),
    "State.probabilities of some": of_state(lambda s: s.probabilities([*range(23, -1, -1)]), 26, 2),
    "State.reduced_density_matrix": of_state(lambda s: s.reduced_density_matrix(range(10)), 24, 4),
    "State.sample": of_state(lambda s: s.sample(30_000_000, seed=1), 20),
    "State.sample of few qubits": of_state(lambda s: s.sample(50_000_000, seed=1), 2),
    "State.shadow": of_state(lambda s: s.shadow(1_000_000, seed=1), 6),
    "State.expval": of_state(lambda s: s.expval(random_sum(22, 400)), 22, sums=[(22, 400)]),
    "State.variance": of_state(lambda s: s.variance(random_sum(22, 20)), 22, 2, [(22, 20)]),
}


@cache
def taken_shadow() -> kg.ClassicalShadow:
    return spread(6).shadow(300_000, seed=1)


CALLS |= {
    "ClassicalShadow.expval": on_both(
        lambda: (taken_shadow(), random_sum(6, 200)), lambda s, total: s.expval([total])
    ),
    "ClassicalShadow.bases": on(lambda: taken_shadow(), lambda s: [s.bases for _ in range(10)]),
}

CALLS |= {
    "State.set_amplitudes": set_amplitudes,
    "State.from_amplitudes": from_amplitudes,
    "State.save": save,
    "State.load": load_state,
}
