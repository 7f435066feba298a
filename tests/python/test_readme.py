"""The examples of the README and of pages are run: Python here, C++ as the consumer project."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


# Those of clients, and docs/many-fits.md, have tests of their own.
PAGES = [ROOT / "README.md"] + [
    ROOT / "docs" / f"{name}.md"
    for name in (
        *(
            "start",
            "installing",
            "circuits",
            "layers",
            "training",
            "kernels",
            "estimators",
            "noise",
        ),
        *("howto/settings", "howto/not_training", "howto/reproducible"),
        *("concepts/qubit_order", "concepts/programs", "concepts/gradients", "concepts/noise"),
    )
]


def blocks(language: str, text: str = README) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


@pytest.mark.parametrize(
    ("page", "code"),
    [
        pytest.param(page.name, code, id=f"{page.name}-{number}")
        for page in PAGES
        for number, code in enumerate(blocks("python", page.read_text(encoding="utf-8")))
    ],
)
def test_python_examples_run(
    page: str,
    code: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(code, page, "exec"), {"__name__": "page"})
    assert capsys.readouterr().out


def test_the_cpp_example_is_the_one_that_is_built() -> None:
    consumer = (ROOT / "examples/consumer/main.cc").read_text(encoding="utf-8")
    assert blocks("cpp") == [consumer]


def test_pictures_exist() -> None:
    pictures = re.findall(r"!\[[^]]*\]\(([^)]+)\)", README)
    assert pictures
    for picture in pictures:
        assert (ROOT / picture).is_file(), picture
