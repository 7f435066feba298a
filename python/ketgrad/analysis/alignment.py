"""How well a kernel agrees with the one that is wanted."""

import numpy as np
import numpy.typing as npt

from ketgrad._core import _real_array
from ketgrad._memory import require_memory
from ketgrad._numbers import refuse_lost
from ketgrad._types import FloatArray


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
    refuse_lost(y=y)
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
    return alignment_and_slope(square(K, "K"), square(target, "target"), center)[0]


def square(matrix: npt.ArrayLike, name: str) -> FloatArray:
    """Read a square matrix; ValueError for any other shape."""
    out = _real_array(matrix, name)
    if out.ndim != 2 or out.shape[0] != out.shape[1]:
        raise ValueError(f"{name} must have shape (n_samples, n_samples), got {out.shape}")
    return out


def alignment_and_slope(
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


def _centered(matrix: FloatArray) -> FloatArray:
    rows = matrix.mean(axis=1, keepdims=True)
    columns = matrix.mean(axis=0, keepdims=True)
    out: FloatArray = matrix - rows - columns + matrix.mean()
    return out
