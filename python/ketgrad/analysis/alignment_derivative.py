"""The derivative of the alignment of a quantum kernel by the weights."""

from typing import Any

import numpy as np
import numpy.typing as npt

from ketgrad._core import Program, _real
from ketgrad._types import FloatArray
from ketgrad.analysis.alignment import alignment_and_slope, square
from ketgrad.analysis.arguments import program_of
from ketgrad.analysis.documentation import document
from ketgrad.analysis.kernel_derivative import gram_and_pull


@document
def alignment_gradient(
    program: Program,
    X: npt.ArrayLike,
    target: npt.ArrayLike,
    weights: npt.ArrayLike,
    *,
    center: bool = False,
    kernel: str = "fidelity",
    gamma: float = 1.0,
) -> tuple[float, FloatArray]:
    """Compute the alignment of a quantum kernel and its exact gradient by the weights.

    The derivative of every entry of the kernel goes back through one matrix product and one adjoint
    sweep over the batch.

    Parameters
    ----------
    {samples_and_target}
    weights : array-like of shape (n_weights,)
        The weights, the same for all samples.
    {kernel}

    Returns
    -------
    alignment : float
    gradient : ndarray of shape (n_weights,)

    Raises
    ------
    ValueError
        For shapes that do not fit.
    MemoryError
        For states larger than memory.

    Examples
    --------
    >>> import ketgrad as kg
    >>> program = kg.compile(kg.embedding(1, ansatz="basic_entangler", n_layers=2), inputs="x")
    >>> target = kg.target_kernel([0, 0, 1])
    >>> alignment, gradient = kg.alignment_gradient(
    ...     program, [[0.1], [0.2], [0.9]], target, [0.3, 0.4]
    ... )
    >>> gradient.shape
    (2,)

    """
    gamma = check_kernel(kernel, gamma)
    program = program_of(program, "alignment_gradient", measured=False, given_inputs=True)
    wanted = square(target, "target")
    gram, pull = gram_and_pull(program, X, weights, kernel, gamma)
    if gram.shape[:1] != wanted.shape[:1]:
        raise ValueError(f"X of shape {np.shape(X)} does not fit a target of {len(wanted)} samples")
    alignment, slope = alignment_and_slope(gram, wanted, center)
    return alignment, pull(slope)[1]


def check_kernel(kernel: str, gamma: Any) -> float:
    """Return gamma as a number; ValueError for a kernel that is not known."""
    width: float = _real(gamma, "gamma")
    if kernel not in ("fidelity", "projected"):
        raise ValueError(f"kernel={kernel!r}; it must be 'fidelity' or 'projected'")
    if not 0 < width < np.inf:
        raise ValueError(f"gamma={width}; it must be positive and finite")
    return width
