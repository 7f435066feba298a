"""What the demo has found, as a table."""

import numpy as np

from ketgrad.commands.demo.models import QUANTUM, Result


def table(results: list[Result]) -> str:
    """Lay out the means over the seeds, one line a data set and model."""
    rows = [("data set", "model", "test accuracy", "parameters", "time")]
    for task, model in dict.fromkeys((r.task, r.model) for r in results):
        group = [r for r in results if (r.task, r.model) == (task, model)]
        accuracy = [r.accuracy for r in group]
        rows.append(
            (
                task if model == QUANTUM else "",
                model,
                _mean_and_spread(accuracy),
                f"{np.mean([r.parameters for r in group]):.0f}",
                f"{np.mean([r.seconds for r in group]):.2f} s",
            )
        )
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    lines = []
    for row in rows:
        if row[0]:
            lines.append("─" * (sum(widths) + 2 * len(widths) - 2))
        left = [cell.ljust(width) for cell, width in zip(row[:2], widths[:2], strict=True)]
        right = [cell.rjust(width) for cell, width in zip(row[2:], widths[2:], strict=True)]
        lines.append("  ".join(left + right))
    return "\n".join(lines[1:])


def _mean_and_spread(values: list[float]) -> str:
    """Lay out mean ± standard deviation; a single value has none."""
    mean = f"{np.mean(values):.3f}"
    return f"{mean} ± {np.std(values):.3f}" if len(values) > 1 else mean
