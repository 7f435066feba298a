"""What the last run of all experiments found, and the page that shows it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ketgrad import __version__
from ketgrad._files import read_whole, write_whole
from ketgrad.gallery import TITLES, load
from ketgrad.gallery.record import Figure, Record
from ketgrad.gallery.report import columns, markdown, ours
from ketgrad.gallery.sources import source

FILE = Path(__file__).with_name("evidence.json")


@dataclass
class Evidence:
    """Records of full runs, and how they were made."""

    n_seeds: int | None
    """As the command had it; None takes those of each experiment."""
    version: str = __version__
    finished: bool = False
    """False while experiments are missing: the run was interrupted, and can go on."""
    records: dict[str, Record] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        """Add a record, in the order of the gallery."""
        records = self.records | {record.name: record}
        self.records = {name: records[name] for name in TITLES if name in records}

    def as_json(self) -> dict[str, Any]:
        """Give it as JSON has it."""
        records = {name: record.as_json() for name, record in self.records.items()}
        return {**vars(self), "records": records}

    def save(self) -> None:
        """Write the file."""
        write_whole(FILE, json.dumps(self.as_json(), indent=1, ensure_ascii=False) + "\n")


def read_evidence() -> Evidence | None:
    """Read the file; None where there is none."""
    if not FILE.exists():
        return None
    try:
        content = json.loads(read_whole(FILE))
        records = {name: _record(record) for name, record in content.pop("records").items()}
        return Evidence(**content, records=records)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise ValueError(f"{FILE} is damaged; delete it, and run ketgrad reproduce --all") from None


def begun(n_seeds: int | None, *, changed: bool) -> Evidence:
    """Give what a run of all can keep: of one that was interrupted, or what has not `changed`."""
    found, new = read_evidence(), Evidence(n_seeds)
    if found is None or (found.finished and not changed) or found.version != __version__:
        return new
    for name, record in found.records.items():
        if name in TITLES and _stands(record, n_seeds):
            new.add(record)
    return new


def _stands(record: Record, n_seeds: int | None) -> bool:
    wanted = n_seeds or load(record.name).n_seeds
    return (record.n_seeds, record.source) == (wanted, source(record.name))


def _record(content: dict[str, Any]) -> Record:
    figures = [Figure(**{**f, "accept": tuple(f["accept"])}) for f in content["figures"]]
    return Record(**{**content, "figures": figures})


def listing(evidence: Evidence | None) -> str:
    """List all experiments, with what the last run found of the first claim of each."""
    records = evidence.records if evidence else {}
    table = [("experiment", "what", "first claim", "ours ±")]
    for name, title in TITLES.items():
        first = records[name].figures[0] if name in records else None
        table.append((name, title, first.name if first else "–", ours(first) if first else "–"))
    return "\n".join(columns(table))


def page(evidence: Evidence, pictures: str) -> str:
    """Write `docs/evidence.md`."""
    records = evidence.records.values()
    seeds = f" --seeds {evidence.n_seeds}" if evidence.n_seeds else ""
    head = f"""# Evidence

Published figures beside ours, from `ketgrad reproduce --all{seeds}` of ketgrad
{evidence.version}, which writes this page. Ours are means ± standard deviations over seeds; a claim
holds where the mean is in the range accepted. "Seeds" counts those in it by themselves, of all that
were started. Times are of all seeds.

{_summary(records)}
"""
    parts = (
        markdown(TITLES[record.name], load(record.name), record, f"{pictures}/{record.name}.png")
        for record in records
    )
    return head + "".join(parts)


def _summary(records: Iterable[Record]) -> str:
    figures = [figure for record in records for figure in record.figures]
    holding = sum(figure.holds for figure in figures)
    return f"**{holding} of {len(figures)} claims hold.**"
