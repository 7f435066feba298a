"""Commands that fail."""

from ketgrad.__main__ import main


def failure(capsys, *arguments: str) -> str:
    """Run a command that fails; returns its one line."""
    assert main(list(arguments)) == 1
    captured = capsys.readouterr()
    assert captured.err.startswith("ketgrad: error: ")
    assert captured.err.count("\n") == 1
    return captured.err
