"""Training the weights of a quantum kernel: kernel-target alignment.

Hubregtsen, Wierichs, Gil-Fuster, Derks, Faehrmann and Meyer 2022, "Training quantum embedding
kernels on near-term quantum computers", arXiv:2105.02276.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ketgrad._core import (
    Optimizer,
    Program,
    _real,
    _real_array,
    bloch_vectors,
    fidelity_kernel,
    projected_kernel,
)
from ketgrad._numbers import generator, integer, refuse_masked
from ketgrad._populations import program_of, require_memory

FloatArray = npt.NDArray[np.float64]
ComplexArray = npt.NDArray[np.complex128]


def target_kernel(y: npt.ArrayLike) -> FloatArray:
    """Make the kernel that tells the classes apart.

    1 where two samples have the same label and -1 / (n_classes - 1) elsewhere: for two classes the
    outer product of labels -1 and 1.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
        The class labels, of at least two classes.

    Returns
    -------
    target : ndarray of shape (n_samples, n_samples)

    Raises
    ------
    ValueError
        For labels that are not one a sample, and for samples of less than two classes.

    Examples
    --------
    >>> import ketgrad as kg
    >>> kg.target_kernel(["a", "b", "a"])
    array([[ 1., -1.,  1.],
           [-1.,  1., -1.],
           [ 1., -1.,  1.]])

    """
    refuse_masked(y=y)
    labels = np.asarray(y)
    if labels.ndim != 1:
        raise ValueError(f"the labels must have shape (n_samples,), got {labels.shape}")
    require_memory(3.0 * 8 * len(labels) ** 2, f"the target kernel of {len(labels)} samples")
    classes, index = np.unique(labels, return_inverse=True)
    if len(classes) < 2:
        raise ValueError(f"alignment needs samples of at least 2 classes; there are {len(classes)}")
    same = index[:, None] == index[None, :]
    return np.where(same, 1.0, -1.0 / (len(classes) - 1))


def kernel_target_alignment(
    K: npt.ArrayLike, target: npt.ArrayLike, *, center: bool = False
) -> float:
    """Compute how well a kernel matrix agrees with the one that is wanted.

    <K, T> / (|K| |T|) in Frobenius' inner product (Cristianini et al. 2001); 1 is the best.

    Parameters
    ----------
    K : array-like of shape (n_samples, n_samples)
        The Gram matrix.
    target : array-like of shape (n_samples, n_samples)
        What it should be: :func:`ketgrad.target_kernel`, or the outer product of centred targets.
    center : bool, default=False
        Whether both are centred first (Cortes, Mohri and Rostamizadeh 2012, arXiv:1203.0550).

    Returns
    -------
    alignment : float
        From -1 to 1.

    Raises
    ------
    ValueError
        For shapes that do not fit, and for a matrix that is zero (after centring).

    Examples
    --------
    >>> import ketgrad as kg
    >>> target = kg.target_kernel([0, 0, 1])
    >>> round(kg.kernel_target_alignment(target, target), 9)
    1.0

    """
    return _alignment_and_slope(_square(K, "K"), _square(target, "target"), center)[0]


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
    program : Program
        Prepares the states; its inputs are the features.
    X : array-like of shape (n_samples, n_inputs)
        The samples.
    target : array-like of shape (n_samples, n_samples)
        What the kernel should be, as of :func:`ketgrad.kernel_target_alignment`.
    weights : array-like of shape (n_weights,)
        The weights, the same for all samples.
    center : bool, default=False
        Whether the kernels are centred first.
    kernel : {"fidelity", "projected"}, default="fidelity"
        :func:`ketgrad.fidelity_kernel` or :func:`ketgrad.projected_kernel`.
    gamma : float, default=1.0
        Of the projected kernel.

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
    gamma = _check_kernel(kernel, gamma)
    program = program_of(program, "alignment_gradient", measured=False, given_inputs=True)
    wanted = _square(target, "target")
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
    alignment, slope = _alignment_and_slope(gram, wanted, center)
    # The diagonal is 1 whatever the weights.
    np.fill_diagonal(slope, 0.0)
    slope = slope + slope.T
    if kernel == "fidelity":
        # d|<i|j>|^2 = 2 Re(<i|j> <j|di>) + (i <-> j).
        cotangent = (2 * slope * overlaps.T) @ states
    else:
        cotangent = _projected_cotangent(states, bloch, -gamma * slope * gram)
    return alignment, program.vjp(cotangent, X, weights, of="state")[1]


def _check_kernel(kernel: str, gamma: Any) -> float:
    width: float = _real(gamma, "gamma")
    if kernel not in ("fidelity", "projected"):
        raise ValueError(f"kernel={kernel!r}; it must be 'fidelity' or 'projected'")
    if not 0 < width < np.inf:
        raise ValueError(f"gamma={width}; it must be positive and finite")
    return width


def _gram(
    program: Program, X: npt.ArrayLike, weights: npt.ArrayLike, kernel: str, gamma: float
) -> FloatArray:
    gamma = _check_kernel(kernel, gamma)
    if kernel == "fidelity":
        return np.asarray(fidelity_kernel(program, X, weights=weights))
    return np.asarray(projected_kernel(program, X, weights=weights, gamma=gamma))


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


@dataclass(frozen=True)
class AlignedKernel:
    """What :func:`ketgrad.align_kernel` found: the weights, and the alignment before each step."""

    weights: FloatArray
    history: list[float] = field(repr=False)


def align_kernel(
    program: Program,
    X: npt.ArrayLike,
    target: npt.ArrayLike,
    weights: npt.ArrayLike,
    *,
    n_steps: int = 100,
    batch_size: int | None = None,
    optimizer: str = "adam",
    learning_rate: float = 0.1,
    center: bool = False,
    kernel: str = "fidelity",
    gamma: float = 1.0,
    seed: int | None = None,
    callback: Callable[[int, float], Any] | None = None,
) -> AlignedKernel:
    """Train the weights of a quantum kernel to agree with a target.

    Parameters
    ----------
    program : Program
        Prepares the states; its inputs are the features.
    X : array-like of shape (n_samples, n_inputs)
        The samples.
    target : array-like of shape (n_samples, n_samples)
        What the kernel should be, as of :func:`ketgrad.kernel_target_alignment`.
    weights : array-like of shape (n_weights,)
        The first weights.
    n_steps : int, default=100
        Steps of the optimizer.
    batch_size : int, default=None
        Samples a step, drawn anew each time; None takes all.
    optimizer : str, default="adam"
        One of ``optimizer_names(gradient_only=True)``.
    learning_rate : float, default=0.1
        Its step size.
    center : bool, default=False
        Whether the kernels are centred first.
    kernel : {"fidelity", "projected"}, default="fidelity"
        :func:`ketgrad.fidelity_kernel` or :func:`ketgrad.projected_kernel`.
    gamma : float, default=1.0
        Of the projected kernel.
    seed : int, default=None
        Of the draws of the samples; None takes fresh entropy.
    callback : callable, default=None
        Called as ``callback(step, alignment)`` with the alignment (of the step's samples) before
        each step; training ends where it returns False.

    Returns
    -------
    result : AlignedKernel
        `weights` of the best alignment where every step saw all samples, else the last ones, and
        `history`.

    Raises
    ------
    ValueError
        For shapes that do not fit and numbers out of range.

    Examples
    --------
    >>> import ketgrad as kg, numpy as np
    >>> X = np.random.default_rng(0).uniform(-1, 1, size=(20, 2))
    >>> program = kg.compile(kg.embedding(2, ansatz="basic_entangler", n_layers=2), inputs="x")
    >>> target = kg.target_kernel(X[:, 0] * X[:, 1] > 0)
    >>> result = kg.align_kernel(program, X, target, np.full(4, 0.1), n_steps=30)
    >>> result.history[-1] > result.history[0]
    True

    """
    program = program_of(program, "align_kernel", measured=False, given_inputs=True)
    rows = _real_array(X, "X")
    wanted = _square(target, "target")
    n_samples = len(wanted)
    if rows.ndim != 2 or len(rows) != n_samples:
        raise ValueError(f"X of shape {rows.shape} does not fit a target of {n_samples} samples")
    n_steps = integer("n_steps", n_steps, 0)
    if batch_size is not None:
        batch_size = integer("batch_size", batch_size, 2, n_samples)
    random = generator(seed)
    descent = Optimizer(optimizer, learning_rate)
    now = _real_array(weights, "weights")
    best, best_weights, history = -np.inf, now, []
    for step in range(n_steps):
        chosen = (
            slice(None)
            if batch_size is None
            else np.sort(random.choice(n_samples, batch_size, replace=False))
        )
        part = wanted[chosen][:, chosen]
        alignment, gradient = alignment_gradient(
            program, rows[chosen], part, now, center=center, kernel=kernel, gamma=gamma
        )
        history.append(alignment)
        if alignment > best:
            best, best_weights = alignment, now
        answer = None if callback is None else callback(step, alignment)
        if answer is not None and not answer:
            break
        now = descent.step(now, -gradient)
    if batch_size is not None:
        return AlignedKernel(now, history)
    final = kernel_target_alignment(_gram(program, rows, now, kernel, gamma), wanted, center=center)
    return AlignedKernel(now if final > best else best_weights, history)


def _square(matrix: npt.ArrayLike, name: str) -> FloatArray:
    out = _real_array(matrix, name)
    if out.ndim != 2 or out.shape[0] != out.shape[1]:
        raise ValueError(f"{name} must have shape (n_samples, n_samples), got {out.shape}")
    return out


def _centered(matrix: FloatArray) -> FloatArray:
    rows = matrix.mean(axis=1, keepdims=True)
    columns = matrix.mean(axis=0, keepdims=True)
    out: FloatArray = matrix - rows - columns + matrix.mean()
    return out


def _alignment_and_slope(
    K: FloatArray, target: FloatArray, center: bool
) -> tuple[float, FloatArray]:
    """Return the alignment and its derivative by every entry of K."""
    if K.shape != target.shape:
        raise ValueError(f"K has shape {K.shape} and target {target.shape}; both must be the same")
    if center:
        K, target = _centered(K), _centered(target)
    sizes = np.linalg.norm(K), np.linalg.norm(target)
    if not min(sizes) > 0:
        raise ValueError("K or target is zero, so that their alignment is not defined")
    unit = K / sizes[0]
    wanted = target / sizes[1]
    alignment = float(np.vdot(unit, wanted))
    slope = (wanted - alignment * unit) / sizes[0]
    return alignment, _centered(slope) if center else slope
