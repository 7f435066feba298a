"""``ketgrad reproduce``: published experiments, run again."""

import argparse
import json
from pathlib import Path

from ketgrad._files import check_writable, make_folder, write_whole
from ketgrad.commands.arguments import UsageError, at_least, folder_name
from ketgrad.commands.progress import terminal_bar
from ketgrad.gallery import TITLES, check_name, evidence, load, report
from ketgrad.gallery.record import Record
from ketgrad.gallery.sources import source

EPILOG = """\
examples:
  ketgrad reproduce
  ketgrad reproduce born-machine --quick
  ketgrad reproduce --all

Without a name, lists the experiments with the figures of the last run of all. Such a run writes a
page with pictures; one that was interrupted goes on where it stopped, and --changed runs those only
whose code is not that of the last run. --all --quick writes nothing.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the sub-command."""
    parser.epilog = EPILOG
    parser.add_argument("name", nargs="?", help="the experiment")
    parser.add_argument("--all", action="store_true", help="run them all, and write the page")
    parser.add_argument("--quick", action="store_true", help="in a short form, with one seed")
    parser.add_argument(
        "--changed", action="store_true", help="with --all: only what is not current"
    )
    parser.add_argument(
        "--seeds", type=at_least(1), metavar="N", help="how many; 5 of most if left out"
    )
    parser.add_argument(
        "--jobs", type=at_least(1), metavar="N", help="processes; one a core if left out"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--output",
        type=folder_name,
        metavar="FOLDER",
        help="for pictures: out if left out, with --all docs",
    )


def main(args: argparse.Namespace) -> int:
    """Run the command; returns the exit code."""
    if args.name and args.all:
        raise UsageError("a name does not go with --all")
    if args.changed and (args.quick or not args.all):
        raise UsageError("--changed goes with --all, and not with --quick")
    if args.all and args.quick:
        _print([_run(name, args) for name in TITLES], as_json=args.json)
    elif args.all:
        _run_all(args, args.output or Path("docs"))
    elif args.name:
        check_name(args.name)
        picture = (args.output or Path("out")) / f"{args.name}.png"
        record = _run(args.name, args, picture=picture)
        _print([record], as_json=args.json)
        what = f"wrote {picture}" if record.is_drawn else "no picture: every seed failed"
        print("" if args.json else f"\n{what}\n", end="")
    else:
        _list(args)
    return 0


def _list(args: argparse.Namespace) -> None:
    if args.quick or args.seeds or args.jobs or args.output:
        raise UsageError("--quick, --seeds, --jobs and --output go with a name or with --all")
    found = evidence.read_evidence()
    if args.json:
        print(json.dumps(found and found.as_json(), indent=1, ensure_ascii=False))
    else:
        print(evidence.listing(found))


def _run_all(args: argparse.Namespace, folder: Path) -> None:
    pictures, page = folder / "evidence", folder / "evidence.md"
    make_folder(pictures)
    for path in (page, evidence.FILE):
        check_writable(path)
    found = evidence.begun(args.seeds, changed=args.changed)
    for name in TITLES:
        picture = pictures / f"{name}.png"
        record = found.records.get(name)
        if record is None or (record.is_drawn and not picture.exists()):
            found.add(_run(name, args, picture=picture))
            found.save()
    found.finished = True
    write_whole(page, evidence.page(found, pictures.name))
    found.save()
    _print(list(found.records.values()), as_json=args.json)
    print("" if args.json else f"\nwrote {page}, {pictures} and {evidence.FILE}\n", end="")


def _run(name: str, args: argparse.Namespace, *, picture: Path | None = None) -> Record:
    """Run an experiment and draw its picture, whose place is tried before."""
    experiment = load(name)
    from joblib import cpu_count  # the list goes without the packages of experiments

    from ketgrad.gallery.pictures import save_picture
    from ketgrad.gallery.running import run

    n_seeds = args.seeds or (1 if args.quick else experiment.n_seeds)
    if picture is not None:
        make_folder(picture.parent)
        check_writable(picture)
    bar = terminal_bar(n_seeds, unit="seed", desc=name)
    try:
        record, trials = run(
            name,
            experiment,
            n_seeds,
            quick=args.quick,
            source=source(name),
            n_jobs=args.jobs or cpu_count(),
            advance=bar.update if bar is not None else lambda: None,
        )
    finally:
        if bar is not None:
            bar.close()
    if picture is not None and trials:
        save_picture(picture, experiment, trials)
    return record


def _print(records: list[Record], *, as_json: bool) -> None:
    if as_json:
        content = [record.as_json() for record in records]
        print(json.dumps(content, indent=1, ensure_ascii=False))
    else:
        texts = (report.text(TITLES[r.name], load(r.name), r) for r in records)
        print("\n\n".join(texts))
