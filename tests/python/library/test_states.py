"""States by name."""

import numpy as np
import pytest

import ketgrad as kg
from refusals import refuses

library = kg.library


@pytest.mark.parametrize("n", range(1, 9))
def test_ghz_states(n: int) -> None:
    expected = np.zeros(2**n)
    expected[[0, -1]] = np.sqrt(0.5)
    np.testing.assert_allclose(library.ghz_state(n).state(), expected, atol=1e-12)
    assert len(library.ghz_state(n)) == n


def test_sizes_of_states_that_are_refused() -> None:
    with refuses(ValueError, "0"):
        library.ghz_state(0)
