"""Expectation values as Qiskit asks for them."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit.exceptions import QiskitError
from qiskit.primitives import BaseEstimatorV2, DataBin, PrimitiveResult, PubResult
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.primitive_job import PrimitiveJob

from ketgrad import NoiseModel, Program
from ketgrad._clients import require_seed
from ketgrad.qiskit.checks import each_pub, require_noise, require_precision
from ketgrad.qiskit.course import Course
from ketgrad.qiskit.observables import key as key_of
from ketgrad.qiskit.structures import Floats, Structure, find

_SEEDS = 2**63
_FORM = "(circuit, observables, values, precision)"


@dataclass(frozen=True)
class _Part:
    """Observables of a pub that are asked of the same rows."""

    pub: int
    rows: Floats
    places: list[NDArray[np.intp]]
    """Of each observable's values in the pub's, a row each."""


class Estimator(BaseEstimatorV2):  # type: ignore[misc]
    """Expectation values of pubs: exact, or of as many shots as a precision takes.

    Circuits that differ by numbers alone are compiled once, and all that a call asks of one
    structure runs as one batch. Circuits with measurements, resets and conditions, and those under
    noise, have their mean over all outcomes, which is exact too.

    Parameters
    ----------
    default_precision : float, default=0.0
        Of pubs and calls that name none. 0 is exact; of another precision every Pauli string is
        measured by ceil(1 / precision**2) shots, or the noise drawn by as many trajectories.
    seed : int or numpy.random.Generator, default=None
        Of the shots; None draws fresh ones.
    noise : NoiseModel, default=None
        See :func:`ketgrad.qiskit.noise_model`.

    Examples
    --------
    >>> from qiskit import QuantumCircuit
    >>> from qiskit.circuit import Parameter
    >>> circuit = QuantumCircuit(1)
    >>> _ = circuit.ry(Parameter("a"), 0)
    >>> job = Estimator().run([(circuit, ["Z", "X"], [[0.0]])])
    >>> job.result()[0].data.evs
    array([1., 0.])

    """

    def __init__(
        self,
        *,
        default_precision: float = 0.0,
        seed: int | np.random.Generator | None = None,
        noise: NoiseModel | None = None,
    ) -> None:
        require_noise(noise)
        require_precision(default_precision)
        require_seed(seed, QiskitError)
        self._default_precision = default_precision
        self._seed = seed
        self._noise = noise

    @property
    def default_precision(self) -> float:
        """Of pubs and calls that name none."""
        return self._default_precision

    @property
    def seed(self) -> int | np.random.Generator | None:
        """Of the shots."""
        return self._seed

    def run(self, pubs: Iterable[Any], *, precision: float | None = None) -> PrimitiveJob:
        """Start a job for pubs (circuit, observables, parameter values, precision).

        Parameters
        ----------
        pubs : iterable
            Observables and parameter values of each are broadcast against each other.
        precision : float, default=None
            Of pubs that name none.

        Returns
        -------
        job : PrimitiveJob
            Whose result has `data.evs` and `data.stds`, arrays of each pub's shape.

        Raises
        ------
        qiskit.exceptions.QiskitError
            For what is no pub, and a precision that no number of shots has. From the result:
            naming what ketgrad lacks, and parameters that are not finite.

        """
        default = self._default_precision if precision is None else precision
        given = each_pub(pubs, EstimatorPub, _FORM)
        coerced = [EstimatorPub.coerce(pub, default) for pub in given]
        for pub in coerced:
            require_precision(pub.precision)
        job = PrimitiveJob(self._run, coerced)
        job._submit()
        return job

    def _run(self, pubs: list[EstimatorPub]) -> PrimitiveResult:
        evs = [np.zeros(pub.shape) for pub in pubs]
        stds = [np.zeros(pub.shape) for pub in pubs]
        rng = np.random.default_rng(self._seed)
        for (structure, _, precision), (observables, parts) in _grouped(pubs).items():
            program = structure.program(observables, self._noise)
            rows = np.concatenate([part.rows for part in parts])
            if not len(rows):
                continue
            # Where nothing differs between samples, shots still do.
            given = [{"inputs": rows}] if structure.inputs else [{}] * len(rows)
            found = [_estimate(program, one, precision, rng) for one in given]
            values, errors = (np.concatenate(each) for each in zip(*found, strict=True))
            begin = 0
            for part in parts:
                end = begin + len(part.rows)
                for o, places in enumerate(part.places):
                    evs[part.pub].flat[places] = values[begin:end, o]
                    stds[part.pub].flat[places] = errors[begin:end, o]
                begin = end
        results = [
            PubResult(
                DataBin(evs=ev, stds=std, shape=pub.shape),
                metadata={
                    "target_precision": pub.precision,
                    "circuit_metadata": pub.circuit.metadata,
                },
            )
            for pub, ev, std in zip(pubs, evs, stds, strict=True)
        ]
        return PrimitiveResult(results, metadata={"version": 2})


_Groups = dict[tuple[Structure | Course, Hashable, float], tuple[list[Any], list[_Part]]]


def _grouped(pubs: list[EstimatorPub]) -> _Groups:
    """Give what one program answers in one call, by structure, observables and precision."""
    out: _Groups = {}
    found: dict[int, tuple[Structure | Course, Floats]] = {}
    for k, pub in enumerate(pubs):
        if id(pub.circuit) not in found:
            found[id(pub.circuit)] = find(pub.circuit)
        structure, numbers = found[id(pub.circuit)]
        values = pub.parameter_values.as_array(structure.names)
        sizes = (pub.parameter_values.size, len(structure.names))
        rows = structure.rows(numbers, values.reshape(sizes))
        for observables, part in _parts(k, pub, rows):
            keys = tuple(map(key_of, observables))
            out.setdefault((structure, keys, pub.precision), (observables, []))[1].append(part)
    return out


def _parts(k: int, pub: EstimatorPub, rows: Floats) -> list[tuple[list[Any], _Part]]:
    """Split a pub, so that each observable is measured at its own rows only."""
    observables = pub.observables.sparse_observables_array().ravel()
    shape, of = pub.shape, pub.observables.shape
    row_of = np.arange(len(rows)).reshape(pub.parameter_values.shape)
    row_of = np.broadcast_to(row_of, shape).ravel()
    if len(observables) == 1:
        places = np.arange(len(row_of))
        return [(list(observables), _Part(k, rows[row_of], [places]))]
    observable_of = np.broadcast_to(np.arange(len(observables)).reshape(of), shape).ravel()
    by_rows: dict[bytes, tuple[list[Any], _Part]] = {}
    order = np.argsort(observable_of, kind="stable")
    ends = np.searchsorted(observable_of[order], np.arange(1, len(observables) + 1))
    for observable, places in zip(observables, np.split(order, ends)[:-1], strict=True):
        own = row_of[places]
        asked, part = by_rows.setdefault(own.tobytes(), ([], _Part(k, rows[own], [])))
        asked.append(observable)
        part.places.append(places)
    return list(by_rows.values())


def _estimate(
    program: Any, given: dict[str, Any], precision: float, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Give values and standard errors, (samples, observables)."""
    if not precision:
        values = np.atleast_2d(program.expval(**given))
        return values, np.zeros_like(values)
    repeats = {"shots" if isinstance(program, Program) else "trajectories": ceil(precision**-2)}
    seed = int(rng.integers(_SEEDS))
    found = program.expval(**given, **repeats, seed=seed, return_std=True)
    values, errors = map(np.atleast_2d, found)
    return values, errors
