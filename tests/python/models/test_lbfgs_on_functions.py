"""L-BFGS on functions whose minima are known, beside SciPy's.

Their line searches differ, and with them the points on the way: compared are the end, that no step
leads up, and how many steps it takes.
"""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import minimize, rosen, rosen_der

import ketgrad as kg
from ketgrad.layers import Dense

Function = Callable[[np.ndarray], tuple[float, np.ndarray]]

RNG = np.random.default_rng(5)
BASIS, _ = np.linalg.qr(RNG.normal(size=(6, 6)))
CURVATURE = BASIS @ np.diag([1.0, 2, 5, 10, 30, 100]) @ BASIS.T
LOWEST = RNG.normal(size=6)


def quadratic(x: np.ndarray) -> tuple[float, np.ndarray]:
    slope = CURVATURE @ (x - LOWEST)
    return float((x - LOWEST) @ slope / 2), slope


def rosenbrock(x: np.ndarray) -> tuple[float, np.ndarray]:
    return float(rosen(x)), rosen_der(x)


CASES: dict[str, tuple[Function, np.ndarray, np.ndarray]] = {
    "quadratic": (quadratic, np.zeros(6), LOWEST),
    "rosenbrock, 2": (rosenbrock, np.array([-1.2, 1.0]), np.ones(2)),
    "rosenbrock, 5": (rosenbrock, np.array([1.3, 0.7, 0.8, 1.9, 1.2]), np.ones(5)),
}


def steps_of_ours(function: Function, start: np.ndarray, n_steps: int) -> list[dict]:
    """Those of a model that says its parameters."""
    model = kg.Model(Dense(1, len(start), bias=False))
    model.parameters = start

    def loss(outputs: np.ndarray, _: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = function(outputs[0])
        return value, slope[None]

    trainer = kg.Trainer(model, loss=loss, optimizer="l-bfgs", batch_size=0, epochs=n_steps)
    records: list[dict] = []
    trainer.fit([[1.0]], None, step_callback=records.append)
    return records


@pytest.mark.parametrize("name", CASES)
def test_the_end_is_that_of_scipy(name: str) -> None:
    function, start, lowest = CASES[name]
    theirs = minimize(
        function, start, jac=True, method="L-BFGS-B", options={"ftol": 0, "gtol": 1e-10}
    )
    records = steps_of_ours(function, start, 2 * theirs.nit)
    path = [start, *(record["parameters"] for record in records)]
    values = [function(x)[0] for x in path]
    assert [record["loss"] for record in records] == pytest.approx(values[:-1], abs=1e-12)
    assert (np.diff(values) <= 1e-15).all()
    np.testing.assert_allclose(path[-1], lowest, rtol=0, atol=1e-7)
    np.testing.assert_allclose(path[-1], theirs.x, rtol=0, atol=1e-7)
    reached = int(np.argmax(np.array(values) < 1e-12))
    assert 0 < reached < 1.5 * theirs.nit
