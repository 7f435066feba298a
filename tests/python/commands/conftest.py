"""A folder with circuits, in which commands run."""

import pytest

from bell_circuit import BELL, bell


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bell.json").write_text(bell().measure([0, 1], [0, 1]).to_json())
    (tmp_path / "bell.qasm").write_text(BELL + "measure q -> c;\n")
    return tmp_path
