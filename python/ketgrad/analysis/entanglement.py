"""How entangled the states of a circuit are."""

import numpy as np
import numpy.typing as npt

from ketgrad._core import Circuit, Program, bloch_vectors
from ketgrad._numbers import integer
from ketgrad._types import FloatArray
from ketgrad.analysis.arguments import program_of
from ketgrad.analysis.documentation import document
from ketgrad.analysis.populations import Population


@document
def meyer_wallach(
    program: Program | Circuit,
    inputs: npt.ArrayLike | None = None,
    weights: npt.ArrayLike | None = None,
) -> FloatArray:
    """Compute Meyer and Wallach's entanglement of the final states.

    Q = 2 (1 - mean of Tr rho_q**2), which is 1 minus the mean squared length of the qubits' Bloch
    vectors (quant-ph/0108104; Brennen 2003, quant-ph/0305094): 0 for product states, 1 where every
    qubit is maximally entangled with the others.

    Parameters
    ----------
    program : {state_program}
    inputs, weights : array-like
        As of the methods of a program.

    Returns
    -------
    q : ndarray of shape (), or (batch,) for a batch

    Examples
    --------
    >>> import ketgrad as kg
    >>> float(kg.meyer_wallach(kg.compile(kg.Circuit(3).h(0).cx(0, 1).cx(1, 2))).round(6))
    1.0

    """
    program = program_of(program, "meyer_wallach", measured=False, given_inputs=inputs is not None)
    lengths = np.square(bloch_vectors(program, inputs, weights)).sum(axis=-1)
    return np.asarray(1.0 - lengths.mean(axis=-1))


@document
def entangling_capability(
    program: Program | Circuit,
    n_samples: int = 1000,
    *,
    inputs: npt.ArrayLike | None = None,
    seed: int | None = None,
) -> float:
    """Estimate the mean of :func:`ketgrad.meyer_wallach` over random weights.

    (Sim, Johnson and Aspuru-Guzik 2019, arXiv:1905.10876.)

    Parameters
    ----------
    program : {state_program}
    n_samples : int, default=1000
        Rows of random weights.
    inputs : {sample}
    seed : {seed_of_weights}

    Returns
    -------
    capability : float
        From 0 to 1.

    Raises
    ------
    ValueError
        For less than one sample.
    {too_large}

    Examples
    --------
    >>> import ketgrad as kg
    >>> separable = kg.compile(kg.ansatz("basic_entangler", 3, 2, entangle=False))
    >>> abs(round(kg.entangling_capability(separable, 50), 9))
    0.0

    """
    program = program_of(
        program, "entangling_capability", measured=False, given_inputs=inputs is not None
    )
    n_samples = integer("n_samples", n_samples, 1)
    population = Population(program, n_samples, inputs, seed)
    total = sum(
        float(meyer_wallach(program, x, w).sum())
        for x, w in population.chunks(24.0 * program.n_qubits)
    )
    return total / n_samples
