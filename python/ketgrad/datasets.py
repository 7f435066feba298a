"""Data sets by code: `(X, y)` as scikit-learn has them, rows are samples, labels are 0 and 1.

The same `random_state`, an integer, gives the same data on every machine with the same NumPy; None
draws fresh ones. Four of them are those of the benchmark study of Bowles, Ahmed and Schuld 2024
(arXiv:2403.07059), by their definitions: `linearly_separable`, `hidden_manifold`, `two_curves` and
`hyperplanes`. The random numbers are others, and the study standardises the features of the last
two.

>>> import ketgrad as kg
>>> X, y = kg.datasets.two_curves(200, n_features=4, random_state=0)
>>> X.shape, int(y.sum())
((200, 4), 100)
"""

from itertools import product

import numpy as np
from numpy.typing import NDArray

from ketgrad._core import PauliSum
from ketgrad._numbers import integer, is_real
from ketgrad._words import shown

__all__ = [
    "bars_and_stripes",
    "checkerboard",
    "cluster_ising",
    "hidden_manifold",
    "hyperplanes",
    "linearly_separable",
    "spirals",
    "two_curves",
]

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
Data = tuple[Floats, Labels]

_MOST_PIXELS = 20  # of a side
_MOST_QUBITS = 12
_MOST_DRAWS = 1000  # for every point that is wanted


def linearly_separable(
    n_samples: int = 300,
    n_features: int = 2,
    *,
    margin: float = 0.02,
    random_state: int | None = None,
) -> Data:
    """Draw points of the cube [-1, 1]^d on the two sides of the plane sum(x) = 0.

    Parameters
    ----------
    n_samples, n_features : int
        The shape of X.
    margin : float
        No point has abs(sum(x)) of less than margin * n_features; from 0 to 0.2, and ValueError
        where that leaves too few.
    random_state : int or None
        The seed.

    Returns
    -------
    X : array of shape (n_samples, n_features)
    y : array of shape (n_samples,)
        1 where the sum is positive.

    Examples
    --------
    >>> X, y = linearly_separable(100, 3, random_state=0)
    >>> bool(((X.sum(axis=1) > 0) == y).all()), bool(abs(X.sum(axis=1)).min() > 0.06)
    (True, True)

    """
    n_samples, n_features = _shape(n_samples, n_features)
    rng, least = _generator(random_state), _real("margin", margin, 0, 0.2) * n_features
    found: list[Floats] = []
    for _ in range(_MOST_DRAWS):
        points = rng.uniform(-1, 1, (n_samples, n_features))
        found.append(points[np.abs(points.sum(axis=1)) >= least])
        if sum(map(len, found)) >= n_samples:
            break
    else:
        raise ValueError(
            f"margin={margin} leaves fewer than {n_samples} of {_MOST_DRAWS * n_samples} points of "
            f"{n_features} features; it must be smaller"
        )
    X = np.concatenate(found)[:n_samples]
    return X, (X.sum(axis=1) > 0).astype(np.int64)


def hidden_manifold(
    n_samples: int = 300,
    n_features: int = 6,
    *,
    n_dimensions: int = 6,
    random_state: int | None = None,
) -> Data:
    """Draw points of a curved surface, labelled by a random neural network on it.

    Points c of the surface are normal; X = tanh(c F / sqrt(m) - b) for random F and b, and y says
    whether v tanh(W c / sqrt(m)) is above its median (Goldt et al. 2020, arXiv:1909.11500, as in
    arXiv:2403.07059, section V).

    Parameters
    ----------
    n_samples, n_features : int
        The shape of X.
    n_dimensions : int
        The dimension m of the surface.
    random_state : int or None
        The seed.

    Returns
    -------
    X : array of shape (n_samples, n_features)
    y : array of shape (n_samples,)
        Half of them 1.

    Examples
    --------
    >>> X, y = hidden_manifold(100, 4, n_dimensions=2, random_state=0)
    >>> X.shape, int(y.sum()), bool(abs(X).max() < 1)
    ((100, 4), 50, True)

    """
    n_samples, n_features = _shape(n_samples, n_features)
    m = integer("n_dimensions", n_dimensions, 1)
    rng = _generator(random_state)
    features = rng.normal(size=(m, n_features))
    biases = rng.uniform(-1, 1, n_features)
    weights, last = rng.normal(size=(m, m)), rng.normal(size=m)
    points = rng.normal(size=(n_samples, m))
    X = np.tanh(points @ features / np.sqrt(m) - biases)
    values = np.tanh(points @ weights / np.sqrt(m)) @ last
    return X, (values > np.median(values)).astype(np.int64)


def two_curves(
    n_samples: int = 300,
    n_features: int = 6,
    *,
    degree: int = 5,
    offset: float = 0.1,
    noise: float = 0.01,
    random_state: int | None = None,
) -> Data:
    """Draw points near a curve, and near the same curve moved.

    Feature i of the curve is sum_d a[i, d] cos(pi d t) + b[i, d] sin(pi d t), d from 0 to the
    degree and t uniform in [0, 1]; a and b are random, together of norm 1 (arXiv:2403.07059,
    section V).

    Parameters
    ----------
    n_samples, n_features : int
        The shape of X.
    degree : int
        The highest frequency, of how often the curve winds.
    offset : float
        How far the second curve is moved along every axis.
    noise : float
        The standard deviation of the distance from the curve along every axis, at least 0.
    random_state : int or None
        The seed.

    Returns
    -------
    X : array of shape (n_samples, n_features)
    y : array of shape (n_samples,)
        0 for the first curve; by turns.

    Examples
    --------
    >>> X, y = two_curves(4, 2, noise=0, random_state=0)
    >>> y
    array([0, 1, 0, 1])

    """
    n_samples, n_features = _shape(n_samples, n_features)
    frequencies = np.arange(integer("degree", degree, 1) + 1)
    offset, noise = _real("offset", offset), _real("noise", noise, 0)
    rng = _generator(random_state)
    series = rng.uniform(0, 1, (2, n_features, len(frequencies)))
    cosines, sines = series / np.linalg.norm(series)
    phases = np.pi * rng.uniform(0, 1, (n_samples, 1)) * frequencies
    curve = np.cos(phases) @ cosines.T + np.sin(phases) @ sines.T
    y = np.arange(n_samples) % 2
    return curve + offset * y[:, None] + noise * rng.normal(size=curve.shape), y


def hyperplanes(
    n_samples: int = 300,
    n_features: int = 6,
    *,
    n_planes: int = 2,
    n_dimensions: int = 3,
    random_state: int | None = None,
) -> Data:
    """Draw points whose label is the parity of the planes that they are above.

    Points are normal in n_dimensions, planes w x + b > 0 have w and b uniform in [0, 1], and X is a
    random linear map of the points (arXiv:2403.07059, section V). Half of the points have either
    label.

    Parameters
    ----------
    n_samples, n_features : int
        The shape of X.
    n_planes : int
        How many planes.
    n_dimensions : int
        The dimension of the space that they cut.
    random_state : int or None
        The seed.

    Returns
    -------
    X : array of shape (n_samples, n_features)
    y : array of shape (n_samples,)

    Examples
    --------
    >>> X, y = hyperplanes(100, 4, n_planes=3, random_state=0)
    >>> X.shape, int(y.sum())
    ((100, 4), 50)

    """
    n_samples, n_features = _shape(n_samples, n_features)
    n_planes = integer("n_planes", n_planes, 1)
    m = integer("n_dimensions", n_dimensions, 1)
    rng = _generator(random_state)
    halves = n_samples // 2, n_samples - n_samples // 2
    while True:
        points = rng.normal(size=(4 * n_samples, m))
        above = points @ rng.uniform(0, 1, (m, n_planes)) + rng.uniform(0, 1, n_planes) > 0
        y = above.sum(axis=1) % 2
        of_each = [np.flatnonzero(y == label)[:half] for label, half in enumerate(halves)]
        chosen = np.sort(np.concatenate(of_each))
        if len(chosen) == n_samples:
            return points[chosen] @ rng.uniform(0, 1, (m, n_features)), y[chosen]


def spirals(
    n_samples: int = 300,
    *,
    n_turns: float = 1.0,
    noise: float = 0.02,
    random_state: int | None = None,
) -> Data:
    """Draw points of two spirals about each other, in the square [-1, 1]^2.

    Parameters
    ----------
    n_samples : int
        The number of points, by turns of each.
    n_turns : float
        How often each winds, above 0.
    noise : float
        The standard deviation of the distance from the spiral along both axes, at least 0.
    random_state : int or None
        The seed.

    Returns
    -------
    X : array of shape (n_samples, 2)
    y : array of shape (n_samples,)

    Examples
    --------
    >>> X, y = spirals(6, noise=0, random_state=0)
    >>> bool((abs(X) <= 1).all()), y
    (True, array([0, 1, 0, 1, 0, 1]))

    """
    n_samples = integer("n_samples", n_samples, 1)
    turns, noise = _real("n_turns", n_turns, above=0), _real("noise", noise, 0)
    rng = _generator(random_state)
    y = np.arange(n_samples) % 2
    radius = np.sqrt(rng.uniform(0, 1, n_samples))  # as many points on every length of the curve
    angle = np.pi * y + 2 * np.pi * turns * radius
    X = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return X + noise * rng.normal(size=X.shape), y


def checkerboard(
    n_samples: int = 300, *, n_tiles: int = 4, random_state: int | None = None
) -> Data:
    """Draw points of the square [0, 1]^2, labelled as the tiles of a checkerboard.

    Parameters
    ----------
    n_samples : int
        The number of points.
    n_tiles : int
        Of a side.
    random_state : int or None
        The seed.

    Returns
    -------
    X : array of shape (n_samples, 2)
    y : array of shape (n_samples,)
        0 for the tile at the origin.

    Examples
    --------
    >>> X, y = checkerboard(100, random_state=0)
    >>> bool(((4 * X).astype(int).sum(axis=1) % 2 == y).all())
    True

    """
    n_samples, n_tiles = integer("n_samples", n_samples, 1), integer("n_tiles", n_tiles, 1)
    X = _generator(random_state).uniform(0, 1, (n_samples, 2))
    return X, np.floor(n_tiles * X).astype(np.int64).sum(axis=1) % 2


def bars_and_stripes(
    n_rows: int = 3,
    n_columns: int = 3,
    *,
    n_samples: int | None = None,
    noise: float = 0.0,
    random_state: int | None = None,
) -> Data:
    """Make images whose rows are lit as a whole, or whose columns are.

    Parameters
    ----------
    n_rows, n_columns : int
        Of an image, from 1 to 20.
    n_samples : int or None
        How many images to draw, half of them of rows, none of them all dark or all lit, which are
        both; None makes every image once, 2**n_rows + 2**n_columns - 2, and takes no noise.
    noise : float
        The standard deviation of what is added to every pixel, at least 0.
    random_state : int or None
        The seed.

    Returns
    -------
    X : array of shape (n_samples, n_rows * n_columns)
        Pixels 0 and 1, row by row.
    y : array of shape (n_samples,)
        0 for rows, 1 for columns; without n_samples the two that are both count as rows.

    Examples
    --------
    >>> X, y = bars_and_stripes(2, 2)
    >>> X.astype(int)
    array([[0, 0, 0, 0],
           [0, 0, 1, 1],
           [1, 1, 0, 0],
           [1, 1, 1, 1],
           [0, 1, 0, 1],
           [1, 0, 1, 0]])

    As the outcomes of a circuit with qubit k for pixel k, and what a Born machine is to give:

    >>> import numpy as np
    >>> outcomes = X.astype(int) @ 2 ** np.arange(4)
    >>> target = np.bincount(outcomes, minlength=16) / len(outcomes)

    """
    sides = [
        integer(name, size, 1, _MOST_PIXELS)
        for name, size in (("n_rows", n_rows), ("n_columns", n_columns))
    ]
    noise = _real("noise", noise, 0)
    if n_samples is None:
        if noise > 0:
            raise ValueError(f"noise={noise} goes with n_samples, which is None")
        lit = [np.array(list(product((0.0, 1.0), repeat=size))) for size in sides]
        images = [_images(lit[0], 0, sides), _images(lit[1][1:-1], 1, sides)]
        return np.concatenate(images), np.repeat([0, 1], [len(some) for some in images])
    count, rng = integer("n_samples", n_samples, 1), _generator(random_state)
    if min(sides) < 2:
        raise ValueError(f"images of {sides[0]} x {sides[1]} pixels have no rows beside columns")
    y = np.arange(count) % 2
    X = np.empty((count, sides[0] * sides[1]))
    for axis, size in enumerate(sides):
        numbers = rng.integers(1, 2**size - 1, np.count_nonzero(y == axis))
        X[y == axis] = _images((numbers[:, None] >> np.arange(size)) & 1, axis, sides)
    return X + noise * rng.normal(size=X.shape), y


def cluster_ising(
    n_qubits: int = 8,
    n_samples: int = 40,
    *,
    strongest_field: float = 1.6,
    coupling: float = 0.0,
) -> tuple[NDArray[np.complex128], Labels]:
    """Find ground states of a chain on both sides of a change of phase.

    H = -sum Z_k X_{k+1} Z_{k+2} - h sum X_k - coupling sum X_k X_{k+1} with open ends and h in
    equal steps from 0, where it has four ground states, of which this is one. Without coupling the
    ground state has symmetry-protected order below h = 1 and none above (Cong, Choi and Lukin 2019,
    doi:10.1038/s41567-019-0648-8).

    Parameters
    ----------
    n_qubits : int
        Of the chain, from 3 to 12.
    n_samples : int
        How many fields.
    strongest_field : float
        The last h, above 0.
    coupling : float
        The coupling, in units of the first term's.

    Returns
    -------
    X : complex array of shape (n_samples, 2**n_qubits)
        States, as `initial_state=` of programs takes them.
    y : array of shape (n_samples,)
        1 where h < 1.

    Examples
    --------
    >>> X, y = cluster_ising(5, 4)
    >>> X.shape, y
    ((4, 32), array([1, 1, 0, 0]))

    """
    n = integer("n_qubits", n_qubits, 3, _MOST_QUBITS)
    count = integer("n_samples", n_samples, 1)
    strongest = _real("strongest_field", strongest_field, above=0)
    along = _real("coupling", coupling)
    order = [("ZXZ", [k, k + 1, k + 2], -1.0) for k in range(n - 2)]
    order += [("XX", [k, k + 1], -along) for k in range(n - 1)]
    chain = PauliSum.from_sparse(order, n)
    field = PauliSum.from_sparse([("X", [k], -1.0) for k in range(n)], n)
    fields = np.linspace(0, strongest, count)
    X = np.empty((count, 2**n), complex)
    for row, h in zip(X, fields, strict=True):
        row[:] = (chain + h * field).ground_state()[1].amplitudes()
    return X, (fields < 1).astype(np.int64)


def _images(lit: NDArray[np.generic], axis: int, sides: list[int]) -> Floats:
    """Make images of the rows (axis 0) or columns that are lit."""
    along = lit[:, :, None] if axis == 0 else lit[:, None, :]
    return (
        np.broadcast_to(along, (len(lit), *sides))
        .reshape(len(lit), sides[0] * sides[1])
        .astype(float)
    )


def _shape(n_samples: int, n_features: int) -> tuple[int, int]:
    return integer("n_samples", n_samples, 1), integer("n_features", n_features, 1)


def _generator(random_state: int | None) -> np.random.Generator:
    if random_state is None:
        return np.random.default_rng()
    return np.random.default_rng(integer("random_state", random_state, 0))


def _real(
    name: str,
    value: float,
    low: float = -np.inf,
    high: float = np.inf,
    *,
    above: float | None = None,
) -> float:
    """Read a finite number from `low` to `high`, or `above` a limit."""
    if not is_real(value):
        raise TypeError(f"{name} must be a number, not {shown(value)}")
    fits = low <= value <= high if above is None else value > above
    if not (np.isfinite(value) and fits):
        limits = f"above {above}" if above is not None else f"from {low} to {high}"
        raise ValueError(f"{name}={value}; it must be finite, {limits}")
    return float(value)
