"""No two files define the same C++ name."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "check_names.py"
spec = importlib.util.spec_from_file_location("check_names", SCRIPT)
check_names = importlib.util.module_from_spec(spec)
sys.modules[spec.name] = check_names  # dataclasses look their module up
spec.loader.exec_module(check_names)


def names(text: str, file: str = "a.h") -> list[str]:
    return [definition.name for definition in check_names.definitions_in(text, file)]


def problems(one: str, other: str, files: tuple[str, str] = ("a.h", "b.h")) -> list[str]:
    return check_names.problems_of(
        [
            definition
            for text, file in zip((one, other), files, strict=True)
            for definition in check_names.definitions_in(text, file)
        ]
    )


def test_every_name_has_one_definition():
    assert check_names.find_problems() == []


def test_the_tree_is_read():
    files = check_names.sources(check_names.ROOT, "qsim")
    found = {
        name
        for file in files
        for name in names(file.read_text(encoding="utf-8"), str(file))
        if "(unnamed)" not in name
    }
    assert {"qsim::Circuit", "qsim::RunPiece", "qsim::SchedulePiece", "qsim::SceneShape"} <= found
    assert "qsim::Shape" in found
    assert len(found) > 800


@pytest.mark.parametrize("name", ["RunPiece", "Circuit", "GateRow", "HWY_NAMESPACE::TurnVecs"])
def test_a_planted_collision_is_found(tmp_path, name):
    """Any type of the tree, defined once more elsewhere: as an enum, behind a template, nested."""
    *spaces, short = ("qsim::" + name).split("::")
    text = (
        f"namespace {'::'.join(spaces)} {{\ntemplate <class T>\nclass {short} {{ int x; }};\n}}\n"
    )
    planted = check_names.definitions_in(text, "qml/planted.h")
    files = check_names.sources(check_names.ROOT, "qsim")
    definitions = [
        definition
        for file in files
        for definition in check_names.definitions_in(file.read_text(encoding="utf-8"), file.name)
    ]
    (problem,) = check_names.problems_of(definitions + planted)
    assert problem.startswith(f"qsim::{name} is defined in ")
    assert "qml/planted.h" in problem


def test_a_tree_with_a_collision_is_refused(tmp_path):
    for name, text in {
        "qsim/engines/blocks/run.h": "namespace qsim {\nstruct Piece { int a; };\n}",
        "qml/fine.h": "namespace qml {\nstruct Piece { int a; };\n}",
        "tests/a_test.cc": "namespace qsim { struct Piece { double b; }; }",
        "benchmarks/b.cc": "namespace qml { inline int f(int a) { return a; } struct Q; }",
        "bindings/f.cc": "namespace qml { inline int f(int b) { return 2 * b; } }",
    }.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert check_names.find_problems(tmp_path) == [
        "qsim::Piece is defined in qsim/engines/blocks/run.h and in tests/a_test.cc",
        "qml::f(int) is defined in benchmarks/b.cc and in bindings/f.cc",
    ]


def test_what_defines_a_name():
    assert names("namespace a::b { struct S final : T<int> { struct Inner {}; }; }") == ["a::b::S"]
    assert names("namespace { enum class E : char { kA }; }") == ["(unnamed)::E"]
    assert names("struct [[nodiscard]] alignas(64) S {};") == ["S"]
    assert names("template <> struct std::hash<Q> { };") == ["std::hash<Q>"]
    assert names("struct S; extern template class V<int>; void f(); using a::b;") == []
    assert names('extern "C" { int f(int x) { return x; } }') == ["f(int)"]


def test_functions_have_their_parameters():
    assert names("template <class T>\nvoid A<T>::f(const std::vector<T>& x, int n = 3) {}") == [
        "A<T>::f(const vector < T > &, int)"
    ]
    assert names("bool S::operator()(int a) const { return a; }") == ["S::operator()(int)"]
    assert names("S& S::operator+=(const S& o) { return *this; }") == ["S::operator+=(const S &)"]
    assert names("A::A(int x) : x_(x) {}\nA::~A() {}") == ["A::A(int)", "A::~A()"]
    assert names("template <>\nconst K<float>& k<float>() { return x; }") == ["k<float>()"]
    assert names("const auto f = [](int x) { return x; };", "a.cc") == []
    assert names("inline constexpr std::array<int, 3> kX{1, 2, 3};\n", "a.cc") == ["kX"]
    assert names("constexpr int kX = 3;", "a.h") == ["kX"]
    assert names("constexpr int kX = 3; static int f() { return 1; }", "a.cc") == []
    assert names('TEST_CASE("a") {}', "a.cc") == []


def test_text_is_no_code():
    assert (
        names('// struct A {};\n/* struct B {}; */\n#define C \\\n struct D {}\nint e = f("{");')
        == []
    )
    assert names('const char* x = R"(struct A { )"; struct B {};') == ["B"]


def test_overloads_and_other_namespaces_are_fine():
    assert problems("void f(int x) {}", "void f(double x) {}") == []
    assert problems("namespace a { struct S {}; }", "namespace b { struct S {}; }") == []
    assert problems("namespace { struct S {}; }", "namespace { struct S {}; }") == []
    assert problems("struct S;", "struct S {};") == []


def test_functions_of_one_signature_are_refused():
    assert problems("inline int f(int x) { return x; }", "inline int f(int) { return 2; }") == [
        "f(int) is defined in a.h and in b.h"
    ]


def test_aliases_may_be_repeated_but_not_differ():
    assert problems("using A = int;", "using A = int;") == []
    assert problems("using A = int;", "using A = long;") == ["A is defined in a.h and in b.h"]


def test_unnamed_namespaces_hide_no_name():
    (problem,) = problems(
        "namespace a { namespace { struct S {}; } }", "namespace a { struct S {}; }"
    )
    assert problem == "a::S in an unnamed namespace of a.h has the name of what b.h defines"
