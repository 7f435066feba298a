"""Records as tables, of text and of Markdown."""

from collections.abc import Sequence

from ketgrad.gallery.experiment import Experiment, Range
from ketgrad.gallery.record import Figure, Record

HEAD = ("claim", "published", "ours ±", "seeds", "classical", "time")


def rows(record: Record) -> list[tuple[str, ...]]:
    """Give the rows of the table of a record, under `HEAD`."""
    out: list[tuple[str, ...]] = []
    for k, figure in enumerate(record.figures):
        time = f"{record.seconds:.2f} s" if k == 0 else ""
        seeds = f"{figure.reached} of {record.n_seeds}"
        out.append(
            (
                figure.name,
                number(figure.published),
                ours(figure),
                seeds,
                number(figure.classical),
                time,
            )
        )
    return out


def number(value: float | None) -> str:
    """Write a figure with four digits.

    >>> number(0.99918), number(2.4e-7), number(1.0), number(None)
    ('0.9992', '2.4e-07', '1', '–')
    """
    return "–" if value is None else f"{value:.4g}"


def ours(figure: Figure) -> str:
    """Write our figure with its error bar, and whether it came out."""
    bar = "" if figure.deviation is None else f" ± {figure.deviation:.2g}"
    return f"{number(figure.ours)}{bar}{'' if figure.holds else ' (not reproduced)'}"


def accepted(accept: Range) -> str:
    """Write a range.

    >>> accepted((0.85, 1.0)), accepted((5.0, None))
    ('from 0.85 to 1', 'at least 5')
    """
    low, high = accept
    return f"at least {low:.4g}" if high is None else f"from {low:.4g} to {high:.4g}"


def verdict(record: Record) -> str:
    """Say in a line what came out.

    >>> verdict(Record("some", [], 5, ["seed 3: no"], 1.0, False, ""))
    '0 of 0 claims hold; 1 of 5 seeds failed'
    """
    holding = sum(figure.holds for figure in record.figures)
    text = f"{holding} of {len(record.figures)} claims hold"
    return text + (f"; {len(record.failed)} of {record.n_seeds} seeds failed" * bool(record.failed))


def text(title: str, experiment: Experiment, record: Record) -> str:
    """Write an experiment for a terminal."""
    lines = [title, f"Paper: {experiment.paper}", f"Set-up: {experiment.setup}"]
    lines += [f"Classical: {experiment.classical}", "", *columns([HEAD, *rows(record)]), ""]
    lines += [f"{verdict(record)} (budget {experiment.budget:g} s)", *record.failed]
    return "\n".join(lines)


def columns(table: Sequence[Sequence[str]]) -> list[str]:
    """Align the cells of a table.

    >>> columns([("a", "b"), ("long", "c")])
    ['a     b', 'long  c']
    """
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]


def markdown(title: str, experiment: Experiment, record: Record, picture: str) -> str:
    """Write an experiment for a page."""
    head = ["", f"## {title}", "", f"`ketgrad reproduce {record.name}` · {experiment.paper}"]
    table = [HEAD, ["---"] * len(HEAD), *rows(record)]
    lines = [*head, "", experiment.setup, f"Classical baseline: {experiment.classical}", ""]
    lines += [f"| {' | '.join(row)} |" for row in table]
    ranges = "; ".join(f"{f.name} {accepted(f.accept)}" for f in record.figures)
    lines += ["", f"{verdict(record)}. Accepted: {ranges}.", *(f"- {f}" for f in record.failed)]
    if record.is_drawn:
        lines += ["", f"![{title}]({picture})"]
    return "\n".join([*lines, ""])
