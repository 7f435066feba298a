"""Training over MPI, checked on every rank: mpirun -n N python checks.py CHECK [FOLDER].

Rank 0 prints what other numbers of ranks have to print as well.
"""

import copy
import hashlib
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from mpi4py import MPI

import ketgrad as kg

COMM = MPI.COMM_WORLD
RANK, SIZE = COMM.Get_rank(), COMM.Get_size()
LAST = SIZE - 1
RNG = np.random.default_rng(5)
X = RNG.uniform(-1, 1, (150, 3))
Y = np.sin(X[:, 0]) * X[:, 1]
LABELS = (Y > 0).astype(int)
FOLDER = Path(sys.argv[2] if len(sys.argv) > 2 else ".")


def model(seed: int = 1) -> kg.Model:
    out = kg.make_model(3, n_layers=2)
    out.initialize(seed)
    return out


def trainer(comm: Any = COMM, **options: Any) -> kg.Trainer:
    first = options.pop("model", None) or model()
    settings = {"loss": "squared", "learning_rate": 0.05, "epochs": 3, "batch_size": 64, "seed": 2}
    return kg.Trainer(first, comm=comm, **(settings | options))


def bits_of(found: kg.Trainer) -> str:
    """A digest of parameters and history; the same on all ranks."""
    numbers = np.concatenate(
        [found.model.parameters, *([*record.values()] for record in found.history)]
    )
    digest = hashlib.sha256(numbers.tobytes()).hexdigest()
    assert set(COMM.allgather(digest)) == {digest}
    return digest


def raised(call: Callable[[], Any]) -> BaseException:
    """What a call raises on this rank, once all have come to raise something."""
    try:
        call()
    except BaseException as error:
        COMM.Barrier()
        return error
    raise AssertionError(f"rank {RANK} has raised nothing")


def still_in_step() -> None:
    """Whether the ranks can train together after what happened."""
    found = trainer(epochs=1)
    found.fit(X, Y)
    bits_of(found)


def check_bits() -> None:
    """Any number of ranks has the same, and one process nearly so."""
    out = {}
    plateau = {"validation_fraction": 0.3, "early_stopping": True, "patience": 2}
    cases: dict[str, dict[str, Any]] = {
        "adam": {},
        "clipped": {"optimizer": "sgd", "max_gradient_norm": 0.1},
        "qng": {"optimizer": "qng"},
        "spsa": {"optimizer": "spsa"},
        "l-bfgs": {"optimizer": "l-bfgs", "learning_rate": None, "batch_size": 0},
        "plateau": plateau,
        "cosine": {"schedule": "cosine", "batch_size": 20},
    }
    for name, options in cases.items():
        found = trainer(**options)
        found.fit(X, Y)
        out[name] = bits_of(found)
        alone = trainer(None, **options)
        alone.fit(X, Y)
        assert np.allclose(found.model.parameters, alone.model.parameters, atol=1e-6), name
    weighted = trainer()
    weighted.fit(X, Y, np.where(np.arange(150) < 70, 0.0, 1.0 + X[:, 2]))
    out["weights"] = bits_of(weighted)
    stepped = trainer()
    for _ in range(3):
        stepped.step_epoch(X, Y)
    assert stepped.find_learning_rate(X, Y, steps=5)["losses"].shape == (5,)
    out["stepped"] = bits_of(stepped)
    single = trainer(model=kg.make_model(3, n_layers=1, precision="single"))
    single.fit(X, Y)
    out["single"] = bits_of(single)
    dense = [kg.layers.Dense(3, 5), kg.layers.Activation("tanh", 5), kg.layers.Dense(5, 1)]
    layered = kg.Model(kg.layers.Chain(dense))
    layered.initialize(4)
    layers = trainer(model=layered)
    layers.fit(X, Y)
    out["layers"] = bits_of(layers)
    if RANK == 0:
        print(json.dumps(out))


def check_estimators() -> None:
    options: dict[str, Any] = {"n_layers": 1, "max_iter": 3, "tol": 0, "comm": COMM}
    classifier = kg.VQClassifier(random_state=3, **options).fit(X, LABELS)
    regressor = kg.VQRegressor(random_state=3, **options).fit(X, Y)
    stepped = kg.VQClassifier(random_state=3, **options)
    for _ in range(2):
        stepped.partial_fit(X, LABELS, classes=[0, 1])
    out = [e.model_.parameters.tobytes().hex() for e in (classifier, regressor, stepped)]
    digest = hashlib.sha256("".join(out).encode()).hexdigest()
    assert set(COMM.allgather(digest)) == {digest}

    fresh = kg.VQClassifier(**options).fit(X, LABELS)  # a seed of rank 0
    assert len(set(COMM.allgather(fresh.model_.parameters.tobytes()))) == 1
    path = FOLDER / f"classifier{RANK}.json"
    classifier.save(path)
    assert kg.load(path).comm is None
    short = FOLDER / "short.json"

    def killed(estimator: Any, record: Any) -> None:
        if record["epoch"] == 2:
            raise RuntimeError("killed")

    kept = options | {"random_state": 3, "checkpoint": short}
    error = raised(lambda: kg.VQClassifier(callback=killed, **kept).fit(X, LABELS))
    assert str(error) == "killed"
    gone_on = kg.VQClassifier(**kept).fit(X, LABELS)
    assert (gone_on.model_.parameters == classifier.model_.parameters).all()

    bad = X.copy()
    if RANK == LAST:
        bad[3, 1] = np.nan
    error = raised(lambda: kg.VQClassifier(random_state=3, **options).fit(bad, LABELS))
    assert isinstance(error, ValueError)
    assert "NaN" in str(error)
    if SIZE > 1:
        error = raised(lambda: kg.VQClassifier(random_state=RANK, **options).fit(X, LABELS))
        assert "differ in" in str(error)
    scipy = kg.VQRegressor(optimizer="COBYLA", **options)
    assert "comm needs an optimizer" in str(raised(lambda: scipy.fit(X, Y)))
    if RANK == 0:
        print(digest)


def check_kernels() -> None:
    """Kernel machines share out their matrix, and have the bits of one process."""
    machines: dict[str, tuple[Any, Any]] = {
        "svc": (kg.QSVC(n_layers=1, random_state=3), LABELS),
        "projected": (kg.QSVC(n_layers=1, kernel="projected", random_state=3), LABELS),
        "aligned": (kg.QSVC(n_layers=1, alignment_steps=2, random_state=3), LABELS),
        "svr": (kg.QSVR(n_layers=1, random_state=3), Y),
        "ridge": (kg.QKernelRidge(n_layers=1, random_state=3), Y),
    }
    for name, (machine, y) in machines.items():
        alone = machine.fit(X, y)
        predicted = alone.predict(X[:20])
        coefficients = alone.dual_coef_
        shared = machine.set_params(comm=COMM).fit(X, y)
        assert (shared.dual_coef_ == coefficients).all(), name
        assert (shared.predict(X[:20]) == predicted).all(), name
    few = kg.QSVC(n_layers=1, random_state=0, comm=COMM).fit(X[:3], [0, 1, 0])  # less than ranks
    assert len(few.support_angles_) <= 3

    fresh = kg.QSVC(n_layers=1, comm=COMM).fit(X, LABELS)  # a seed of rank 0
    assert len(set(COMM.allgather(fresh.weights_.tobytes()))) == 1
    path = FOLDER / f"machine{RANK}.json"
    fresh.save(path)
    assert kg.load(path).comm is None

    bad, labels = X.copy(), LABELS.copy()
    if RANK == LAST:
        bad[3, 1] = np.nan
    machine = kg.QSVC(n_layers=1, random_state=0, comm=COMM)
    error = raised(lambda: machine.fit(bad, LABELS))
    assert isinstance(error, ValueError)
    assert "NaN" in str(error)
    if SIZE > 1:
        bad[3, 1] = X[3, 1] + (RANK == LAST)
        labels[0] = 1 - labels[0] if RANK == LAST else labels[0]
        cases: dict[str, Callable[[], Any]] = {
            "samples": lambda: machine.fit(bad, LABELS),
            "samples;": lambda: machine.fit(X, labels),
            "options": lambda: kg.QSVC(n_layers=1, C=1.0 + RANK, comm=COMM).fit(X, LABELS),
            "options;": lambda: kg.QSVC(
                feature_map="angle" if RANK == LAST else "iqp", comm=COMM
            ).fit(X, LABELS),
            "weights": lambda: kg.QSVC(random_state=RANK, comm=COMM).fit(X, LABELS),
        }
        for what, call in cases.items():
            error = raised(call)
            assert isinstance(error, ValueError)
            assert what in str(error), (what, error)
    error = raised(lambda: kg.QSVC(feature_map="amplitude", comm=COMM).fit(0 * X, LABELS))
    assert isinstance(error, ValueError)
    assert not hasattr(machine, "support_")
    assert (machine.fit(X, LABELS).predict(X[:5]) >= 0).all()
    if RANK == 0:
        print("shared")


def check_errors() -> None:
    """What one rank raises is raised on all, who can go on afterwards."""

    def broken(_: Any) -> None:
        raise LookupError("of my own")

    on_last = broken if RANK == LAST else None
    for name in ("callback", "step_callback"):
        error = raised(lambda name=name: trainer().fit(X, Y, **{name: on_last}))
        assert type(error) is LookupError
        assert str(error) == "of my own" or error.args == ("of my own",)
        notes = getattr(error, "__notes__", [])
        assert notes == ([] if RANK == LAST else [f"raised on rank {LAST} of {SIZE}"])
        still_in_step()

    class UnpicklableError(Exception):
        def __reduce__(self) -> Any:
            raise TypeError

    def strange(_: Any) -> None:
        raise UnpicklableError("odd")

    error = raised(lambda: trainer().fit(X, Y, callback=strange if RANK == LAST else None))
    assert isinstance(error, UnpicklableError if RANK == LAST else RuntimeError)
    assert "odd" in str(error)

    bad = Y.copy()
    if RANK == LAST:
        bad[7] = np.inf
    error = raised(lambda: trainer().fit(X, bad))
    assert isinstance(error, ValueError)
    assert "target 0 of sample 7 is inf" in str(error)
    still_in_step()

    error = raised(lambda: trainer().fit(X, Y, checkpoint=FOLDER / "no folder" / "x.json"))
    assert isinstance(error, FileNotFoundError)
    still_in_step()

    searched = trainer()
    error = raised(lambda: searched.find_learning_rate(X, bad, steps=3))
    assert "target 0 of sample 7 is inf" in str(error)
    if SIZE > 1:
        error = raised(lambda: searched.find_learning_rate(X, Y, steps=3 + (RANK == LAST)))
        assert "differ in the number of steps" in str(error)
        other = X + 0.1 * (RANK == LAST)
        assert "differ in the samples" in str(raised(lambda: searched.find_learning_rate(other, Y)))
    still_in_step()

    error = raised(lambda: kg.Trainer(model(), epochs=0 if RANK == LAST else 1, comm=COMM))
    assert "the number of epochs is 0" in str(error)
    diverging = trainer(optimizer="sgd", learning_rate=1e200, epochs=20)
    assert isinstance(raised(lambda: diverging.fit(X, Y)), ValueError)
    still_in_step()

    # A rank that wants no more ends all.
    ended = trainer(epochs=9)
    ended.fit(X, Y, callback=(lambda record: record["epoch"] < 2) if RANK == LAST else None)
    assert len(ended.history) == 2
    bits_of(ended)
    if RANK == 0:
        print("all raise")


def check_differences() -> None:
    odd = int(RANK == LAST)
    other = X.copy()
    other[2, 1] += odd
    cases: dict[str, Callable[[], Any]] = {
        "the samples": lambda: trainer().fit(other, Y),
        "the number of samples": lambda: trainer().fit(X[: 150 - odd], Y[: 150 - odd]),
        "the options, such as the seed": lambda: trainer(seed=odd).fit(X, Y),
        "parameters": lambda: trainer(model=model(odd)).fit(X, Y),
        "the model": lambda: trainer(
            model=kg.make_model(3, n_layers=2, feature_map="iqp" if odd else "angle")
        ).fit(X, Y),
    }
    for what, call in cases.items():
        error = raised(call)
        assert isinstance(error, ValueError)
        text = f"ranks 0 and {LAST} differ in {what}; all train the same model"
        assert str(error).startswith(text), error
    still_in_step()
    unseeded = trainer(seed=None)
    unseeded.fit(X, Y)
    bits_of(unseeded)
    half = raised(lambda: trainer(seed=None if odd else 3).fit(X, Y))
    assert "the options, such as the seed" in str(half)
    if RANK == 0:
        print("refused")


def check_interrupt() -> None:
    """Ctrl-C on one rank ends all, soon."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    long = trainer(epochs=10**6)
    if RANK == LAST:
        threading.Timer(0.7, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    start = time.perf_counter()
    error = raised(lambda: long.fit(X, Y))
    assert isinstance(error, KeyboardInterrupt), error
    assert 0.5 < time.perf_counter() - start < 10
    assert len(set(COMM.allgather(long.model.parameters.tobytes()))) <= 2  # as a step left it
    still_in_step()
    if RANK == 0:
        print("all interrupted")


def check_checkpoint() -> None:
    """Written by these ranks, at epoch 2; then they are gone."""

    def killed(record: Any) -> None:
        if record["epoch"] == 3:
            raise RuntimeError("killed")

    found = trainer(epochs=5)
    raised(lambda: found.fit(X, Y, callback=killed, checkpoint=FOLDER / "checkpoint.json"))
    whole = trainer(epochs=5)
    whole.fit(X, Y)
    digest = bits_of(whole)
    if RANK == 0:
        print(digest)


def check_resume() -> None:
    text = (FOLDER / "checkpoint.json").read_text()
    found = kg.Trainer.from_json(text, comm=COMM)
    assert len(found.history) == 3  # written before the callback that ended it
    found.resume(X, Y)
    digest = bits_of(found)
    if RANK == 0:
        print(digest)


def check_communicators() -> None:
    """Those that cannot be used, and groups that train apart."""
    for wrong in (3, "MPI.COMM_WORLD", COMM.Get_group(), MPI.COMM_NULL):
        error = raised(lambda wrong=wrong: trainer(wrong))
        assert isinstance(error, TypeError | ValueError)
        assert "comm" in str(error)
    own = raised(lambda: trainer(loss=lambda outputs, targets: (0.0, outputs)))
    assert "sees a whole mini-batch" in str(own)

    halves = COMM.Split(RANK % 2, RANK)
    found = trainer(halves, seed=RANK % 2, epochs=1 + RANK % 2)
    found.fit(X, Y)
    digests = halves.allgather(found.model.parameters.tobytes())
    assert len(set(digests)) == 1
    halves.Free()
    copied = trainer(epochs=1)
    again = copy.copy(copied)
    again.fit(X, Y)
    assert bits_of(again)
    if RANK == 0:
        print("communicators")


if __name__ == "__main__":
    globals()[f"check_{sys.argv[1]}"]()
