"""Optimizers of loops of one's own: the trajectories of PyTorch and optax, groups, files."""

import copy
import json
import pickle
from collections.abc import Callable

import numpy as np
import pytest
import torch

import ketgrad as kg

Gradient = Callable[[np.ndarray], np.ndarray]

A = np.array([[3.0, 0.5], [0.5, 1.0]])


def quadratic(x: np.ndarray) -> np.ndarray:
    return A @ x - [1.0, -1.0]


def rosenbrock(x: np.ndarray) -> np.ndarray:
    valley = x[1] - x[0] ** 2
    return np.array([-2 * (1 - x[0]) - 400 * x[0] * valley, 200 * valley])


def of_ours(optimizer: kg.Optimizer, gradient: Gradient, n: int) -> np.ndarray:
    x, out = np.array([-1.2, 1.0]), []
    for _ in range(n):
        x = optimizer.step(x, gradient(x))
        out.append(x)
    return np.array(out)


def of_torch(
    make: Callable[[list[torch.Tensor]], torch.optim.Optimizer], gradient: Gradient, n: int
) -> np.ndarray:
    x = torch.tensor([-1.2, 1.0], dtype=torch.float64, requires_grad=True)
    optimizer, out = make([x]), []
    for _ in range(n):
        x.grad = torch.from_numpy(gradient(x.detach().numpy()))
        optimizer.step()
        out.append(x.detach().numpy().copy())
    return np.array(out)


OPTIM = torch.optim
SAME = {
    "sgd": (kg.Optimizer("sgd", 1e-3), lambda p: OPTIM.SGD(p, 1e-3)),
    "sgd, decayed": (
        kg.Optimizer("sgd", 1e-3, weight_decay=0.1),
        lambda p: OPTIM.SGD(p, 1e-3, weight_decay=0.1),
    ),
    "momentum": (
        kg.Optimizer("momentum", 1e-4, momentum=0.8, weight_decay=0.1),
        lambda p: OPTIM.SGD(p, 1e-4, momentum=0.8, weight_decay=0.1),
    ),
    "nesterov": (
        kg.Optimizer("nesterov", 1e-4, momentum=0.8, weight_decay=0.1),
        lambda p: OPTIM.SGD(p, 1e-4, momentum=0.8, nesterov=True, weight_decay=0.1),
    ),
    "rmsprop": (
        kg.Optimizer("rmsprop", 1e-2, decay=0.95, epsilon=1e-6, weight_decay=0.1),
        lambda p: OPTIM.RMSprop(p, 1e-2, alpha=0.95, eps=1e-6, weight_decay=0.1),
    ),
    "adam": (kg.Optimizer("adam", 1e-2), lambda p: OPTIM.Adam(p, 1e-2)),
    "adam, all": (
        kg.Optimizer("adam", 1e-2, None, 0.1, betas=(0.7, 0.9), epsilon=1e-4),
        lambda p: OPTIM.Adam(p, 1e-2, (0.7, 0.9), 1e-4, 0.1),
    ),
    "amsgrad": (
        kg.Optimizer("adam", 1e-2, betas=(0.7, 0.9), amsgrad=True),
        lambda p: OPTIM.Adam(p, 1e-2, (0.7, 0.9), amsgrad=True),
    ),
    "adamw": (kg.Optimizer("adamw", 1e-2), lambda p: OPTIM.AdamW(p, 1e-2)),
    "adamw, all": (
        kg.Optimizer("adamw", 1e-2, weight_decay=0.2, betas=(0.7, 0.9), amsgrad=True),
        lambda p: OPTIM.AdamW(p, 1e-2, (0.7, 0.9), weight_decay=0.2, amsgrad=True),
    ),
    "rates": (
        kg.Optimizer("adamw", 1e-2, rates=[1.0, 0.25]),
        None,  # two groups, below
    ),
}


@pytest.mark.parametrize("gradient", [quadratic, rosenbrock])
@pytest.mark.parametrize("name", [name for name, pair in SAME.items() if pair[1]])
def test_trajectories_are_those_of_torch(name: str, gradient: Gradient) -> None:
    ours, theirs = SAME[name]
    found = of_ours(copy.deepcopy(ours), gradient, 100)
    np.testing.assert_allclose(found, of_torch(theirs, gradient, 100), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("gradient", [quadratic, rosenbrock])
@pytest.mark.parametrize("name", ["sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw"])
def test_trajectories_are_those_of_optax(name: str, gradient: Gradient) -> None:
    jax = pytest.importorskip("jax")
    optax = pytest.importorskip("optax")
    ours, theirs = {
        "sgd": (kg.Optimizer("sgd", 1e-3), optax.sgd(1e-3)),
        "momentum": (kg.Optimizer("momentum", 1e-4), optax.sgd(1e-4, momentum=0.9)),
        "nesterov": (kg.Optimizer("nesterov", 1e-4), optax.sgd(1e-4, momentum=0.9, nesterov=True)),
        "rmsprop": (kg.Optimizer("rmsprop", 1e-2), optax.rmsprop(1e-2, eps_in_sqrt=False)),
        "adam": (kg.Optimizer("adam", 1e-2), optax.adam(1e-2)),
        "adamw": (kg.Optimizer("adamw", 1e-2), optax.adamw(1e-2, weight_decay=0.01)),
    }[name]
    expected = []
    with jax.enable_x64(True):
        x = jax.numpy.array([-1.2, 1.0])
        state = theirs.init(x)
        for _ in range(100):
            update, state = theirs.update(jax.numpy.array(gradient(np.array(x))), state, x)
            x = optax.apply_updates(x, update)
            expected.append(np.array(x))
    np.testing.assert_allclose(of_ours(ours, gradient, 100), expected, rtol=1e-6, atol=1e-9)


def test_groups_are_those_of_torch() -> None:
    ours = kg.Optimizer("adamw", 1e-2, weight_decay=0.1, rates={"b": 0.25})
    w = torch.tensor([[1.0, -2.0]], dtype=torch.float64)
    b = torch.tensor(0.5, dtype=torch.float64)
    theirs = torch.optim.AdamW(
        [{"params": [w]}, {"params": [b], "lr": 0.25e-2}], 1e-2, weight_decay=0.1
    )
    at = {"w": w.numpy().copy(), "b": b.numpy().copy()}
    for _ in range(50):
        gradient = {"w": np.cos(at["w"]), "b": 3 * at["b"]}
        w.grad, b.grad = (torch.from_numpy(np.array(gradient[name])) for name in ("w", "b"))
        at = ours.step(at, gradient)
        theirs.step()
    assert at["w"].shape == (1, 2)
    assert at["b"].shape == ()
    np.testing.assert_allclose(at["w"], w.numpy(), rtol=1e-12)
    np.testing.assert_allclose(at["b"], b.numpy(), rtol=1e-12)


def test_names_may_come_in_any_order_and_the_longest_counts() -> None:
    optimizer = kg.Optimizer("momentum", 0.1, rates={"w": 0, "w2": 0.5})
    first = optimizer.step({"w": [1.0], "w2": [1.0], "c": 1.0}, {"c": 1, "w2": [1], "w": [1]})
    assert {name: float(np.squeeze(x)) for name, x in first.items()} == {
        "w": 1.0,
        "w2": 0.95,
        "c": 0.9,
    }
    second = optimizer.step({"c": 0.9, "w": [1.0], "w2": [0.95]}, {"w": [0], "w2": [0], "c": 0})
    assert float(second["c"]) == pytest.approx(0.9 - 0.09)


@pytest.mark.parametrize(
    "duplicate",
    [
        lambda o: kg.Optimizer.from_json(o.to_json()),
        lambda o: pickle.loads(pickle.dumps(o)),
        copy.deepcopy,
    ],
)
@pytest.mark.parametrize("name", [*SAME, "by name"])
def test_copies_go_on_to_the_same_bits(duplicate, name: str) -> None:
    by_name = name == "by name"
    if by_name:
        optimizer = kg.Optimizer("adam", 0.1, amsgrad=True, rates={"x": 0.3})
    else:
        optimizer = copy.deepcopy(SAME[name][0])
    x: object = {"x": [0.1, 0.2], "y": 0.3} if by_name else np.array([-1.2, 1.0])

    def slope(at: object) -> object:
        if isinstance(at, dict):
            return {key: np.sin(value) + 0.1 for key, value in at.items()}
        return np.sin(at) + 0.1

    assert duplicate(optimizer) == optimizer
    for _ in range(7):
        x = optimizer.step(x, slope(x))
    again = duplicate(optimizer)
    assert again == optimizer
    assert again.steps == 7
    y = x
    for _ in range(5):
        x, y = optimizer.step(x, slope(x)), again.step(y, slope(y))
    np.testing.assert_equal(x, y)


def test_files_of_version_1_are_read() -> None:
    optimizer = kg.Optimizer("adam", 0.1)
    x = optimizer.step([1.0], [0.5])
    document = json.loads(optimizer.to_json())
    document["version"] = 1
    document["options"]["weight_decay"] = 0.01  # which adam did not look at
    del document["options"]["amsgrad"], document["options"]["rates"]
    old = kg.Optimizer.from_json(json.dumps(document))
    np.testing.assert_array_equal(old.step(x, [0.5]), optimizer.step(x, [0.5]))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "l-bfgs"}, "'l-bfgs' needs more than a gradient"),
        ({"name": "adamm"}, "no optimizer named 'adamm'"),
        ({"name": "sgd", "betas": (0.9, 0.99)}, "'sgd' has no betas; .* adam, adamw"),
        ({"name": "sgd", "amsgrad": True}, "'sgd' has no amsgrad"),
        ({"name": "sgd", "epsilon": 1e-8}, "'sgd' has no epsilon; .* rmsprop, adam, adamw"),
        ({"name": "adam", "decay": 0.5}, "'adam' has no decay; .* rmsprop"),
        ({"betas": (0.9, 1.0)}, r"beta2 is 1, outside \[0, 1\)"),
        ({"betas": (-0.1, 0.9)}, "beta1 is -0.1"),
        ({"epsilon": 0.0}, "epsilon is 0"),
        ({"weight_decay": -1.0}, "weight_decay is -1"),
        ({"name": "rmsprop", "decay": 1.0}, "decay is 1"),
        ({"rates": [1.0, -1.0]}, "rate of parameter 1 is -1"),
        ({"rates": {"w": np.inf}}, "rate of 'w' is inf"),
    ],
)
def test_what_cannot_be_is_refused_at_construction(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        kg.Optimizer(**options)


def test_steps_that_do_not_fit_change_nothing() -> None:
    optimizer = kg.Optimizer("adam", rates=[1.0, 0.5])
    with pytest.raises(ValueError, match="there are 2 rates for 3 parameters"):
        optimizer.step([1.0, 2.0, 3.0], [1.0, 1.0, 1.0])
    named = kg.Optimizer("adam", rates={"w": 0.5})
    with pytest.raises(ValueError, match="rates by name need parameters by name"):
        named.step([1.0], [1.0])
    with pytest.raises(ValueError, match="no parameter's name begins with 'w'; there are 'b'"):
        named.step({"b": 1.0}, {"b": 1.0})
    with pytest.raises(ValueError, match="the gradient has no 'w'"):
        named.step({"w": 1.0}, {"b": 1.0})
    with pytest.raises(ValueError, match="the gradient has 2 numbers for 'w', not 1"):
        named.step({"w": 1.0}, {"w": [1.0, 2.0]})
    with pytest.raises(TypeError, match="a dict of the same names"):
        named.step({"w": 1.0}, [1.0])
    assert named.steps == optimizer.steps == 0
    assert named == kg.Optimizer("adam", rates={"w": 0.5})
    named.step({"w": 1.0}, {"w": 1.0})
    with pytest.raises(ValueError, match="began with parameters by name"):
        named.step([1.0], [1.0])
    with pytest.raises(ValueError, match="parameters has no 'w'"):
        named.step({"b": 1.0}, {"b": 1.0})
    optimizer.step([1.0, 1.0], [1.0, 1.0])
    with pytest.raises(ValueError, match="began with parameters as one array"):
        optimizer.step({"w": [1.0, 1.0]}, {"w": [1.0, 1.0]})


def test_trainers_and_minimize_take_one_for_its_options() -> None:
    x, y = [[0.1], [0.4]], [0.5, -0.2]
    by_name = kg.Trainer(kg.make_model(1), loss="squared", optimizer="adam", learning_rate=0.03)
    optimizer = kg.Optimizer("adam", 0.03)
    optimizer.step([1.0], [1.0])  # its memory stays with it
    own = kg.Trainer(kg.make_model(1), loss="squared", optimizer=optimizer)
    by_name.step_epoch(x, y)
    own.step_epoch(x, y)
    np.testing.assert_array_equal(own.model.parameters, by_name.model.parameters)

    held = kg.Trainer(
        kg.make_model(1), loss="squared", optimizer=kg.Optimizer(rates={"1.": 0}), epochs=2
    )
    held.fit(x, y)
    np.testing.assert_array_equal(held.model.parameters[-2:], [1.0, 0.0])
    with pytest.raises(ValueError, match="options are given beside an Optimizer"):
        kg.Trainer(kg.make_model(1), optimizer=optimizer, learning_rate=0.1)
    with pytest.raises(ValueError, match="rates are given beside an Optimizer"):
        kg.Trainer(kg.make_model(1), optimizer=optimizer, rates={"1.": 0})

    program = kg.compile(kg.Circuit(1).rx(kg.Parameter("a"), 0).ry(kg.Parameter("b"), 0), "Z")
    found = kg.minimize(
        program, [0.5, 0.3], optimizer=kg.Optimizer("adam", 0.1, rates={"b": 0}), steps=20
    )
    assert found.weights[1] == 0.3
    assert found.weights[0] != 0.5
    plain = kg.minimize(program, [0.5, 0.3], optimizer="adam", steps=20)
    same = kg.minimize(program, [0.5, 0.3], optimizer=kg.Optimizer("adam", 0.1), steps=20)
    np.testing.assert_array_equal(plain.weights, same.weights)


@pytest.mark.parametrize("by_name", [False, True])
def test_a_step_to_infinity_is_refused_and_forgotten(by_name: bool) -> None:
    def given(value: float) -> object:
        return {"w": [value]} if by_name else [value]

    optimizer = kg.Optimizer("momentum", learning_rate=1e308)
    with pytest.raises(ValueError, match="leads parameter 0 to -inf; the step or the grad"):
        optimizer.step(given(1.0), given(1e10))
    assert optimizer == kg.Optimizer("momentum", learning_rate=1e308)
    optimizer = kg.Optimizer("adam")  # whose mean of squares is larger than its step
    with pytest.raises(ValueError, match="the optimizer's memory at 0 to inf; the step or"):
        optimizer.step(given(1.0), given(1e200))
    assert optimizer == kg.Optimizer("adam")
