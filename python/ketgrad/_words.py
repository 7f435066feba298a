"""Values as messages show them."""

from typing import Any

import numpy as np


def plain(value: Any) -> Any:
    """Return NumPy's scalars and arrays as Python's own, which are written without their type.

    >>> plain(np.int64(0)), plain(np.array(["a", "b"]))
    (0, ['a', 'b'])
    """
    return value.tolist() if isinstance(value, np.generic | np.ndarray) else value
