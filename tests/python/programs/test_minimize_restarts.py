"""Many starts of minimize(), losses that differ from row to row, and noise."""

import numpy as np
import pytest

import ketgrad as kg

PROGRAM = kg.compile(kg.hardware_efficient(3, 2), {"ZZI": 1.0, "IXX": 0.7, "YIY": 0.3})
START = np.full(len(PROGRAM.weights), 0.1)
X, W = kg.Parameter("x"), kg.ParameterVector("w", 3)
FITTED = kg.Circuit(1).ry(W[0], 0).rx(X, 0).ry(W[1], 0).rz(X, 0).rx(W[2], 0)
BY_GRADIENT = ["sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw"]


@pytest.mark.parametrize("optimizer", [*BY_GRADIENT, "l-bfgs"])
def test_the_best_of_many_is_one_of_them_alone(optimizer: str) -> None:
    """Side by side or one after the other, each start goes as it would by itself."""
    places: dict[int, list[np.ndarray]] = {}

    def hear(record: dict) -> None:
        places.setdefault(record["start"], []).append(record["weights"])
        assert record["step"] == len(places[record["start"]])

    options = {"optimizer": optimizer, "steps": 12, "seed": 5}
    best = kg.minimize(PROGRAM, START, n_restarts=4, callback=hear, **options)
    assert sorted(places) == [0, 1, 2, 3, 4]
    alone = kg.minimize(PROGRAM, START, **options)
    np.testing.assert_allclose(places[0][-1], _last_place(START, options), atol=1e-9)
    assert best.value <= alone.value + 1e-12
    lowest = min(PROGRAM.expval(weights=way)[:, 0].min() for way in map(np.array, places.values()))
    assert best.value == pytest.approx(lowest, abs=1e-12)
    assert len(best.history) == best.n_steps + 1
    again = kg.minimize(PROGRAM, START, n_restarts=4, **options)
    assert again == best


def _last_place(start: np.ndarray, options: dict) -> np.ndarray:
    way: list[np.ndarray] = []
    kg.minimize(PROGRAM, start, callback=lambda record: way.append(record["weights"]), **options)
    return way[-1]


def test_side_by_side_all_hear_of_a_step_before_the_next() -> None:
    def heard(optimizer: str) -> list[tuple[int, int]]:
        out: list[tuple[int, int]] = []
        kg.minimize(
            PROGRAM,
            START,
            optimizer=optimizer,
            steps=2,
            n_restarts=1,
            seed=1,
            callback=lambda record: out.append((record["start"], record["step"])),
        )
        return out

    assert heard("adam") == [(0, 1), (1, 1), (0, 2), (1, 2)]
    assert heard("spsa") == [(0, 1), (0, 2), (1, 1), (1, 2)]


@pytest.mark.parametrize("optimizer", ["adam", "spsa"])
def test_a_callback_ends_all(optimizer: str) -> None:
    calls: list[int] = []
    result = kg.minimize(
        PROGRAM,
        START,
        optimizer=optimizer,
        n_restarts=3,
        seed=1,
        callback=lambda record: calls.append(record["start"]) or len(calls) < 2,
    )
    assert len(calls) == 2
    assert "the callback ended it" in result.message


def test_starts_that_converge_leave_the_others_alone() -> None:
    w = kg.Parameter("w")
    program = kg.compile(kg.Circuit(1).rx(w, 0), "Z")
    ended: dict[int, int] = {}
    result = kg.minimize(
        program,
        [np.pi],
        n_restarts=5,
        seed=2,
        callback=lambda record: ended.update({record["start"]: record["step"]}),
    )
    assert result.converged
    assert result.value == pytest.approx(-1, abs=1e-9)
    assert ended[0] < max(ended.values()) < 1000


@pytest.mark.parametrize("precision", ["double", "single"])
def test_inputs_and_restarts_go_together(precision: str) -> None:
    program = kg.compile(FITTED, ["X", "Z"], inputs="x", precision=precision)
    x = np.linspace(-1, 1, 5)[:, None]
    options = {"inputs": x, "coefficients": [0.3, -1.0], "steps": 60, "learning_rate": 0.2}
    result = kg.minimize(program, [0.1, 0.2, 0.3], n_restarts=3, seed=4, **options)
    value = (program.expval(x, result.weights) @ [0.3, -1.0]).mean()
    assert result.value == pytest.approx(value, abs=1e-5 if precision == "single" else 1e-12)
    assert result.value <= kg.minimize(program, [0.1, 0.2, 0.3], **options).value + 1e-5


@pytest.mark.parametrize("optimizer", ["l-bfgs", "adam", "rotosolve", "spsa"])
def test_coefficients_may_differ_from_row_to_row(optimizer: str) -> None:
    program = kg.compile(FITTED, ["X", "Z"], inputs="x")
    x = np.linspace(-1, 1, 6)[:, None]
    y = np.sign(x) * [[0.2, -1.0]]
    result = kg.minimize(
        program,
        [0.4, 0.5, 0.6],
        inputs=x,
        coefficients=y,
        optimizer=optimizer,
        steps=40,
        seed=1,
    )
    value = (program.expval(x, result.weights) * y).sum(axis=1).mean()
    assert result.value == pytest.approx(value, abs=1e-12)
    assert result.value < result.history[0] - 0.1
    same = kg.minimize(
        program, [0.4, 0.5, 0.6], inputs=x, coefficients=np.tile([0.2, -1.0], (6, 1)), steps=5
    )
    row = kg.minimize(program, [0.4, 0.5, 0.6], inputs=x, coefficients=[0.2, -1.0], steps=5)
    np.testing.assert_allclose(same.history, row.history, atol=1e-14)


def test_bad_coefficients_name_both_shapes() -> None:
    program = kg.compile(FITTED, ["X", "Z"], inputs="x")
    for bad in ([1.0], np.ones((2, 3)), np.ones(6), np.ones((3, 2, 1))):
        with pytest.raises(ValueError, match=r"coefficients must have shape \(2,\) or \(3, 2\)"):
            kg.minimize(program, [0.1, 0.2, 0.3], inputs=[[0.1], [0.2], [0.3]], coefficients=bad)


def noisy(strength: float) -> kg.NoisyProgram:
    noise = kg.NoiseModel().add(kg.Channel.depolarizing(strength))
    return kg.compile_noisy(FITTED, ["X", "Z"], noise, inputs="x")


@pytest.mark.parametrize("optimizer", ["adam", "l-bfgs", "spsa"])
def test_no_noise_is_the_program_itself(optimizer: str) -> None:
    x = [[0.1], [0.7]]
    options = {"inputs": x, "optimizer": optimizer, "steps": 10, "seed": 3, "n_restarts": 1}
    clean = kg.minimize(kg.compile(FITTED, ["X", "Z"], inputs="x"), [0.1, 0.2, 0.3], **options)
    same = kg.minimize(noisy(0.0), [0.1, 0.2, 0.3], **options)
    np.testing.assert_allclose(same.history, clean.history, atol=1e-9)


def test_noise_raises_the_lowest_value() -> None:
    x = [[0.1], [0.7]]
    program = noisy(0.05)
    result = kg.minimize(program, [0.1, 0.2, 0.3], inputs=x, optimizer="l-bfgs")
    assert result.converged
    assert result.value == pytest.approx(program.expval(x, result.weights).sum(1).mean(), abs=1e-12)
    clean = kg.minimize(
        kg.compile(FITTED, ["X", "Z"], inputs="x"), [0.1, 0.2, 0.3], inputs=x, optimizer="l-bfgs"
    )
    assert clean.value < result.value - 0.1
    assert set(result.by_name) == {"w"}


@pytest.mark.parametrize("optimizer", ["adam", "spsa"])
def test_trajectories_go_down_and_never_converge(optimizer: str) -> None:
    options = {"inputs": [[0.1]], "optimizer": optimizer, "steps": 30, "shots": 100, "seed": 1}
    result = kg.minimize(noisy(0.05), [0.1, 0.2, 0.3], **options)
    assert not result.converged
    assert result.value < result.history[0] - 0.2
    assert kg.minimize(noisy(0.05), [0.1, 0.2, 0.3], **options) == result


@pytest.mark.parametrize(
    ("optimizer", "message"),
    [
        ("qng", "no metric tensor"),
        ("qnspsa", "no fidelities"),
        ("rotosolve", "no frequencies"),
    ],
)
def test_what_noise_does_not_have_is_named(optimizer: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        kg.minimize(noisy(0.05), [0.1, 0.2, 0.3], inputs=[[0.1]], optimizer=optimizer)


def test_memory_for_starts_is_asked_for_first() -> None:
    with pytest.raises(MemoryError, match="2147483648 starts of 6 parameter"):
        kg.minimize(kg.compile(kg.hardware_efficient(1, 2), "Z"), [0.1] * 6, n_restarts=2**31 - 1)
