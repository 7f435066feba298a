"""The derivative of the alignment of a quantum kernel by the weights."""

from typing import Any

import numpy as np
import numpy.typing as npt

from ketgrad._core import Program, _real, bloch_vectors
from ketgrad._types import ComplexArray, FloatArray
from ketgrad.analysis.alignment import alignment_and_slope, square
from ketgrad.analysis.arguments import program_of
from ketgrad.analysis.documentation import document


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
    states = np.asarray(program.state(X, weights))
    if states.shape[:-1] != wanted.shape[:1]:
        raise ValueError(f"X of shape {np.shape(X)} does not fit a target of {len(wanted)} samples")
    if kernel == "fidelity":
        overlaps = states.conj() @ states.T
        gram = np.abs(overlaps.astype(np.complex128)) ** 2
        np.fill_diagonal(gram, 1.0)
    else:
        bloch = np.asarray(bloch_vectors(program, X, weights))
        flat = bloch.reshape(len(bloch), -1)
        distances = ((flat[:, None] - flat[None, :]) ** 2).sum(axis=2)
        gram = np.exp(-gamma / 2 * distances)
    alignment, slope = alignment_and_slope(gram, wanted, center)
    # The diagonal is 1 whatever the weights.
    np.fill_diagonal(slope, 0.0)
    slope = slope + slope.T
    if kernel == "fidelity":
        # d|<i|j>|^2 = 2 Re(<i|j> <j|di>) + (i <-> j).
        cotangent = (2 * slope * overlaps.T) @ states
    else:
        cotangent = _projected_cotangent(states, bloch, -gamma * slope * gram)
    return alignment, program.vjp(cotangent, X, weights, of="state")[1]


def check_kernel(kernel: str, gamma: Any) -> float:
    """Return gamma as a number; ValueError for a kernel that is not known."""
    width: float = _real(gamma, "gamma")
    if kernel not in ("fidelity", "projected"):
        raise ValueError(f"kernel={kernel!r}; it must be 'fidelity' or 'projected'")
    if not 0 < width < np.inf:
        raise ValueError(f"gamma={width}; it must be positive and finite")
    return width


def _projected_cotangent(states: ComplexArray, bloch: FloatArray, pull: FloatArray) -> ComplexArray:
    """Pull Bloch vectors b_i along pull_ij (b_i - b_j): by c P on |i>, as d<P> = 2 Re <Pi|di>."""
    along = pull.sum(axis=1)[:, None, None] * bloch - np.tensordot(pull, bloch, axes=1)
    out = np.zeros_like(states)
    n_samples, n_qubits = bloch.shape[:2]
    for q in range(n_qubits):
        x, y, z = (2 * along[:, q, axis, None, None] for axis in range(3))
        before = states.reshape(n_samples, -1, 2, 1 << q)
        after = out.reshape(before.shape)
        after[:, :, 0] += (x - 1j * y) * before[:, :, 1] + z * before[:, :, 0]
        after[:, :, 1] += (x + 1j * y) * before[:, :, 0] - z * before[:, :, 1]
    return out
