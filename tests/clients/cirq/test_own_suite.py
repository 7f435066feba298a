"""Cirq's own tests of its simulator, run on ketgrad's; ketgrad_for_cirq says which not, and why."""

import os
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def test_cirqs_own_tests_of_its_simulator():
    options = ["-q", "-p", "no:cacheprovider", "-p", "ketgrad_for_cirq", "-c", os.devnull]
    found = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "--pyargs", "cirq.sim.sparse_simulator_test"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), *sys.path])},
    )
    assert found.returncode == 0, found.stdout[-3000:] + found.stderr
    passed = re.search(r"(\d+) passed", found.stdout)
    assert passed is not None
    assert int(passed[1]) > 130, found.stdout
