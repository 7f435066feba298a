"""The command line: what it prints and the codes it ends with."""

import math
import re
import subprocess
import sys
import types
import warnings
from argparse import ArgumentTypeError

import pytest

import ketgrad as kg
from ketgrad import __main__ as command_line
from ketgrad.__main__ import main
from ketgrad.commands import notices
from ketgrad.commands.arguments import at_least, expression


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
    command = " ".join(["ketgrad", *arguments[:1]])
    assert captured.err.endswith(f"(try {command} --help)\n")
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


def test_notices_follow_success_and_never_an_error(capsys, monkeypatch):
    def run(fails):
        notices.note("a notice")
        warnings.warn("a warning", UserWarning, stacklevel=1)
        if fails:
            raise ValueError("it failed")
        return 0

    for fails, code, err in (
        (True, 1, "ketgrad: error: it failed\n"),
        (False, 0, "a notice\nwarning: a warning\n"),
    ):
        module = types.SimpleNamespace(add_arguments=lambda _: None, main=lambda _, f=fails: run(f))
        monkeypatch.setattr(command_line, "import_module", lambda _, module=module: module)
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            assert main(["demo"]) == code
        assert capsys.readouterr().err == err


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.5", 0.5),
        (" -1e-3 ", -1e-3),
        ("pi", math.pi),
        ("π/2", math.pi / 2),
        ("-3*PI/4", -3 * math.pi / 4),
        ("2*(1 - -0.25)/5", 0.5),
    ],
)
def test_expressions(text, value):
    assert expression(text) == value


@pytest.mark.parametrize(
    "text",
    [
        *("x", "2**3", "2//3", "1e999", "nan", "1/0", "(1", "1.2.3", "()", "1,2", "2pi", "1j"),
        *("0x10", "__import__('os')"),
        *("", "1 2", "pi pi", "1if 1else 2", "1+" * 200 + "1", "(" * 120 + "1" + ")" * 120),
    ],
)
def test_what_is_no_expression(text):
    with pytest.raises(ValueError, match=r"^$"):
        expression(text)


def test_counts_may_be_written_as_floats():
    parse = at_least(1)
    for text in ("1000", "1e3", "1_000", "1000.0", "+1E3"):
        assert parse(text) == 1000
    assert at_least(0)("0e0") == 0
    assert parse("1e20") == 10**20
    for text in ("1.5", "1e-3", "inf", "nan", "1e400", "", "x", "0x10"):
        with pytest.raises(ArgumentTypeError, match="not an integer; it must be at least 1"):
            parse(text)
    with pytest.raises(ArgumentTypeError, match="-1000 is out of range"):
        parse("-1e3")


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (KeyboardInterrupt(), 130, "interrupted"),
        (
            ModuleNotFoundError("no", name="matplotlib"),
            1,
            "needs matplotlib: pip install 'ketgrad[all]'",
        ),
        (
            ModuleNotFoundError("no", name="uvicorn"),
            1,
            "needs uvicorn: pip install 'ketgrad[serve]'",
        ),
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
