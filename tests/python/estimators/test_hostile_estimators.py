"""Files that are no estimators, or damaged ones, are refused."""

import pytest

import ketgrad as kg
from damaged_files import replaced
from small_classifiers import small


@pytest.fixture(scope="module")
def document(iris, tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "model.json"
    small(max_iter=1).fit(*iris).save(path)
    return path.read_text()


@pytest.mark.parametrize(
    ("keys", "value", "message"),
    [
        (("format",), "ketgrad.model", "not a ketgrad estimator"),
        (("version",), 2, "version 2; this release of ketgrad reads up to 1"),
        (("version",), "1", "damaged"),
        (("class",), "Pipeline", "unknown kind of estimator, 'Pipeline'"),
        (("params", "n_spins"), 3, "damaged.*n_spins"),
        (("params", "ansatz"), [1], "damaged.*ansatz"),
        (("params",), None, "'params' is missing"),
        (("model",), None, "'model' is missing"),
        (("model", "parameters"), [0.0], "damaged.*parameters"),
        (("model", "version"), 9, "damaged.*version 9"),
        (("fitted", "n_features_in"), 7, "damaged.*7 features"),
        (("fitted", "n_features_in"), True, "damaged"),
        (("fitted", "input_mean"), [1.0], "damaged.*4 features"),
        (("fitted", "input_scale"), ["a"] * 4, "damaged.*'a'"),
        (("fitted", "classes", "values"), [1, 2], "damaged"),
        (("fitted", "classes", "values"), ["a", "b"], "damaged.*outputs"),
        (("fitted", "classes", "values"), ["a", "a", "b"], "damaged.*'a', 'a'"),
        (("fitted", "classes", "values"), [["a"], ["b"], ["c"]], "damaged"),
        (("fitted", "classes", "dtype"), "M8[s]", "damaged"),
        (("fitted", "classes", "dtype"), "<U999999999", "damaged.*U999999999"),
        (("fitted", "history"), [3], "damaged"),
        (("fitted", "trainer"), 3, "damaged"),
        (("fitted", "trainer"), {"format": "ketgrad.trainer", "version": 1}, "damaged.*trainer"),
        (("fitted",), [], "damaged"),
    ],
)
def test_hostile_files_are_refused(document, tmp_path, keys, value, message):
    path = tmp_path / "model.json"
    path.write_text(replaced(document, keys, value))
    with pytest.raises(ValueError, match=f"(?s){message}"):
        kg.load(path)


@pytest.mark.parametrize("content", [b"", b"{", b"\x80\x04K\x00.", b"[" * 100_000, b"[]", b"null"])
def test_files_that_are_no_estimators_are_refused(tmp_path, content):
    path = tmp_path / "model.json"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="not a ketgrad estimator"):
        kg.load(path)


def test_truncated_files_are_refused(document, tmp_path):
    path = tmp_path / "model.json"
    for end in range(0, len(document) - 2, len(document) // 50):
        path.write_text(document[:end])
        with pytest.raises(ValueError, match="not a ketgrad estimator"):
            kg.load(path)
