"""The gallery: every experiment in its quick form, and the command around them."""

import doctest
import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ketgrad import gallery
from ketgrad.__main__ import main
from ketgrad.commands import reproduce
from ketgrad.gallery import TITLES, evidence, experiment, load, report, running, sources

PNG = b"\x89PNG"


@pytest.fixture
def one(tmp_path, monkeypatch):
    """A gallery of one experiment, whose evidence is kept elsewhere."""
    monkeypatch.setattr(evidence, "FILE", tmp_path / "evidence.json")
    for name in set(TITLES) - {"algorithms"}:
        monkeypatch.delitem(TITLES, name)
    return tmp_path


@pytest.mark.parametrize("name", TITLES)
def test_quick_form_holds_its_claims(name, tmp_path, capsys):
    assert main(["reproduce", name, "--quick", "--output", str(tmp_path), "--json"]) == 0
    (record,) = json.loads(capsys.readouterr().out)
    assert record["failed"] == []
    assert [figure for figure in record["figures"] if not figure["holds"]] == []
    assert (tmp_path / f"{name}.png").read_bytes().startswith(PNG)


@pytest.mark.parametrize("name", TITLES)
def test_last_run_has_every_claim(name):
    found = evidence.read_evidence()
    assert found.finished
    claims = [claim.name for claim in load(name).claims]
    assert [figure.name for figure in found.records[name].figures] == claims
    assert found.records[name].seconds <= load(name).budget


def test_lists_experiments_with_their_figures(capsys):
    assert main(["reproduce"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["experiment", *TITLES]


def test_prints_one_in_full(tmp_path, capsys):
    assert main(["reproduce", "algorithms", "--seeds", "2", "--output", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "0.9992 ±" in out
    assert "2 of 2" in out
    assert "4 of 4 claims hold" in out


def test_writes_the_page_and_goes_on_after_an_interrupt(one, monkeypatch, capsys):
    arguments = ["reproduce", "--all", "--seeds", "1", "--output", str(one)]

    def interrupted(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(evidence, "page", interrupted)
        assert main(arguments) == 130
    assert not evidence.read_evidence().finished
    first = evidence.FILE.read_bytes()
    assert main(arguments) == 0
    assert json.loads(first)["records"] == json.loads(evidence.FILE.read_bytes())["records"]
    assert evidence.read_evidence().finished
    page = (one / "evidence.md").read_text()
    assert "| a run of Shor's factors 15 | 0.5 | 0.5 | 1 of 1 |" in page
    assert (one / "evidence" / "algorithms.png").read_bytes().startswith(PNG)
    capsys.readouterr()
    assert main(["reproduce"]) == 0
    assert "Deutsch–Jozsa is right  1" in capsys.readouterr().out


def test_changed_runs_what_is_not_current(one, capsys):
    arguments = ["reproduce", "--all", "--output", str(one), "--jobs", "1"]
    assert main(arguments) == 0
    first = evidence.read_evidence()
    first.records["algorithms"] = replace(first.records["algorithms"], seconds=99.0)
    first.save()
    assert main([*arguments, "--changed"]) == 0
    assert evidence.read_evidence().records["algorithms"].seconds == 99.0
    first.add(replace(first.records["algorithms"], source="another"))
    first.save()
    assert main([*arguments, "--changed"]) == 0
    current = evidence.read_evidence().records["algorithms"]
    assert current.seconds < 99.0
    assert current.source == sources.source("algorithms") != "another"
    assert main([*arguments, "--changed", "--seeds", "1"]) == 0
    assert evidence.read_evidence().records["algorithms"].n_seeds == 1


def test_the_same_in_one_process_and_in_two():
    some = load("algorithms")
    (one, _), (two, _) = (running.run("x", some, 3, quick=True, n_jobs=n) for n in (1, 2))
    assert one.figures == two.figures


def test_quick_run_of_all_writes_nothing(one, capsys):
    assert main(["reproduce", "--all", "--quick"]) == 0
    assert "4 of 4 claims hold" in capsys.readouterr().out
    assert list(one.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["algoritms"], "no experiment 'algoritms'; did you mean 'algorithms'?"),
        (["qqq"], "no experiment 'qqq'; there are algorithms"),
        (["algorithms", "--all"], "a name does not go with --all"),
        (["algorithms", "--changed"], "--changed goes with --all"),
        (["--quick"], "go with a name or with --all"),
        (["algorithms", "--seeds", "0"], "0 is out of range; it must be at least 1"),
    ],
)
def test_refuses(arguments, message, capsys):
    assert main(["reproduce", *arguments]) in (1, 2)
    assert message in capsys.readouterr().err


def test_names_the_extra_of_a_missing_package(monkeypatch, capsys):
    for module in ("algorithms", "pictures"):
        monkeypatch.delitem(sys.modules, f"ketgrad.gallery.{module}", raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    assert main(["reproduce", "algorithms"]) == 1
    assert 'needs matplotlib.pyplot: pip install "ketgrad[gallery]"' in capsys.readouterr().err


def test_heuristics_name_the_extra_of_cma(monkeypatch, capsys):
    monkeypatch.delitem(sys.modules, "ketgrad.gallery.heuristics", raising=False)
    monkeypatch.setitem(sys.modules, "cma", None)
    assert main(["reproduce", "heuristics", "--quick"]) == 1
    error = capsys.readouterr().err
    assert "'heuristics' needs cma: pip install \"ketgrad[gallery]\"" in error
    assert "Traceback" not in error


def test_where_every_seed_fails_nothing_is_drawn_linked_or_run_again(one, monkeypatch, capsys):
    def failing(*_):
        raise RuntimeError("the loss is not finite")

    def interrupted(*_):
        raise KeyboardInterrupt

    some = replace(load("algorithms"), run=failing)
    arguments = ["--output", str(one), "--jobs", "1", "--seeds", "2"]
    with monkeypatch.context() as patch:
        patch.setattr(reproduce, "load", lambda name: some)
        assert main(["reproduce", "algorithms", *arguments]) == 0
        out = capsys.readouterr().out
        assert "no picture: every seed failed" in out
        assert "wrote" not in out
        patch.setattr(evidence, "page", interrupted)
        assert main(["reproduce", "--all", *arguments]) == 130
    first = evidence.FILE.read_bytes()
    assert main(["reproduce", "--all", *arguments]) == 0
    assert json.loads(first)["records"] == json.loads(evidence.FILE.read_bytes())["records"]
    page = (one / "evidence.md").read_text()
    assert "2 of 2 seeds failed" in page
    assert "![" not in page
    assert list((one / "evidence").iterdir()) == []


def test_the_hash_of_an_experiment_has_the_data_beside_it(tmp_path, monkeypatch):
    before = sources.source("benchmark-study")
    assert before == evidence.read_evidence().records["benchmark-study"].source
    real = sources._data_in
    (tmp_path / "published.json").write_text("{}")
    monkeypatch.setattr(sources, "_data_in", lambda _: real(tmp_path))
    assert sources.source("benchmark-study") != before
    assert sources.source("algorithms") == evidence.read_evidence().records["algorithms"].source
    monkeypatch.undo()
    published = sys.modules["ketgrad.gallery.benchmark_study"].__path__[0]
    assert [path.name for path in sources._data_in(Path(published))] == ["published.json"]


@pytest.mark.parametrize("module", [gallery, report])
def test_docstrings(module):
    assert doctest.testmod(module).failed == 0


def test_damaged_evidence_is_named(one, capsys):
    evidence.FILE.write_text("[]")
    assert main(["reproduce"]) == 1
    assert "evidence.json is damaged" in capsys.readouterr().err


def test_counts_seeds_that_fail():
    def run(seed, quick):
        if seed == 1:
            raise RuntimeError("the loss is not finite")
        return experiment.Trial({"x": float(seed)}, {"x": 0.5})

    claim = experiment.Claim("x", 1.0, (0.5, 1.5))
    some = replace(load("algorithms"), claims=(claim,), run=run)
    record, trials = running.run("some", some, 3, quick=False)
    assert len(trials) == 2
    assert record.failed == ["seed 1: the loss is not finite"]
    assert report.rows(record)[0][:5] == ("x", "1", "1 ± 1.4", "0 of 3", "0.5")
    assert report.verdict(record) == "1 of 1 claims hold; 1 of 3 seeds failed"


def test_a_figure_that_does_not_come_out_is_shown_as_such():
    claim = experiment.Claim("x", 1.0, (0.9, 1.1))
    some = replace(load("algorithms"), claims=(claim,), run=lambda *_: experiment.Trial({"x": 0.2}))
    record, _ = running.run("some", some, 2, quick=True)
    assert report.rows(record)[0][2] == "0.2 ± 0 (not reproduced)"
