"""The parameters of saved estimators as JSON."""

import json
import math
from typing import Any

import numpy as np

from ketgrad._core import Circuit, Layer, NoiseModel, PauliSum, _real
from ketgrad._numbers import is_real

# Parameters that mean nothing outside the process that made them.
_NOT_SAVED = ("callback", "checkpoint", "comm")


def params_to_json(estimator: Any) -> dict[str, Any]:
    """Write the parameters of the constructor."""
    return {
        name: _param_to_json(name, value)
        for name, value in estimator.get_params(deep=False).items()
        if name not in _NOT_SAVED
    }


def _param_to_json(name: str, value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Circuit):
        return {"circuit": json.loads(value.to_json())}
    if isinstance(value, Layer):
        return {"layer": json.loads(value.to_json())}
    if isinstance(value, NoiseModel):
        return {"noise": json.loads(value.to_json())}
    if name == "class_weight" and isinstance(value, dict):
        return [[_label(label), _real(weight, name)] for label, weight in value.items()]
    if name == "observables" and value is not None:
        several = [value] if isinstance(value, PauliSum | str) else value
        sums = [PauliSum(item) if isinstance(item, str) else item for item in several]
        return [_pauli_sum_to_json(item) for item in sums]
    if name == "random_state" and not isinstance(value, int | None):
        return None
    if value is None or isinstance(value, bool | int | str):
        return value
    if is_real(value) and math.isfinite(number := _real(value, name)):
        return number
    raise ValueError(f"the parameter {name}={value!r} has no JSON form")


def _label(label: Any) -> Any:
    plain = label.item() if isinstance(label, np.generic) else label
    if not isinstance(plain, bool | int | float | str):
        raise ValueError(f"the class {label!r} in class_weight has no JSON form")
    return plain


def param_from_json(name: str, value: Any) -> Any:
    """Read one of them."""
    if name == "observables" and value is not None:
        return [_pauli_sum_from_json(item) for item in value]
    if name == "class_weight" and isinstance(value, list):
        return dict(value)
    if isinstance(value, dict) and "layer" in value:
        return Layer.from_json(json.dumps(value["layer"]))
    if isinstance(value, dict) and "noise" in value:
        return NoiseModel.from_json(json.dumps(value["noise"]))
    if isinstance(value, dict):
        return Circuit.from_json(json.dumps(value["circuit"]))
    if isinstance(value, list):
        raise ValueError(f"the parameter {name} is a list")
    return value


def _pauli_sum_to_json(observable: PauliSum) -> dict[str, Any]:
    return {"n_qubits": observable.n_qubits, "terms": observable.terms}


def _pauli_sum_from_json(value: dict[str, Any]) -> PauliSum:
    terms = []
    for text, coefficient in value["terms"]:
        # Text shows qubit 0 rightmost.
        letters = [(letter, k) for k, letter in enumerate(reversed(text)) if letter != "I"]
        terms.append(("".join(a for a, _ in letters), [k for _, k in letters], coefficient))
    return PauliSum.from_sparse(terms, value["n_qubits"])
