"""Quantum kernels: the extension module's, or in jobs."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ketgrad import _core
from ketgrad._core import Circuit, Program, _real, _real_array
from ketgrad._core import compile as compile_circuit
from ketgrad._docs import documented
from ketgrad._jobs import DOCUMENTATION, n_parallel, run
from ketgrad._memory import require_memory
from ketgrad._ranks import Ranks
from ketgrad._types import FloatArray

_TOGETHER = 8  # rows that engines take together; a row among so many or more has the same bits

document = documented(
    kernel="""
        program : Program or Circuit
            Prepares a sample's state from its inputs: of a circuit all its parameters, in the order
            of compile(circuit).weights, vectors whole.
        X : array-like of shape (n_samples, n_inputs), default=None
            The samples; None for a program without inputs, with a row of weights for every sample.
        Y : array-like of shape (n_others, n_inputs), default=None
            Those to compare them with; None is X itself.
        weights : array-like of shape (n_weights,), default=None
            The program's weights; without Y also a row of them for every sample.""",
    n_jobs=DOCUMENTATION,
    in_jobs="""
        The bits are the same for any n_jobs and backend. Samples by name, and rows of weights, are
        computed here whatever n_jobs is.""",
    matrix="""
        Returns
        -------
        kernel : ndarray of shape (n_samples, n_others)

        Raises
        ------
        ValueError
            For shapes that do not fit.
        MemoryError
            For a matrix larger than memory.""",
)


@document
def fidelity_kernel(
    program: Program | Circuit,
    X: Any = None,
    Y: Any = None,
    weights: Any = None,
    *,
    n_jobs: int | None = None,
) -> FloatArray:
    """Compute the fidelity kernel |<phi(x)|phi(y)>|**2.

    phi(x) is the final state of the program at the inputs x (Havlicek et al. 2019,
    arXiv:1804.11326). Without Y it is the Gram matrix of X: symmetric, with ones on the diagonal
    and positive semi-definite up to rounding. Every state is prepared once (again where memory does
    not hold them all), and one matrix product has all overlaps. Jobs compute tiles of the matrix,
    and prepare the states of their rows and columns each.

    {in_jobs}

    Parameters
    ----------
    {kernel}
    n_jobs : {n_jobs}

    {matrix}

    Examples
    --------
    >>> import ketgrad as kg
    >>> program = kg.compile(kg.iqp_map(2), inputs="x")
    >>> kg.fidelity_kernel(program, [[0.1, 0.2], [0.3, 0.4]]).round(4)
    array([[1.    , 0.1035],
           [0.1035, 1.    ]])
    >>> kg.fidelity_kernel(kg.iqp_map(2), [[0.1, 0.2]], [[0.3, 0.4]], n_jobs=2).shape
    (1, 1)

    """
    compiled = _of_inputs(program, weights)
    sides = _sides(compiled, X, Y, weights, n_parallel(n_jobs))
    if sides is None:
        return _core.fidelity_kernel(compiled, X, Y, weights)
    try:
        return _in_tiles(compiled, *sides, weights, lambda f, calls: run(f, calls, n_jobs))
    except ValueError:  # which names rows of a tile
        return _core.fidelity_kernel(compiled, X, Y, weights)


def _in_tiles(
    program: Program,
    x: FloatArray,
    y: FloatArray | None,
    n: int,
    weights: Any,
    run_all: Callable[[Callable[..., Any], list[Any]], list[FloatArray]],
) -> FloatArray:
    """Compute the fidelity kernel in tiles for n workers, which `run_all` has compute them."""
    columns = x if y is None else y
    require_memory(8.0 * len(x) * len(columns), f"a kernel matrix of {len(x)} by {len(columns)}")
    n_cuts = math.ceil(math.sqrt(2 * n)) + 1  # tiles enough for an even load, and few to prepare
    tiles = [
        (rows, others)
        for rows in _cut(len(x), n_cuts)
        for others in _cut(len(columns), n_cuts)
        if y is not None or rows.start <= others.start
    ]
    calls = [
        (program, x[rows], None if y is None and rows == others else columns[others], weights)
        for rows, others in tiles
    ]
    found = run_all(_core.fidelity_kernel, calls)
    out = np.empty((len(x), len(columns)))
    for (rows, others), tile in zip(tiles, found, strict=True):
        out[rows, others] = tile
        if y is None:
            out[others, rows] = tile.T
    return out


@document
def projected_kernel(
    program: Program | Circuit,
    X: Any = None,
    Y: Any = None,
    weights: Any = None,
    gamma: float = 1.0,
    *,
    n_jobs: int | None = None,
) -> FloatArray:
    """Compute the projected kernel exp(-gamma sum_q ||rho_q(x) - rho_q(y)||**2).

    rho_q(x) is the reduced state of qubit q, the norm Frobenius' (Huang et al. 2021,
    arXiv:2011.01938): a Gaussian of the distance between Bloch vectors, with a factor of gamma / 2.
    Jobs compute the Bloch vectors.

    {in_jobs}

    Parameters
    ----------
    {kernel}
    gamma : float, default=1.0
        The factor, positive and finite.
    n_jobs : {n_jobs}

    {matrix}

    Examples
    --------
    >>> import ketgrad as kg
    >>> program = kg.compile(kg.angle_map(1), inputs="x")
    >>> kg.projected_kernel(program, [[0.0], [3.141592653589793]]).round(4)
    array([[1.    , 0.1353],
           [0.1353, 1.    ]])

    """
    n = n_parallel(n_jobs)
    compiled = _of_inputs(program, weights)
    sides = _sides(compiled, X, Y, weights, n)
    gamma = _real(gamma, "gamma")
    if sides is None or not (gamma > 0 and math.isfinite(gamma)):
        return _core.projected_kernel(compiled, X, Y, weights, gamma)
    x, y, _ = sides
    cuts = [(x, rows) for rows in _cut(len(x), n)]
    if y is not None:
        cuts += [(y, rows) for rows in _cut(len(y), n)]
    calls = [(compiled, side[rows], weights) for side, rows in cuts]
    try:
        vectors = np.concatenate(run(_core.bloch_vectors, calls, n_jobs))
    except ValueError:  # which names rows of a part
        return _core.projected_kernel(compiled, X, Y, weights, gamma)
    others = None if y is None else vectors[len(x) :]
    return _core._projected_kernel(vectors[: len(x)], others, gamma)


def _of_inputs(program: Any, weights: Any) -> Any:
    """Compile a circuit all of whose parameters are inputs."""
    if not isinstance(program, Circuit):
        return program
    if weights is not None:
        message = (
            "which parameters of a Circuit are weights is said to compile(), as in "
            "compile(circuit, inputs='x'); without weights all of them are inputs"
        )
        raise TypeError(message)
    return compile_circuit(program, inputs=program.parameters)


def shared_gram_matrix(
    program: Program, x: FloatArray, weights: FloatArray, gamma: float | None, ranks: Ranks
) -> FloatArray:
    """Compute the fidelity kernel of samples, or the projected one of a gamma, on all ranks.

    Each computes some of the tiles, or of the Bloch vectors: the bits are those of one process. All
    call it with the same.
    """
    try:
        if gamma is None:
            return _in_tiles(program, x, None, ranks.size, weights, ranks.share)
        calls = [(program, x[rows], weights) for rows in _cut(len(x), ranks.size)]
        vectors = np.concatenate(ranks.share(_core.bloch_vectors, calls))
    except ValueError:  # which names rows of a part, on all ranks
        if gamma is None:
            return _core.fidelity_kernel(program, x, None, weights)
        return _core.projected_kernel(program, x, None, weights, gamma)
    return _core._projected_kernel(vectors, None, gamma)


def _sides(
    program: Any, X: Any, Y: Any, weights: Any, n: int
) -> tuple[FloatArray, FloatArray | None, int] | None:
    """Read samples that n jobs can share; None where they cannot, or are not what they should be.

    The extension module says what is wrong.
    """
    if n == 1 or not isinstance(program, Program) or X is None:
        return None
    if any(isinstance(given, dict) for given in (X, Y, weights)):
        return None
    if weights is not None and _real_array(weights, "weights").ndim != 1:
        return None
    x = _real_array(X, "X")
    y = None if Y is None else _real_array(Y, "Y")
    if any(side is not None and side.ndim != 2 for side in (x, y)):
        return None
    return x, y, n


def _cut(n_rows: int, n_parts: int) -> list[slice]:
    """Cut rows into about so many parts, none of which is short."""
    size = max(1, math.ceil(n_rows / n_parts / _TOGETHER)) * _TOGETHER
    starts = range(0, max(1, n_rows - _TOGETHER + 1), size)
    return [slice(a, b) for a, b in zip(starts, [*starts[1:], n_rows], strict=True)]
