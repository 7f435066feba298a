"""What the columns of a table were read as, a line each, before anything is learned from them."""

from collections import Counter
from collections.abc import Collection

from ketgrad._words import printable, written
from ketgrad.commands.columns import POINT, Column
from ketgrad.commands.features import is_constant
from ketgrad.commands.table import Table

_MOST_SHOWN = 4
_LONGEST_NAME = 40


def column_report(
    whole: Table,
    used: Table,
    target: str,
    left_out: Collection[str],
    categories: Collection[str],
    *,
    classes: bool,
) -> str:
    """Lay out the columns: names and oddities as they are in the file, kinds in the rows used."""

    def role(name: str) -> str:
        if name == target:
            return f"target: {_labels(used, name, 'classes')}" if classes else "target: numbers"
        if name in left_out:
            return "ignored"
        if is_constant(used, name):
            return "constant: left out"
        is_category = name in categories or not used.is_numeric(name)
        return _labels(used, name, "categories") if is_category else "numbers"

    rows = [
        (printable(name, _LONGEST_NAME), role(name), _oddities(whole, name)) for name in whole.names
    ]
    widths = [max(len(row[k]) for row in rows) for k in (0, 1)]
    lines = [
        f"  {name.ljust(widths[0])}  {role.ljust(widths[1])}  {'; '.join(oddities)}".rstrip()
        for name, role, oddities in rows
    ]
    return "\n".join([f"{whole.path}: {len(whole)} rows, read as", *lines])


def _labels(table: Table, name: str, what: str) -> str:
    labels = list(dict.fromkeys(table.label(row, name) for row in table.present(name)))
    first = (printable(label, _LONGEST_NAME) for label in labels[:_MOST_SHOWN])
    shown = ", ".join(first) + (", …" if len(labels) > _MOST_SHOWN else "")
    return f"{len(labels)} {what} ({shown})"


def _oddities(table: Table, name: str) -> list[str]:
    column = table.column(name)
    found = [_missing(table, column)]
    if column.kind == "numbers":
        found += [_notation(column), _leading_zeros(table, column), _long(table, column)]
    else:
        found += [_nearly_numbers(table, column), _case(table, name)]
    return [text for text in found if text]


def _missing(table: Table, column: Column) -> str:
    rows = [row for row in range(len(table)) if column.is_missing(row)]
    if not rows:
        return ""
    return f"{len(rows)} missing, first {_cell(table, column, rows[0])}"


def _cell(table: Table, column: Column, row: int) -> str:
    return f"in line {table.lines[row]}: {written(column.cells[row])}"


def _notation(column: Column) -> str:
    return "" if POINT in column.notations else column.notations[0].name


def _leading_zeros(table: Table, column: Column) -> str:
    for row, text in enumerate(column.cells):
        if len(text) > 1 and text[0] == "0" and text.isdigit():
            return f"leading zeros are lost, as {_cell(table, column, row)}"
    return ""


def _long(table: Table, column: Column) -> str:
    for row, text in enumerate(column.cells):
        digits = text.lstrip("+-0")
        if digits.isdigit() and (len(digits) > 16 or int(digits) > 2**53):
            return f"more digits than numbers keep, as {_cell(table, column, row)}"
    return ""


def _nearly_numbers(table: Table, column: Column) -> str:
    """Tell of text among numbers, which makes categories of them."""
    texts = column.strays()
    if not texts:
        return ""
    n_present = sum(not column.is_missing(row) for row in range(len(table)))
    return f"{n_present - len(texts)} are numbers, not {_cell(table, column, texts[0])}"


def _case(table: Table, name: str) -> str:
    labels = {table.label(row, name) for row in table.present(name)}
    folded, times = Counter(label.casefold() for label in labels).most_common(1)[0]
    if times == 1:
        return ""
    alike = sorted(label for label in labels if label.casefold() == folded)
    return f"{' and '.join(map(written, alike[:2]))} differ in case alone"
