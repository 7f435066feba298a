"""Qiskit's own tests of primitives, and qiskit-machine-learning's of gradients, on ketgrad.

They are in the source distributions of the packages, which pip fetches once for each environment.
"""

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import ketgrad

HERE = Path(__file__).parent
SUITES = {
    "qiskit": [
        "python/primitives/test_statevector_estimator.py",
        "python/primitives/test_statevector_sampler.py",
    ],
    "qiskit-machine-learning": [
        "gradients",
        "neural_networks/test_estimator_qnn.py",
        "neural_networks/test_sampler_qnn.py",
    ],
}
# Names of tests and why they are left out.
LEFT_OUT = {
    "test_precision_seed": "has the very numbers that the reference draws from a seed",
    "TestQFI and test_precision": "wants the precision of an estimator that has no say here",
    "TestStatevectorSampler and test_run_errors": "wants control flow refused, which runs here; "
    "the rest of it is in test_sampler.py",
    "Runtime": "of IBM's service",
    "TestEstimatorQNNV2": "of IBM's service",
    "test_postprocess_with_transpiled_layout": "of IBM's service",
}


def fetched(package: str) -> Path:
    """The tests of a package's release that is installed."""
    release = version(package)
    home = Path(sys.prefix) / "suites" / f"{package}-{release}"
    part = home.with_name(f"{home.name}.part")
    if not home.exists():
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--no-binary", ":all:", "--no-build-isolation", "--dest", str(part)]
        subprocess.run([*command, f"{package}=={release}"], check=True)
        (archive,) = part.glob("*.tar.gz")
        subprocess.run(
            ["tar", "xf", archive, "-C", part, "--strip-components=1", "--wildcards", "*/test"],
            check=True,
        )
        part.rename(home)
    return home


@pytest.mark.parametrize("package", SUITES)
def test_own_suite(package):
    home = fetched(package)
    python = Path(ketgrad.__file__).parent.parent
    command = [sys.executable, "-m", "pytest", "-q", "-p", "on_ketgrad", "-p", "no:cacheprovider"]
    command += [
        "-c",
        os.devnull,
        "--rootdir",
        str(home),
        "-k",
        " and ".join(f"not ({k})" for k in LEFT_OUT),
    ]
    command += [f"test/{path}" for path in SUITES[package]]
    environment = os.environ | {"PYTHONPATH": f"{HERE / 'suites'}:{python}"}
    found = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout[-4000:] + found.stderr[-2000:]
    assert " passed" in found.stdout
    print(found.stdout.splitlines()[-1])
