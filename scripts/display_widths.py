"""Write qsim/drawing/display_widths.inc anew: how many columns of a terminal text takes.

    python scripts/display_widths.py

needs the package wcwidth, which knows Unicode's EastAsianWidth.txt and DerivedGeneralCategory.txt;
the newest Unicode it knows is taken.
"""

from collections.abc import Iterable
from pathlib import Path

import wcwidth
from wcwidth._constants import (
    _CATEGORY_MC_TABLE,
    _EMOJI_ZWJ_SET,
    _ISC_VIRAMA_SET,
    _REGIONAL_INDICATOR_SET,
)
from wcwidth.table_vs15 import VS15_WIDE_TO_NARROW
from wcwidth.table_vs16 import VS16_NARROW_TO_WIDE

TARGET = Path(__file__).parents[1] / "qsim/drawing/display_widths.inc"
PER_LINE = 4


def of_width(width: int) -> list[tuple[int, int]]:
    """Return the code points of a width; control characters have none."""
    return ranges(p for p in range(0xA0, 0x110000) if wcwidth.wcwidth(chr(p)) == width)


def ranges(points: Iterable[int]) -> list[tuple[int, int]]:
    """Return sorted code points as ranges."""
    out: list[tuple[int, int]] = []
    for point in points:
        if out and out[-1][1] == point - 1:
            out[-1] = (out[-1][0], point)
        else:
            out.append((point, point))
    return out


def array(name: str, found: list[tuple[int, int]]) -> str:
    """Write the ranges as a C++ array."""
    items = [f"{{0x{first:X}, 0x{last:X}}}" for first, last in found]
    lines = [", ".join(items[k : k + PER_LINE]) for k in range(0, len(items), PER_LINE)]
    body = ",\n    ".join(lines)
    return f"constexpr std::array<PointRange, {len(items)}> {name}{{{{\n    {body},\n}}}};\n"


def main() -> None:
    """Write the file."""
    unicode = wcwidth.list_versions()[-1]
    head = (
        f"// Unicode {unicode}: East Asian Width, what has no width and what joins, as wcwidth\n"
        f"// {wcwidth.__version__} reads them. Written by scripts/display_widths.py.\n"
        "// clang-format off\n"
    )
    (widened,), (narrowed,) = VS16_NARROW_TO_WIDE.values(), VS15_WIDE_TO_NARROW.values()
    arrays = {
        "kNoColumn": of_width(0),
        "kTwoColumns": of_width(2),
        "kWidenedBySelector": list(widened),
        "kNarrowedBySelector": list(narrowed),
        "kSpacingMarks": list(_CATEGORY_MC_TABLE),
        "kViramas": ranges(sorted(_ISC_VIRAMA_SET)),
        "kPictographs": ranges(sorted(_EMOJI_ZWJ_SET - _REGIONAL_INDICATOR_SET)),
    }
    text = head + "".join(array(name, found) for name, found in arrays.items())
    TARGET.write_text(text + "// clang-format on\n")


if __name__ == "__main__":
    main()
