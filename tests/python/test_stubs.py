"""The committed type stubs are those of the bindings."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_stubs_are_up_to_date() -> None:
    result = subprocess.run(
        [sys.executable, ROOT / "scripts" / "stubs.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_package_says_that_it_is_typed() -> None:
    assert (ROOT / "python" / "ketgrad" / "py.typed").exists()
