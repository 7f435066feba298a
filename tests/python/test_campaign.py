"""The campaign of random trials: a short pass over its sections, and that it sees what is wrong."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import ketgrad as kg
from campaign import dense, driver, report, worker
from campaign.random_programs import by_name, random_program
from campaign.tally import Tally

TESTS = Path(__file__).resolve().parents[1]
PATHS = os.pathsep.join([str(TESTS), str(TESTS / "python"), *sys.path])


def run(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "campaign", *arguments],
        env={**os.environ, "PYTHONPATH": PATHS},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_minute_of_trials_finds_nothing(tmp_path: Path) -> None:
    # Always the same cases, so that a change fails by what it does; nightly.sh tries fresh ones.
    # The fuzzers need a build of their own, and run in the long campaign only.
    sections = [name for name in driver.SECTIONS if name != "fuzzers"]
    done = run(
        *("--hours", "0.0167", "--jobs", "1", "--seed", "1", "--output", str(tmp_path)),
        *("--only", *sections),
    )
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "reliability.json").read_text())["runs"][0]["sections"]
    assert list(found) == sections
    assert [name for name in sections if found[name]["count"] == 0] == []
    page = (tmp_path / "reliability.md").read_text()
    assert "| Random circuits against dense matrices |" in page
    assert "FAILED" not in page


def test_the_reference_is_unitary_and_knows_the_order_of_qubits() -> None:
    for name in [*dense.FIXED, *dense.ROTATIONS, "p", "u"]:
        matrix = dense.gate(name, [0.3, 0.5, 0.7])
        np.testing.assert_allclose(matrix.conj().T @ matrix, np.eye(len(matrix)), atol=1e-15)
    flipped = dense.apply(np.eye(8)[0].astype(complex), dense.FIXED["x"], [1])
    assert flipped[2] == 1
    controlled = dense.apply(np.eye(4)[1].astype(complex), dense.FIXED["x"], [1], {0: 1})
    assert controlled[3] == 1


def test_an_error_beyond_its_limit_or_nan_is_a_failure() -> None:
    tally = Tally()
    tally.error("error", 0.5, 1.0, "case 1")
    assert tally.n_failures == 0
    tally.error("error", 2.0, 1.0, "case 2")
    tally.error("error", math.nan, 1.0, "case 3")
    assert tally.n_failures == 2
    assert "case 2" in tally.failures[0]
    assert tally.worst["error"] == 2.0
    other = Tally(count=3, parts={"a": 2}, samples={"z": [1.0]})
    other.merge(Tally.from_json(json.loads(json.dumps(other.as_json()))))
    assert (other.count, other.parts, other.samples) == (6, {"a": 4}, {"z": [1.0, 1.0]})


def test_a_wrong_gate_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(dense.FIXED, "s", dense.FIXED["sdg"])
    tally = worker.run("circuits", seed=1, first=0, seconds=60, most=30)
    assert tally.n_failures > 0
    assert "circuits --seed 1 --case" in tally.failures[0]


def run_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> Tally:
    """Run a worker, which tells of every trial at once, on a section whose trials are `body`."""
    (tmp_path / "campaign").mkdir()
    for name in ("__init__", "worker", "tally"):
        source = (TESTS / "campaign" / f"{name}.py").read_text()
        source = source.replace("TELL_EVERY = 10.0", "TELL_EVERY = 0.0")
        (tmp_path / "campaign" / f"{name}.py").write_text(source)
    (tmp_path / "campaign" / "broken.py").write_text(
        f"import os\ndef trial(rng, tally, case):\n    {body}\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    section = SimpleNamespace(name="broken", module=SimpleNamespace(MOST=2))
    return driver.run_worker(section, seed=1, first=0, seconds=5)


@pytest.mark.parametrize(
    ("body", "said"),
    [("os._exit(3)", "status 3"), ("os.abort()", "status -6"), ("raise KeyError('x')", "KeyError")],
)
def test_what_kills_a_trial_is_a_failure(tmp_path, monkeypatch, body: str, said: str) -> None:
    tally = run_broken(tmp_path, monkeypatch, body)
    assert tally.n_failures >= 1
    assert said in tally.failures[0]
    assert "broken --seed 1 --case 0" in tally.failures[0]


def test_what_a_process_tried_before_it_died_counts(tmp_path, monkeypatch) -> None:
    body = "print('{'); tally.saw('tried'); case.endswith('1') and os._exit(3)"
    tally = run_broken(tmp_path, monkeypatch, body)
    assert (tally.count, tally.parts, tally.n_failures) == (1, {"tried": 1}, 1)
    assert "broken --seed 1 --case 1" in tally.failures[0]


def test_a_call_that_never_hears_the_alarm_ends_the_process() -> None:
    # Blocking the signal stands for a loop that never looks for it.
    code = (
        "import signal, time, numpy as np\n"
        "from campaign import arguments, tally\n"
        "def deaf(*_):\n"
        "    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])\n"
        "    time.sleep(60)\n"
        "arguments.DEAF, arguments._one = 0.2, deaf\n"
        "arguments.trial(np.random.default_rng(0), tally.Tally(), 'case')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": PATHS},
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )
    assert done.returncode == 1
    assert "in deaf" in done.stderr


def test_runs_add_up_on_the_page() -> None:
    about = {"title": "Circuits", "unit": "circuits", "goal": 100}
    first = Tally(count=60, worst={"error": 1e-15}).as_json()
    second = Tally(count=50, worst={"error": 3e-15}, n_failures=1, failures=["bad"]).as_json()
    base = {"commit": "c", "date": "d", "hours": 1, "seed": 1, "processes": 2, "machine": "m"}
    page = report.page([base | {"sections": {"a": about | t}} for t in (first, second)])
    assert "| Circuits | 110 circuits | 100 | 1 |" in page
    assert "error: 3e-15" in page
    assert "FAILED: bad" in page


def test_by_name_puts_weights_in_the_order_of_a_program() -> None:
    program = random_program(np.random.default_rng(5), 2, 10, 4)
    names = kg.compile(program.circuit()).weights
    weights = np.arange(4.0)
    assert [f"w[{int(k)}]" for k in by_name(names, weights)] == names
