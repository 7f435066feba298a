"""minimize() and the optimizers that ask for more than a gradient."""

import _thread
import signal
import threading

import numpy as np
import pytest

import ketgrad as kg


def h2() -> kg.Program:
    """H2 at 0.735 angstrom, STO-3G, on two qubits; its ground energy is -1.857275030."""
    a, b, c = (kg.Parameter(name) for name in "abc")
    circuit = kg.Circuit(2).ry(a, 0).ry(b, 1).cx(0, 1).ry(c, 1)
    return kg.compile(
        circuit,
        {
            "II": -1.052373245772859,
            "IZ": 0.39793742484318045,
            "ZI": -0.39793742484318045,
            "ZZ": -0.01128010425623538,
            "XX": 0.18093119978423156,
        },
    )


GROUND = -1.857275030


@pytest.mark.parametrize("optimizer", kg.minimizer_names())
def test_every_optimizer_finds_the_ground_state(optimizer: str) -> None:
    rate = {"sgd": 1.0, "rmsprop": 0.01}.get(optimizer)
    exact = optimizer not in ("spsa", "qnspsa")
    result = kg.minimize(
        h2(),
        [0.3, 0.2, 0.1],
        optimizer=optimizer,
        steps=400,
        seed=1,
        learning_rate=rate,
        resamplings=None if exact else 4,
        tolerance=0,
        patience=100,
    )
    assert result.value == pytest.approx(GROUND, abs=1e-3 if exact else 0.05)
    assert result.value >= GROUND - 1e-8
    assert len(result.history) == result.n_steps + 1
    assert result.history.min() == result.value
    np.testing.assert_allclose(h2().expval(weights=result.weights), [result.value], atol=1e-12)


def test_what_is_no_program_is_refused() -> None:
    for nothing in (None, kg.Circuit(1), "Z"):
        with pytest.raises(TypeError, match="minimize"):
            kg.minimize(nothing, [0.0])


def test_the_same_seed_takes_the_same_way() -> None:
    def run(seed: int, **options) -> np.ndarray:
        result = kg.minimize(
            h2(), [0.3, 0.2, 0.1], optimizer="spsa", steps=20, seed=seed, **options
        )
        return result.history

    np.testing.assert_array_equal(run(1), run(1))
    assert not np.array_equal(run(1), run(2))
    np.testing.assert_array_equal(run(1, shots=50), run(1, shots=50))
    assert not np.array_equal(run(1, shots=50), run(1))


def test_inputs_coefficients_and_precision() -> None:
    x, w = kg.Parameter("x"), kg.ParameterVector("w", 2)
    circuit = kg.Circuit(2).ry(x * w[0], 0).ry(w[1], 1)
    for precision in ("double", "single"):
        program = kg.compile(circuit, ["IZ", "ZI"], inputs=x, precision=precision)
        result = kg.minimize(
            program,
            [0.3, 0.4],
            inputs=[[1.0], [2.0]],
            coefficients=[1.0, -2.0],
            optimizer="l-bfgs",
        )
        # mean of cos w0 and cos 2 w0 at its lowest, -9/16, and -2 cos w1 at w1 = 0
        assert result.value == pytest.approx(-9 / 16 - 2, abs=1e-5)


def test_callback_stops() -> None:
    seen = []

    def callback(record: dict) -> bool:
        seen.append(record)
        return record["step"] < 3

    result = kg.minimize(h2(), [0.3, 0.2, 0.1], callback=callback)
    assert result.n_steps == 3
    assert [r["step"] for r in seen] == [1, 2, 3]
    assert seen[-1]["value"] == result.history[-1]
    assert seen[-1]["weights"].shape == (3,)
    with pytest.raises(ZeroDivisionError):
        kg.minimize(h2(), [0.3, 0.2, 0.1], callback=lambda _: 1 / 0)


@pytest.mark.parametrize("optimizer", ["adam", "qng", "spsa", "rotosolve", "l-bfgs"])
def test_ctrl_c(optimizer: str) -> None:
    program = kg.compile(kg.hardware_efficient(10, 8), "Z" * 10)
    weights = np.full(len(program.weights), 0.1)
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        threading.Timer(0.3, _thread.interrupt_main).start()
        with pytest.raises(KeyboardInterrupt):
            kg.minimize(
                program, weights, optimizer=optimizer, steps=10**9, patience=10**9, tolerance=0
            )
    finally:
        signal.signal(signal.SIGINT, handler)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"optimizer": "warp"}, "'warp'.*rotosolve"),
        ({"steps": 0}, "steps is 0"),
        ({"patience": 0}, "patience is 0"),
        ({"tolerance": -1.0}, "tolerance is -1"),
        ({"tolerance": 1e9}, r"tolerance is 1e\+09; .* below 1"),
        ({"steps": 10**15}, "steps is 1000000000000000, .*at most 2147483647"),
        ({"learning_rate": 0.0}, "learning_rate is 0"),
        ({"perturbation": 0.0, "optimizer": "spsa"}, "perturbation is 0"),
        ({"resamplings": 0, "optimizer": "spsa"}, "resamplings is 0"),
        ({"regularization": 0.0, "optimizer": "qng"}, "regularization is 0"),
        ({"coefficients": [1.0, 2.0]}, r"coefficients must have shape \(1,\), got \(2,\)"),
        ({"metric": "blocks", "optimizer": "qng"}, "'blocks'"),
        ({"shots": 0}, "shots"),
    ],
)
def test_bad_options(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        kg.minimize(h2(), [0.3, 0.2, 0.1], **options)


# Saddles, maxima, and what counts as converged.


def test_a_saddle_by_symmetry_is_left() -> None:
    program = kg.compile(kg.hardware_efficient(1, 1), "Z")
    for optimizer in ("l-bfgs", "qng", "adam", "rotosolve"):
        result = kg.minimize(program, [0.1, 0.1, 0.1], optimizer=optimizer)
        assert result.value == pytest.approx(-1, abs=1e-6), optimizer
        assert result.converged, result.message
        assert "nothing is lower along the direction of lowest curvature" in result.message


@pytest.mark.parametrize("optimizer", ["l-bfgs", "adam", "sgd", "qng", "rotosolve"])
@pytest.mark.parametrize("start", [0.0, np.pi / 2])
def test_a_maximum_and_a_flat_saddle_are_left(optimizer: str, start: float) -> None:
    a, b, c = (kg.Parameter(name) for name in "abc")
    program = kg.compile(kg.Circuit(3).ry(a, 0).ry(b, 1).ry(c, 2), "ZZZ")  # cos a cos b cos c
    rate = 0.3 if optimizer == "sgd" else None
    result = kg.minimize(program, [start] * 3, optimizer=optimizer, learning_rate=rate)
    assert result.value == pytest.approx(-1, abs=1e-6)
    assert result.converged, result.message


def test_the_start_of_the_readme_finds_the_ground_state() -> None:
    terms = {"II": -1.0524, "IZ": 0.3979, "ZI": -0.3979, "ZZ": -0.0113, "XX": 0.1809}
    ground = np.linalg.eigvalsh(kg.PauliSum(terms).matrix())[0]
    program = kg.compile(kg.hardware_efficient(2, n_layers=1), terms)
    for precision in ("double", "single"):
        program = kg.compile(kg.hardware_efficient(2, 1), terms, precision=precision)
        result = kg.minimize(program, np.full(6, 0.1), optimizer="l-bfgs")
        assert result.value == pytest.approx(ground, abs=1e-6)
        assert result.converged, result.message


def test_the_default_steps_reach_the_end_of_a_hard_descent() -> None:
    n = 10
    bonds = [(2 * p, [k, k + 1], 1.0) for k in range(n - 1) for p in "XYZ"]
    chain = kg.PauliSum.from_sparse(bonds, n)
    ground = np.linalg.eigvalsh(chain.matrix())[0]
    program = kg.compile(kg.hardware_efficient(n, 5), chain)
    start = np.random.default_rng(0).uniform(-np.pi, np.pi, len(program.weights))
    result = kg.minimize(program, start, optimizer="l-bfgs")
    short = kg.minimize(program, start, optimizer="l-bfgs", steps=100)
    assert not short.converged
    assert short.message == "all 100 steps were taken"
    assert result.value - ground < 0.5 * (short.value - ground)


def test_an_end_that_is_no_minimum_is_not_called_one() -> None:
    program = h2()
    slow = kg.minimize(program, [0.3, 0.2, 0.1], optimizer="sgd", learning_rate=1e-9, steps=50)
    assert not slow.converged  # it stood still, on a slope
    assert slow.n_steps == 50
    told = kg.minimize(program, [0.3, 0.2, 0.1], callback=lambda _: False)
    assert (told.converged, told.message) == (False, "the callback ended it")
    # Every shot of |1> is the same: it stands still, and shows nothing.
    one = kg.compile(kg.Circuit(1).x(0).rz(kg.Parameter("a"), 0), "Z")
    drawn = kg.minimize(one, [0.1], optimizer="spsa", shots=10, seed=1)
    assert not drawn.converged
    assert "shots cannot tell" in drawn.message
    assert drawn.n_steps < 100


def test_the_tests_at_the_end_are_the_same_every_time() -> None:
    program = kg.compile(kg.hardware_efficient(3, 2), {"ZZI": 1.0, "IXX": 0.7, "YIY": 0.3})
    start = np.full(len(program.weights), 0.1)
    first, second = (kg.minimize(program, start, optimizer="l-bfgs") for _ in range(2))
    np.testing.assert_array_equal(first.history, second.history)


@pytest.mark.parametrize(
    ("optimizer", "option"),
    [
        ("adam", {"momentum": 0.5}),
        ("l-bfgs", {"weight_decay": 0.1}),
        ("sgd", {"perturbation": 0.1}),
        ("l-bfgs", {"learning_rate": 0.1}),
        ("rotosolve", {"learning_rate": 0.1}),
        ("spsa", {"regularization": 0.1}),
        ("qng", {"resamplings": 2}),
        ("qnspsa", {"metric": "diag"}),
    ],
)
def test_options_of_other_optimizers_are_refused(optimizer: str, option: dict) -> None:
    (name,) = option
    with pytest.raises(ValueError, match=f"'{optimizer}' has no {name}; those that have it are"):
        kg.minimize(h2(), [0.3, 0.2, 0.1], optimizer=optimizer, **option)
    if name in ("momentum", "weight_decay", "learning_rate") and optimizer != "rotosolve":
        with pytest.raises(ValueError, match=f"'{optimizer}' has no {name}"):
            kg.Trainer(kg.make_model(1, n_layers=1), optimizer=optimizer, **option)


@pytest.mark.parametrize("name", ["l-bfgs", "qng", "spsa", "qnspsa", "rotosolve"])
def test_an_optimizer_that_could_not_step_is_not_made(name: str) -> None:
    with pytest.raises(ValueError, match=f"'{name}' needs more than a gradient.*sgd, momentum"):
        kg.Optimizer(name)
    with pytest.raises(ValueError, match="momentum"):
        kg.Optimizer("adam", momentum=0.5)


def test_bad_starts() -> None:
    with pytest.raises(ValueError, match="shape"):
        kg.minimize(h2(), [[0.3, 0.2, 0.1]])
    with pytest.raises(ValueError, match="shape"):
        kg.minimize(h2(), [0.3])
    with pytest.raises(ValueError, match="parameter 1 is nan"):
        kg.minimize(h2(), [0.3, np.nan, 0.1])


def test_rotosolve_says_where_it_does_not_apply() -> None:
    a = kg.Parameter("a")
    program = kg.compile(kg.Circuit(1).rx(a**2, 0), "Z")
    with pytest.raises(ValueError, match="linear function of 'a'"):
        kg.minimize(program, [0.1], optimizer="rotosolve")


@pytest.mark.parametrize("optimizer", ["rotosolve", "qnspsa"])
def test_trainers_refuse_what_is_for_expectation_values(optimizer: str) -> None:
    with pytest.raises(ValueError, match="minimize"):
        kg.Trainer(kg.make_model(1, n_layers=1), optimizer=optimizer)


@pytest.mark.parametrize("unit", [1e-9, 1e-7, 1.0, 1e9])
def test_observables_in_other_units_have_the_same_verdict(unit: float) -> None:
    a, b = kg.Parameter("a"), kg.Parameter("b")
    circuit = kg.Circuit(2).ry(a, 0).ry(b, 1).cx(0, 1)
    program = kg.compile(circuit, {"ZI": unit, "XX": 0.3 * unit, "ZZ": 0.1 * unit})
    maximum = kg.minimize(program, [0.0, 0.0], optimizer="sgd", steps=10, learning_rate=1e-3)
    assert not maximum.converged
    assert repr(maximum).endswith("after 10 steps, not converged>")
    result = kg.minimize(program, [0.0, 0.0], optimizer="l-bfgs")
    assert result.converged
    assert repr(result).endswith("steps, converged>")
    assert result.value < -unit
    matrix = kg.MatrixObservable(unit * np.diag([1.0, -1.0]), [1])
    assert kg.minimize(kg.compile(circuit, matrix), [0.0, 0.0], optimizer="l-bfgs").converged


def test_what_rounding_hides_is_no_minimum() -> None:
    w = kg.ParameterVector("w", 4)
    circuit = kg.Circuit(2).ry(w[0], 0).ry(w[1], 1).cx(0, 1).ry(w[2], 0).ry(w[3], 1)
    terms = {"ZZ": 1.0, "XI": 0.5, "IX": 0.3}
    lowest = np.linalg.eigvalsh(kg.PauliSum(terms).matrix())[0]
    for offset in (1e3, 1e6, 1e9):
        program = kg.compile(circuit, kg.PauliSum({**terms, "II": offset}), precision="single")
        for optimizer in ("l-bfgs", "adam"):
            result = kg.minimize(program, [0.3, 0.4, 0.1, 0.7], optimizer=optimizer, seed=1)
            found = kg.compile(circuit, terms).expval(weights=result.weights)[0]
            assert not result.converged or found - lowest < 0.01


def test_restarts_find_what_one_start_misses():
    """2 cos(a) + cos(3 a) has three minima in a period, of which one is lowest."""
    a = kg.Parameter("a")
    program = kg.compile(kg.Circuit(2).rx(a, 0).rx(3 * a + 0.4, 1), {"IZ": 0.5, "ZI": 1.0})
    value = [np.cos(t) / 2 + np.cos(3 * t + 0.4) for t in np.linspace(-np.pi, np.pi, 10001)]
    one = kg.minimize(program, [0.9], learning_rate=0.02)
    assert one.value > min(value) + 0.1
    options = {"learning_rate": 0.02, "n_restarts": 6, "seed": 1}
    best = kg.minimize(program, [0.9], **options)
    assert best.value == pytest.approx(min(value), abs=1e-4)
    assert best.message.endswith("the lowest of 7 start(s)")
    assert kg.minimize(program, [0.9], **options) == best
    steps = []
    kg.minimize(program, [1.0], n_restarts=8, callback=lambda r: steps.append(r["step"]) or False)
    assert steps == [1]
    with pytest.raises(ValueError, match="number of restarts is -1"):
        kg.minimize(program, [1.0], n_restarts=-1)
