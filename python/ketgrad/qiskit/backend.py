"""A backend of Qiskit that runs on ketgrad."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import uuid4

import numpy as np
from qiskit import QuantumCircuit
from qiskit.circuit import (
    BoxOp,
    BreakLoopOp,
    ContinueLoopOp,
    ForLoopOp,
    IfElseOp,
    Measure,
    Reset,
    Store,
    SwitchCaseOp,
    WhileLoopOp,
)
from qiskit.circuit.library.standard_gates import get_standard_gate_name_mapping
from qiskit.exceptions import QiskitError
from qiskit.primitives.primitive_job import PrimitiveJob
from qiskit.providers import BackendV2, Options
from qiskit.result import Result
from qiskit.transpiler import Target

import ketgrad
from ketgrad import NoiseModel
from ketgrad._clients import MOST_SHOTS, require_seed
from ketgrad.qiskit.checks import (
    MOST_QUBITS,
    require_noise,
    require_type,
    require_whole,
)
from ketgrad.qiskit.gates import BUILDS
from ketgrad.qiskit.sampler import Bits, sample
from ketgrad.qiskit.structures import find

_FLOW = {
    BoxOp: "box",
    BreakLoopOp: "break_loop",
    ContinueLoopOp: "continue_loop",
    ForLoopOp: "for_loop",
    IfElseOp: "if_else",
    Store: "store",
    SwitchCaseOp: "switch_case",
    WhileLoopOp: "while_loop",
}


class Backend(BackendV2):  # type: ignore[misc]
    """A simulator of circuits, shot by shot, for `transpile` and `backend.run`.

    Parameters
    ----------
    num_qubits : int, default=30
        Of the target.
    noise : NoiseModel, default=None
        See :func:`ketgrad.qiskit.noise_model`.

    Examples
    --------
    >>> from qiskit import QuantumCircuit, transpile
    >>> bell = QuantumCircuit(2)
    >>> _ = bell.h(0)
    >>> _ = bell.cx(0, 1)
    >>> bell.measure_all()
    >>> backend = Backend()
    >>> counts = backend.run(transpile(bell, backend), shots=100).result().get_counts()
    >>> sorted(counts), sum(counts.values())
    (['00', '11'], 100)

    """

    def __init__(self, num_qubits: int = 30, noise: NoiseModel | None = None) -> None:
        require_noise(noise)
        require_whole(num_qubits, 1, "num_qubits", MOST_QUBITS)
        super().__init__(name="ketgrad", backend_version=ketgrad.__version__)
        self._noise = noise
        self._target = _target(num_qubits)

    @property
    def target(self) -> Target:
        """Every gate of the table on all qubits, and control flow on measured bits."""
        return self._target

    @property
    def max_circuits(self) -> None:
        """None: as many circuits a call as you like."""
        return

    @classmethod
    def _default_options(cls) -> Options:
        return Options(shots=1024, seed_simulator=None, memory=False)

    def run(self, run_input: QuantumCircuit | Sequence[QuantumCircuit], **options: Any) -> Any:
        """Start a job for a circuit, or a list of them.

        Parameters
        ----------
        run_input : QuantumCircuit or sequence of it
            Without free parameters.
        **options
            `shots` (1024), `seed_simulator` (None) and `memory` (False): whether to keep the bits
            of every shot.

        Returns
        -------
        job
            Whose `result()` is a `qiskit.result.Result`.

        Raises
        ------
        qiskit.exceptions.QiskitError
            For options and operations that it lacks, and free parameters.

        """
        is_several = isinstance(run_input, Iterable) and not isinstance(run_input, QuantumCircuit)
        circuits: list[Any] = list(run_input) if is_several else [run_input]
        for circuit in circuits:
            require_type(circuit, QuantumCircuit, "what a backend runs")
        settings = {**self.options.__dict__, **options}
        for name in options:
            if name not in self.options.__dict__:
                raise QiskitError(f"ketgrad's backend has no option '{name}'")
        require_whole(settings["shots"], 1, "shots", MOST_SHOTS)
        require_seed(settings["seed_simulator"], QiskitError, "seed_simulator")
        require_type(settings["memory"], bool, "memory")
        for circuit in circuits:
            if circuit.num_parameters:
                names = ", ".join(p.name for p in circuit.parameters)
                raise QiskitError(f"circuit '{circuit.name}' has free parameters: {names}")
        job = PrimitiveJob(self._result, circuits, settings)
        job._submit()
        return job

    def _result(self, circuits: list[QuantumCircuit], settings: dict[str, Any]) -> Result:
        rng = np.random.default_rng(settings["seed_simulator"])
        shots = settings["shots"]
        results = []
        for circuit in circuits:
            structure, numbers = find(circuit)
            rows = structure.rows(numbers, np.empty((1, 0)))
            bits = sample(structure, rows, shots, self._noise, rng)[0]
            results.append(_experiment(circuit, bits, settings))
        return Result.from_dict(
            {
                "backend_name": self.name,
                "backend_version": self.backend_version,
                "job_id": str(uuid4()),
                "success": True,
                "results": results,
            }
        )


def _experiment(circuit: QuantumCircuit, bits: Bits, settings: dict[str, Any]) -> dict[str, Any]:
    """Give the counts of a circuit's bits, as hexadecimal numbers, as results have them."""
    words = np.packbits(bits, axis=1, bitorder="little")
    numbers = [int.from_bytes(word.tobytes(), "little") for word in words]
    counts: dict[str, int] = {}
    for number in numbers:
        counts[hex(number)] = counts.get(hex(number), 0) + 1
    data: dict[str, Any] = {"counts": counts if circuit.num_clbits else {}}
    if settings["memory"]:
        data["memory"] = [hex(number) for number in numbers]
    return {
        "shots": settings["shots"],
        "success": True,
        "seed": settings["seed_simulator"],
        "data": data,
        "header": {
            "name": circuit.name,
            "memory_slots": circuit.num_clbits,
            "creg_sizes": [[register.name, register.size] for register in circuit.cregs],
            "qreg_sizes": [[register.name, register.size] for register in circuit.qregs],
            "n_qubits": circuit.num_qubits,
            "metadata": circuit.metadata or {},
        },
    }


def _target(num_qubits: int) -> Target:
    out = Target(num_qubits=num_qubits)
    standard = get_standard_gate_name_mapping()
    for name in BUILDS:
        if name in standard and standard[name].num_qubits:
            out.add_instruction(standard[name])
    out.add_instruction(Measure())
    out.add_instruction(Reset())
    for kind, name in _FLOW.items():
        out.add_instruction(kind, name=name)
    return out
