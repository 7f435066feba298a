"""What the study published, as it lies beside."""

import json
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from ketgrad.gallery.benchmark_study.data import BARS

_CONTENT = json.loads(Path(__file__).with_name("published.json").read_text(encoding="utf-8"))

TESTED, TESTED_IMAGES = 60, 200
VALIDATED = 240  # by five folds

Cell = tuple[str, str]
"""A model and a data set."""
CELLS: dict[Cell, dict[str, Any]] = {
    (model, name): cell for name, row in _CONTENT["cells"].items() for model, cell in row.items()
}
GRIDS: dict[str, dict[str, Any]] = _CONTENT["grids"]
GRID_DATA: str = _CONTENT["grid_data"]


def resolution(cell: Cell) -> float:
    """Say how much one test sample is."""
    return 1 / (TESTED_IMAGES if cell[1] == BARS else TESTED)


def accuracies(cell: Cell) -> Any:
    """Give the test accuracies of the study's five seeds."""
    return np.array(CELLS[cell]["right"]) * resolution(cell)


def entries(model: str) -> list[dict[str, Any]]:
    """Give the settings of a grid, the last one fastest."""
    axes = GRIDS[model]["settings"]
    return [dict(zip(axes, values, strict=True)) for values in product(*axes.values())]
