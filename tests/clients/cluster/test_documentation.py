"""The examples of the page, and those for clusters, run as their users run them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from test_training_over_mpi import mpirun

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "many-fits.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
EXAMPLES = ROOT / "examples" / "cluster"


def run(command: list[object], folder: Path) -> str:
    done = subprocess.run(
        [*map(str, command)],
        cwd=folder,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_page(number: int, tmp_path: Path) -> None:
    path = tmp_path / "page.py"
    path.write_text(BLOCKS[number], encoding="utf-8")
    assert run([sys.executable, path], tmp_path)


def test_dask(tmp_path: Path) -> None:
    assert "accuracy" in run([sys.executable, EXAMPLES / "search_on_dask.py"], tmp_path)


def test_mpi_goes_on(tmp_path: Path) -> None:
    script = [sys.executable, "-m", "mpi4py", EXAMPLES / "train_over_mpi.py"]
    assert "2 processes, accuracy" in run([*mpirun(2), *script], tmp_path)
    assert (tmp_path / "classifier.json").exists()


def test_the_job_is_the_one_of_the_page() -> None:
    lines = (EXAMPLES / "train.sbatch").read_text(encoding="utf-8").splitlines()
    shown = re.findall(r"```bash\n(.*?)```", PAGE, flags=re.DOTALL)[0].splitlines()
    assert [line for line in shown if line and line not in lines] == []
