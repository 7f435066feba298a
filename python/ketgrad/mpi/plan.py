"""What a circuit costs on many ranks, told without running it."""

from dataclasses import dataclass
from typing import Any

from ketgrad import _core
from ketgrad._core import Circuit


@dataclass(frozen=True)
class Plan:
    """What `plan` tells; bytes are those of one rank, and all ranks have as many.

    epochs, exchanges : int
        Runs of gates that need nothing of other ranks, and the exchanges between them.
    passes : int
        Trips of a rank's amplitudes through its memory.
    state_bytes : float
        Its amplitudes.
    sent_bytes, shown_bytes : float
        What it sends, exactly, in a run and then for the expectation values.
    sent_back_bytes : float
        What a gradient sends besides a run: for its bra, and on the way back.
    run_bytes, gradient_bytes : float
        The most memory of a run with its expectation values, and of their gradient.
    network_seconds, memory_seconds : float
        A run with its expectation values at the bandwidths given.
    """

    ranks: int
    epochs: int
    exchanges: int
    passes: int
    state_bytes: float
    sent_bytes: float
    shown_bytes: float
    sent_back_bytes: float
    run_bytes: float
    gradient_bytes: float
    network_seconds: float
    memory_seconds: float

    @property
    def seconds(self) -> float:
        """Both, as if neither overlapped the other."""
        return self.network_seconds + self.memory_seconds


def plan(
    circuit: Circuit,
    observables: Any = (),
    *,
    ranks: int,
    precision: str = "double",
    network: float = 12.5e9,
    memory: float = 100e9,
) -> Plan:
    """Plan a circuit of up to 62 qubits for a number of ranks, without a state.

    Runs of gates on qubits that a rank has are epochs; between two, the qubits needed next change
    places with those needed last (Belady 1966, doi:10.1147/sj.52.0078), k of them in one exchange
    in which each rank sends 1 − 2^−k of its amplitudes. Diagonal gates, controls, flips and swaps
    need no exchange. `Program` follows the same plan.

    Parameters
    ----------
    circuit : Circuit
        Without measurements; its parameters need no values.
    observables : PauliSum, str, MatrixObservable or a list of these
        As `ketgrad.compile` takes them: their expectation values are counted too.
    ranks : int
        A power of two.
    precision : str
        'double' or 'single'.
    network, memory : float
        What one rank has, in bytes a second: to send and as much to receive (12.5e9 is a port of
        100 Gbit/s), and to read and write.

    Raises
    ------
    ValueError
        For a number of ranks that is no power of two or leaves a rank less than two amplitudes, for
        gates that mix more qubits than a rank has, and for bandwidths that are not positive.

    Examples
    --------
    >>> import ketgrad as kg
    >>> from ketgrad import mpi
    >>> p = mpi.plan(kg.library.qft(34), ranks=16, network=25e9)
    >>> p.epochs, p.state_bytes / 2**30, round(p.network_seconds, 2)
    (2, 16.0, 0.64)

    """
    found: dict[str, Any] = _core._plan_ranks(
        circuit, observables, ranks, precision, network, memory
    )
    return Plan(ranks, **found)
