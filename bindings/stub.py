"""Writes the types of the extension module, _core.pyi, from its own signatures.

Called while building: stub.py MODULE OUTPUT, the module's file and the stub's.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HEADER = "# Written by bindings/stub.py from the signatures of the bindings.\n"

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
    # What a PauliSum is made from may be a list wherever it may be a dict.
    (
        r"(PauliSum \| str \| collections\.abc\.Mapping\[str, typing\.SupportsFloat\])"
        r"(?! \| collections\.abc\.Sequence\[tuple)",
        r"\1 | collections.abc.Sequence[tuple[str, typing.SupportsFloat]] | "
        r"collections.abc.Sequence[tuple[str, collections.abc.Sequence[typing.SupportsIndex], "
        r"typing.SupportsFloat]]",
    ),
    # Arrays: shapes are in the docstrings.
    (
        r"typing\.Annotated\[numpy\.typing\.NDArray\[([\w.]+)\], [^]]*\]\"\]",
        r"numpy.typing.NDArray[\1]",
    ),
    (r"typing\.Annotated\[numpy\.typing\.ArrayLike, [^]]*\]\"\]", "numpy.typing.ArrayLike"),
    (r"numpy\.ndarray(?!\[)", "numpy.typing.NDArray[typing.Any]"),
    # Arguments that the bindings give to numpy.asarray().
    (
        r"\b(amplitudes|cotangent|targets|sample_weight|outputs|index|frequencies|arg1|marked|table"
        r"|matrix|one_body|state|two_body|angles|coefficients|images|phases)"
        r": typing\.Any",
        r"\1: numpy.typing.ArrayLike",
    ),
    (
        r"\b(inputs|weights|outcomes): typing\.Any",
        r"\1: numpy.typing.ArrayLike | collections.abc.Mapping[typing.Any, numpy.typing.ArrayLike]",
    ),
    # Lists of places, or the array that makes them.
    (
        r"(windows: collections\.abc\.Sequence\[collections\.abc\.Sequence"
        r"\[typing\.SupportsIndex\]\])",
        r"\1 | numpy.typing.NDArray[numpy.int64]",
    ),
    # A loss may stand in the place of a program's cotangent.
    (
        r"(def value_and_vjp\(self, cotangent: numpy\.typing\.ArrayLike)"
        r"(?=, inputs: [^\n]* weights: )",
        r"\1 | collections.abc.Callable[[numpy.typing.NDArray[numpy.float64]], "
        r"tuple[float, numpy.typing.NDArray[numpy.float64]]]",
    ),
    # The records of training.
    (r"memo: dict\b", "memo: dict[typing.Any, typing.Any]"),
    (r"_libraries: dict = .*", "_libraries: dict[str, str]"),
    (r"(def find_learning_rate\(.*-> )dict(?=:)", r"\1dict[str, typing.Any]"),
    (r"(-> |list\[)dict(?=[\]:])", r"\1dict[str, float]"),
    (
        r"step_callback: collections\.abc\.Callable\b(?!\[)",
        "step_callback: collections.abc.Callable[[dict[str, typing.Any]], typing.Any]",
    ),
    (
        r"loss: (str \| )?collections\.abc\.Callable\b(?!\[)",
        r"loss: \1collections.abc.Callable[..., "
        "tuple[float, numpy.typing.NDArray[numpy.float64]]]",
    ),
    (
        r"callback: collections\.abc\.Callable\b(?!\[)",
        "callback: collections.abc.Callable[[dict[str, float]], typing.Any]",
    ),
    (
        r"progress: collections\.abc\.Callable\b(?!\[)",
        "progress: collections.abc.Callable[[int, int], typing.Any]",
    ),
    # What object demands of these methods.
    (
        r"def __init__\(self, \*args, \*\*kwargs\)",
        "def __init__(self, *args: typing.Any, **kwargs: typing.Any)",
    ),
    (r"def __eq__\(self, other: [\w.]+\)", "def __eq__(self, other: object)"),
    (r"__hash__: typing\.ClassVar\[None\] = None", r"\g<0>  # type: ignore[assignment]"),
    (r"(def __setstate__\(self, \w+: )tuple\b(?!\[)", r"\1tuple[typing.Any, ...]"),
    (r"(def __getstate__\(self\) -> )tuple\b(?!\[)", r"\1tuple[typing.Any, ...]"),
    (r"(terms: )dict\b(?!\[)", r"\1dict[str, typing.Any]"),
    (r"tuple\[dict\]", "tuple[dict[str, float]]"),
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


def signatures(module: Path) -> str:
    """Return what pybind11-stubgen writes of the module, imported as part of an empty package."""
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "ketgrad"
        package.mkdir()
        (package / "__init__.py").touch()
        (package / module.name).symlink_to(module)
        result = subprocess.run(
            [sys.executable, "-m", "pybind11_stubgen", "ketgrad._core", "--exit-code"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": folder},
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode != 0:
            raise SystemExit(f"pybind11-stubgen:\n{result.stdout}{result.stderr}")
        return (Path(folder) / "stubs" / "ketgrad" / "_core.pyi").read_text()


def main() -> None:
    """Write the stub."""
    module, output = map(Path, sys.argv[1:])
    text = signatures(module.resolve())
    for pattern, replacement in RULES:
        text = re.sub(pattern, replacement, text)
    output.write_text(HEADER + WITH_ERRORS.sub(overloads, text))


if __name__ == "__main__":
    main()
