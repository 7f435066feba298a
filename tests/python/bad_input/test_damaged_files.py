"""Damaged documents are refused on loading, or what was loaded works."""

import random

import pytest

from damaged_files import damages, random_damage, subjects, verdict

SUBJECTS = subjects()
OF_EACH = 400


@pytest.mark.parametrize("kind", SUBJECTS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # numbers at the limits overflow
def test_a_damaged_document_is_refused_or_works(kind: str) -> None:
    subject = SUBJECTS[kind]
    rng = random.Random(kind)
    verdicts = []
    for _ in range(OF_EACH):
        what, damaged = random_damage(subject.document, rng)
        try:
            verdicts.append(verdict(subject, damaged))
        except Exception as error:
            raise AssertionError(f"{kind}: {what}: {error!r}") from error
    assert {"refused", "works"} == set(verdicts)


def test_undamaged_documents_work() -> None:
    for kind, subject in SUBJECTS.items():
        assert verdict(subject, subject.document) == "works", kind


def test_all_damages_of_a_node_are_gone_through() -> None:
    found = dict(damages({"a": [1, "x"]}))
    assert found["a.0 deleted"] == {"a": ["x"]}
    assert found["a.0 doubled"] == {"a": [1, 1, "x"]}
    assert found["a.1 longer"] == {"a": [1, "xx"]}
    assert found["a replaced by None"] == {"a": None}
    assert found["a renamed 'x'"] == {"x": [1, "x"]}
