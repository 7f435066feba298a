"""Circuits by matplotlib: the shapes of the SVG picture, so that both look the same."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.font_manager import FontProperties, fontManager
from matplotlib.patches import BoxStyle
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D

from ketgrad._core import Circuit
from ketgrad._words import kind
from ketgrad.plots.look import axes_for, bare, drawing

_PIXELS_AN_INCH = 96
_LARGEST_INCHES = 200  # of a new figure: at 100 dots an inch within what image libraries take
_DASH = 3.0
# Names may have any letters: those that the first font lacks are taken from what there is.
_FALLBACKS = {
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Noto Sans KR",
    "Hiragino Sans",
    "PingFang SC",
    "Yu Gothic",
    "Microsoft YaHei",
    "Malgun Gothic",
    "WenQuanYi Zen Hei",
    "Arial Unicode MS",
}
_FONT = FontProperties(
    family=["DejaVu Sans", *sorted(_FALLBACKS & set(fontManager.get_font_names()))]
)


@drawing
def draw_circuit(circuit: Circuit, ax: Axes | None = None, *, expand: bool | int = False) -> Axes:
    """Draw a circuit: the picture of `Circuit.svg`, with everything in data coordinates.

    Text and lines are shapes of the axes' coordinates (pixels of the SVG picture, y downwards), so
    that the picture keeps its proportions in axes of any size.

    Parameters
    ----------
    circuit : Circuit
        The circuit.
    ax : matplotlib Axes, default=None
        Where to draw; None makes a new figure of the size of the picture.
    expand : bool or int, default=False
        How many levels of boxes are opened, as in `Circuit.draw`; True opens all.

    {drawn}

    Raises
    ------
    TypeError
        For anything but a circuit.
    ValueError
        For pictures of more than two million shapes, and a negative number of levels.

    Examples
    --------
    >>> from ketgrad import Circuit
    >>> from ketgrad.plots import draw_circuit
    >>> ax = draw_circuit(Circuit(2).h(0).cx(0, 1))

    """
    if not isinstance(circuit, Circuit):
        raise TypeError(f"draw_circuit takes a Circuit, not {kind(circuit)}")
    width, height, groups = circuit._scene(expand)
    inches = [min(size / _PIXELS_AN_INCH, _LARGEST_INCHES) for size in (width, height)]
    ax = axes_for(ax, *inches)
    outlines = [
        outline
        for _title, shapes in groups
        for shape in shapes
        for outline in _OUTLINES[shape[0]](shape)
    ]
    ax.add_collection(_Shapes([outline for outline in outlines if not outline.is_text]))
    # Of letters that snap to the pixels, a small H may become an I.
    letters = [outline for outline in outlines if outline.is_text]
    colours = [outline.fill for outline in letters]
    paths = [outline.path for outline in letters]
    ax.add_collection(PathCollection(paths, facecolors=colours, linewidths=0, snap=False))
    ax.set(xlim=(0, width), ylim=(height, 0))
    bare(ax)
    return ax


# A shape is (kind, x, y, x2, y2, size, stroke_width, dashed, anchor, fill, stroke, text).


class _Outline(NamedTuple):
    path: Path
    fill: str = "none"
    stroke: str = "none"
    width: float = 0.0
    dash: float = 0.0  # of the length of its gaps too; 0: a line without any
    is_text: bool = False


class _Shapes(PathCollection):
    """Outlines in order, later ones over earlier ones; strokes grow with the axes.

    Strokes of one width look alike at any resolution, as outlines of their own would not: each of
    those snaps to the pixels by itself.
    """

    def __init__(self, outlines: Sequence[_Outline]) -> None:
        super().__init__(
            [outline.path for outline in outlines],
            facecolors=[outline.fill for outline in outlines],
            edgecolors=[outline.stroke for outline in outlines],
            capstyle="butt",
        )
        self._outlines = outlines

    def draw(self, renderer: Any) -> None:
        """Draw, with strokes as wide as the axes' scale makes them."""
        if self.axes is not None:
            points = abs(self.get_transform().get_matrix()[0, 0]) * 72 / self.axes.figure.dpi
            self.set_linewidth([points * outline.width for outline in self._outlines])
            # Dashes are lengths in widths of the stroke.
            self.set_linestyle([_dashes(outline) for outline in self._outlines])
        super().draw(renderer)


def _dashes(outline: _Outline) -> Any:
    length = outline.dash / outline.width if outline.dash else 0.0
    return (0, (length, length)) if length else "solid"


def _line(shape: Any) -> Iterator[_Outline]:
    _, x, y, x2, y2, _, width, dashed, _, _, stroke, _ = shape
    path = Path([(x, y), (x2, y2)])
    yield _Outline(path, stroke=stroke, width=width, dash=_DASH if dashed else 0.0)


def _circle(shape: Any) -> Iterator[_Outline]:
    _, x, y, _, _, radius, width, _, _, fill, stroke, _ = shape
    yield _Outline(Path.circle((x, y), radius), fill, stroke, width)


def _arc(shape: Any) -> Iterator[_Outline]:
    _, x, y, _, _, radius, width, _, _, _, stroke, _ = shape
    upper = Affine2D().scale(radius, -radius).translate(x, y).transform_path(Path.arc(0, 180))
    yield _Outline(upper, stroke=stroke, width=width)


def _rectangle(shape: Any) -> Iterator[_Outline]:
    _, x, y, x2, y2, radius, width, _, _, fill, stroke, _ = shape
    rounded: Any = BoxStyle.Round(pad=0, rounding_size=radius)
    yield _Outline(rounded(x, y, x2 - x, y2 - y, 1.0), fill, stroke, width)


def _text(shape: Any) -> Iterator[_Outline]:
    _, x, y, _, _, size, _, _, anchor, fill, _, text = shape
    outline = _letters(text, size)
    box = outline.get_extents()
    start = {"left": 0.0, "center": (box.x0 + box.x1) / 2, "right": box.x1}[anchor]
    baseline = y + 0.36 * size  # as in the SVG picture
    placed = outline.transformed(Affine2D().scale(1, -1).translate(x - start, baseline))
    yield _Outline(placed, fill, is_text=True)


@lru_cache(maxsize=4096)
def _letters(text: str, size: int) -> Path:
    # A dollar sign would begin a formula, and a name may have any.
    return TextPath((0, 0), text.replace("$", r"\$"), size=size, prop=_FONT)


_OUTLINES = {
    "line": _line,
    "circle": _circle,
    "arc": _arc,
    "rect": _rectangle,
    "text": _text,
}
