"""``ketgrad info``: what an installation, or a circuit, is made of."""

import argparse
import time
from collections.abc import Callable, Iterator

import numpy as np

from ketgrad import _core
from ketgrad._config import show_config
from ketgrad._core import Circuit, PauliSum, State, available_memory, hardware_efficient
from ketgrad.commands.circuits import add_circuit, is_measured, read_circuit
from ketgrad.commands.sizes import bytes_text, seconds_text

EPILOG = """\
examples:
  ketgrad info
  ketgrad info qft.qasm

The time is that of preparing the state once, or of one shot of a circuit that measures in its
course, in double precision on all threads. Up to 20 qubits it is measured; of wider circuits it is
that of a layered circuit of 20 qubits, scaled by gates and amplitudes.
"""

_WIDEST_RUN = 20
_WIDEST_STATE = 62


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the sub-command."""
    parser.epilog = EPILOG
    add_circuit(parser, optional="without one, about the installation")


def main(args: argparse.Namespace) -> int:
    """Run the command; returns the exit code."""
    if args.file is None:
        show_config()
        return 0
    for name, value in describe(read_circuit(args)):
        print(f"{name:<17} {value}")
    return 0


def describe(circuit: Circuit) -> Iterator[tuple[str, str]]:
    """Tell all about a circuit, a line at a time.

    >>> dict(describe(Circuit(2).h(0).cx(0, 1)))["depth"]
    '2'
    """
    yield "qubits", f"{circuit.n_qubits}{_registers(circuit.qubit_registers)}"
    yield "classical bits", f"{circuit.n_bits}{_registers(circuit.bit_registers)}"
    counts = sorted(circuit.count_gates().items(), key=lambda item: (-item[1], item[0]))
    gates = ", ".join(f"{name} {count}" for name, count in counts)
    yield "operations", f"{circuit.size}" + (f" ({gates})" if gates else "")
    yield "depth", f"{circuit.depth()}"
    names = circuit.parameters
    some = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
    yield "parameters", f"{len(names)}" + (f" ({some})" if names else "")
    unitary = circuit.without_final_measurements()
    yield "kind", _kind(circuit, unitary)
    if unitary.is_unitary and 1 < circuit.n_qubits <= _WIDEST_STATE:
        yield "light cones", _light_cones(unitary)
    yield "memory", _memory(circuit.n_qubits)
    yield "time", _time(unitary if unitary.is_unitary else circuit)


def _registers(registers: list[tuple[str, int]]) -> str:
    return f" ({', '.join(f'{name}[{size}]' for name, size in registers)})" if registers else ""


def _kind(circuit: Circuit, unitary: Circuit) -> str:
    if circuit.is_unitary:
        return "unitary"
    if unitary.is_unitary:
        return "unitary with final measurements: all shots come from one run"
    return "dynamic: measurements, resets, noise or conditions in its course"


def _light_cones(circuit: Circuit) -> str:
    sizes = [len(circuit.light_cone(qubit)) for qubit in range(circuit.n_qubits)]
    least, most = min(sizes), max(sizes)
    some = f"{most}" if least == most else f"{least} to {most}"
    pays = " (expectation values take states of that size)" if most <= circuit.n_qubits / 2 else ""
    return f"what is seen on a qubit depends on {some} of {circuit.n_qubits} qubits{pays}"


def _memory(n_qubits: int) -> str:
    if n_qubits > _WIDEST_STATE:
        return f"no machine holds a state of {n_qubits} qubits"
    size = State.bytes(n_qubits)
    available = available_memory()
    fits = "" if size <= available else ", more than there is"
    return f"{bytes_text(size)} a state (of {bytes_text(available)} available{fits})"


def _time(circuit: Circuit) -> str:
    if circuit.n_qubits <= _WIDEST_RUN:
        if circuit.is_unitary:
            return f"{seconds_text(_measured(circuit))} a run (measured)"
        if not is_measured(circuit):
            return "unknown: it measures nothing"
        return f"{seconds_text(_fastest(_shot(circuit)))} a shot (measured)"
    sample = hardware_efficient(_WIDEST_RUN, 2)
    if circuit.n_qubits > _WIDEST_STATE:
        return "unknown"
    work = circuit.size / sample.size * 2.0 ** (circuit.n_qubits - _WIDEST_RUN)
    return (
        f"about {seconds_text(work * _measured(sample))} a run "
        f"(scaled from {sample.size} gates on {_WIDEST_RUN} qubits)"
    )


def _measured(circuit: Circuit) -> float:
    """Time of a run, the fastest of three at most: the first allocates."""
    # Z on one qubit is read at the end; a copy of the state would take longer than many gates.
    program = _core.compile(circuit, PauliSum("Z0", n_qubits=circuit.n_qubits), engine="tiles")
    weights = np.full(len(program.weights), 0.1)
    return _fastest(lambda: program.expval(weights=weights))


def _shot(circuit: Circuit) -> Callable[[], object]:
    values = dict.fromkeys(circuit.parameters, 0.1)
    return lambda: circuit.run(1, seed=0, values=values)


def _fastest(run: Callable[[], object]) -> float:
    times = []
    for _ in range(3):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
        if sum(times) > 1.0:
            break
    return min(times)
