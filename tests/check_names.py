"""Check that one name means one thing: no two files define the same C++ name.

C++'s one-definition rule holds for a whole program, but compilers see one file at a time: two
structs of one name in two headers build, and then share whichever constructor, destructor or
`std::vector` the linker keeps. This reads the sources and refuses

- types (class, struct, union, enum) of one qualified name in two files, and aliases that differ,
- functions, templates and inline variables of one qualified name and signature in two files,
- a type in an unnamed namespace with the name of one that stands in the namespace around it.

Run `python3 tests/check_names.py` anywhere; it prints what is wrong and exits 1 if anything is.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# What can be linked together: the libraries with the bindings, and with each of the programs below.
LIBRARIES = ("qsim", "qml", "bindings")
SUFFIXES = {".h", ".cc", ".inc"}

UNNAMED = "(unnamed)"

TOKEN = re.compile(
    r"""//[^\n]* | /\*.*?\*/
      | ^[ \t]*\#(?:\\\n|[^\n])*              # a preprocessor line, with its continuations
      | R"(?P<mark>[^(\s]*)\(.*?\)(?P=mark)"  # a raw string
      | "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])'
      | [A-Za-z_]\w* | \d[\w.']* | ::|->|<=>|\S""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
KEYS = {"class", "struct", "union", "enum"}
# In front of brackets that hold no function's parameters.
NOT_FUNCTIONS = {"requires", "alignas", "decltype", "__attribute__"}
BUILT_IN = {"int", "long", "short", "char", "unsigned", "signed", "float", "double", "bool", "auto"}


@dataclass(frozen=True)
class Definition:
    """One definition at the scope of a namespace."""

    name: str  # qualified; with the types of its parameters where it is a function
    file: str
    is_type: bool
    alias_of: str = ""  # aliases of one name may stand in many files if they say the same

    @property
    def unnamed(self) -> bool:
        return UNNAMED in self.name

    @property
    def seen_name(self) -> str:
        """The name by which the code around an unnamed namespace knows it."""
        return self.name.replace(UNNAMED + "::", "")

    def disagrees(self, other: Definition) -> bool:
        return self.file != other.file and not (self.alias_of and self.alias_of == other.alias_of)


def tokens_of(text: str) -> list[str]:
    """The tokens of a source, without comments and preprocessor lines; literals become `""`."""
    out = []
    for match in TOKEN.finditer(text):
        token = match.group()
        if token.startswith(("//", "/*")) or token.lstrip().startswith("#"):
            continue
        out.append('""' if token[0] in "\"'" or token.startswith('R"') else token)
    return out


def matching(tokens: list[str], start: int, pair: str) -> int:
    """The place behind the bracket that closes the one at `start`."""
    depth = 0
    for k in range(start, len(tokens)):
        depth += (tokens[k] == pair[0]) - (tokens[k] == pair[1])
        if depth == 0:
            return k + 1
    return len(tokens)


def without_decoration(tokens: list[str]) -> list[str]:
    """A declaration without `template <…>`, `[[…]]`, `[size]`, `alignas(…)` and the like."""
    out: list[str] = []
    k = 0
    while k < len(tokens):
        if tokens[k] == "template" and tokens[k + 1 : k + 2] == ["<"]:
            k = matching(tokens, k + 1, "<>")
        elif tokens[k] in NOT_FUNCTIONS and tokens[k + 1 : k + 2] == ["("]:
            k = matching(tokens, k + 1, "()")
        elif tokens[k] == "[" and "operator" not in tokens[:k]:
            k = matching(tokens, k, "[]")
        else:
            out.append(tokens[k])
            k += 1
    return out


def start_of_part(tokens: list[str], end: int) -> int:
    """Where the identifier that ends before `end`, perhaps with arguments in <…>, starts."""
    depth = 0
    for k in range(end - 1, -1, -1):
        depth += (tokens[k] == ">") - (tokens[k] == "<")
        if depth == 0 and tokens[k] != "<":
            return k - 1 if tokens[k - 1 : k] == ["~"] else k
    return 0


def name_ending(tokens: list[str], end: int) -> str:
    """The name, perhaps qualified, with arguments or an operator, that ends before `end`."""
    operators = [k for k in range(max(0, end - 3), end) if tokens[k] == "operator"]
    start = operators[0] if operators else start_of_part(tokens, end)
    while start >= 2 and tokens[start - 1] == "::":
        start = start_of_part(tokens, start - 1)
    return "".join(tokens[start:end])


def type_name(declaration: list[str]) -> str | None:
    """The name of the type that a declaration before `{` defines, if it does."""
    for k, token in enumerate(declaration):
        if token in ("(", "="):
            return None
        if token in KEYS:
            rest = [t for t in declaration[k + 1 :] if t not in KEYS]
            end = next((i for i, t in enumerate(rest) if t in (":", "final")), len(rest))
            return "".join(rest[:end]) or None
    return None


def parameter_types(tokens: list[str]) -> str:
    """The types of a function's parameters, without names, defaults and namespaces."""
    parameters: list[list[str]] = [[]]
    depth = 0
    for k, token in enumerate(tokens):
        depth += (token in "(<[{") - (token in ")>]}")
        if token == "," and depth == 0:
            parameters.append([])
        elif token != "::" and tokens[k + 1 : k + 2] != ["::"]:
            parameters[-1].append(token)
    out = []
    for parameter in parameters:
        if "=" in parameter:
            parameter = parameter[: parameter.index("=")]
        is_named = len(parameter) > 1 and re.match(r"[A-Za-z_]", parameter[-1])
        if is_named and parameter[-1] not in BUILT_IN and parameter[-2] != "const":
            parameter = parameter[:-1]
        out.append(" ".join(parameter))
    return "(" + ", ".join(out) + ")"


def function_name(declaration: list[str]) -> str | None:
    """The function that a declaration before `{` defines, with the types of its parameters."""
    depth = 0
    for k, token in enumerate(declaration):
        if token == "=" and "operator" not in declaration[:k]:
            return None
        if token == "(" and depth == 0 and k > 0:
            name = name_ending(declaration, k)
            end = matching(declaration, k, "()")
            if name.endswith("operator"):  # operator()
                name += "()"
                k, end = end, matching(declaration, end, "()")
            is_macro = re.fullmatch(r"[A-Z][A-Z0-9_]*", name)
            return None if is_macro else name + parameter_types(declaration[k + 1 : end - 1])
        if "operator" not in declaration[:k]:
            depth += (token == "<") - (token == ">")
    return None


def variable_name(declaration: list[str]) -> str | None:
    """The variable that a declaration before `{`, or with `=` before `;`, defines."""
    end = declaration.index("=") if "=" in declaration else len(declaration)
    if "(" in declaration[:end]:
        return None
    return name_ending(declaration, end)


def definition_in(declaration: list[str], ends_with: str, file: str) -> Definition | None:
    """What a declaration at the scope of a namespace defines, as far as other files may see it."""
    declaration = without_decoration(declaration)
    first = declaration[0] if declaration else ""
    if first in ("using", "typedef"):
        if first == "using" and "=" not in declaration:
            return None
        name = declaration[1] if first == "using" else declaration[-1]
        return Definition(name, file, True, alias_of=" ".join(declaration))
    if "friend" in declaration or first == "static":
        return None
    if ends_with == "{":
        name = type_name(declaration)
        if name:
            return Definition(name, file, True)
        name = function_name(declaration)
        if name:
            return Definition(name, file, False)
    # Constants of a .cc file are its own; in headers one name has one value, inline or not.
    if "inline" in declaration or ("constexpr" in declaration and not file.endswith(".cc")):
        name = variable_name(declaration)
        return Definition(name, file, False) if name else None
    return None


def namespace_name(declaration: list[str]) -> str:
    """What a declaration `namespace …` before `{` opens."""
    parts = [t for t in declaration if t not in ("inline", "namespace", "::")]
    return "::".join(parts) or UNNAMED


def definitions_in(text: str, file: str = "") -> list[Definition]:
    """All that a source defines at the scope of a namespace."""
    tokens = tokens_of(text)
    scopes: list[str] = []
    out: list[Definition] = []

    def add(declaration: list[str], ends_with: str) -> None:
        found = definition_in(declaration, ends_with, file)
        if found:
            out.append(replace(found, name="::".join(filter(None, [*scopes, found.name]))))

    start = k = 0
    while k < len(tokens):
        token = tokens[k]
        if token == "}":
            if scopes:
                scopes.pop()
            start = k + 1
        elif token == "(":
            k = matching(tokens, k, "()") - 1
        elif token == ";":
            add(tokens[start:k], ";")
            start = k + 1
        elif token == "{":
            declaration = tokens[start:k]
            if "namespace" in declaration:
                scopes.append(namespace_name(declaration))
            elif declaration == ["extern", '""']:
                scopes.append("")
            else:
                add(declaration, "{")
                k = matching(tokens, k, "{}") - 1
            start = k + 1
        k += 1
    return out


def problems_of(definitions: list[Definition]) -> list[str]:
    """Which names of a program are defined in more than one file."""
    seen: dict[str, list[Definition]] = defaultdict(list)
    for one in definitions:
        if not one.unnamed:
            seen[one.name].append(one)
    out = []
    for name, found in seen.items():
        if any(one.disagrees(found[0]) for one in found):
            files = sorted({one.file for one in found})
            out.append(f"{name} is defined in {' and in '.join(files)}")
    for one in definitions:
        if not (one.unnamed and one.is_type):
            continue
        out += [
            f"{one.seen_name} in an unnamed namespace of {one.file} has the name of what "
            f"{other.file} defines"
            for other in seen.get(one.seen_name, [])
            if one.disagrees(other)
        ]
    return out


def sources(root: Path, top: str) -> list[Path]:
    return [file for file in sorted((root / top).rglob("*")) if file.suffix in SUFFIXES]


def programs(root: Path) -> list[list[Path]]:
    """The files of each program beside the libraries'."""
    tests = sources(root, "tests")
    alone = [file for file in tests if re.search("_fuzz$|^(allocation_test|over_mpi)$", file.stem)]
    install = [file for file in sources(root, "tests/install") if file not in alone]
    tests = [file for file in tests if file not in alone + install]
    alone += [*sources(root, "examples"), *sources(root, "benchmarks")]
    return [tests, install, *([file] for file in alone)]


def find_problems(root: Path = ROOT) -> list[str]:
    """What is wrong with the names of the whole tree."""

    def definitions(files: list[Path]) -> list[Definition]:
        return [
            definition
            for file in files
            for definition in definitions_in(
                file.read_text(encoding="utf-8"), file.relative_to(root).as_posix()
            )
        ]

    libraries = definitions([file for top in LIBRARIES for file in sources(root, top)])
    found: dict[str, None] = {}  # in order, each once
    for program in programs(root):
        found.update(dict.fromkeys(problems_of(libraries + definitions(program))))
    return list(found)


def main() -> int:
    problems = find_problems()
    print("\n".join(problems) or "every name has one definition")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
