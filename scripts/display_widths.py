"""Write qsim/io/display_widths.inc anew: how many columns of a terminal each character takes.

    python scripts/display_widths.py

needs the package wcwidth, which knows Unicode's EastAsianWidth.txt and DerivedGeneralCategory.txt;
the newest Unicode it knows is taken.
"""

from pathlib import Path

import wcwidth

TARGET = Path(__file__).parents[1] / "qsim/io/display_widths.inc"
PER_LINE = 4


def ranges(width: int) -> list[tuple[int, int]]:
    """Return the code points of a width; control characters have none."""
    out: list[tuple[int, int]] = []
    for point in range(0xA0, 0x110000):
        if wcwidth.wcwidth(chr(point)) != width:
            continue
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
        f"// Unicode {unicode}: East Asian Width, and what has no width, as wcwidth\n"
        f"// {wcwidth.__version__} reads them. Written by scripts/display_widths.py.\n"
        "// clang-format off\n"
    )
    text = head + array("kNoColumn", ranges(0)) + array("kTwoColumns", ranges(2))
    TARGET.write_text(text + "// clang-format on\n")


if __name__ == "__main__":
    main()
