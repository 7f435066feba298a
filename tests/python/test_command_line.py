"""The command line: what it prints and the codes it ends with."""

import re
import subprocess
import sys
import types

import pytest

import ketgrad as kg
from ketgrad import __main__ as command_line
from ketgrad.__main__ import main


def test_info_prints_the_configuration(capsys):
    assert main(["info"]) == 0
    out = capsys.readouterr().out
    assert kg.__version__ in out
    assert kg.simd_target() in out


def test_the_package_lists_its_public_names_only():
    names = {name for name in dir(kg) if not name.startswith("__")}
    assert names == {name for name in kg.__all__ if not name.startswith("__")}
    assert all(hasattr(kg, name) for name in names)


def test_runs_as_a_module():
    command = [sys.executable, "-m", "ketgrad", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == f"ketgrad {kg.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "command"),
        (["train"], "train"),
        (["demo", "--seeds", "0"], "0 is out of range; it must be at least 1"),
        (["demo", "--seeds", "many"], "'many' is not an integer; it must be at least 1"),
        (["info", "--loud"], "--loud"),
    ],
)
def test_bad_usage_ends_with_2_and_one_line(capsys, arguments, message):
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("ketgrad")
    assert message in captured.err
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize("command", ["demo", "bench"])
def test_help_names_the_options(capsys, command):
    assert main(["--help"]) == 0
    assert command in capsys.readouterr().out
    assert main([command, "--help"]) == 0
    out = capsys.readouterr().out
    assert "--output" in out
    # Every option with a value says its default.
    with_value = re.findall(r"\n  --[\w-]+ [^ ]", out[out.index("\noptions:") :])
    assert out.count("(default:") == len(with_value)


def test_output_that_cannot_be_a_folder_is_one_line(capsys, tmp_path):
    (tmp_path / "file").write_text("")
    assert main(["demo", "--quick", "--output", str(tmp_path / "file")]) == 1
    err = capsys.readouterr().err
    assert err.startswith("ketgrad: error:")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (KeyboardInterrupt(), 130, "interrupted"),
        (ModuleNotFoundError("no", name="matplotlib"), 1, "needs matplotlib"),
        (MemoryError(), 1, "out of memory"),
    ],
)
def test_failures_of_a_command(capsys, monkeypatch, error, code, message):
    def fail(_):
        raise error

    module = types.SimpleNamespace(add_arguments=lambda _: None, main=fail)
    monkeypatch.setattr(command_line, "import_module", lambda _: module)
    assert main(["demo"]) == code
    assert message in capsys.readouterr().err
