"""``ketgrad plan``: what a circuit would cost on many machines, without running it."""

import argparse

from ketgrad import mpi
from ketgrad._core import Circuit
from ketgrad.commands.arguments import add_choice, at_least, between
from ketgrad.commands.circuits import add_circuit, read_circuit
from ketgrad.commands.sizes import bytes_text, seconds_text

EPILOG = """\
examples:
  ketgrad plan qft40.qasm --ranks 1024 --gigabytes 128
  ketgrad plan ansatz.qasm --ranks 64 256 1024 --bandwidth 25 --observable Z0

A row a number of ranks (processes of MPI). Bytes are those of one rank; sent are those of a run,
exactly. The time is that of a run at the bandwidths given, without latencies or overlap.
"""
_HEADER = (
    "ranks", "qubits each", "epochs", "exchanges", "sent", "memory", "with gradient", "time"
)  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the sub-command."""
    parser.epilog = EPILOG
    add_circuit(parser)
    parser.add_argument(
        "--ranks", type=at_least(1), nargs="+", required=True, help="processes, powers of two"
    )
    parser.add_argument(
        "--gigabytes", type=between(0, 1e9), metavar="GB", help="memory that a rank has"
    )
    parser.add_argument(
        "--observable", metavar="PAULIS", help="count its expectation value too: 'Z0 + 0.5*X1 X2'"
    )
    add_choice(parser, "--precision", "double", "single", text="of amplitudes")
    parser.add_argument(
        "--bandwidth",
        type=between(0, 1e6),
        default=12.5,
        metavar="GB/S",
        help="of a rank's network, each way; a port of 100 Gbit/s has 12.5",
    )
    parser.add_argument(
        "--memory-bandwidth",
        type=between(0, 1e6),
        default=100.0,
        metavar="GB/S",
        help="of a rank's memory",
    )


def main(args: argparse.Namespace) -> int:
    """Run the command; returns the exit code."""
    circuit = read_circuit(args).without_final_measurements()
    rows = [_row(circuit, _plan(circuit, args, ranks), args.gigabytes) for ranks in args.ranks]
    widths = [max(len(row[k]) for row in (_HEADER, *rows)) for k in range(len(_HEADER))]
    for row in (_HEADER, *rows):
        print("  ".join(text.rjust(width) for text, width in zip(row, widths, strict=True)))
    return 0


def _plan(circuit: Circuit, args: argparse.Namespace, ranks: int) -> mpi.Plan:
    return mpi.plan(
        circuit,
        () if args.observable is None else args.observable,
        ranks=ranks,
        precision=args.precision,
        network=args.bandwidth * 1e9,
        memory=args.memory_bandwidth * 1e9,
    )


def _row(circuit: Circuit, plan: mpi.Plan, gigabytes: float | None) -> tuple[str, ...]:
    def memory(size: float) -> str:
        fits = gigabytes is None or size <= gigabytes * 1e9
        return bytes_text(size) + ("" if fits else " (too much)")

    return (
        f"{plan.ranks}",
        f"{circuit.n_qubits - plan.ranks.bit_length() + 1}",
        f"{plan.epochs}",
        f"{plan.exchanges}",
        bytes_text(plan.sent_bytes + plan.shown_bytes),
        memory(plan.run_bytes),
        memory(plan.gradient_bytes),
        seconds_text(plan.seconds),
    )
