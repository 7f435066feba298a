"""PennyLane's own tests of devices, all of them, on ours."""

import subprocess
import sys
from pathlib import Path

import pennylane.devices.tests as suite
import pytest


@pytest.mark.parametrize("device", ["ketgrad.qubit", "ketgrad.mixed"])
@pytest.mark.parametrize("shots", [None, 20_000])
@pytest.mark.parametrize("options", [[], ["--skip-ops"]], ids=["all", "skip-ops"])
def test_nothing_fails(device, shots, options):
    command = [sys.executable, "-m", "pytest", str(Path(suite.__file__).parent), "-q"]
    command += ["-p", "no:cacheprovider", "--no-flaky-report", "-W", "ignore", *options]
    command += ["--device", device, "--shots", str(shots)]
    found = subprocess.run(command, capture_output=True, text=True, timeout=900)
    assert found.returncode == 0, found.stdout[-4000:]
    passed = int(found.stdout.splitlines()[-1].split(" passed")[0].split()[-1])
    assert passed > 350, found.stdout[-500:]
