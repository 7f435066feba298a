"""Errors of a noisy machine, made smaller afterwards.

Zero-noise extrapolation measures a circuit with several strengths of its noise and continues the
values to none at all (Temme, Bravyi & Gambetta 2017, arXiv:1612.02058). Where noise cannot be
turned up, circuits are made longer without changing what they do: `fold`. Misread bits are undone
by what a machine reads where the bits are known: `confusion_matrices` and `invert_readout`.

>>> import ketgrad as kg
>>> noise = kg.NoiseModel().add(kg.Channel.depolarizing2(0.02), "cx")
>>> circuit = kg.Circuit(2).ry(kg.Parameter("a"), 0).cx(0, 1)
>>> kg.compile_noisy(circuit, "ZZ", noise).expval(weights=[0.4]).round(5)
array([0.98])
>>> kg.mitigation.zero_noise(circuit, "ZZ", noise, weights=[0.4]).round(5)
array([0.99998])
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ketgrad._core import Circuit, NoiseModel, Result, _real, _real_array, compile_noisy
from ketgrad._memory import require_memory
from ketgrad._numbers import generator, integer
from ketgrad._types import FloatArray
from ketgrad._words import shown

__all__ = [
    "calibration_circuits",
    "confusion_matrices",
    "extrapolate",
    "fold",
    "invert_readout",
    "zero_noise",
]

_METHODS = ("polynomial", "exponential")
_MOST_FOLDING = 1e6
_GATE_BYTES = 750.0  # that folding takes, with what is made on the way
_MOST_QUBITS = 24  # of distributions over outcomes
_ROUNDING = 1e-9  # of probabilities, and of matrices that have no inverse


def fold(circuit: Circuit, factor: float, *, by_gate: bool = False) -> Circuit:
    """Make a circuit longer that does the same, so that its noise acts more often.

    Of a circuit U it is U (U† U)^n, and U† U of its last gates alone where the factor is no odd
    integer; gate by gate, every gate G becomes G (G† G)^n, and the first ones have a pair more
    (Giurgica-Tiron et al. 2020, arXiv:2005.10921). A noise model that names gates must name the
    inverse ones as well ('sxdg' with 'sx').

    Parameters
    ----------
    circuit : Circuit
        Of gates alone: measurements are put behind the folded one.
    factor : float
        How many times as many gates, at least 1, as near to it as pairs of gates come.
    by_gate : bool
        Whether each gate is folded by itself.

    Returns
    -------
    folded : Circuit
        With the same parameters in the same order.

    Raises
    ------
    ValueError
        For a factor below 1 or above 1e6, and for circuits with measurements, channels or
        conditions.
    MemoryError
        For more gates than memory holds.

    Examples
    --------
    >>> bell = Circuit(2).h(0).cx(0, 1)
    >>> [gate.name for gate in fold(bell, 3)]
    ['h', 'cx', 'cx', 'h', 'h', 'cx']
    >>> [gate.name for gate in fold(bell, 3, by_gate=True)]
    ['h', 'h', 'h', 'cx', 'cx', 'cx']
    >>> [gate.name for gate in fold(bell, 2)]
    ['h', 'cx', 'cx', 'cx']

    """
    gates = _gates(circuit)
    pairs = _pairs(len(gates), factor)
    _require_room(len(gates), factor)
    rounds, rest = divmod(pairs, max(len(gates), 1))
    if not by_gate:
        last = _circuit_of(circuit, gates[len(gates) - rest :])
        out = circuit.copy()
        for part, times in ((circuit, rounds), (last, 1)):
            out.compose(part.inverse().compose(part).repeat(times))
        return out
    out = _empty(circuit)
    for k, gate in enumerate(gates):
        alone = _circuit_of(circuit, [gate])
        times = rounds + (k < rest)
        out.compose(alone).compose(alone.inverse().compose(alone).repeat(times))
    return out


def _gates(circuit: Circuit) -> list[Any]:
    if not isinstance(circuit, Circuit):
        raise TypeError(f"circuit must be a Circuit, not {shown(circuit)}")
    if not circuit.is_unitary:
        raise ValueError(
            "fold() takes circuits of gates alone; this one has measurements, resets, channels or "
            "conditions"
        )
    return [op for op in circuit.operations if op.name != "barrier"]


def _pairs(n_gates: int, factor: float) -> int:
    """Say how many pairs of a gate and its inverse come closest to a factor."""
    factor = _real(factor, "factor")
    if not 1 <= factor <= _MOST_FOLDING:
        raise ValueError(f"factor={factor}; it must be from 1 to {_MOST_FOLDING:g}")
    return round(n_gates * (factor - 1) / 2)


def _require_room(n_gates: int, factor: float) -> None:
    """Raise MemoryError where memory does not hold a folded circuit."""
    n = n_gates + 2 * _pairs(n_gates, factor)
    require_memory(_GATE_BYTES * n, f"a circuit of {n} gates, of factor={factor},")


def _empty(circuit: Circuit) -> Circuit:
    return Circuit(circuit.qubit_registers, circuit.bit_registers)


def _circuit_of(circuit: Circuit, gates: Sequence[Any]) -> Circuit:
    out = _empty(circuit)
    for gate in gates:
        out.add(gate)
    return out


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
    n_gates = len(_gates(circuit))
    if not isinstance(factors, Iterable) or getattr(factors, "shape", None) == ():
        raise TypeError(f"factors must be a sequence of numbers, not {shown(factors)}")
    factors = list(factors)
    # Of whole pairs of gates.
    actual = [1 + 2 * _pairs(n_gates, factor) / max(n_gates, 1) for factor in factors]
    _strengths(actual)
    for factor in factors:
        _require_room(n_gates, factor)
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


def calibration_circuits(n_qubits: int) -> tuple[Circuit, Circuit]:
    """Make the circuits whose outcomes tell how bits are misread: of all 0, and of all 1.

    Parameters
    ----------
    n_qubits : int
        Of each, from 1 to 24.

    Returns
    -------
    zeros, ones : Circuit
        With all qubits measured.

    Examples
    --------
    >>> zeros, ones = calibration_circuits(2)
    >>> zeros.run(10).counts(), ones.run(10).counts()
    ({'00': 10}, {'11': 10})

    """
    n = integer("n_qubits", n_qubits, 1, _MOST_QUBITS)
    return Circuit(n).measure_all(), Circuit(n).x(range(n)).measure_all()


def confusion_matrices(
    zeros: Result | Mapping[str, float] | npt.ArrayLike,
    ones: Result | Mapping[str, float] | npt.ArrayLike,
) -> FloatArray:
    """Compute, qubit by qubit, how often each value is read for each.

    Parameters
    ----------
    zeros, ones : Result, dict or array-like of shape (2**n,)
        What was read where all bits were 0, and where all were 1, of `calibration_circuits`: a
        result, counts by their text, or counts or probabilities of all outcomes.

    Returns
    -------
    matrices : ndarray of shape (n, 2, 2)
        At [q, r, t] the probability that bit q is read as r where it is t. Columns sum to 1.

    Raises
    ------
    ValueError
        For outcomes of different numbers of bits, and for what is no distribution.

    Examples
    --------
    >>> confusion_matrices({"0": 98, "1": 2}, {"0": 5, "1": 95})
    array([[[0.98, 0.05],
            [0.02, 0.95]]])

    """
    read = [_distribution(name, given) for name, given in (("zeros", zeros), ("ones", ones))]
    if read[0].shape != read[1].shape or read[0].ndim != 1:
        raise ValueError(
            "zeros and ones must be of the same bits, got distributions of shapes "
            f"{read[0].shape} and {read[1].shape}"
        )
    n = read[0].size.bit_length() - 1
    lit = (np.arange(2**n) >> np.arange(n)[:, None]) & 1
    share = np.array([lit @ some for some in read])  # of bits that were read as 1
    return np.asarray(np.stack([1 - share, share]).transpose(2, 0, 1))


def invert_readout(
    outcomes: Result | Mapping[str, float] | npt.ArrayLike,
    matrices: npt.ArrayLike,
    *,
    project: bool = False,
) -> FloatArray:
    """Find the distribution that a machine which misreads bits would show as the one that was seen.

    Qubits are taken to be misread independently of each other. Probabilities may come out negative,
    which keeps expectation values without bias.

    Parameters
    ----------
    outcomes : Result, dict or array-like of shape (2**n,) or (batch, 2**n)
        What was read: a result, counts by their text, or counts or probabilities of all outcomes.
    matrices : array-like of shape (n, 2, 2)
        Of `confusion_matrices`.
    project : bool
        Whether to return the distribution without negative probabilities that is the nearest by
        the sum of squares (Smolin, Gambetta & Smith 2012, arXiv:1106.5458).

    Returns
    -------
    probabilities : ndarray of shape (2**n,) or (batch, 2**n)
        Bit q of an outcome is that of matrices[q]. They sum to 1.

    Raises
    ------
    ValueError
        For shapes that do not fit, what is no distribution, columns of matrices that do not sum to
        1, and matrices that have no inverse.

    Examples
    --------
    >>> matrices = [[[0.98, 0.05], [0.02, 0.95]]]
    >>> invert_readout({"0": 515, "1": 485}, matrices).round(6)
    array([0.5, 0.5])
    >>> invert_readout([0.99, 0.01], matrices).round(4)
    array([ 1.0108, -0.0108])
    >>> invert_readout([0.99, 0.01], matrices, project=True)
    array([1., 0.])

    """
    seen, inverses = _distribution("outcomes", outcomes), _inverses(matrices)
    n = len(inverses)
    if seen.shape[-1] != 2**n:
        raise ValueError(
            f"outcomes of shape {seen.shape} do not fit matrices of {n} qubits: those have {2**n} "
            "outcomes"
        )
    out = seen
    for q, inverse in enumerate(inverses):
        split = out.reshape(-1, 2 ** (n - 1 - q), 2, 2**q)  # the bit of qubit q apart
        out = np.einsum("rt,bhtl->bhrl", inverse, split)
    out = out.reshape(seen.shape)
    return _nearest_distribution(out) if project else out


def _inverses(matrices: npt.ArrayLike) -> FloatArray:
    given = np.asarray(_real_array(matrices, "matrices"))
    if given.ndim != 3 or given.shape[1:] != (2, 2) or not 1 <= len(given) <= _MOST_QUBITS:
        raise ValueError(
            f"matrices must have shape (n, 2, 2), n from 1 to {_MOST_QUBITS}, got {given.shape}"
        )
    for q, matrix in enumerate(given):
        if not ((matrix >= 0).all() and np.allclose(matrix.sum(axis=0), 1, atol=1e-6)):
            raise ValueError(
                f"matrices[{q}] is {matrix.tolist()}; its columns must be probabilities that sum "
                "to 1"
            )
        determinant = matrix[0, 0] - matrix[0, 1]
        if abs(determinant) < _ROUNDING:
            raise ValueError(
                f"matrices[{q}] is {matrix.tolist()}, which has no inverse: what is read does not "
                "depend on the bit"
            )
    return np.asarray(np.linalg.inv(given), dtype=np.float64)


def _nearest_distribution(values: FloatArray) -> FloatArray:
    """Move rows that sum to 1 to the nearest ones that have no negative entries."""
    falling = -np.sort(-values, axis=-1)
    count = np.arange(1, values.shape[-1] + 1)
    excess = (np.cumsum(falling, axis=-1) - 1) / count
    kept = np.count_nonzero(falling > excess, axis=-1, keepdims=True)  # the largest, a few
    return np.maximum(values - np.take_along_axis(excess, kept - 1, axis=-1), 0.0)


def _distribution(name: str, outcomes: Result | Mapping[str, float] | npt.ArrayLike) -> FloatArray:
    """Read probabilities of all outcomes, which sum to 1."""
    if isinstance(outcomes, Result):
        outcomes = outcomes.probabilities()
    if isinstance(outcomes, Mapping):
        out = _by_number(name, outcomes)
    else:
        out = np.asarray(_real_array(outcomes, name))
    size = out.shape[-1] if out.ndim in (1, 2) else 0
    if size < 2 or size > 2**_MOST_QUBITS or size & (size - 1):
        raise ValueError(
            f"{name} must have shape (2**n,) or (batch, 2**n), n from 1 to {_MOST_QUBITS}, got "
            f"{out.shape}"
        )
    total = out.sum(axis=-1, keepdims=True)
    if not ((out >= 0).all() and np.isfinite(total).all() and (total > 0).all()):
        raise ValueError(f"{name} must be at least 0 and finite, and not all 0")
    return np.asarray(out / total)


def _by_number(name: str, outcomes: Mapping[str, float]) -> FloatArray:
    texts = list(outcomes)
    n = len(texts[0]) if texts and isinstance(texts[0], str) else 0
    for text in texts:
        if not isinstance(text, str) or len(text) != n or set(text) - {"0", "1"}:
            raise ValueError(f"{name} has the key {text!r}; keys are texts of {n or 'n'} bits")
    if not 1 <= n <= _MOST_QUBITS:
        raise ValueError(f"{name} has keys of {n} bits; they must have 1 to {_MOST_QUBITS}")
    out = np.zeros(2**n)
    out[[int(text, 2) for text in texts]] = _real_array(list(outcomes.values()), name)
    return out
