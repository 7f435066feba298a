"""Every sentence of ketgrad's in the tables of docs/coming_from runs.

tests/clients has those of the other libraries.
"""

import pytest

from coming_from import PAGES, run, sentences


def test_there_is_a_page_a_library() -> None:
    assert PAGES == ["cirq", "pennylane", "qiskit", "qulacs"]


@pytest.mark.parametrize("page", PAGES)
def test_our_sentences_run(page: str) -> None:
    run(page, "ours")
    assert len(sentences(page, "ours")) >= 20
    assert len(sentences(page, "ours")) == len(sentences(page, "theirs"))
