"""Processes killed while they train or save: files stay whole, training resumes to the bit."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

import numpy as np

import ketgrad as kg
from campaign.tally import Tally

TITLE = "kill -9 while training and saving"
UNIT = "kills"
GOAL = 1_000
SHARE = 1.0

# Arguments: what to do, the file. Says "ready" when the work begins.
CHILD = """
import sys
from pathlib import Path
from campaign import kills
kills.child(sys.argv[1], Path(sys.argv[2]))
"""
EPOCHS = 60


def trainer_and_data() -> tuple[kg.Trainer, np.ndarray, np.ndarray]:
    """Return a fit of some tenths of a second, the same each time."""
    model = kg.make_model(2, n_layers=2)
    model.initialize(seed=3)
    x = np.random.default_rng(0).normal(size=(400, 2))
    trainer = kg.Trainer(model, loss="squared", epochs=EPOCHS, batch_size=16, seed=5)
    return trainer, x, np.sin(x[:, :1])


@cache
def whole_fit() -> np.ndarray:
    """Return the parameters that an uninterrupted fit ends with."""
    trainer, x, y = trainer_and_data()
    trainer.fit(x, y)
    return np.array(trainer.model.parameters)


@cache
def classifier() -> tuple[kg.VQClassifier, np.ndarray]:
    """Return a small classifier and its data."""
    x = np.random.default_rng(1).normal(size=(40, 2))
    fitted = kg.VQClassifier(n_layers=1, max_iter=20, tol=0, random_state=0)
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # twenty epochs are not meant to converge
        fitted.fit(x, (x[:, 0] > 0).astype(int))
    return fitted, x


def child(work: str, path: Path) -> None:
    """Train with a checkpoint every epoch, go on with it, or save again and again."""
    if work == "save":
        fitted, _ = classifier()
        print("ready", flush=True)
        while True:
            fitted.save(path)
    trainer, x, y = trainer_and_data()
    print("ready", flush=True)
    if path.exists():
        kg.Trainer.from_json(path.read_text()).resume(x, y, checkpoint=path)
    else:
        trainer.fit(x, y, checkpoint=path, checkpoint_every=1)


def kill(work: str, path: Path, delay: float) -> bool:
    """Kill a child `delay` seconds after its work began; False if it had ended by itself."""
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD, work, str(path)],
        stdout=subprocess.PIPE,
        env=dict(os.environ),
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    process.stdout.close()
    return process.wait() == -signal.SIGKILL


def trial(rng: np.random.Generator, tally: Tally, case: str) -> None:
    """Kill one child and look at what it left."""
    work = str(rng.choice(["train", "save"]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.json"
        killed = kill(work, path, float(rng.exponential(0.05)))
        tally.saw(f"while {'saving' if work == 'save' else 'training'}", int(killed))
        # A second life, which also has to live with what the first has left.
        if work == "train" and path.exists() and rng.random() < 0.5:
            tally.saw("twice", int(kill(work, path, float(rng.exponential(0.03)))))
        if path.exists():
            _look(work, path, tally, case)
        if _beside(path):  # killed between the file's name beside and its own: the next writer's
            tally.saw("a name beside the file until it was saved again")
            kg.State(1).save(path)
        if left := _beside(path):
            tally.fail(f"{left} lie beside the file: {case}")


def _beside(path: Path) -> list[str]:
    """Return the names of what else is in the file's folder."""
    return sorted(p.name for p in path.parent.iterdir() if p != path)


def _look(work: str, path: Path, tally: Tally, case: str) -> None:
    """Check that the file is whole: it loads, and gives the same numbers."""
    if work == "save":
        fitted, x = classifier()
        if not (kg.load(path).predict_proba(x) == fitted.predict_proba(x)).all():
            tally.fail(f"the saved classifier is another one: {case}")
        return
    trainer = kg.Trainer.from_json(path.read_text())
    if json.loads(path.read_text())["run"] is not None:
        _, x, y = trainer_and_data()
        trainer.resume(x, y)
        tally.saw("resumed")
    if not (np.array(trainer.model.parameters) == whole_fit()).all():
        tally.fail(f"resumed training ends with other parameters: {case}")
