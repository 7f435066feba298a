"""Plans for many machines, which need no MPI."""

from pathlib import Path
from typing import Any

import pytest

import ketgrad as kg
from ketgrad import mpi
from ketgrad.__main__ import main


def test_a_fourier_transform_is_one_exchange() -> None:
    for ranks in (2, 64, 4096):
        plan = mpi.plan(kg.library.qft(45), ranks=ranks)
        assert plan.exchanges == 1
        assert plan.state_bytes == 16 * 2**45 / ranks
        assert plan.sent_bytes == (1 - 1 / ranks) * plan.state_bytes
        assert plan.run_bytes == plan.state_bytes + 4 * 2**24  # and the buffers of a move


def test_single_precision_is_half_of_it() -> None:
    circuit = kg.library.qft(30)
    double, single = (mpi.plan(circuit, ranks=8, precision=p) for p in ("double", "single"))
    assert single.sent_bytes == double.sent_bytes / 2


def test_observables_are_shown_once_for_every_mask_of_ranks() -> None:
    circuit = kg.Circuit(10).h(range(8))  # the others stay the bits of ranks
    diagonal, local, far = "Z9 Z8", "X0 Z9", "X9 X8"
    for observables, shows in (
        ([diagonal, local], 0),
        ([far], 1),
        ([far, "Y9 Y8 X0", "X9 X8 Z1"], 1),
        ([far, "X9"], 2),
    ):
        sums = [kg.PauliSum(text, n_qubits=10) for text in observables]
        plan = mpi.plan(circuit, sums, ranks=4)
        assert plan.shown_bytes == shows * plan.state_bytes, observables


def test_the_time_is_that_of_the_bandwidths() -> None:
    circuit = kg.library.qft(36)
    plan = mpi.plan(circuit, ranks=16, network=1e9, memory=1e12)
    assert plan.network_seconds == plan.sent_bytes / 1e9
    assert plan.memory_seconds == 2 * plan.passes * plan.state_bytes / 1e12
    assert plan.seconds == plan.network_seconds + plan.memory_seconds


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"ranks": 3}, "got 3 ranks; their number must be a power of two"),
        ({"ranks": 0}, "got 0 ranks"),
        ({"ranks": 16}, r"2\^4 ranks are too many for a state of 4 qubits"),
        ({"ranks": 2, "network": 0}, "a network bandwidth of 0 bytes a second"),
        ({"ranks": 2, "memory": -1}, "a memory bandwidth of -1 bytes a second"),
        ({"ranks": 2, "precision": "half"}, "there is no precision 'half'"),
        ({"ranks": 8}, "a gate mixes 2 qubits, and a rank has the amplitudes of 1"),
    ],
)
def test_plans_that_are_refused(arguments: dict[str, Any], message: str) -> None:
    circuit = kg.Circuit(4).unitary(kg.Circuit(2).h(0).cx(0, 1).h(1).matrix(), [0, 1])
    with pytest.raises(ValueError, match=message):
        mpi.plan(circuit, **arguments)


def test_the_command_prints_a_row_a_number_of_ranks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "qft.qasm"
    file.write_text(kg.library.qft(34).to_qasm())
    arguments = ["plan", str(file), "--ranks", "4", "1024", "--gigabytes", "20"]
    assert main([*arguments, "--bandwidth", "25"]) == 0
    header, few, many = capsys.readouterr().out.splitlines()
    assert header.split()[:4] == ["ranks", "qubits", "each", "epochs"]
    assert few.split()[:4] == ["4", "32", "2", "1"]
    assert "64.06 GiB (too much)" in few
    assert "48 GiB" in few
    assert many.split()[:4] == ["1024", "24", "2", "1"]
    assert "too much" not in many
    assert main([*arguments[:3], "3"]) == 1
    assert "power of two" in capsys.readouterr().err


def test_without_mpi_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from ketgrad.mpi import _communicators

    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(_communicators, "import_module", missing)
    with pytest.raises(ImportError, match=r"pip install 'ketgrad\[mpi\]'"):
        mpi.State(4)
    with pytest.raises(ImportError, match="KETGRAD_MPI=ON"):
        _communicators.extension()
