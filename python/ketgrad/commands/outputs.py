"""The files that a command writes, or standard output where "-" is their name."""

import csv
import os
import sys
from collections.abc import Iterable, Sequence
from io import StringIO
from pathlib import Path

from ketgrad._files import check_writable, write_whole
from ketgrad.commands.arguments import UsageError
from ketgrad.commands.notices import print_error

STDOUT = "-"


def csv_text(header: list[str], rows: Iterable[list[str]]) -> str:
    r"""Write CSV.

    >>> csv_text(["prediction"], [["a,b"]])
    'prediction\n"a,b"\n'
    """
    text = StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


class Outputs:
    """Made before the work: what cannot be written is found then. None stands for no file.

    A file that the command reads is none that it writes.
    """

    def __init__(self, *paths: str | Path | None, inputs: Sequence[str | None] = ()) -> None:
        self.on_stdout = STDOUT in paths
        if paths.count(STDOUT) > 1:
            raise UsageError("only one output can be -, standard output")
        named = [os.path.realpath(path) for path in paths if path is not None and path != STDOUT]
        if len(set(named)) < len(named):
            raise UsageError("two outputs have the same name")
        for read in inputs:
            if read is not None and read != STDOUT and os.path.realpath(read) in named:
                raise UsageError(f"{read} is read, and the output would replace it")
        for path in paths:
            if path is not None and path != STDOUT:
                check_writable(path)

    def write(self, path: str | Path, content: str | bytes) -> None:
        """Write one of them; standard output has nothing else then."""
        if path != STDOUT:
            write_whole(path, content)
            self.wrote(path)
        elif isinstance(content, str):
            print(content, end="")
        elif sys.stdout is not None:
            sys.stdout.buffer.write(content)

    def wrote(self, path: str | Path) -> None:
        """Tell of a file."""
        if self.on_stdout:
            print_error(f"wrote {path}")
        else:
            print(f"wrote {path}")
