"""Training, estimators and searches."""

import contextlib
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

import ketgrad as kg
from long_calls.call import Call, on, on_both
from long_calls.circuits import wide
from long_calls.programs import program

CALLS: dict[str, Callable[[], Call]] = {}


@cache
def data(n: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    x = np.random.default_rng(0).normal(size=(n, 4))
    return x, np.sign(x[:, 0])


def training(run: Callable[[kg.Trainer], object]) -> Callable[[], Call]:
    """A call that trains; the model stays as the last step left it, and training goes on."""

    def setup() -> Call:
        trainer = kg.Trainer(
            kg.make_model(4, n_layers=4), loss="squared", epochs=10_000, batch_size=32, seed=1
        )
        x, y = data(64)

        def goes_on() -> bool:
            epochs = len(trainer.history)
            record = trainer.step_epoch(x, y)
            return record["epoch"] == epochs + 1 and np.isfinite(record["loss"])

        return Call(lambda: run(trainer), goes_on)

    return setup


def resumed() -> Call:
    x, y = data(200)
    trainer = kg.Trainer(kg.make_model(4, n_layers=4), loss="squared", epochs=100_000, seed=1)

    def interrupt(record: dict[str, Any]) -> bool:
        if record["epoch"] == 2:
            raise KeyboardInterrupt
        return True

    with contextlib.suppress(KeyboardInterrupt):
        trainer.fit(x, y, callback=interrupt)
    again = kg.Trainer.from_json(trainer.to_json())
    return Call(lambda: again.resume(x, y), lambda: len(again.history) >= 2)


def of_model(run: Callable[[kg.Model, np.ndarray, np.ndarray], object]) -> Callable[[], Call]:
    def setup() -> Call:
        model = kg.make_model(4, n_layers=6)
        x, y = data(100_000)
        before = model.to_json()
        return Call(lambda: run(model, x, y[:, None]), lambda: model.to_json() == before)

    return setup


def of_layer(run: Callable[[kg.layers.Layer, np.ndarray, np.ndarray], object]) -> Any:
    """A call of layers that each last by themselves."""

    def setup() -> Call:
        circuit = kg.layers.CircuitLayer(
            kg.compile(kg.angle_map(4).compose(kg.hardware_efficient(4, 6)), "ZZZZ", inputs="x")
        )
        chain = kg.layers.Chain(
            [kg.layers.Dense(4, 900), kg.layers.Dense(900, circuit.n_inputs), circuit]
        )
        x, w = data(60_000)[0], chain.initialize(seed=1)
        before = chain.to_json()
        return Call(lambda: run(chain, x, w), lambda: chain.to_json() == before)

    return setup


def ones_of(chain: kg.layers.Layer, x: np.ndarray) -> np.ndarray:
    return np.ones((len(x), chain.n_outputs))


CALLS |= {
    "layers.Layer.forward": of_layer(lambda c, x, w: [c.forward(x, w) for _ in range(4)]),
    "layers.Layer.vjp": of_layer(lambda c, x, w: c.vjp(ones_of(c, x), x, w)),
    "layers.Layer.value_and_vjp": of_layer(lambda c, x, w: c.value_and_vjp(ones_of(c, x), x, w)),
    "layers.image_windows": on(lambda: 3000, lambda n: kg.layers.image_windows(n, n, size=3)),
    "layers.series_windows": on(lambda: 8_000_000, lambda n: kg.layers.series_windows(n, size=9)),
    "Trainer.fit": training(lambda t: t.fit(*data(4000))),
    "Trainer.resume": resumed,
    "Trainer.find_learning_rate": training(
        lambda t: t.find_learning_rate(*data(4000), highest=1e-4, steps=100_000)
    ),
    "Trainer.step_epoch": training(lambda t: [t.step_epoch(*data(50_000)) for _ in range(4)]),
    "Model.outputs": of_model(lambda m, x, y: [m.outputs(x) for _ in range(4)]),
    "Model.loss": of_model(lambda m, x, y: [m.loss("squared", x, y) for _ in range(4)]),
    "Model.loss_and_gradient": of_model(lambda m, x, y: m.loss_and_gradient("squared", x, y)),
}


_WITH_LABELS = ("learn_classes", "score")


def of_estimator(make: Callable[[], Any], n: int, run: str = "fit") -> Callable[[], Call]:
    """A call of an estimator; interrupted, it can be fitted."""

    def setup() -> Call:
        estimator = make()
        x, y = data(n)
        few = slice(0, 20)
        if run != "fit":
            small = make()
            if "max_iter" in small.get_params():
                small.set_params(max_iter=1, tol=0)
            estimator = small.fit(x[:60], y[:60])

        def usable() -> bool:
            if run == "fit" and "max_iter" in estimator.get_params():
                estimator.set_params(max_iter=1, tol=0)
            fitted = estimator.fit(x[few], y[few]) if run == "fit" else estimator
            found = (
                fitted.predict(x[few]) if hasattr(fitted, "predict") else fitted.transform(x[few])
            )
            return len(found) == 20

        if run == "fit":
            return Call(lambda: estimator.fit(x, y), usable)
        given = [np.tile(x, (10, 1)), *([np.tile(y, 10)] if run in _WITH_LABELS else [])]
        return Call(lambda: getattr(estimator, run)(*given), usable)

    return setup


def searches() -> Call:
    p = program(4, 3)
    return Call(
        lambda: kg.evolution_strategy(
            lambda w: p.expval(weights=w)[:, 0],
            np.zeros(len(p.weights)),
            n_steps=100_000,
            seed=1,
        )
    )


def heuristic(search: Callable[..., object], *arguments: object) -> Callable[[], Call]:
    """A call of a search over four weights, between bounds or from a start."""

    def setup() -> Call:
        p = kg.compile(kg.Circuit(4).ry(kg.ParameterVector("w", 4), range(4)), "ZZZZ")
        return Call(
            lambda: search(lambda w: p.expval(weights=w)[:, 0], *arguments, n_steps=100_000, seed=1)
        )

    return setup


def restarts() -> Call:
    p = program(4, 3)

    def loss(w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        values, _, gradients = p.value_and_vjp(np.ones((len(w), 1)), weights=w)
        return values[:, 0], gradients

    return Call(lambda: kg.random_restarts(loss, len(p.weights), n_steps=100_000, seed=1))


def feature_program() -> kg.Program:
    circuit = kg.reupload(kg.angle_map(4), kg.ansatz_layers("strongly_entangling", 4, 2))
    return kg.compile(circuit, inputs="x")


def aligned() -> Call:
    p = feature_program()
    x, y = data(100)
    target = kg.target_kernel(y)
    start = np.zeros(len(p.weights))
    return Call(lambda: kg.align_kernel(p, x, target, start, n_steps=100_000))


def adversaries() -> Call:
    generator, judge = kg.make_model(4, 4, n_layers=4), kg.make_model(4, n_layers=4)
    before = generator.to_json(), judge.to_json()
    return Call(
        lambda: kg.losses.train_adversarial(generator, judge, data(500)[0], steps=100_000, seed=1),
        lambda: (generator.to_json(), judge.to_json()) == before,
    )


CALLS |= {
    "losses.train_adversarial": adversaries,
    "evolution_strategy": searches,
    "random_restarts": restarts,
    "structure_search": lambda: Call(
        lambda: kg.structure_search(
            lambda circuit: kg.compile(circuit, "ZZZZ"), 4, train_steps=5, n_steps=10_000, seed=1
        )
    ),
    "genetic_algorithm": heuristic(kg.genetic_algorithm, [(-np.pi, np.pi)] * 4),
    "particle_swarm": heuristic(kg.particle_swarm, [(-np.pi, np.pi)] * 4),
    "cma_es": heuristic(
        lambda loss, start, **more: kg.cma_es(
            # Losses that always differ, so that it does not end by itself.
            lambda w: loss(w) + np.random.default_rng().normal(size=len(w)),
            start,
            **more,
        ),
        np.zeros(4),
    ),
    "plateau_scan": lambda: Call(
        lambda: kg.plateau_scan(lambda n: program(n, 4), [6, 8, 10], n_samples=2000, seed=1)
    ),
    "effective_dimension": on(
        lambda: program(4, 2), lambda p: kg.effective_dimension(p, n_samples=20_000, seed=1)
    ),
    "fourier_spectrum": on(
        lambda: kg.compile(kg.angle_map(8).compose(wide(8, 4)), "Z" * 8, inputs="x"),
        lambda p: [kg.fourier_spectrum(p, np.zeros(8)) for _ in range(3000)],
    ),
    "align_kernel": aligned,
    "alignment_gradient": on_both(
        lambda: (feature_program(), data(3000)[0]),
        lambda p, x: kg.alignment_gradient(
            p, x, np.sign(np.outer(x[:, 0], x[:, 0])), np.zeros(len(p.weights))
        ),
    ),
    "VQClassifier.fit": of_estimator(lambda: kg.VQClassifier(max_iter=1000), 30_000),
    "VQRegressor.fit": of_estimator(lambda: kg.VQRegressor(max_iter=1000), 30_000),
    "QSVC.fit": of_estimator(lambda: kg.QSVC(), 4000),
    "QSVR.fit": of_estimator(lambda: kg.QSVR(), 4000),
    "QKernelRidge.fit": of_estimator(lambda: kg.QKernelRidge(), 4000),
    "QGPClassifier.fit": of_estimator(lambda: kg.QGPClassifier(random_state=0), 1000),
    "QGPRegressor.fit": of_estimator(lambda: kg.QGPRegressor(random_state=0), 1000),
    "QNystroem.fit": of_estimator(lambda: kg.QNystroem(n_components=1000), 4000),
}


def reservoirs(run: Callable[[Any, np.ndarray], object]) -> Callable[[], Call]:
    """A call of a reservoir that has been fitted, which stays as it is."""

    def setup() -> Call:
        x = data(20_000)[0]
        reservoir = kg.QReservoir(random_state=1).fit(x)
        before = reservoir.run(x[:5, 0])[0]
        return Call(
            lambda: run(reservoir, x), lambda: bool((reservoir.run(x[:5, 0])[0] == before).all())
        )

    return setup


def metric_learner(**params: Any) -> Any:
    return kg.VQMetricLearner(n_steps=1, **params)


CALLS |= {
    "QReservoir.fit": of_estimator(lambda: kg.QReservoir(n_qubits=8, n_virtual=20), 400),
    "QReservoir.run": reservoirs(lambda r, x: r.run(x[:, 0])),
    "QReservoir.transform": reservoirs(lambda r, x: r.transform(x)),
    "VQMetricLearner.fit": of_estimator(lambda: kg.VQMetricLearner(n_steps=2000), 4000),
    "VQMetricLearner.learn_classes": of_estimator(metric_learner, 60_000, "learn_classes"),
}
for name in ["predict", "score", "decision_function", "transform"]:
    CALLS[f"VQMetricLearner.{name}"] = of_estimator(metric_learner, 60_000, name)

for name in ["predict", "predict_proba", "decision_function", "score"]:
    CALLS[f"VQClassifier.{name}"] = of_estimator(lambda: kg.VQClassifier(), 300_000, name)
CALLS |= {
    "VQClassifier.partial_fit": on_both(
        lambda: (kg.VQClassifier(), data(30_000)),
        lambda c, d: [c.partial_fit(*d, [-1, 1]) for _ in range(20)],
    ),
    "VQRegressor.partial_fit": on_both(
        lambda: (kg.VQRegressor(), data(30_000)),
        lambda r, d: [r.partial_fit(*d) for _ in range(20)],
    ),
    "VQRegressor.predict": of_estimator(lambda: kg.VQRegressor(), 300_000, "predict"),
    "VQRegressor.score": of_estimator(lambda: kg.VQRegressor(), 300_000, "score"),
    "QSVC.predict": of_estimator(lambda: kg.QSVC(), 30_000, "predict"),
    "QSVC.score": of_estimator(lambda: kg.QSVC(), 30_000, "score"),
    "QSVC.decision_function": of_estimator(lambda: kg.QSVC(), 30_000, "decision_function"),
    "QSVR.predict": of_estimator(lambda: kg.QSVR(), 30_000, "predict"),
    "QSVR.score": of_estimator(lambda: kg.QSVR(), 30_000, "score"),
    "QKernelRidge.predict": of_estimator(lambda: kg.QKernelRidge(), 30_000, "predict"),
    "QKernelRidge.score": of_estimator(lambda: kg.QKernelRidge(), 30_000, "score"),
    **{
        f"{cls.__name__}.{name}": of_estimator(cls, 30_000, name)
        for cls, names in [
            (kg.QGPClassifier, ["predict", "predict_proba", "decision_function", "score"]),
            (kg.QGPRegressor, ["predict", "score"]),
        ]
        for name in names
    },
    "QNystroem.transform": of_estimator(lambda: kg.QNystroem(n_components=50), 30_000, "transform"),
}
