"""Circuits of many operations."""

import copy
import pickle
from collections.abc import Callable
from functools import cache

import numpy as np

import ketgrad as kg
from long_calls.call import Call, new_folder, on, on_both

CALLS: dict[str, Callable[[], Call]] = {}

OPERATIONS = 600_000


@cache
def big_circuit(operations: int = OPERATIONS) -> kg.Circuit:
    """Many operations on few qubits, with two parameters."""
    a, b = kg.Parameter("a"), kg.Parameter("b")
    unit = kg.Circuit(4).h(0).rx(a, 1).cx(0, 1).rz(2 * b, 2).ccx(0, 1, 3).ry(0.3, 0).swap(1, 2)
    unit.cp(0.1, 2, 3).t(1).x(0, controls={1: 0})
    return unit.repeat(operations // 10)


@cache
def big_text(version: int = 3) -> str:
    return big_circuit().to_qasm(version) if version == 3 else plain_circuit().to_qasm(version)


@cache
def plain_circuit() -> kg.Circuit:
    return kg.Circuit(4).h(0).cx(0, 1).rz(0.2, 2).ccx(0, 1, 3).ry(0.3, 0).t(1).repeat(100_000)


@cache
def big_json() -> str:
    return big_circuit().to_json()


def of_big(run: Callable[[kg.Circuit], object], operations: int = OPERATIONS) -> Callable[[], Call]:
    """A call on the big circuit, which must stay as long as it was."""

    def setup() -> Call:
        circuit = big_circuit(operations)
        size = len(circuit)
        return Call(lambda: run(circuit), lambda: len(circuit) == size and circuit.n_qubits == 4)

    return setup


@cache
def wide_barriers() -> kg.Circuit:
    """Few operations, each on very many qubits."""
    n = 10**5
    return kg.Circuit(n).barrier(range(n)).repeat(500)


def of_wide(run: Callable[[kg.Circuit], object]) -> Callable[[], Call]:
    return on(wide_barriers, run)


def of_matrix() -> kg.Circuit:
    random = np.random.default_rng(0).normal(size=(1024, 1024))
    return kg.Circuit(10).unitary(np.linalg.qr(random)[0], range(10))


def composed() -> Call:
    circuit, other = kg.Circuit(5).h(4), big_circuit()
    return Call(
        lambda: circuit.compose(other, [1, 2, 3, 4]),
        lambda: circuit == kg.Circuit(5).h(4) and len(other) == OPERATIONS,
    )


def conditioned() -> Call:
    circuit, other = kg.Circuit(4, 1).measure(0, 0), plain_circuit()
    before = copy.copy(circuit)
    then = kg.Circuit(4, 1).compose(other)
    return Call(lambda: circuit.when({0: 1}, then), lambda: circuit == before)


def many_boxes() -> kg.Circuit:
    return kg.Circuit(1).compose(kg.Circuit(1).x(0), label="box").repeat(500_000)


def measured(n: int = 12, bits: int = 12) -> kg.Circuit:
    circuit = kg.Circuit(n, bits)
    for qubit in range(bits):
        circuit.ry(0.3 + 0.1 * qubit, qubit)
    return circuit


def wide(n: int, layers: int) -> kg.Circuit:
    circuit = kg.hardware_efficient(n, layers)
    return circuit.assign({name: 0.1 + 0.01 * k for k, name in enumerate(circuit.parameters)})


CALLS |= {
    "Circuit.repeat": of_big(lambda c: c.repeat(5)),
    "Circuit.power": of_big(lambda c: c.power(5)),
    "Circuit.compose": composed,
    "Circuit.inverse": of_big(lambda c: c.inverse().inverse().inverse()),
    "Circuit.control": of_big(lambda c: c.control([1, 0])),
    "Circuit.assign": of_big(lambda c: c.assign({"a": 0.1, "b": 0.2})),
    "Circuit.when": conditioned,
    "Circuit.to_json": of_big(lambda c: c.to_json()),
    "Circuit.from_json": on(lambda: big_json(), lambda text: kg.Circuit.from_json(text)),
    "Circuit.to_qasm": of_big(lambda c: c.to_qasm()),
    "Circuit.from_qasm": on(lambda: big_text(), lambda text: kg.Circuit.from_qasm(text)),
    "Circuit.from_qasm, version 2": on(
        lambda: big_text(2), lambda text: kg.Circuit.from_qasm(text)
    ),
    "Circuit.draw": of_big(lambda c: c.draw(100), 100_000),
    "Circuit.svg": of_big(lambda c: c.svg(), 100_000),
    "pickle of a Circuit": of_big(pickle.dumps),
    "copy of a Circuit": of_big(lambda c: [copy.copy(c) for _ in range(8)]),
    "Circuit.without_final_measurements": of_big(
        lambda c: [c.without_final_measurements() for _ in range(8)]
    ),
    "Circuit.copy": of_big(lambda c: [c.copy() for _ in range(8)]),
    "Circuit.operations": of_big(lambda c: c.operations),
    "Circuit.light_cone": of_big(lambda c: c.light_cone(0)),
    "Circuit.boxes": on(lambda: many_boxes(), lambda c: c.boxes),
    "Circuit.depth": of_big(lambda c: [c.depth() for _ in range(20)]),
    "Circuit.count_gates": of_big(lambda c: [c.count_gates() for _ in range(20)]),
    "Circuit.parameters": of_big(lambda c: [c.parameters for _ in range(20)]),
    "Circuit.matrix": on(lambda: wide(12, 20), lambda c: c.matrix()),
    "Circuit.state": on(lambda: wide(22, 20), lambda c: c.state()),
    "Circuit.density_matrix": on(lambda: wide(11, 20), lambda c: c.density_matrix()),
    "Circuit.evolution": on_both(
        lambda: (kg.Circuit(12), random_sum(12, 8000)), lambda c, h: c.evolution(0.1, h, range(12))
    ),
}


def from_qasm_file() -> Call:
    folder = new_folder()
    path = folder / "big.qasm"
    path.write_text(big_text())
    return Call(lambda: kg.Circuit.from_qasm_file(path))


@cache
def random_sum(n: int, terms: int, seed: int = 0) -> kg.PauliSum:
    letters = np.random.default_rng(seed).choice(list("IXYZ"), (terms, n)).tolist()
    return kg.PauliSum({"".join(row): 1.0 + k for k, row in enumerate(letters)})


CALLS |= {
    f"{name} of wide operations": of_wide(run)
    for name, run in {
        "Circuit.repeat": lambda c: c.repeat(3),
        "Circuit.inverse": lambda c: [c.inverse() for _ in range(3)],
        "Circuit.operations": lambda c: [c.operations for _ in range(3)],
        "Circuit.copy": lambda c: [c.copy() for _ in range(3)],
        "Circuit.depth": lambda c: [c.copy().depth() for _ in range(3)],
        "Circuit.to_json": lambda c: c.to_json(),
        "Circuit.to_qasm": lambda c: c.to_qasm(),
        "Circuit.draw": lambda c: c.draw(100),
        "pickle": pickle.dumps,
    }.items()
}

CALLS |= {
    "Circuit.initialize": on(
        lambda: np.ones(2**23, complex), lambda values: kg.Circuit(23).initialize(values)
    ),
    "Circuit.to_json of a matrix": on(of_matrix, lambda c: [c.to_json() for _ in range(3)]),
    "ParameterVector.__array__ by numpy.sum": on(lambda: kg.ParameterVector("w", 10**6), np.sum),
    "ParameterVector.__array__ by numpy.sin": on(lambda: kg.ParameterVector("w", 10**6), np.sin),
    "Circuit.from_qasm_file": from_qasm_file,
    "Program.circuit": on(
        lambda: kg.compile(big_circuit()), lambda p: [p.circuit for _ in range(8)]
    ),
    "Program.bind": on(lambda: kg.compile(big_circuit()), lambda p: p.bind([0.1, 0.2])),
    "ParameterVector.__mul__": on(
        lambda: kg.ParameterVector("w", 500_000), lambda w: [2 * w + 0.1 for _ in range(2)]
    ),
}
