"""Types that many modules name."""

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
FloatArray = npt.NDArray[np.float64]
ComplexArray = npt.NDArray[np.complex128]
Record = dict[str, float]  # what is known of an epoch: its number, loss, validation loss and rate
