"""The simulator."""

from ketgrad.cirq.samples import Samples
from ketgrad.cirq.states import States
from ketgrad.cirq.values import Values


class Simulator(Samples, States, Values):
    """A state vector simulator, in the place of `cirq.Simulator`.

    It has `run`, `run_sweep`, `simulate`, `simulate_sweep`, `simulate_expectation_values`,
    `simulate_expectation_values_sweep`, `compute_amplitudes`, `compute_amplitudes_sweep` and
    `sample_from_amplitudes`, with Cirq's arguments, results and order of bits. A circuit is read
    and compiled when it first comes; the points of a sweep run as one batch.

    `simulate` of a circuit that measures or has noise gives one course of it, as Cirq's does.
    Expectation values of such a circuit are means over all courses.

    Parameters
    ----------
    dtype : NumPy type, default=numpy.complex64
        Of the amplitudes: complex64 or complex128.
    noise : cirq.NOISE_MODEL_LIKE, default=None
        A noise model for all circuits.
    seed : int, numpy.random.RandomState or None, default=None
        Of what is random; None draws afresh.
    trajectories : int or None, default=None
        Courses over which expectation values of circuits with noise are averaged; None computes
        them exactly, from density matrices, of up to some 13 qubits.

    Raises
    ------
    ValueError
        For another dtype.
    TypeError
        Where a circuit has an operation that ketgrad lacks, named in the message, or qudits.

    Examples
    --------
    >>> import cirq, sympy
    >>> import numpy as np
    >>> from ketgrad.cirq import Simulator
    >>> a, b = cirq.LineQubit.range(2)
    >>> circuit = cirq.Circuit(cirq.rx(sympy.Symbol("t"))(a), cirq.CNOT(a, b))
    >>> simulator = Simulator(dtype=np.complex128)
    >>> sweep = cirq.Linspace("t", 0, np.pi, 3)
    >>> found = simulator.simulate_expectation_values_sweep(circuit, cirq.Z(b), sweep)
    >>> np.round(found, 6).tolist()
    [[1.0], [0.0], [-1.0]]

    """
