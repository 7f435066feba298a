"""The one-way import order of the Python modules."""

import importlib.util
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "check_imports.py"
spec = importlib.util.spec_from_file_location("check_imports", SCRIPT)
check_imports = importlib.util.module_from_spec(spec)
spec.loader.exec_module(check_imports)

GOOD = {
    "__init__": "from ketgrad.analysis import variance",
    "_core": "",
    "_files": "from ketgrad import _core",
    "analysis/__init__": "from ketgrad.analysis.fisher import variance",
    "analysis/fisher": "from ketgrad._files import read\nfrom ketgrad.analysis import populations",
    "analysis/populations": "",
    "estimators/__init__": "",
    "estimators/svc": "",
    "commands/__init__": "",
    "commands/run": "import ketgrad as kg",
    "__main__": 'MODULES = {"run": "ketgrad.commands.run"}',
}


def problems_of(python, changes):
    """What is wrong with the good package once some modules are otherwise."""
    for name, text in {**GOOD, **changes}.items():
        file = python / "ketgrad" / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return check_imports.find_problems(python)


def test_imports_point_one_way():
    assert check_imports.find_problems() == []


def test_the_package_is_found():
    graph = check_imports.graph_of(check_imports.PYTHON)
    assert "ketgrad.estimators.loading" in graph["ketgrad"]  # imported on demand
    assert "ketgrad._core" in graph["ketgrad._setup"]
    assert {check_imports.room_of(module) for module in graph} == set(check_imports.POINTS_TO)


def test_an_order_that_is_kept(tmp_path):
    assert problems_of(tmp_path, {}) == []


@pytest.mark.parametrize(
    "text",
    [
        "from ketgrad.estimators import svc",
        "from ketgrad.estimators.svc import QSVC",
        "import ketgrad.estimators.svc",
        "def late():\n    from ketgrad.estimators.svc import QSVC",
        "late = import_module('ketgrad.estimators.svc')",
    ],
)
def test_an_import_that_points_right_is_found(tmp_path, text):
    assert problems_of(tmp_path, {"analysis/populations": text}) == [
        "ketgrad.analysis.populations imports ketgrad.estimators.svc: "
        "analysis may not know estimators"
    ]


@pytest.mark.parametrize(
    ("text", "circle"),
    [
        ("from ketgrad.analysis import fisher", "fisher -> ketgrad.analysis.populations"),
        (
            "def late():\n    from ketgrad.analysis import variance",
            "fisher -> ketgrad.analysis.populations -> ketgrad.analysis",
        ),
    ],
)
def test_a_circle_is_found(tmp_path, text, circle):
    (problem,) = problems_of(tmp_path, {"analysis/populations": text})
    assert problem.startswith("a circle: ")
    assert circle in problem


def test_imports_for_type_checkers_do_not_count(tmp_path):
    text = "if TYPE_CHECKING:\n    from ketgrad.estimators import svc\n"
    assert problems_of(tmp_path, {"analysis/populations": text}) == []
