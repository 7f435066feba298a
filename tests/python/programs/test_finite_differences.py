"""Steps of finite differences, chosen or refused."""

import numpy as np
import pytest

import ketgrad as kg


def wave(precision: str = "double") -> kg.Program:
    return kg.compile(kg.Circuit(1).rx(kg.Parameter("a"), 0), "Z", precision=precision)


def test_the_finite_difference_step_can_be_chosen() -> None:
    program = kg.compile(kg.Circuit(1).rx(kg.Parameter("a"), 0), kg.PauliSum("Z"))
    coarse = program.jacobian(weights=[0.7], diff_method="finite-diff", step=0.1)[1]
    np.testing.assert_allclose(coarse, [[-np.sin(0.7) * np.sin(0.1) / 0.1]], atol=1e-12)


@pytest.mark.parametrize("method", ["adjoint", "parameter-shift"])
def test_a_step_is_for_finite_differences(method: str) -> None:
    with pytest.raises(ValueError, match="a step is for finite-diff"):
        wave().jacobian(weights=[0.3], diff_method=method, step=1e-3)


@pytest.mark.parametrize("precision", ["double", "single"])
@pytest.mark.parametrize("step", [1e300, 4.0, 1e-300, 1e-18, -1e-3, np.nan, np.inf])
def test_steps_out_of_range_are_refused(precision: str, step: float) -> None:
    with pytest.raises(ValueError, match=r"finite-difference step is .*; it must lie between"):
        wave(precision).jacobian(weights=[0.3], diff_method="finite-diff", step=step)


def test_a_step_that_a_parameter_swallows_is_refused() -> None:
    with pytest.raises(ValueError, match=r"parameter '.*' is 1e\+20, which finite differences"):
        wave().jacobian(weights=[1e20], diff_method="finite-diff")
    slope = wave().jacobian(weights=[1e5], diff_method="finite-diff")[1]
    np.testing.assert_allclose(slope, [[-np.sin(1e5)]], atol=1e-5)
