"""What a kernel machine learns, and its form in a file.

`circuit` prepares the states, and `fitted` holds the weights, the angles of the samples that
predictions compare with, and the coefficients that go with them.
"""

import json
from typing import Any, ClassVar

import numpy as np

from ketgrad._core import (
    Circuit,
    Program,
    compile,  # noqa: A004 - the word of the field
)
from ketgrad._types import Array, FloatArray
from ketgrad.estimators.base import ScaledEstimator
from ketgrad.estimators.json_checks import MEMBERS, finite, only
from ketgrad.estimators.json_features import FEATURES, features_to_json, restore_features

# Arrays that every kernel machine has, and their numbers of axes.
_ARRAYS = {"weights_": 1, "support_angles_": 2}
_INDICES = ("support_", "n_support_", "component_indices_")


class LearnedKernel(ScaledEstimator):
    """An estimator that learns a circuit's weights and coefficients of samples."""

    circuit_: Circuit
    weights_: FloatArray
    gamma_: float
    support_angles_: FloatArray
    precision: str

    # The arrays that a class learns besides, some of these, and their numbers of axes.
    _learned: ClassVar[dict[str, int]] = {}
    _positive: ClassVar[tuple[str, ...]] = ("gamma_",)  # numbers
    support_: Array
    n_support_: Array
    dual_coef_: FloatArray
    intercept_: FloatArray

    def _checks_own_shapes(self) -> None:
        """Raise ValueError where what was loaded does not fit together."""
        raise NotImplementedError

    def _program(self) -> Program:
        inputs = [f"x[{k}]" for k in range(self.n_features_in_)]
        return compile(self.circuit_, inputs=inputs, precision=self.precision)

    def _learned_to_json(self) -> dict[str, Any]:
        fitted = features_to_json(self)
        fitted.update({name.removesuffix("_"): getattr(self, name) for name in self._positive})
        for name in (*_ARRAYS, *self._learned):
            fitted[name.removesuffix("_")] = getattr(self, name).tolist()
        fitted.update(self._target_to_json())
        return {"fitted": fitted, "circuit": json.loads(self.circuit_.to_json())}

    def _restore(self, document: dict[str, Any]) -> None:
        fitted = document["fitted"]
        arrays = {**_ARRAYS, **self._learned}
        names = (name.removesuffix("_") for name in (*arrays, *self._positive))
        only(document, "it", *MEMBERS, "circuit")
        only(fitted, "'fitted'", *FEATURES, *self._target_members, *names)
        n_features = restore_features(self, fitted)
        for name, n_axes in arrays.items():
            values = fitted[name.removesuffix("_")]
            if name == "support_angles_" and values == []:
                values = np.empty((0, n_features))  # a regressor may do without
            setattr(self, name, _array(values, name, n_axes))
        if self.support_angles_.shape[1] != n_features:
            raise ValueError(f"the support vectors do not have {n_features} features")
        self._restore_target(fitted)
        self._checks_own_shapes()
        for name in self._positive:
            number = float(finite(fitted[name.removesuffix("_")]))
            if number <= 0:
                raise ValueError(f"{name.removesuffix('_')} is {number}")
            setattr(self, name, number)
        self.circuit_ = Circuit.from_json(json.dumps(document["circuit"]))
        n_weights = len(self._program().weights)
        if len(self.weights_) != n_weights:
            raise ValueError(f"{len(self.weights_)} weight(s) for a circuit that has {n_weights}")


def _array(values: Any, name: str, n_axes: int) -> Any:
    array = np.array(values)
    if array.size == 0:
        array = array.astype(np.float64)
    if array.dtype.kind not in "if" or array.ndim != n_axes or not np.isfinite(array).all():
        raise ValueError(f"{name} is not a finite array with {n_axes} axes")
    if name in _INDICES:
        if (array != np.floor(array)).any() or ((array < 0) | (array >= 2**31)).any():
            raise ValueError(f"{name} are not indices or counts")
        return array.astype(np.int32 if name.endswith("support_") else np.int64)
    return array.astype(np.float64)[()]  # without axes, the number
