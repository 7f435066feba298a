"""Check that the Python modules import each other one way only, and never in a circle.

Run `python3 tests/check_imports.py` anywhere; it prints what is wrong and exits 1 if anything is.

An import counts wherever it stands, in functions too, and so does a string that names a module, by
which modules are imported on demand. Imports for type checkers alone do not. The `__init__` of a
room may import the modules of the room, which therefore may not import the room.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Container, Iterator
from pathlib import Path

PYTHON = Path(__file__).resolve().parent.parent / "python"
PACKAGE = "ketgrad"
EXTENSION = "ketgrad._core"

# Each room may import itself, the rooms it points to, and whatever those may import.
POINTS_TO = {
    "": [],  # the private modules beside the rooms, and the extension module
    "analysis": [""],
    "library": [""],
    "plots": [""],
    "mpi": [""],  # of which the plan alone goes without MPI
    "estimators": ["analysis"],
    "__init__": ["estimators", "library", "plots"],
    "torch": ["__init__"],  # which nothing may import: `import ketgrad` goes without PyTorch
    "jax": ["__init__"],  # which nothing may import: `import ketgrad` goes without JAX
    "pennylane": ["jax"],  # which nothing may import: `import ketgrad` goes without PennyLane
    "qiskit": ["__init__"],  # which nothing may import: `import ketgrad` goes without Qiskit
    "cirq": ["__init__"],  # which nothing may import: `import ketgrad` goes without Cirq
    "gallery": ["torch"],  # a client, as its experiments are
    "commands": ["gallery", "mpi"],
    "serve": ["commands"],  # which its command alone imports: others go without FastAPI
    "web": ["commands"],
    "__main__": ["serve", "web"],
}


def room_of(module: str) -> str:
    """The room of a module: `ketgrad.analysis.fisher` is in analysis, `ketgrad._files` in none."""
    first = module.split(".")[1] if "." in module else "__init__"
    return first if first in POINTS_TO else ""


def allowed(room: str) -> set[str]:
    """The rooms that a room may import."""
    out = {room}
    for next_room in POINTS_TO[room]:
        out |= allowed(next_room)
    return out


def modules_in(python: Path) -> dict[str, Path]:
    """The modules of the package, and their files."""
    out = {}
    for file in sorted((python / PACKAGE).rglob("*.py")):
        parts = file.relative_to(python).with_suffix("").parts
        out[".".join(part for part in parts if part != "__init__")] = file
    return out


def imports_of(tree: ast.AST, modules: Container[str]) -> Iterator[str]:
    """What a module imports of the package."""
    for node in ast.iter_child_nodes(tree):
        match node:
            case ast.If(test=ast.Name(id="TYPE_CHECKING"), orelse=orelse):
                yield from imports_of(ast.Module(orelse, []), modules)
            case ast.Import(names=names):
                yield from (name.name for name in names if name.name in modules)
            case ast.ImportFrom(module=str(source), names=names) if source in modules:
                for name in names:
                    inner = f"{source}.{name.name}"
                    yield inner if inner in modules else source
            case ast.Constant(value=str(text)) if "." in text and text in modules:
                yield text
            case _:
                yield from imports_of(node, modules)


def graph_of(python: Path) -> dict[str, list[str]]:
    """The modules that each module imports."""
    modules = modules_in(python)
    texts = {module: file.read_text(encoding="utf-8") for module, file in modules.items()}
    texts.setdefault(EXTENSION, "")  # built from C++, it imports none
    return {
        module: sorted(set(imports_of(ast.parse(text), texts))) for module, text in texts.items()
    }


def circle_in(graph: dict[str, list[str]]) -> list[str]:
    """A circle of imports, its first module once more at the end; empty where there is none."""
    done: set[str] = set()

    def search(module: str, path: list[str]) -> list[str]:
        if module in path:
            return [*path[path.index(module) :], module]
        if module in done:
            return []
        for target in graph[module]:
            if circle := search(target, [*path, module]):
                return circle
        done.add(module)
        return []

    return next(filter(None, (search(module, []) for module in graph)), [])


def find_problems(python: Path = PYTHON) -> list[str]:
    """What is wrong with the imports of the package."""
    graph = graph_of(python)
    out = [
        f"{module} imports {target}: {room_of(module) or 'it'} may not know {room_of(target)}"
        for module, targets in graph.items()
        for target in targets
        if room_of(target) not in allowed(room_of(module))
    ]
    circle = circle_in(graph)
    return [*out, f"a circle: {' -> '.join(circle)}"] if circle else out


def main() -> int:
    problems = find_problems()
    print("\n".join(problems) or "all imports point one way")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
