"""Lists of qubits and bits: places, by whatever holds integers, and never masks of booleans."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

import ketgrad as kg
from place_entries import ALL_PLACES, place_arguments
from refusals import refuses


def test_every_argument_that_lists_places_is_tried() -> None:
    assert place_arguments() <= set(ALL_PLACES)


@pytest.mark.parametrize("name", ALL_PLACES)
def test_places_are_listed_by_integers(name: str) -> None:
    expected = ALL_PLACES[name]([0, 1])
    for places in ((0, 1), np.array([0, 1]), np.array([0, 1], dtype=np.uint8)):
        same = ALL_PLACES[name](places)
        if isinstance(expected, kg.Circuit | list | np.ndarray | kg.PauliSum):
            assert np.all(np.asarray(same == expected))


MASKS: list[Any] = [
    np.array([True, False]),
    np.array([True, True]),
    np.array([False, True, True]),
    np.array([True]),
    np.array([[True, False], [False, True]]),
    pd.array([True, False], dtype="boolean"),
]


@pytest.mark.parametrize("name", ALL_PLACES)
def test_masks_are_no_lists_of_places(name: str) -> None:
    for mask in MASKS:
        with refuses(TypeError, ", not a mask; np.flatnonzero(mask) lists where it is True"):
            ALL_PLACES[name](mask)


def test_what_a_mask_means_is_written_by_flatnonzero() -> None:
    mask = np.array([True, False, True, False])
    assert kg.Circuit(4).h(np.flatnonzero(mask)) == kg.Circuit(4).h(0).h(2)


def test_plain_booleans_are_integers() -> None:
    """As everywhere in Python, True is 1 and False 0."""
    assert kg.Circuit(2).h([True, False]) == kg.Circuit(2).h([1, 0])
    assert kg.Circuit(2).h([np.True_, np.False_]) == kg.Circuit(2).h([1, 0])
    assert kg.Circuit(2).h(True) == kg.Circuit(2).h(np.array(True)) == kg.Circuit(2).h(1)
    values = np.array([True, False])  # of controls
    circuit = kg.Circuit(3).gate("x", [], [0, 1, 2], control_values=values)
    assert circuit == kg.Circuit(3).x(2, controls={0: 1, 1: 0})
