"""A program that runs on the processes of MPI."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from ketgrad import _core
from ketgrad.mpi._communicators import duplicate, together
from ketgrad.mpi.state import State, _class_of

_Array = npt.NDArray[np.float64]
_Values: TypeAlias = npt.ArrayLike | Mapping[Any, npt.ArrayLike] | None


class _Samples(NamedTuple):
    """What a call is about."""

    rows: _Array  # of parameters, inputs first
    has_axis: bool  # whether results have one of samples
    own_weights: bool  # a row of weights for every sample
    n_values: int = 0  # of a sample
    cotangents: _Array = np.empty((0, 0))

    def with_cotangents(self, given: npt.ArrayLike) -> _Samples:
        """Read one of each sample, as the values are."""
        array = _core._real_array(given, "the cotangent")
        shape = (len(self.rows), self.n_values) if self.has_axis else (self.n_values,)
        if array.shape != shape:
            message = f"the cotangent must have shape {shape}, got {array.shape}"
            raise ValueError(message)
        return self._replace(cotangents=array.reshape(len(self.rows), self.n_values))

    def shaped(self, values: _Array) -> _Array:
        """Give values of all samples their shape."""
        rows = values.reshape(len(self.rows), self.n_values)
        return rows if self.has_axis else rows[0]

    def split(self, slopes: _Array, n_inputs: int, *axes: int) -> list[_Array]:
        """Split derivatives of all samples into those by inputs and those by weights."""
        rows = slopes.reshape(len(self.rows), *axes, self.rows.shape[1])
        return np.split(rows, [n_inputs], axis=-1)


class Program:
    """A compiled program on the processes of a communicator.

    Every process makes the same program and calls the same methods with the same arguments:
    ValueError on all of them where one differs. Its precision is the program's.

    Inputs and weights are those of :class:`ketgrad.Program`: arrays of shape (n_inputs,) and
    (n_weights,), with a batch axis in front for several samples, or by name, as
    ``{"a": 0.5, "w": [0.1, 0.2]}``. Samples run one after the other, so that memory is that of one.
    Where either has a batch axis, so have the results, in front: shapes below are for one sample.

    Parameters
    ----------
    program : ketgrad.Program
        What `ketgrad.compile` makes. It is planned anew, for the number of processes.
    comm : mpi4py.MPI.Intracomm, optional
        Of a power of two processes; the world where it is left out. Stays the caller's.
    qubits : sequence of int
        Whose outcomes `probs` are of; all where it is left out.

    Raises
    ------
    ValueError
        For gates that mix more qubits than a process has.

    Examples
    --------
    >>> import ketgrad as kg
    >>> from ketgrad import mpi
    >>> w = kg.Parameter("w")
    >>> program = kg.compile(kg.Circuit(30).rx(w, 29), "Z29")
    >>> ranks = mpi.Program(program)  # doctest: +SKIP
    >>> _, gradient = ranks.vjp([1.0], weights={"w": 0.5})  # doctest: +SKIP
    >>> ranks.expval(weights=[[0.5], [0.6]]).shape  # doctest: +SKIP
    (2, 1)

    """

    def __init__(
        self, program: _core.Program, comm: Any = None, *, qubits: Sequence[int] = ()
    ) -> None:
        self._comm = duplicate(comm)

        def planned() -> Any:
            if not isinstance(program, _core.Program):
                message = f"program is {program!r}; it must be what ketgrad.compile makes"
                raise TypeError(message)
            return _core._program_for_ranks(program, _core._qubits(qubits))

        capsule = together(self._comm, planned)
        self._of = program
        self.precision = program.precision
        self._program = _class_of("Program", self.precision)(self._comm, capsule)
        self._n_inputs = len(program.inputs)

    def state(self, inputs: _Values = None, weights: _Values = None) -> State:
        """Return the final state, of one sample."""
        state = self._program.run(self._one(inputs, weights))
        return State._of(state, self._comm, self.precision)

    def apply(self, state: State, inputs: _Values = None, weights: _Values = None) -> None:
        """Do the program's gates on a state of the same communicator and precision."""

        def check() -> None:
            if not isinstance(state, State):
                message = f"state is {state!r}; it must be a ketgrad.mpi.State"
                raise TypeError(message)
            if state._comm is not self._comm:
                message = "the state is of another communicator than the program"
                raise ValueError(message)
            if state.precision != self.precision:
                message = f"a program in {self.precision} precision does not fit a state in "
                raise ValueError(message + state.precision)

        together(self._comm, check)
        self._program.apply(self._one(inputs, weights), state._state)

    def expval(self, inputs: _Values = None, weights: _Values = None) -> _Array:
        """Return the observables' expectation values, shape (n_observables,)."""
        return self._values("expval", inputs, weights)

    def variance(self, inputs: _Values = None, weights: _Values = None) -> _Array:
        """Return the observables' variances, shape (n_observables,)."""
        return self._values("variance", inputs, weights)

    def probs(self, inputs: _Values = None, weights: _Values = None) -> _Array:
        """Return the distribution of the program's `qubits`, shape (2^len(qubits),)."""
        return self._values("probs", inputs, weights)

    def vjp(
        self,
        cotangent: npt.ArrayLike,
        inputs: _Values = None,
        weights: _Values = None,
        of: str = "expval",
        *,
        return_values: bool = False,
    ) -> tuple[_Array, ...]:
        """Return the derivatives of Σ_k cotangent[k] · values[k], as `of` says 'expval' or others.

        By the adjoint method (Jones & Gacon 2020, arXiv:2009.02823), which walks the plan back.
        The cotangent has the shape of the values; where one row of weights serves a whole batch,
        its derivatives are summed over the batch, as those of :meth:`ketgrad.Program.vjp`.

        Returns
        -------
        inputs, weights : ndarray
            Shapes (n_inputs,) and (n_weights,); return_values puts the (n_values,) in front.

        """
        samples = self._samples(inputs, weights, of, cotangent)
        values, slopes = self._program.vjp(of, samples.rows, samples.cotangents, return_values)
        by_inputs, by_weights = samples.split(slopes, self._n_inputs)
        out = (
            by_inputs if samples.has_axis else by_inputs[0],
            by_weights if samples.own_weights else by_weights.sum(axis=0),
        )
        return (samples.shaped(values), *out) if return_values else out

    def jacobian(
        self,
        inputs: _Values = None,
        weights: _Values = None,
        of: str = "expval",
        *,
        return_values: bool = False,
    ) -> tuple[_Array, ...]:
        """Return the derivatives of all values by all parameters, a way back for each value.

        Returns
        -------
        inputs, weights : ndarray
            Shapes (n_values, n_inputs) and (n_values, n_weights); return_values puts the values in
            front, (n_values,).

        """
        samples = self._samples(inputs, weights, of)
        values, slopes = self._program.jacobian(of, samples.rows)
        parts = samples.split(slopes, self._n_inputs, samples.n_values)
        out = tuple(part if samples.has_axis else part[0] for part in parts)
        return (samples.shaped(values), *out) if return_values else out

    def _values(self, quantity: str, inputs: _Values, weights: _Values) -> _Array:
        samples = self._samples(inputs, weights, quantity)
        return samples.shaped(self._program.values(quantity, samples.rows))

    def _one(self, inputs: _Values, weights: _Values) -> _Array:
        """Read the parameters of one sample."""
        parameters: _Array = self._samples(inputs, weights).rows[0]
        return parameters

    def _samples(
        self,
        inputs: _Values,
        weights: _Values,
        of: str | None = None,
        cotangent: npt.ArrayLike | None = None,
    ) -> _Samples:
        """Read what a call is about: values, or the state of one sample where `of` is None.

        All processes together, as none alone must raise, nor run more samples than others.
        """

        def read() -> _Samples:
            rows, has_axis, own_weights = _core._rank_rows(self._of, inputs, weights)
            if of is None:
                if has_axis:
                    message = f"a state is of one sample, and these are a batch of {len(rows)}"
                    raise ValueError(message)
                return _Samples(rows, has_axis, own_weights)
            n_values = self._program.n_values(of)
            samples = _Samples(rows, has_axis, own_weights, n_values)
            return samples if cotangent is None else samples.with_cotangents(cotangent)

        samples = together(self._comm, read)
        self._comm.require_same(len(samples.rows), "number of samples")
        return samples
