"""Class labels as JSON."""

from typing import Any

import numpy as np

from ketgrad.estimators.json_checks import only

_LABEL_KINDS = "biufUO"
_LARGEST_LABEL = 4096  # bytes


def labels_to_json(classes: Any) -> dict[str, Any]:
    """Write class labels with their type."""
    values = classes.tolist()
    if classes.dtype.kind not in _LABEL_KINDS or not all(
        isinstance(value, bool | int | float | str) for value in values
    ):
        raise ValueError(f"class labels of type {classes.dtype} have no JSON form: {classes}")
    return {"dtype": classes.dtype.str, "values": values}


def labels(value: dict[str, Any]) -> Any:
    """Read class labels: at least two, sorted, each just as it stands in the file."""
    only(value, "a list of class labels", "dtype", "values")
    try:
        if not isinstance(value["dtype"], str):
            raise TypeError
        dtype = np.dtype(value["dtype"])
    except TypeError:
        raise ValueError(f"class labels of type {value['dtype']!r}") from None
    if dtype.kind not in _LABEL_KINDS or dtype.itemsize > _LARGEST_LABEL:
        raise ValueError(f"class labels of type {dtype}")
    labels = np.array(value["values"], dtype=dtype)
    if labels.ndim != 1 or len(labels) < 2 or not np.array_equal(np.unique(labels), labels):
        raise ValueError(f"class labels {value['values']!r}")
    for label, written in zip(labels.tolist(), value["values"], strict=True):
        if type(label) is not type(written) or label != written:
            raise ValueError(f"the class label {written!r} is not of type {dtype}")
    return labels
