"""Check that #include lines point one way only, as docs/architecture.md says they do.

And that some words stay where they belong.

Run `python3 tests/check_includes.py` anywhere; it prints what is wrong and exits 1 if anything is.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# What points to circuits alone and nothing of the simulator knows.
ROOMS = ["qsim/qasm", "qsim/library", "qsim/hamiltonians", "qsim/drawing"]

# Each module may include itself, the modules it points to, and whatever those may include.
POINTS_TO = {
    "qsim/core": [],
    "qsim/circuit": ["qsim/core"],
    "qsim/qasm": ["qsim/circuit"],
    "qsim/drawing": ["qsim/circuit"],
    "qsim/library": ["qsim/circuit"],
    "qsim/hamiltonians": ["qsim/circuit"],
    "qsim/compile": ["qsim/circuit"],
    "qsim/json": ["qsim/compile"],
    "qsim/kernels": ["qsim/core"],
    "qsim/state": ["qsim/kernels"],
    "qsim/observables": ["qsim/compile", "qsim/state"],
    "qsim/dynamics": ["qsim/observables"],
    "qsim/engines": ["qsim/observables"],
    "qsim/estimates": ["qsim/engines"],
    "qsim/noise": ["qsim/engines", "qsim/json"],
    "qml/derivatives": ["qsim/estimates", "qsim/noise"],
    "qml/circuits": ["qsim/hamiltonians"],
    "qml/optimize": ["qml/derivatives"],
    "qml/similarity": ["qml/derivatives"],
    "qml/models": ["qml/circuits", "qml/optimize"],
    # What qsim.h and qml.h gather.
    "qsim": ["qsim/estimates", "qsim/noise", "qsim/dynamics", *ROOMS],
    "qml": ["qsim", "qml/models", "qml/similarity"],
    "bindings": ["qsim/dynamics", *ROOMS, "qml/models", "qml/similarity"],
}

# Outside headers that only some files may know.
CONFINED = {
    "omp.h": "qsim/core/parallel.cc",
    "hwy/": "qsim/kernels/",
    "mpi.h": "qsim/engines/mpi/",
    "pybind11/": "bindings/",
    "xla/": "bindings/jax/",
    "catch2/": "tests/",
}

# Words of C++ that only some files may use: how amplitudes lie in memory, how an engine is chosen,
# what is borrowed from a program.
CONFINED_WORDS = {
    r"\b(?:real_offset|kBlock|kRow|kBlockBits)\s*[<(]": [
        "qsim/kernels/",
        "qsim/state/",
        "qsim/engines/",
        "qsim/observables/reduced_density_matrix.cc",
        "qsim/observables/target_tiles.h",
    ],
    r"\bfits_blocks\b": [
        "qsim/compile/stages.",
        "qsim/engines/batch_run.cc",
        "qsim/engines/stages/staged_state.cc",
    ],
    r"\b(?:take|put)<|\bprepared\.(?:take|put)\b": ["qsim/core/cache.h", "qsim/core/loan.h"],
}

INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)


def module_of(path: str) -> str:
    """The module of a file named from the root, the longest of POINTS_TO that holds it."""
    holders = [module for module in POINTS_TO if path.startswith(module + "/")]
    return max(holders, key=len, default="")


def allowed(module: str) -> set[str]:
    """The modules that a module may include."""
    out = {module}
    for next_module in POINTS_TO[module]:
        out |= allowed(next_module)
    return out


def problems_of(root: Path, file: Path) -> list[str]:
    """What is wrong with the includes of one file."""
    path = file.relative_to(root).as_posix()
    module = module_of(path)
    if not module:
        return [f"{path} is in no module that POINTS_TO lists"]
    text = file.read_text(encoding="utf-8")
    out = [
        f"{path} uses {found.group().rstrip('<( ')}, which only {', '.join(homes)} may"
        for pattern, homes in CONFINED_WORDS.items()
        if (found := re.search(pattern, text)) and not path.startswith(tuple(homes))
    ]
    for quoted, bracketed in INCLUDE.findall(text):
        target = module_of(quoted)
        if quoted and not target:
            out.append(f'{path} includes "{quoted}", which is not named from the root')
        elif quoted and target not in allowed(module):
            out.append(f'{path} includes "{quoted}": {module} may not know {target}')
        elif quoted and not (root / quoted).exists():
            out.append(f'{path} includes "{quoted}", which does not exist')
        for prefix, home in CONFINED.items():
            if bracketed.startswith(prefix) and not path.startswith(home):
                out.append(f"{path} includes <{bracketed}>, which only {home} may")
    return out


def find_problems(root: Path = ROOT) -> list[str]:
    """What is wrong with the includes of the whole tree."""
    files = [
        file
        for top in ("qsim", "qml", "bindings")
        for pattern in ("*.h", "*.cc", "*.inc")
        for file in sorted((root / top).rglob(pattern))
    ]
    return [problem for file in files for problem in problems_of(root, file)]


def main() -> int:
    problems = find_problems()
    print("\n".join(problems) or "all includes point one way")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
