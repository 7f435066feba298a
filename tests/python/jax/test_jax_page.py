"""The example of docs/jax.md runs, and learns."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[3] / "docs/jax.md"


def test_the_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    exec(compile(code, "jax.md", "exec"), {"__name__": "page"})
    first, last = re.findall(r"loss ([\d.]+) -> ([\d.]+)", capsys.readouterr().out)[0]
    assert float(last) < 0.2 * float(first)
