"""The one-way include order of the C++ sources."""

from __future__ import annotations

import importlib.util
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[1] / "check_includes.py"
spec = importlib.util.spec_from_file_location("check_includes", SCRIPT)
check_includes = importlib.util.module_from_spec(spec)
spec.loader.exec_module(check_includes)


def problems_in(tmp_path: Path, name: str, text: str) -> list[str]:
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return check_includes.problems_of(tmp_path, file)


def test_includes_point_one_way():
    assert check_includes.find_problems() == []


def test_the_tree_is_found():
    assert (check_includes.ROOT / "qsim/core/types.h").exists()


def test_an_include_that_points_right_is_found(tmp_path):
    (tmp_path / "qsim/state").mkdir(parents=True)
    (tmp_path / "qsim/state/state.h").touch()
    problems = problems_in(tmp_path, "qsim/core/bad.h", '#include "qsim/state/state.h"\n')
    assert problems == [
        'qsim/core/bad.h includes "qsim/state/state.h": qsim/core may not know qsim/state'
    ]


def test_siblings_may_not_include_each_other(tmp_path):
    assert problems_in(tmp_path, "qsim/kernels/bad.h", '#include "qsim/circuit/gate_table.h"\n')
    assert problems_in(tmp_path, "qsim/compile/bad.h", '#include "qsim/json/json.h"\n')


def test_an_include_that_points_left_is_fine(tmp_path):
    (tmp_path / "qsim/core").mkdir(parents=True)
    (tmp_path / "qsim/core/types.h").touch()
    assert problems_in(tmp_path, "qml/models/loss.cc", '#include "qsim/core/types.h"\n') == []


def test_confined_headers_stay_where_they_are(tmp_path):
    assert problems_in(tmp_path, "qsim/state/bad.cc", "#include <omp.h>\n")
    assert problems_in(tmp_path, "qsim/core/bad.cc", "#include <hwy/highway.h>\n")
    assert problems_in(tmp_path, "qsim/kernels/fine.cc", "#include <hwy/highway.h>\n") == []


def test_confined_words_stay_where_they_are(tmp_path):
    assert problems_in(tmp_path, "qml/models/bad.cc", "x[real_offset<T>(i)]")
    assert problems_in(tmp_path, "qsim/engines/tiles/fine.cc", "x[real_offset<T>(i)]") == []
    assert problems_in(tmp_path, "qml/derivatives/bad.cc", "if (fits_blocks(program))")
    assert problems_in(tmp_path, "qml/models/bad2.cc", "program.prepared.take<Head>(0)")
