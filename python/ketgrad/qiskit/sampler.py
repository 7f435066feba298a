"""Shots as Qiskit asks for them."""

import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.circuit import CircuitInstruction
from qiskit.exceptions import QiskitError
from qiskit.primitives import (
    BaseSamplerV2,
    BitArray,
    DataBin,
    PrimitiveResult,
    SamplerPubResult,
)
from qiskit.primitives.containers.sampler_pub import SamplerPub
from qiskit.primitives.primitive_job import PrimitiveJob

from ketgrad import NoiseModel
from ketgrad._clients import MOST_SHOTS, require_seed
from ketgrad._memory import require_memory
from ketgrad.qiskit.checks import (
    each_pub,
    require_noise,
    require_whole,
)
from ketgrad.qiskit.course import Course
from ketgrad.qiskit.structures import Floats, Structure, find

_SEEDS = 2**63
_FORM = "(circuit, values, shots)"
Bits = NDArray[np.bool_]


class Sampler(BaseSamplerV2):  # type: ignore[misc]
    """Shots of pubs, by classical register; measurements, resets and conditions as they come.

    Circuits that differ by numbers alone are compiled once, and all that a call asks of one
    structure runs as one batch. Shots whose outcomes agree share their work.

    Parameters
    ----------
    default_shots : int, default=1024
        Of pubs and calls that name none.
    seed : int or numpy.random.Generator, default=None
        None draws fresh ones.
    noise : NoiseModel, default=None
        See :func:`ketgrad.qiskit.noise_model`.

    Examples
    --------
    >>> from qiskit import QuantumCircuit
    >>> bell = QuantumCircuit(2)
    >>> _ = bell.h(0)
    >>> _ = bell.cx(0, 1)
    >>> bell.measure_all()
    >>> counts = Sampler(seed=1).run([bell], shots=100).result()[0].data.meas.get_counts()
    >>> sorted(counts), sum(counts.values())
    (['00', '11'], 100)

    """

    def __init__(
        self,
        *,
        default_shots: int = 1024,
        seed: int | np.random.Generator | None = None,
        noise: NoiseModel | None = None,
    ) -> None:
        require_noise(noise)
        require_whole(default_shots, 1, "default_shots", MOST_SHOTS)
        require_seed(seed, QiskitError)
        self._default_shots = default_shots
        self._seed = seed
        self._noise = noise

    @property
    def default_shots(self) -> int:
        """Of pubs and calls that name none."""
        return self._default_shots

    @property
    def seed(self) -> int | np.random.Generator | None:
        """Of the shots."""
        return self._seed

    def run(self, pubs: Iterable[Any], *, shots: int | None = None) -> PrimitiveJob:
        """Start a job for pubs (circuit, parameter values, shots), or circuits alone.

        Parameters
        ----------
        pubs : iterable
        shots : int, default=None
            Of pubs that name none.

        Returns
        -------
        job : PrimitiveJob
            Whose result has in `data` a `BitArray` of the pub's shape for every classical register.

        Raises
        ------
        qiskit.exceptions.QiskitError
            For what is no pub, and more shots than can be counted. From the result: naming what
            ketgrad lacks, and parameters that are not finite.
        MemoryError
            From the result: for more shots than memory holds.

        """
        default = self._default_shots if shots is None else shots
        given = each_pub(pubs, SamplerPub | CircuitInstruction, _FORM)
        coerced = [SamplerPub.coerce(pub, default) for pub in given]
        for pub in coerced:
            require_whole(pub.shots, 1, "shots", MOST_SHOTS)
        if not all(pub.circuit.cregs for pub in coerced):
            warnings.warn(
                "A circuit has no classical registers, so its result is empty: add measurements.",
                stacklevel=2,
            )
        job = PrimitiveJob(self._run, coerced)
        job._submit()
        return job

    def _run(self, pubs: list[SamplerPub]) -> PrimitiveResult:
        rng = np.random.default_rng(self._seed)
        found: dict[int, tuple[Structure | Course, Floats]] = {}
        groups: dict[tuple[Structure | Course, int], list[tuple[int, Floats]]] = {}
        for k, pub in enumerate(pubs):
            if id(pub.circuit) not in found:
                found[id(pub.circuit)] = find(pub.circuit)
            structure, numbers = found[id(pub.circuit)]
            values = pub.parameter_values.as_array(structure.names)
            sizes = (pub.parameter_values.size, len(structure.names))
            rows = structure.rows(numbers, values.reshape(sizes))
            groups.setdefault((structure, pub.shots), []).append((k, rows))
        bits: dict[int, Bits] = {}
        for (structure, shots), members in groups.items():
            rows = np.concatenate([own for _, own in members])
            of_all = sample(structure, rows, shots, self._noise, rng)
            ends = np.cumsum([len(own) for _, own in members])[:-1]
            bits |= zip((k for k, _ in members), np.split(of_all, ends), strict=True)
        results = [_result(pub, bits[k]) for k, pub in enumerate(pubs)]
        return PrimitiveResult(results, metadata={"version": 2})


def _result(pub: SamplerPub, bits: Bits) -> SamplerPubResult:
    data = {
        register.name: BitArray.from_bool_array(
            bits[..., places(pub.circuit, register)].reshape(*pub.shape, pub.shots, register.size)
            if register.size
            else np.zeros((*pub.shape, pub.shots, 0), bool),
            order="little",
        )
        for register in pub.circuit.cregs
    }
    return SamplerPubResult(
        DataBin(**data, shape=pub.shape),
        metadata={"shots": pub.shots, "circuit_metadata": pub.circuit.metadata},
    )


def places(circuit: QuantumCircuit, register: Any) -> list[int]:
    """Give the numbers of a register's bits in a circuit."""
    return [circuit.find_bit(bit).index for bit in register]


def sample(
    structure: Structure | Course,
    rows: Floats,
    shots: int,
    noise: NoiseModel | None,
    rng: np.random.Generator,
) -> Bits:
    """Give the classical bits of every shot, shape (samples, shots, bits)."""
    n_bits = structure.n_bits
    require_memory(float(len(rows)) * shots * n_bits, f"the bits of {shots} shots")
    if isinstance(structure, Course):
        return structure.sample(rows, shots, noise, rng)
    out = np.zeros((len(rows), shots, n_bits), bool)
    if not structure.bits or not shots or not len(rows):
        return out
    if structure.core.is_unitary and noise is None:
        seed = int(rng.integers(_SEEDS))
        program, each = structure.state_program(), len(rows)
        if structure.inputs:
            drawn = program.sample(shots, inputs=rows, seed=seed)
        else:
            drawn = program.sample(shots * each, seed=seed).reshape(each, shots)
        for bit, qubit in structure.bits.items():
            out[..., bit] = drawn >> np.uint64(qubit) & np.uint64(1)
        return out
    for k, row in enumerate(rows):
        values = dict(zip(structure.inputs, row, strict=True))
        seed = int(rng.integers(_SEEDS))
        out[k] = structure.circuit.run(shots, seed=seed, values=values, noise=noise).memory()
    return out
