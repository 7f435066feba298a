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
        resamplings=4,
        tolerance=0,
        patience=100,
    )
    assert result.value == pytest.approx(GROUND, abs=1e-3 if exact else 0.05)
    assert result.value >= GROUND - 1e-8
    assert len(result.history) == result.n_steps + 1
    assert result.history.min() == result.value
    np.testing.assert_allclose(h2().expval(weights=result.weights), [result.value], atol=1e-12)


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
        ({"learning_rate": 0.0}, "learning_rate is 0"),
        ({"perturbation": 0.0}, "perturbation is 0"),
        ({"resamplings": 0}, "resamplings is 0"),
        ({"regularization": 0.0}, "regularization is 0"),
        ({"coefficients": [1.0, 2.0]}, "2 coefficients"),
        ({"metric": "blocks"}, "'blocks'"),
        ({"shots": 0}, "shots"),
    ],
)
def test_bad_options(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        kg.minimize(h2(), [0.3, 0.2, 0.1], **options)


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
