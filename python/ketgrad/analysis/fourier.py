"""The Fourier series of circuits in one of their inputs."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ketgrad._core import Program, _real, _real_array
from ketgrad._numbers import integer, is_integer
from ketgrad._types import ComplexArray, FloatArray
from ketgrad._words import shown
from ketgrad.analysis.arguments import program_of, require
from ketgrad.analysis.documentation import document
from ketgrad.analysis.populations import chunks

# Fourier coefficients smaller than this share of the largest are taken for rounding.
_ROUNDING = 1e-10
_MOST_FREQUENCIES = 4096


@dataclass(frozen=True)
class FourierSpectrum:
    """The coefficients of sum_k c_k exp(2 pi i k x / period)."""

    frequencies: npt.NDArray[np.int64]
    """The k, from -K to K."""
    coefficients: ComplexArray
    """The c_k, shape (2 K + 1, n_observables) or (population, 2 K + 1, n_observables)."""


@document
def fourier_spectrum(
    program: Program,
    inputs: npt.ArrayLike,
    weights: npt.ArrayLike | None = None,
    *,
    index: int = 0,
    period: float = 2 * np.pi,
    max_frequency: int | None = None,
) -> FourierSpectrum:
    """Compute the Fourier series of the expectation values in one input.

    Which frequencies there are follows from the encoding, how large they are from the rest of the
    circuit (Schuld, Sweke and Meyer 2021, arXiv:2008.08605).

    Parameters
    ----------
    program : Program
        With observables.
    inputs : array-like of shape (n_inputs,)
        The other inputs; that of the series is overwritten.
    weights : array-like of shape (n_weights,) or (population, n_weights), default=None
        The weights, or a row for every model of a population.
    index : int, default=0
        The input of the series.
    period : float, default=2 pi
        A period of the values in that input.
    max_frequency : int, default=None
        The largest frequency K; higher ones are folded onto lower ones. None finds the largest one
        there is.

    Returns
    -------
    spectrum : FourierSpectrum

    Raises
    ------
    IndexError
        For an input that there is not.
    ValueError
        For shapes that do not fit, and where no largest frequency is found up to 4096: the values
        do not have this period.
    {too_large}

    Examples
    --------
    >>> import ketgrad as kg
    >>> program = kg.compile(kg.Circuit(1).rx(kg.Parameter("x"), 0), "Z", inputs="x")
    >>> spectrum = kg.fourier_spectrum(program, [0.0])  # cos(x)
    >>> spectrum.frequencies
    array([-1,  0,  1])
    >>> abs(spectrum.coefficients[:, 0]).round(6)
    array([0.5, 0. , 0.5])

    """
    program = program_of(program, "fourier_spectrum", measured=True)
    x = _real_array(inputs, "inputs").copy()
    n_inputs = len(program.inputs)
    require(x.shape == (n_inputs,), f"inputs must have shape ({n_inputs},), got {x.shape}")
    if not is_integer(index):
        raise TypeError(f"index must be an integer, not {shown(index)}")
    if not 0 <= index < n_inputs:
        raise IndexError(f"input {index} is out of range for {n_inputs} inputs")
    period = _real(period, "period")
    require(np.isfinite(period) and period > 0, f"period={period}; it must be positive and finite")
    w = _real_array([] if weights is None else weights, "weights")
    if max_frequency is not None:
        max_frequency = integer("max_frequency", max_frequency, 0, _MOST_FREQUENCIES)
        return _spectrum(program, x, w, index, period, max_frequency)
    K = 8
    while K <= _MOST_FREQUENCIES:
        spectrum = _spectrum(program, x, w, index, period, K)
        size = np.abs(spectrum.coefficients).max(axis=-1)
        size = size.max(axis=0) if size.ndim == 2 else size
        large = np.abs(spectrum.frequencies[size > _ROUNDING * size.max()])
        top = int(large.max(initial=0))
        if 2 * top <= K:
            kept = np.abs(spectrum.frequencies) <= top
            return FourierSpectrum(spectrum.frequencies[kept], spectrum.coefficients[..., kept, :])
        K *= 2
    raise ValueError(
        f"the values have no largest frequency up to {_MOST_FREQUENCIES} for the period {period}"
    )


def _spectrum(
    program: Program, x: FloatArray, w: FloatArray, index: int, period: float, K: int
) -> FourierSpectrum:
    size = 2 * K + 1
    population = np.atleast_2d(w)
    values = np.empty((len(population) * size, program.n_observables))
    points = period * np.arange(size) / size
    for some in chunks(len(values), 8.0 * (len(x) + w.shape[-1] + values.shape[1])):
        which, point = np.divmod(np.arange(some.start, some.stop), size)
        rows = np.tile(x, (len(point), 1))
        rows[:, index] = points[point]
        values[some] = program.expval(rows, population[which] if w.ndim == 2 else w)
    coefficients = np.fft.fft(values.reshape(len(population), size, -1), axis=1) / size
    coefficients = np.fft.fftshift(coefficients, axes=1)
    frequencies = np.arange(-K, K + 1)
    return FourierSpectrum(frequencies, coefficients if w.ndim == 2 else coefficients[0])
