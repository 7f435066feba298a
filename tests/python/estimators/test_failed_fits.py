"""A fit that fails or is interrupted leaves what was before, or what it has learned."""

import signal
import subprocess
import sys
import textwrap
import time

import numpy as np
import pytest

import ketgrad as kg
from small_classifiers import small


def test_a_single_class_is_refused(moons):
    X, y = moons
    with pytest.raises(ValueError, match="one class"):
        small().fit(X, np.zeros_like(y))
    with pytest.raises(ValueError, match="one class"):
        small().fit(X, y, sample_weight=y)


@pytest.mark.parametrize("warm_start", [False, True])
@pytest.mark.parametrize(
    ("params", "columns"),
    [
        ({"n_layers": 0}, 2),
        ({"optimizer": "lbfgs"}, 2),
        ({"feature_map": kg.Circuit(2).h(0)}, 2),
        ({"early_stopping": True, "optimizer": "COBYLA"}, 2),
        ({"early_stopping": True, "validation_fraction": 1e-3}, 2),
        ({"observables": []}, 2),
        ({"observables": "ZW"}, 2),
        ({"checkpoint": __file__}, 2),
        ({"checkpoint": "run.json", "optimizer": "COBYLA"}, 2),
        ({"n_qubits": 30, "n_layers": 1, "feature_map": "iqp"}, 3),
    ],
)
def test_a_refit_that_fails_changes_nothing(moons, warm_start, params, columns):
    X, y = moons
    model = small(warm_start=warm_start).fit(X, y)
    before, fitted = model.predict_proba(X), dict(vars(model))
    history = list(model.history_)
    model.set_params(**params)
    wide = np.hstack([X, X])[:, :columns]
    for refit in (model.fit, model.partial_fit):
        if refit == model.partial_fit and model.optimizer == "adam" and columns == 2:
            continue  # it takes no notice of what has been built
        with pytest.raises(ValueError):  # noqa: PT011 - every one of them
            refit(wide, 1 - y)
        now = {name: value for name, value in vars(model).items() if name not in params}
        assert now == {name: value for name, value in fitted.items() if name not in params}
        assert model.history_ == history
        np.testing.assert_array_equal(model.predict_proba(X), before)


def test_an_epoch_that_fails_changes_nothing(moons):
    X, y = moons
    model = small().partial_fit(X, y, classes=[0, 1])
    before = model.predict_proba(X)
    with pytest.raises(ValueError, match="NaN"):
        model.partial_fit(np.full_like(X, np.nan), y)
    with pytest.raises(ValueError, match="features"):
        model.partial_fit(X[:, :1], y)
    np.testing.assert_array_equal(model.predict_proba(X), before)
    assert model.n_iter_ == 1


INTERRUPTED = """
import sys, time
import numpy as np
import ketgrad as kg

X = np.random.default_rng(0).normal(size=(2000, 8))
callback = lambda estimator, record: print("ready", flush=True)
model = kg.VQClassifier(optimizer=sys.argv[1], batch_size=2000, max_iter=10**6, callback=callback)
try:
    model.fit(X, X[:, 0] > 0)
except KeyboardInterrupt:
    print("stopped", time.monotonic(), model.n_iter_, len(model.predict(X[:3])), flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")
@pytest.mark.parametrize("optimizer", ["adam", "L-BFGS-B"])
def test_interrupt_is_fast_and_leaves_a_model(optimizer):
    command = [sys.executable, "-c", textwrap.dedent(INTERRUPTED), optimizer]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.05)
        sent = time.monotonic()
        process.send_signal(signal.SIGINT)
        last = process.stdout.read().strip().splitlines()[-1].split()
    assert last[0] == "stopped"
    assert float(last[1]) - sent < 0.5  # 0.2 on a machine that has nothing else to do
    assert int(last[2]) >= 1
    assert last[3] == "3"
    assert process.returncode == 0
