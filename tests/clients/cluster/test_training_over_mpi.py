"""Training by several processes of MPI: the checks of tests/mpi/training, on 1 to 8 ranks."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

CHECKS = Path(__file__).resolve().parents[2] / "mpi" / "training"
SIZES = (1, 2, 4, 8)


def mpirun(size: int) -> list[str]:
    """The beginning of a command that runs on so many ranks, more than there are cores too."""
    command = ["mpirun", "-n", str(size), "--allow-run-as-root", "--oversubscribe"]
    return [*command, "--bind-to", "none", "--mca", "mpi_yield_when_idle", "1"]


def on_ranks(size: int, script: str, *arguments: object) -> str:
    """What rank 0 prints; fails where a rank does, and where there is no mpirun."""
    command = [*mpirun(size), sys.executable, str(CHECKS / script), *map(str, arguments)]
    quiet = {"OMPI_MCA_btl_vader_single_copy_mechanism": "none", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        command, env=os.environ | quiet, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout


@cache
def on_one(check: str, folder: Path) -> str:
    return on_ranks(1, "checks.py", check, folder)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("one")


@pytest.mark.parametrize("size", SIZES[1:])
def test_any_number_of_ranks_has_the_same_bits(size: int, folder: Path) -> None:
    assert on_ranks(size, "checks.py", "bits") == on_one("bits", folder)


@pytest.mark.parametrize("size", [2, 4])
def test_estimators_have_the_same_bits(size: int, tmp_path: Path, folder: Path) -> None:
    assert on_ranks(size, "checks.py", "estimators", tmp_path) == on_one("estimators", folder)


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_kernel_machines_have_the_bits_of_one_process(size: int, tmp_path: Path) -> None:
    assert on_ranks(size, "checks.py", "kernels", tmp_path) == "shared\n"


@pytest.mark.parametrize(("written", "resumed"), [(1, 4), (4, 2), (2, 1)])
def test_another_number_of_ranks_goes_on(written: int, resumed: int, tmp_path: Path) -> None:
    whole = on_ranks(written, "checks.py", "checkpoint", tmp_path)
    assert on_ranks(resumed, "checks.py", "resume", tmp_path) == whole


@pytest.mark.parametrize("size", [1, 3])
def test_what_one_rank_raises_all_raise(size: int, tmp_path: Path) -> None:
    assert on_ranks(size, "checks.py", "errors", tmp_path) == "all raise\n"


@pytest.mark.parametrize("size", [2, 3])
def test_ranks_that_differ_are_refused(size: int) -> None:
    assert on_ranks(size, "checks.py", "differences") == "refused\n"


@pytest.mark.parametrize("size", [1, 2, 4])
def test_ctrl_c_on_one_rank_ends_all(size: int) -> None:
    assert on_ranks(size, "checks.py", "interrupt") == "all interrupted\n"


def test_communicators() -> None:
    assert on_ranks(4, "checks.py", "communicators") == "communicators\n"


def test_support_of_threads() -> None:
    assert on_ranks(2, "thread_support.py") == "refused\n"
