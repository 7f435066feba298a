"""What the parameters of the estimators may be: one row a parameter, checked when `fit` begins."""

import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from numbers import Integral
from os import PathLike
from typing import Any

import numpy as np

from ketgrad._core import (
    Circuit,
    Layer,
    NoiseModel,
    PauliSum,
    _real,
    _why_not_real,
    ansatz_names,
    feature_map_names,
    loss_names,
    optimizer_names,
    schedule_names,
)
from ketgrad._numbers import is_integer, is_real
from ketgrad._words import plain
from ketgrad.estimators.training import SCIPY_OPTIMIZERS, STOPPINGS


@dataclass(frozen=True)
class Rule:
    """One kind of value: whether something is of that kind, whether it is in range, in words."""

    allowed: str
    is_kind: Callable[[Any], bool]
    in_range: Callable[[Any], bool] = lambda _: True


def _integer(low: int) -> Rule:
    return Rule(f"an integer of at least {low}", is_integer, lambda value: value >= low)


def _range(low: int, high: int) -> Rule:
    allowed = f"an integer from {low} to {high}"
    return Rule(allowed, is_integer, lambda value: low <= value <= high)


def _number(allowed: str, in_range: Callable[[float], bool]) -> Rule:
    def is_finite_and_in_range(value: Any) -> bool:
        number = _real(value, "a parameter")
        return math.isfinite(number) and in_range(number)

    return Rule(allowed, is_real, is_finite_and_in_range)


def _either(options: Sequence[str]) -> str:
    *others, last = options
    return f"{', '.join(others)} or {last}" if others else last


def _name_of(names: Sequence[str]) -> Rule:
    allowed = _either([repr(name) for name in names])
    return Rule(allowed, lambda value: isinstance(value, str), lambda value: value in names)


def _are_observables(value: Any) -> bool:
    one = PauliSum | str
    return isinstance(value, one) or (
        isinstance(value, Sequence) and all(isinstance(item, one) for item in value)
    )


def _are_weights(value: Any) -> bool:
    return isinstance(value, dict) and all(is_real(weight) for weight in value.values())


def _are_positive(value: dict[Any, Any]) -> bool:
    numbers = [_real(weight, "a weight") for weight in value.values()]
    return all(math.isfinite(number) and number > 0 for number in numbers)


_NONE = Rule("None", lambda value: value is None)
_BOOLEAN = Rule("True or False", lambda value: isinstance(value, bool | np.bool_))
_CIRCUIT = Rule("a Circuit", lambda value: isinstance(value, Circuit))
_FRACTION = _number("a number greater than 0 and less than 1", lambda value: 0 < value < 1)
_POSITIVE = _number("a finite number greater than 0", lambda value: value > 0)
_NOT_NEGATIVE = _number("a finite number of at least 0", lambda value: value >= 0)

Rules = dict[str, tuple[Rule, ...]]  # by parameter

# A value has to follow one of the rules of its row.
RULES: Rules = {
    "feature_map": (_name_of(feature_map_names()), _CIRCUIT),
    "ansatz": (_name_of(ansatz_names()), _CIRCUIT),
    "n_qubits": (_integer(1), _NONE),
    "n_layers": (_integer(1),),
    "reupload": (_BOOLEAN,),
    "scale_inputs": (_BOOLEAN,),
    "dressed": (_name_of(["auto"]), _BOOLEAN),
    "entangle": (_BOOLEAN,),
    "observables": (Rule("a PauliSum or Pauli text, or a list of those", _are_observables), _NONE),
    "model": (Rule("a Layer", lambda value: isinstance(value, Layer)), _NONE),
    "noise": (Rule("a NoiseModel", lambda value: isinstance(value, NoiseModel)), _NONE),
    "shots": (_integer(1), _NONE),
    "class_weight": (
        _name_of(["balanced"]),
        Rule("a dict of weights by class", _are_weights, _are_positive),
        _NONE,
    ),
    "input_scaling": (_name_of(["standard"]), _NONE),
    "loss": (_name_of(loss_names()),),
    "optimizer": (_name_of([*optimizer_names(), *SCIPY_OPTIMIZERS]),),
    "learning_rate": (_POSITIVE,),
    "schedule": (_name_of(schedule_names()),),
    "max_iter": (_integer(1),),
    "batch_size": (_name_of(["auto"]), _integer(1)),
    "stopping": (_name_of(STOPPINGS),),
    "early_stopping": (_BOOLEAN,),
    "validation_fraction": (_FRACTION,),
    "n_iter_no_change": (_integer(1),),
    "tol": (_NOT_NEGATIVE,),
    "init_spread": (_NOT_NEGATIVE,),
    "warm_start": (_BOOLEAN,),
    "precision": (_name_of(["double", "single"]),),
    "random_state": (
        _NONE,
        Rule(
            "an integer from 0 to 2**32 - 1",
            lambda value: isinstance(value, Integral) and not isinstance(value, bool),
            lambda value: 0 <= value < 2**32,
        ),
        Rule("a RandomState", lambda value: isinstance(value, np.random.RandomState)),
    ),
    "callback": (Rule("callable", callable), _NONE),
    "checkpoint": (
        Rule(
            "a path that is not empty and has no zero character",
            lambda value: isinstance(value, str | PathLike),
            lambda value: os.fsencode(value) != b"" and b"\0" not in os.fsencode(value),
        ),
        _NONE,
    ),
    "comm": (
        Rule("a communicator of mpi4py", lambda value: type(value).__module__ == "mpi4py.MPI"),
        _NONE,
    ),
    "verbose": (_BOOLEAN, _integer(0)),
}

# A regressor's loss may be a function of all outputs and targets of a batch.
REGRESSOR_RULES: Rules = {
    **RULES,
    "loss": (_name_of(["squared", "huber"]), Rule("callable", callable)),
}

# Those of the estimators on kernels; what both kinds have has the same row.
KERNEL_RULES: Rules = {
    **{
        name: RULES[name]
        for name in (
            "feature_map",
            "n_qubits",
            "n_layers",
            "entangle",
            "input_scaling",
            "precision",
            "random_state",
            "tol",
            "comm",
        )
    },
    "ansatz": (*RULES["ansatz"], _NONE),
    "kernel": (_name_of(["fidelity", "projected"]),),
    "gamma": (_name_of(["scale"]), _POSITIVE),
    "alignment_steps": (_integer(0),),
    "C": (_POSITIVE,),
    "class_weight": RULES["class_weight"],
    "epsilon": (_NOT_NEGATIVE,),
    "alpha": (_NOT_NEGATIVE,),
    "n_components": (_integer(1),),
    **dict.fromkeys(("bandwidth", "variance", "noise"), (_POSITIVE,)),
    "tuning_steps": (_integer(0),),
    "train_weights": (_BOOLEAN,),
    "n_restarts": (_integer(0),),
}

# Those of the reservoir.
RESERVOIR_RULES: Rules = {
    "circuit": (_CIRCUIT, _NONE),
    "n_qubits": (_range(1, 8),),
    "n_inputs": (_integer(1),),
    "n_virtual": (_integer(1),),
    "observables": RULES["observables"],
    "interval": (_POSITIVE,),
    "field": (_NOT_NEGATIVE,),
    "input_scaling": (_name_of(["minmax"]), _NONE),
    "random_state": RULES["random_state"],
}

# Those of the metric learner; what others have has the same row.
METRIC_RULES: Rules = {
    **{
        name: RULES[name]
        for name in (
            "feature_map",
            "ansatz",
            "n_layers",
            "dressed",
            "entangle",
            "input_scaling",
            "learning_rate",
            "init_spread",
            "precision",
            "random_state",
        )
    },
    "n_qubits": (_range(1, 8), _NONE),
    "measure": (_name_of(["hilbert_schmidt", "fidelity"]),),
    "n_steps": (_integer(0),),
    "batch_size": (_integer(2),),
}


def check_parameters(parameters: dict[str, Any], rules: Rules = RULES) -> None:
    """Raise TypeError for a value of the wrong kind and ValueError for one out of range.

    Parameters that have no row, those of a subclass, are not checked.

    >>> check_parameters({"n_layers": 0})
    Traceback (most recent call last):
    ValueError: n_layers=0; it must be an integer of at least 1
    >>> check_parameters({"tol": 1j})
    Traceback (most recent call last):
    TypeError: tol=1j, which has an imaginary part; it must be a finite number of at least 0
    """
    for name, value in parameters.items():
        row = rules.get(name)
        of_this_kind = [rule for rule in row or () if rule.is_kind(value)]
        if row is None or any(rule.in_range(value) for rule in of_this_kind):
            continue
        allowed = _either([rule.allowed for rule in row])
        error = ValueError if of_this_kind else TypeError
        takes_numbers = any(rule.is_kind in (is_integer, is_real) for rule in row)
        why = (_why_not_real(value) or "") if takes_numbers else ""
        raise error(f"{name}={plain(value)!r}{why}; it must be {allowed}")
