"""Drawings count the columns of a terminal, not characters."""

import unicodedata

import numpy as np
import pytest
import wcwidth

import ketgrad as kg

width = kg.Circuit._display_width


def test_every_code_point_is_as_wide_as_wcwidth_says() -> None:
    wrong = [
        f"U+{point:04X}: {width(chr(point))}, not {wcwidth.wcwidth(chr(point))}"
        for point in range(0xA0, 0x110000)
        if not 0xD800 <= point < 0xE000 and width(chr(point)) != wcwidth.wcwidth(chr(point))
    ]
    assert not wrong
    assert all(width(chr(point)) == 1 for point in range(0x20, 0x7F))


FAMILY = "👩\u200d👩\u200d👧"
SEQUENCES = [
    "☎\ufe0f",  # selectors of emoji and of text
    "❤\ufe0f x",
    "a\ufe0f",
    "1\ufe0f\u20e3",
    "⌚\ufe0e",
    "☎\ufe0e",
    "\ufe0f",
    "🇩🇪",  # flags, and halves of them
    "🇩",
    "🇩🇪🇫",
    "🇩a🇪",
    FAMILY,  # joined
    "👩\u200d🔬 x",
    "❤\ufe0f\u200d🔥",
    "a\u200db",
    "a\u200d",
    "\u200d🔬",
    "👍🏽",  # skin tones
    "👍🏽👍",
    "a🏽",
    "👩🏽\u200d🔬",
    "क्ष",  # conjuncts and spacing marks
    "क्\u200dष",
    "का",
    "\u0903",
    "한e\u0301\u0302",
]


@pytest.mark.parametrize("text", SEQUENCES)
def test_sequences_are_as_wide_as_wcwidth_says(text: str) -> None:
    assert width(text) == wcwidth.wcswidth(text)
    assert width(f"q{text}日") == wcwidth.wcswidth(f"q{text}日")


def test_texts_at_random_are_as_wide_as_wcwidth_says() -> None:
    # Conjuncts have no selectors of emoji, of which wcwidth would make less than nothing.
    emoji = [*"a1#é日한 \u0301\u200d\ufe0f\ufe0e\u200b☎⌚❤👩🔬👍🏽🏻🇩🇪"]
    letters = [*"aकष日 \u094d\u093e\u0903\u0301\u200d"]
    random = np.random.default_rng(0)
    for alphabet in (emoji, letters):
        for _ in range(5000):
            text = "".join(random.choice(alphabet, size=random.integers(1, 9)))
            assert width(text) == wcwidth.wcswidth(text), ascii(text)


NAMES = [
    "日本",
    "é",
    "e\u0301",
    "한글_w",
    "q\u0302\u0303",
    "🙂",
    "a日e\u0301z",
    "\u0301",
    "θ",
    "x" * 30,
    "☎\ufe0f",
    "🇩🇪",
    FAMILY,
    "👍🏽_a",
    "❤\ufe0f\u200d🔥b",
    "क्ष",
    "का",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("qubits", [[0], [0, 1], [2, 0]])
def test_every_line_of_a_box_ends_in_one_column(name: str, qubits: list[int]) -> None:
    circuit = kg.Circuit(3).h(0).unitary(kg.Circuit(len(qubits)).h(0).matrix(), qubits, label=name)
    circuit.rx(kg.Parameter(name), 1).cx(0, 1)
    lines = circuit.draw(width=0).split("\n")
    wires = [line for line in lines if line.startswith("q")]
    assert len({wcwidth.wcswidth(line) for line in wires}) == 1
    text = unicodedata.normalize("NFC", "".join(lines))
    assert unicodedata.normalize("NFC", name) in text
    # Corners lie one above the other, and above the sides.
    columns = [corners(line) for line in lines]
    tops = [c for line in columns for c in line["┐"]]
    bottoms = [c for line in columns for c in line["┘"]]
    assert sorted(tops) == sorted(bottoms)


def corners(line: str) -> dict[str, list[int]]:
    out: dict[str, list[int]] = {"┐": [], "┘": []}
    column = 0
    for cluster in wcwidth.iter_graphemes(line):
        if cluster in out:
            out[cluster].append(column)
        column += max(wcwidth.wcswidth(cluster), 0)
    return out


def test_folded_drawings_fit_the_terminal() -> None:
    circuit = kg.Circuit(1)
    for _ in range(20):
        circuit.rx(kg.Parameter("日本語"), 0)
    for line in circuit.draw(width=40).split("\n"):
        assert wcwidth.wcswidth(line) <= 40


def test_boxes_of_pictures_are_wide_enough() -> None:
    def box_width(name: str) -> float:
        groups = kg.Circuit(1).rx(kg.Parameter(name), 0)._scene()[2]
        return max(s[3] - s[1] for _, shapes in groups for s in shapes if s[0] == "rect")

    assert box_width("日" * 20) == box_width("x" * 40)
    assert box_width("e\u0301" * 20) == box_width("e" * 20)
