"""Every argument of the package that lists qubits or bits, with a call that passes a list to it."""

import ast
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import ketgrad as kg

Call = Callable[[Any], Any]
CORE = kg._core
PROGRAM = kg.compile(kg.Circuit(3).ry(kg.Parameter("w"), 0).cx(0, 1))
AT = {"weights": [0.25]}
FLIP = kg.Channel.bit_flip(0.25)
NOISY = kg.compile_noisy(kg.Circuit(3).x(0), "Z0", kg.NoiseModel())
BOTH = kg.Channel.depolarizing2(0.25)
FOUR = np.eye(4)
G = np.array([1.0, 0.5, 0.25, 0.0])


def _bits() -> kg.Circuit:
    return kg.Circuit(3, 3).measure([0, 1, 2], [0, 1, 2])


# All take [0, 1], the qubits or bits of three.
PLACES: dict[str, Call] = {
    "MatrixObservable.__init__:qubits": lambda q: kg.MatrixObservable(FOUR, q),
    "Circuit.barrier:qubits": lambda q: kg.Circuit(3).barrier(q),
    "Circuit.channel:qubits": lambda q: kg.Circuit(3).channel(FLIP, q),
    "Circuit.compose:qubits": lambda q: kg.Circuit(3).compose(kg.Circuit(2).h(0), q),
    "Circuit.compose:bits": lambda b: _bits().compose(kg.Circuit(1, 2).measure(0, 1), [0], b),
    "Circuit.evolution:qubits": lambda q: kg.Circuit(3).evolution(0.5, "XX", q),
    "Circuit.gate:qubits": lambda q: kg.Circuit(3).gate("cx", [], q),
    "Circuit.light_cone:qubits": lambda q: kg.Circuit(3).light_cone(q),
    "Circuit.measure:qubit": lambda q: kg.Circuit(3, 3).measure(q, [0, 1]),
    "Circuit.measure:bit": lambda b: kg.Circuit(3, 3).measure([0, 1], b),
    "Circuit.pauli_rotation:qubits": lambda q: kg.Circuit(3).pauli_rotation(0.5, "XX", q),
    "Circuit.reset:qubit": lambda q: kg.Circuit(3).reset(q),
    "Circuit.unitary:qubits": lambda q: kg.Circuit(3).unitary(FOUR, q),
    "Circuit.run:postselect": lambda b: kg.Circuit(3).x([0, 1]).run(5, seed=1, postselect=b),
    "Circuit.when:condition": lambda b: _bits().when(b, kg.Circuit(3, 3).x(0)),
    "State.probabilities:qubits": lambda q: kg.State(3).probabilities(q),
    "State.reduced_density_matrix:qubits": lambda q: kg.State(3).reduced_density_matrix(q),
    "NoiseModel.add:qubits": lambda q: kg.NoiseModel().add(BOTH, "cx", q),
    "NoiseModel.add_readout_error:qubits": (
        lambda q: kg.NoiseModel().add_readout_error(0.25, 0.25, q)
    ),
    "DensityMatrix.probabilities:qubits": (
        lambda q: kg.Circuit(3).density_matrix().probabilities(q)
    ),
    "Program.probs:qubits": lambda q: PROGRAM.probs(**AT, qubits=q),
    "Program.jacobian:qubits": lambda q: PROGRAM.jacobian(**AT, of="probs", qubits=q),
    "Program.hessian:qubits": lambda q: PROGRAM.hessian(**AT, of="probs", cotangent=G, qubits=q),
    "Program.hvp:qubits": lambda q: PROGRAM.hvp([1.0], **AT, of="probs", cotangent=G, qubits=q),
    "Program.vjp:qubits": lambda q: PROGRAM.vjp(G, **AT, of="probs", qubits=q),
    "Program.value_and_vjp:qubits": lambda q: PROGRAM.value_and_vjp(G, **AT, of="probs", qubits=q),
    "NoisyProgram.probs:qubits": lambda q: NOISY.probs(qubits=q),
    "CircuitLayer.__init__:qubits": lambda q: kg.layers.CircuitLayer(PROGRAM, "probs", qubits=q),
    "_measured:qubits": lambda q: CORE._measured(PROGRAM, "probs", q),
    "_program_for_ranks:measured": (lambda q: CORE._program_for_ranks(PROGRAM, q)),
    "_qubits:qubits": CORE._qubits,
    "phase_oracle:marked": lambda s: kg.library.phase_oracle(s, 2),
    "PauliSum.__init__:terms": lambda q: kg.PauliSum([("XX", q, 0.5)], n_qubits=3),
    "PauliSum.from_sparse:terms": lambda q: kg.PauliSum.from_sparse([("XX", q, 0.5)], 3),
    "maxcut:edges": lambda q: kg.library.maxcut([q]),
    "heisenberg:edges": lambda q: kg.library.heisenberg(3, edges=[q]),
    "hubbard:edges": lambda q: kg.library.hubbard(3, edges=[q]),
    "transverse_ising:edges": lambda q: kg.library.transverse_ising(3, edges=[q]),
    # Written in Python.
    "amplitude_estimation:good_qubits": lambda q: kg.library.amplitude_estimation(
        kg.Circuit(3).h(0), q, epsilon=0.25, seed=1
    ),
}
# Booleans say there what controls must be, and which value a control has.
FLAGS = {"Circuit.control:values", "Circuit.gate:control_values"}


def _arguments(node: Any, prefix: str = "") -> Any:
    for item in node.body:
        if isinstance(item, ast.ClassDef):
            yield from _arguments(item, f"{prefix}{item.name}.")
        elif isinstance(item, ast.FunctionDef):
            names = [a.arg for a in [*item.args.args, *item.args.kwonlyargs]]
            for a in [*item.args.args, *item.args.kwonlyargs]:
                text = "" if a.annotation is None else ast.unparse(a.annotation)
                if "Iterable[typing.SupportsIndex]" in text:
                    yield f"{prefix}{item.name}", a.arg, names[1:]


ARGUMENTS = list(
    _arguments(ast.parse(Path(kg.__file__).with_name("_core.pyi").read_text())),
)


def _gate(method: str, names: list[str], argument: str, places: Any) -> Any:
    """Call a method of the gate table with the places as one of its arguments."""
    usual: dict[str, Any] = {"letters": "Z", "matrix": np.eye(2), "generator": "Z", "qubits": 4}
    usual |= {"name": "x", "angles": [], "channel": FLIP}
    qubits = [name for name in names if name.rstrip("012") in ("qubit", "control", "target")]
    usual |= {name: 4 + k for k, name in enumerate(qubits)}
    usual |= dict.fromkeys(("theta", "phi", "lam"), 0.5)
    given = {name: usual[name] for name in names if name in usual} | {argument: places}
    return getattr(kg.Circuit(7), method)(**given)


def _places() -> dict[str, Call]:
    """Those above, and the qubits and controls of all methods that add a gate."""
    gates = {
        f"{method}:{argument}": partial(_gate, method.split(".")[1], names, argument)
        for method, argument, names in ARGUMENTS
        if method.startswith("Circuit.") and "controls" in names
        if f"{method}:{argument}" not in FLAGS
    }
    return {**gates, **PLACES}


ALL_PLACES = _places()


def place_arguments() -> set[str]:
    """List the arguments of the extension module that list places, as its stub says."""
    return {f"{method}:{argument}" for method, argument, _ in ARGUMENTS} - FLAGS
