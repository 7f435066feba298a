#!/usr/bin/env python3
"""Writes python/ketgrad/_core.pyi, the types of the extension module, from its own signatures.

Needs the installed package. With --check nothing is written: exit status 1, and the difference on
standard output, where the committed file is not what would be written.
"""

import argparse
import difflib
import re
import subprocess
import sys
import tempfile
from pathlib import Path

STUB = Path(__file__).parents[1] / "python" / "ketgrad" / "_core.pyi"

HEADER = "# Written by scripts/stubs.py from the signatures of the bindings; do not edit.\n"

# What pybind11 writes (first column), and what says the same more usefully to mypy --strict. The
# order matters: later rules see what earlier ones wrote.
RULES = [
    # Numbers: whatever has __index__ or __float__, NumPy's scalars included. The key type of a
    # Mapping is invariant, so that {0: 1} needs a plain int there.
    (r"typing\.SupportsInt \| typing\.SupportsIndex", "typing.SupportsIndex"),
    (r"typing\.SupportsFloat \| typing\.SupportsIndex", "typing.SupportsFloat"),
    (r"Mapping\[typing\.SupportsIndex,", "Mapping[int,"),
    # Paths.
    (r"os\.PathLike \| str \| bytes", "os.PathLike[str] | str"),
    # Arrays: shapes are in the docstrings.
    (
        r"typing\.Annotated\[numpy\.typing\.NDArray\[([\w.]+)\], [^]]*\]\"\]",
        r"numpy.typing.NDArray[\1]",
    ),
    (r"typing\.Annotated\[numpy\.typing\.ArrayLike, [^]]*\]\"\]", "numpy.typing.ArrayLike"),
    (r"numpy\.ndarray(?!\[)", "numpy.typing.NDArray[typing.Any]"),
    # Arguments that the bindings give to numpy.asarray().
    (
        r"\b(amplitudes|inputs|weights|cotangent|targets|sample_weight|outputs|index|frequencies|arg1)"
        r": typing\.Any",
        r"\1: numpy.typing.ArrayLike",
    ),
    # The records of training.
    (r"memo: dict\b", "memo: dict[typing.Any, typing.Any]"),
    (r"_libraries: dict = .*", "_libraries: dict[str, str]"),
    (r"(-> |list\[)dict(?=[\]:])", r"\1dict[str, float]"),
    (
        r"callback: collections\.abc\.Callable\b(?!\[)",
        "callback: collections.abc.Callable[[dict[str, float]], typing.Any]",
    ),
    (
        r"progress: collections\.abc\.Callable\b(?!\[)",
        "progress: collections.abc.Callable[[int, int], typing.Any]",
    ),
    # What object demands of these methods.
    (r"def __eq__\(self, other: [\w.]+\)", "def __eq__(self, other: object)"),
    (r"__hash__: typing\.ClassVar\[None\] = None", r"\g<0>  # type: ignore[assignment]"),
    (r"(def __setstate__\(self, \w+: )tuple\b(?!\[)", r"\1tuple[typing.Any, ...]"),
    (r"(def __getstate__\(self\) -> )tuple\b(?!\[)", r"\1tuple[typing.Any, ...]"),
    (r"(terms: )dict\b(?!\[)", r"\1dict[str, typing.Any]"),
    # Values that change from build to build.
    (r"__version__: str = .*", "__version__: str"),
]


# A method that returns one thing, or a tuple with its standard errors where return_std is true: an
# overload for each, and one for a flag that mypy does not know. What follows the flag in the
# signature has defaults.
WITH_ERRORS = re.compile(
    r"""
    (?P<head>^[ ]*def[ ]\w+\([^()]*?)                     # up to the flag
    (?P<star>\*,\s*)?return_std:[ ]bool[ ]=[ ]False
    (?P<tail>[^()]*\)[ ]->[ ])
    (?P<values>[^\n]+?)[ ]\|[ ](?P<both>tuple\[(?P=values),[ ](?P=values)\]):
    (?P<doc>\n\s*\"{3}.*?\"{3})
    """,
    re.MULTILINE | re.DOTALL | re.VERBOSE,
)


def overloads(match: re.Match[str]) -> str:
    """Write the overloads of such a method; the last one has its documentation."""
    head, tail, values, both = match.group("head", "tail", "values", "both")
    star = match["star"] or ""
    flags = {
        f"{star}return_std: typing.Literal[False] = False": values,
        "*, return_std: typing.Literal[True]": both,
        f"{star}return_std: bool = False": f"{values} | {both}",
    }
    indent = head[: len(head) - len(head.lstrip())]
    return "\n".join(
        f"{indent}@typing.overload\n{head}{flag}{tail}{result}:{body}"
        for (flag, result), body in zip(flags.items(), [" ...", " ...", match["doc"]], strict=True)
    )


def run(*command: str, text: str | None = None) -> str:
    """Run a Python module and return what it printed; its complaints end the program."""
    result = subprocess.run(
        [sys.executable, "-m", *command], input=text, capture_output=True, text=True, check=False
    )
    if result.returncode != 0:
        raise SystemExit(f"{' '.join(command)}:\n{result.stdout}{result.stderr}")
    return result.stdout


def generate() -> str:
    """Make the stub of the installed extension module."""
    with tempfile.TemporaryDirectory() as folder:
        run("pybind11_stubgen", "ketgrad._core", "--exit-code", "--output-dir", folder)
        text = (Path(folder) / "ketgrad" / "_core.pyi").read_text()
    for pattern, replacement in RULES:
        text = re.sub(pattern, replacement, text)
    text = WITH_ERRORS.sub(overloads, text)
    options = ["--isolated", "--line-length=100", "--stdin-filename=_core.pyi", "-"]
    return HEADER + run("ruff", "format", *options, text=text)


def main() -> int:
    """Write the stub, or compare it with --check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    arguments = parser.parse_args()

    new = generate()
    if not arguments.check:
        STUB.write_text(new)
        return 0
    old = STUB.read_text() if STUB.exists() else ""
    changes = difflib.unified_diff(old.splitlines(), new.splitlines(), "committed", "generated")
    print("\n".join(changes))
    if old != new:
        print("The bindings have changed: run scripts/stubs.py and commit its result.")
    return int(old != new)


if __name__ == "__main__":
    sys.exit(main())
