"""``ketgrad reproduce``: published experiments, run again."""

import argparse
import json
from pathlib import Path

from ketgrad._files import check_writable, make_folder, write_whole
from ketgrad.commands.arguments import UsageError, at_least
from ketgrad.commands.progress import terminal_bar
from ketgrad.gallery import TITLES, check_name, evidence, load, report
from ketgrad.gallery.evidence import Evidence
from ketgrad.gallery.running import Record, run

EPILOG = """\
examples:
  ketgrad reproduce
  ketgrad reproduce born-machine --quick
  ketgrad reproduce --all

Without a name, lists the experiments with the figures of the last run of all. Such a run writes a
page with pictures; one that was interrupted goes on where it stopped. --all --quick writes nothing.
"""

_SEEDS = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the sub-command."""
    parser.epilog = EPILOG
    parser.add_argument("name", nargs="?", help="the experiment")
    parser.add_argument("--all", action="store_true", help="run them all, and write the page")
    parser.add_argument("--quick", action="store_true", help="in a short form, with one seed")
    parser.add_argument(
        "--seeds", type=at_least(1), metavar="N", help=f"how many seeds; {_SEEDS} if left out"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FOLDER",
        help="for pictures: out if left out, with --all docs",
    )


def main(args: argparse.Namespace) -> int:
    """Run the command; returns the exit code."""
    if args.name and args.all:
        raise UsageError("a name does not go with --all")
    n_seeds = args.seeds or (1 if args.quick else _SEEDS)
    if args.all and args.quick:
        _print([_run(name, n_seeds, quick=True) for name in TITLES], as_json=args.json)
    elif args.all:
        _run_all(n_seeds, args.output or Path("docs"), as_json=args.json)
    elif args.name:
        check_name(args.name)
        picture = (args.output or Path("out")) / f"{args.name}.png"
        _print([_run(args.name, n_seeds, quick=args.quick, picture=picture)], as_json=args.json)
        print("" if args.json else f"\nwrote {picture}\n", end="")
    else:
        _list(args)
    return 0


def _list(args: argparse.Namespace) -> None:
    if args.quick or args.seeds or args.output:
        raise UsageError("--quick, --seeds and --output go with a name or with --all")
    found = evidence.read_evidence()
    if args.json:
        print(json.dumps(found and found.as_json(), indent=1, ensure_ascii=False))
    else:
        print(evidence.listing(found))


def _run_all(n_seeds: int, folder: Path, *, as_json: bool) -> None:
    pictures, page = folder / "evidence", folder / "evidence.md"
    make_folder(pictures)
    for path in (page, evidence.FILE):
        check_writable(path)
    found = evidence.read_evidence()
    if found is None or not found.continues(n_seeds):
        found = Evidence(n_seeds)
    for name in TITLES:
        picture = pictures / f"{name}.png"
        if name not in found.records or not picture.exists():
            found.records[name] = _run(name, n_seeds, quick=False, picture=picture)
            found.save()
    found.finished = True
    write_whole(page, evidence.page(found, pictures.name))
    found.save()
    _print(list(found.records.values()), as_json=as_json)
    print("" if as_json else f"\nwrote {page}, {pictures} and {evidence.FILE}\n", end="")


def _run(name: str, n_seeds: int, *, quick: bool, picture: Path | None = None) -> Record:
    """Run an experiment and draw its picture, whose place is tried before."""
    experiment = load(name)
    if picture is not None:
        make_folder(picture.parent)
        check_writable(picture)
    bar = terminal_bar(n_seeds, unit="seed", desc=name)
    try:
        advance = bar.update if bar is not None else lambda: None
        record, trials = run(name, experiment, n_seeds, quick=quick, advance=advance)
    finally:
        if bar is not None:
            bar.close()
    if picture is not None and trials:
        from ketgrad.gallery.pictures import save_picture  # the list goes without matplotlib

        save_picture(picture, experiment, trials)
    return record


def _print(records: list[Record], *, as_json: bool) -> None:
    if as_json:
        content = [record.as_json() for record in records]
        print(json.dumps(content, indent=1, ensure_ascii=False))
    else:
        texts = (report.text(TITLES[r.name], load(r.name), r) for r in records)
        print("\n\n".join(texts))
