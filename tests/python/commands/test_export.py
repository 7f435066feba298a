"""Pages of saved models: what is in them, and what cannot be one. Chromium opens them elsewhere."""

import base64
import json
import re

import numpy as np
import pytest

import ketgrad as kg
from failing_commands import failure
from ketgrad.__main__ import main
from ketgrad.web import command, module
from ketgrad.web.page import page

TRAINING = {"max_iter": 1, "tol": 0, "random_state": 0}
HERE = module.FOLDER.parent


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Work in a folder, with a module for browsers that only looks like one."""
    monkeypatch.chdir(tmp_path)
    found = module.Module("var ketgradModule;", b"\x1f\x8b wasm")
    monkeypatch.setattr(command, "read_module", lambda: found)
    return tmp_path


def samples(n_features=2):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(12, n_features))
    return X, X[:, 0] > 0


def saved(estimator, name="model.json", n_features=2):
    estimator.fit(*samples(n_features)).save(name)
    return name


def documents(text):
    """Return what a page has inside, by id."""
    return dict(re.findall(r'<script type="[^"]*" id="([^"]*)">(.*?)</script>', text, re.DOTALL))


def test_a_page_has_everything_inside(folder, capsys):
    saved(kg.VQClassifier(**TRAINING))
    assert main(["export", "model.json", "--html", "page.html", "--title", "<b> & more"]) == 0
    assert "wrote page.html" in capsys.readouterr().out
    text = (folder / "page.html").read_text()
    assert "<title>&lt;b&gt; &amp; more</title>" in text
    assert "<h1>&lt;b&gt; &amp; more</h1>" in text
    assert "{{" not in text.partition("<script")[0]
    inside = documents(text)
    assert base64.b64decode(inside["ketgrad-wasm"]) == b"\x1f\x8b wasm"
    document = json.loads((folder / "model.json").read_text())
    for part in ("history", "trainer"):
        del document["fitted"][part]
    assert json.loads(inside["model"]) == document
    # Nothing comes from anywhere else: the policy forbids it, and there is no address to come from.
    assert "default-src 'none'" in text
    assert not re.search(r'(?:src|href)="|https?://(?!www\.w3\.org/2000/svg)', text)
    for script in ("engine.js", "charts.js", "inputs.js", "model.js"):
        assert (HERE / script).read_text() in text


def test_the_title_is_the_file_unless_it_is_said(folder, capsys):
    saved(kg.VQRegressor(**TRAINING), "houses.json")
    assert main(["export", "houses.json", "--html", "-"]) == 0
    assert "<title>houses</title>" in capsys.readouterr().out


def test_texts_cannot_leave_their_place(folder):
    X, y = samples()
    evil = "</script><script>alert(1)</script>"
    kg.VQClassifier(**TRAINING).fit(X, np.where(y, evil, "<!-- {{style}}")).save("model.json")
    assert main(["export", "model.json", "--html", "page.html"]) == 0
    text = (folder / "page.html").read_text()
    assert "alert(1)</script>" not in text
    assert "<!--" not in text
    assert json.loads(documents(text)["model"])["fitted"]["classes"]["values"] == sorted(
        [evil, "<!-- {{style}}"]
    )
    with pytest.raises(ValueError, match="would end it"):
        page("x", HERE / "model.html", (), module.Module("'</script>'", b""))


def _wide():
    x = kg.ParameterVector("x", 2)
    w = kg.ParameterVector("w", 1)
    circuit = kg.Circuit(17).ry(x, [0, 1]).ry(w, [16])
    program = kg.compile(circuit, ["Z0"], inputs=x)
    return kg.VQRegressor(
        model=kg.layers.Chain([kg.layers.CircuitLayer(program), kg.layers.Dense(1, 1)]), **TRAINING
    )


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (kg.QSVC, "holds a QSVC; pages run VQClassifier and VQRegressor alone"),
        (lambda: kg.VQClassifier(shots=100, **TRAINING), "measures 100 shots"),
        (
            lambda: kg.VQClassifier(
                noise=kg.NoiseModel().add(kg.Channel.bit_flip(0.1)), **TRAINING
            ),
            "has noise in its model",
        ),
        (_wide, "has 17 qubits; in a page there are 16"),
    ],
)
def test_what_cannot_be_a_page(folder, capsys, make, told):
    saved(make())
    line = failure(capsys, "export", "model.json", "--html", "page.html")
    assert told in line
    assert not (folder / "page.html").exists()


def test_files_that_are_no_models(folder, capsys):
    (folder / "model.json").write_text('{"format": "ketgrad.circuit"}')
    assert "is not a ketgrad estimator" in failure(
        capsys, "export", "model.json", "--html", "x.html"
    )
    saved(kg.VQRegressor(**TRAINING))
    document = json.loads((folder / "model.json").read_text())
    (folder / "new.json").write_text(json.dumps({**document, "version": 99}))
    told = failure(capsys, "export", "new.json", "--html", "x.html")
    assert "version 99; this release of ketgrad reads up to 1" in told
    told = failure(capsys, "export", "model.json", "--html", "nowhere/x.html")
    assert "there is no folder nowhere" in told
    assert not (folder / "x.html").exists()


def test_without_a_module_the_command_says_what_to_do(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    saved(kg.VQRegressor(**TRAINING))
    monkeypatch.setattr(command, "read_module", lambda: module.read_module(tmp_path))
    told = failure(capsys, "export", "model.json", "--html", "page.html")
    assert "scripts/web.sh in ketgrad's source makes it" in told
    assert not (tmp_path / "page.html").exists()
    (tmp_path / "ketgrad_web.js").write_text("script")
    (tmp_path / "ketgrad_web.wasm.gz").write_bytes(b"bytes")
    assert module.read_module(tmp_path) == module.Module("script", b"bytes")


def test_a_page_does_not_replace_its_model(folder, capsys):
    saved(kg.VQClassifier(**TRAINING))
    before = (folder / "model.json").read_text()
    assert main(["export", "model.json", "--html", "./model.json"]) == 2
    assert "model.json is read, and the output would replace it" in capsys.readouterr().err
    assert (folder / "model.json").read_text() == before


def test_whole_numbers_that_pages_round(folder, capsys):
    X, y = samples()
    kg.VQClassifier(**TRAINING).fit(X, np.where(y, 2**60 + 1, 3)).save("model.json")
    assert str(2**60 + 1) in failure(capsys, "export", "model.json", "--html", "x.html")
