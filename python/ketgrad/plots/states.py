"""What has a state: states, circuits, amplitudes."""

from typing import Any

import numpy as np

from ketgrad._core import Circuit, State


def state_of(source: Any) -> State:
    """Make a state of whatever has one."""
    if isinstance(source, State):
        return source
    if isinstance(source, Circuit):
        if source.parameters:
            raise ValueError(
                f"the circuit has parameters, such as {source.parameters[0]!r}; "
                f"give the state at some values: circuit.state({{...}})"
            )
        return State.from_amplitudes(source.state())
    amplitudes = source if np.ma.isMaskedArray(source) else np.asarray(source)
    if amplitudes.ndim != 1:
        raise ValueError(
            f"a state has one axis, this has shape {amplitudes.shape}; density matrices are given "
            "as DensityMatrix"
        )
    return State.from_amplitudes(amplitudes)
