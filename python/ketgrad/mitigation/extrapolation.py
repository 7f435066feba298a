"""Values at several strengths of noise, continued to none."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ketgrad._core import Circuit, NoiseModel, _real, _real_array, compile_noisy
from ketgrad._numbers import generator, integer
from ketgrad._types import FloatArray
from ketgrad._words import shown
from ketgrad.mitigation.folding import fold, gates_of, pairs_of, require_room

_METHODS = ("polynomial", "exponential")


def extrapolate(
    factors: npt.ArrayLike,
    values: npt.ArrayLike,
    *,
    method: str = "polynomial",
    degree: int | None = None,
    asymptote: float = 0.0,
    std: npt.ArrayLike | None = None,
) -> Any:
    """Continue values that were measured at several strengths of the noise to strength 0.

    Parameters
    ----------
    factors : array-like of shape (n,)
        The strengths, at least two, positive and all different, in any unit.
    values : array-like of shape (n, ...)
        What was measured at each.
    method : {"polynomial", "exponential"}
        Whether a polynomial is fitted by least squares, or asymptote ± exp(polynomial), by the
        logarithms of the distances.
    degree : int, default=None
        Of the polynomial, from 1 to n - 1. None takes n - 1 of a polynomial, which goes through all
        values (Richardson), and 1 of an exponential.
    asymptote : float
        Of an exponential: what the values come to with ever more noise. 0 is right for
        observables of trace 0 and noise that leads to the mixed state.
    std : array-like of the shape of the values, default=None
        Standard errors of the values, each independent of the others.

    Returns
    -------
    value : ndarray of shape (...)
        With std a tuple, (value, standard error), to first order.

    Raises
    ------
    ValueError
        For shapes that do not fit, numbers out of range, and values that an exponential cannot
        have: on both sides of the asymptote, or on it.

    Examples
    --------
    >>> value = extrapolate([1, 2, 3], [0.81, 0.64, 0.49])  # (1 - x / 10)**2
    >>> round(float(value), 9)
    1.0
    >>> value, std = extrapolate([1, 3], [0.8, 0.512], method="exponential", std=[0.01, 0.01])
    >>> round(float(value), 9), round(float(std), 4)
    (1.0, 0.0211)

    """
    x, y = _strengths(factors), _real_array(values, "values")
    if y.ndim == 0 or len(y) != len(x):
        raise ValueError(f"values of shape {y.shape} do not fit {len(x)} factors")
    if not np.isfinite(y).all():
        place = tuple(np.argwhere(~np.isfinite(y))[0].tolist())
        at = ", ".join(map(str, place))
        raise ValueError(f"values[{at}] is {y[place]}; values must be finite")
    if method not in _METHODS:
        raise ValueError(f"method is {method!r}; it must be 'polynomial' or 'exponential'")
    if degree is None:
        degree = len(x) - 1 if method == "polynomial" else 1
    # The polynomial's value at 0 is a sum of the values with these weights.
    powers = np.vander(x / x.max(), integer("degree", degree, 1, len(x) - 1) + 1, increasing=True)
    weights = np.linalg.pinv(powers)[0]
    errors = None if std is None else _errors(std, y)
    asymptote = _finite("asymptote", asymptote)
    if method == "exponential":
        return _exponential(weights, y, asymptote, errors)
    value = np.tensordot(weights, y, 1)
    return value if errors is None else (value, np.sqrt(np.tensordot(weights**2, errors**2, 1)))


def _strengths(factors: npt.ArrayLike) -> FloatArray:
    x = _real_array(factors, "factors")
    if x.ndim != 1 or len(x) < 2:
        raise ValueError(f"factors must have shape (n,), at least two, got {x.shape}")
    if not (np.isfinite(x).all() and (x > 0).all()):
        raise ValueError(f"factors are {x.tolist()}; they must be positive and finite")
    if len(np.unique(x)) < len(x):
        raise ValueError(f"factors are {x.tolist()}; they must all be different")
    return np.asarray(x)


def _errors(std: npt.ArrayLike, y: FloatArray) -> FloatArray:
    errors = np.asarray(_real_array(std, "std"))
    if errors.shape != y.shape:
        raise ValueError(f"std must have the shape of the values, {y.shape}, got {errors.shape}")
    if not ((errors >= 0) & np.isfinite(errors)).all():
        raise ValueError("std has numbers below 0, or not finite; they must be at least 0")
    return errors


def _finite(name: str, value: float) -> float:
    number = _real(value, name)
    if not np.isfinite(number):
        raise ValueError(f"{name}={number}; it must be finite")
    return number


def _exponential(
    weights: FloatArray, y: FloatArray, asymptote: float, errors: FloatArray | None
) -> Any:
    distance = y - asymptote
    sides = np.sign(distance)
    if not ((sides == sides[0]) & (sides != 0)).all():
        raise ValueError(
            f"values of an exponential all lie on one side of its asymptote, {asymptote}; these do "
            "not"
        )
    size = sides[0] * np.exp(np.tensordot(weights, np.log(np.abs(distance)), 1))
    if errors is None:
        return asymptote + size
    relative = np.tensordot(weights**2, (errors / distance) ** 2, 1)
    return asymptote + size, np.abs(size) * np.sqrt(relative)


def zero_noise(
    circuit: Circuit,
    observables: Any,
    noise: NoiseModel,
    *,
    weights: npt.ArrayLike | Mapping[str, npt.ArrayLike] | None = None,
    inputs: Mapping[str, npt.ArrayLike] | None = None,
    factors: Iterable[float] = (1, 3, 5),
    by_gate: bool = False,
    method: str = "polynomial",
    degree: int | None = None,
    asymptote: float = 0.0,
    trajectories: int | None = None,
    seed: int | None = None,
    return_std: bool = False,
) -> Any:
    """Compute expectation values under noise of a circuit and its folded forms, extrapolated.

    Parameters
    ----------
    circuit : Circuit
        Of gates alone.
    observables : Observable or iterable of Observable
        As `compile_noisy` takes them.
    noise : NoiseModel
        Of every gate, the inverse ones too.
    weights : array-like of shape (n_weights,) or (batch, n_weights), or dict, default=None
        Or by their names.
    inputs : dict, default=None
        Of arrays by the names of the parameters that carry data.
    factors : iterable of float
        How often the noise acts, for `fold`; what pairs of gates come to is what counts.
    by_gate : bool
        Whether each gate is folded by itself.
    method, degree, asymptote : str, int, float
        How values are continued, for `extrapolate`.
    trajectories : int, default=None
        Runs for every value; None computes exact ones, from density matrices.
    seed : int, default=None
        Of the trajectories; None takes fresh entropy.
    return_std : bool
        With trajectories: whether standard errors are returned too.

    Returns
    -------
    values : ndarray of shape (n_observables,) or (batch, n_observables)
        With return_std a tuple, (values, standard errors), to first order.

    Raises
    ------
    ValueError
        For what `fold`, `compile_noisy` and `extrapolate` refuse, and factors that are the same
        number of gates.

    Examples
    --------
    >>> import ketgrad as kg
    >>> noise = kg.NoiseModel().add(kg.Channel.depolarizing2(0.02), "cx")
    >>> circuit = kg.Circuit(2).h(0).cx(0, 1)
    >>> kg.compile_noisy(circuit, ["ZZ", "XX"], noise).expval().round(4)
    array([0.98, 0.98])
    >>> kg.mitigation.zero_noise(circuit, ["ZZ", "XX"], noise, by_gate=True).round(4)
    array([1., 1.])

    """
    if isinstance(observables, Iterator):
        observables = list(observables)  # it serves several circuits
    n_gates = len(gates_of(circuit))
    if not isinstance(factors, Iterable) or getattr(factors, "shape", None) == ():
        raise TypeError(f"factors must be a sequence of numbers, not {shown(factors)}")
    factors = list(factors)
    # Of whole pairs of gates.
    actual = [1 + 2 * pairs_of(n_gates, factor) / max(n_gates, 1) for factor in factors]
    _strengths(actual)
    for factor in factors:
        require_room(n_gates, factor)
    seeds: list[int | None] = [seed] * len(actual)
    if trajectories is not None:
        seeds = generator(seed).integers(2**32, size=len(actual)).tolist()
    found = []
    for factor, its_seed in zip(factors, seeds, strict=True):
        folded = fold(circuit, factor, by_gate=by_gate)
        program = compile_noisy(folded, observables, noise, inputs=list(inputs or []) or None)
        found.append(program.expval(inputs, weights, trajectories, its_seed, return_std))
    values, std = zip(*found, strict=True) if return_std else (found, None)
    return extrapolate(actual, values, method=method, degree=degree, asymptote=asymptote, std=std)
