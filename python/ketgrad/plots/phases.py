"""Phases as colours: a circle of hues of one lightness, and the ring that explains it."""

import math

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colorbar import make_axes
from matplotlib.colors import ListedColormap

from ketgrad._types import FloatArray
from ketgrad.plots.look import INK

# Of the colours in OKLCh: no phase looks heavier than another, and black edges stand out on all.
_LIGHTNESS, _CHROMA = 0.72, 0.115
_HUE_OF_ZERO = math.radians(250)  # blue, so that π is orange: all eyes tell the two apart
_STEPS = 256
_RING_INCHES = 1.2

# B. Ottosson, A perceptual color space for image processing (2020).
_CONES = np.array(
    [
        [1.0, 0.3963377774, 0.2158037573],
        [1.0, -0.1055613458, -0.0638541728],
        [1.0, -0.0894841775, -1.2914855480],
    ]
)
_LINEAR_RGB = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)


def _hues() -> ListedColormap:
    hue = _HUE_OF_ZERO + np.linspace(-math.pi, math.pi, _STEPS, endpoint=False)
    lab = np.stack(
        [np.full(_STEPS, _LIGHTNESS), _CHROMA * np.cos(hue), _CHROMA * np.sin(hue)], axis=1
    )
    linear = ((lab @ _CONES.T) ** 3 @ _LINEAR_RGB.T).clip(0, 1)
    gamma = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return ListedColormap(gamma.tolist(), name="phase")


_HUES = _hues()


def phase_colors(numbers: npt.NDArray[np.complexfloating]) -> FloatArray:
    """Return the colour of every number's phase, as red, green, blue and opacity."""
    turns = np.angle(numbers) / (2 * math.pi) + 0.5
    return np.asarray(_HUES(np.rint(turns * _STEPS).astype(np.intp) % _STEPS), dtype=np.float64)


def phase_ring(ax: Axes) -> None:
    """Put the ring of the colours beside axes, a phase at its angle."""
    share = _RING_INCHES * ax.figure.dpi / ax.bbox.width
    beside, _ = make_axes(ax, fraction=min(share, 0.4), aspect=1.0, shrink=1.0, anchor=(0.0, 1.0))
    angles = np.linspace(-math.pi, math.pi, _STEPS + 1)
    radii = np.array([[0.66], [1.0]])
    middles = np.exp(1j * (angles[:-1] + angles[1:]) / 2)
    beside.pcolormesh(
        radii * np.cos(angles),
        radii * np.sin(angles),
        np.zeros((1, _STEPS)),
        facecolors=phase_colors(middles),
        shading="flat",
    ).set_array(None)
    for angle, text in ((0.0, "0"), (0.5, "π/2"), (1.0, "π"), (-0.5, "-π/2")):
        x, y = 1.34 * math.cos(angle * math.pi), 1.28 * math.sin(angle * math.pi)
        beside.text(x, y, text, ha="center", va="center", fontsize=9, color=INK)
    beside.text(0, 0, "phase", ha="center", va="center", fontsize=8, color=INK)
    beside.set(xlim=(-1.6, 1.6), ylim=(-1.6, 1.6))
    beside.set_axis_off()
