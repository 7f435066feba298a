"""States in files: saved whole or not at all, loaded to the bit, refused where damaged."""

import pathlib
import resource
import subprocess
import sys

import numpy as np
import pytest

import ketgrad as kg


def some_state(n_qubits: int, precision: str = "double") -> kg.State:
    circuit = kg.Circuit(n_qubits)
    for q in range(n_qubits):
        circuit.ry(0.3 + q, q)
    return kg.State(n_qubits, precision=precision, seed=5).apply(circuit)


@pytest.mark.parametrize("precision", ["single", "double"])
@pytest.mark.parametrize("n_qubits", [1, 3, 12, 19])
def test_round_trip(tmp_path: pathlib.Path, n_qubits: int, precision: str) -> None:
    state = some_state(n_qubits, precision)
    state.measure(0)
    state.save(tmp_path / "state")
    loaded = kg.State.load(str(tmp_path / "state"))
    assert (loaded.n_qubits, loaded.precision) == (n_qubits, precision)
    np.testing.assert_array_equal(loaded.amplitudes(), state.amplitudes())
    qubits = range(n_qubits)  # measurements go on as they would have
    assert [loaded.measure(q) for q in qubits] == [state.measure(q) for q in qubits]
    assert [file.name for file in tmp_path.iterdir()] == ["state"]


def test_a_file_too_large_for_the_disk_leaves_the_old_one(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "state"
    some_state(3).save(path)
    before = path.read_bytes()
    wide = some_state(16)
    amplitudes = wide.amplitudes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(OSError, match=r"cannot write .*state: File too large"):
            wide.save(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["state"]
    np.testing.assert_array_equal(wide.amplitudes(), amplitudes)


def test_a_full_disk_leaves_the_old_file(tmp_path: pathlib.Path) -> None:
    mount = ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(tmp_path)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("only root may make a small disk")
    try:
        path = tmp_path / "state"
        some_state(12).save(path)
        before = path.read_bytes()
        with pytest.raises(OSError, match="No space left on device"):
            some_state(15).save(path)
        assert path.read_bytes() == before
        assert [file.name for file in tmp_path.iterdir()] == ["state"]
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_files_that_are_refused(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "state"
    some_state(4).save(path)
    good = path.read_bytes()
    flipped = bytearray(good)
    flipped[100] ^= 1
    for text, message in [
        (b"", "not a state"),
        (b"PNG" * 100, "not a state"),
        (good[:-9], "only 319 bytes"),
        (good + b"x", "has 329 bytes"),
        (bytes(flipped), "chunk 0 of .* is damaged"),
        (good[:8] + b"\x07" + good[9:], "version 7"),
        (good[:16] + b"\x22" + good[17:], "header of .* is damaged"),
    ]:
        path.write_bytes(text)
        with pytest.raises(ValueError, match=message):
            kg.State.load(path)
    with pytest.raises(FileNotFoundError, match=r"cannot read .*missing: No such file"):
        kg.State.load(tmp_path / "missing")
    with pytest.raises(IsADirectoryError, match="cannot read"):
        kg.State.load(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"cannot write .*missing"):
        some_state(2).save(tmp_path / "missing" / "state")


def test_ctrl_c_ends_a_save_and_leaves_the_old_file(tmp_path: pathlib.Path) -> None:
    script = f"""
import os, signal, threading, time
import ketgrad as kg
path = {str(tmp_path / "state")!r}
kg.State(2).save(path)
before = open(path, "rb").read()
wide = kg.State(25)
time.sleep(0.1)
threading.Timer(0.05, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
try:
    wide.save(path)
    print("was not interrupted")
except KeyboardInterrupt:
    print("interrupted", open(path, "rb").read() == before, os.listdir(os.path.dirname(path)))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout == "interrupted True ['state']\n"


def test_links_are_followed_and_permissions_kept(tmp_path: pathlib.Path) -> None:
    target, link = tmp_path / "state", tmp_path / "link"
    kg.State(2).save(target)
    target.chmod(0o600)
    link.symlink_to(target)
    kg.State(3).save(link)
    assert link.is_symlink()
    assert target.stat().st_mode & 0o777 == 0o600
    assert kg.State.load(target).n_qubits == 3


def test_what_is_no_file_is_not_replaced(tmp_path: pathlib.Path) -> None:
    for path in (tmp_path, pathlib.Path("/dev/null")):
        with pytest.raises(OSError, match=r"not a file|Is a directory"):
            kg.State(2).save(path)
    assert not pathlib.Path("/dev/null").is_file()
