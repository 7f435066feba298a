"""Damaged files: refused with a reason, or read and usable; never a crash or a late failure."""

from __future__ import annotations

import json
import tempfile
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

import ketgrad as kg
from campaign.tally import Tally

TITLE = "Damaged files of every kind"
UNIT = "files"
GOAL = 300_000
SHARE = 1.5
A_TRIAL = 50

UNHEARD = ("bad_alloc", "Unknown internal", "std::", "incompatible function arguments")
CORPUS = Path(__file__).resolve().parents[1] / "corpus"


def _use_circuit(circuit: kg.Circuit) -> None:
    circuit.draw()
    if kg.Circuit.from_json(circuit.to_json()) != circuit:
        raise AssertionError("a circuit does not read back equal")


def _use_program(program: kg.Program) -> None:
    if program.n_qubits <= 8:
        program.expval(
            inputs=np.full(len(program.inputs), 0.1), weights=np.full(len(program.weights), 0.2)
        )


def _use_state(data: bytes) -> None:
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(data)
        kg.State.load(file.name).norm()


def _text(read: Callable[[str], object]) -> Callable[[bytes], None]:
    def use(data: bytes) -> None:
        read(data.decode(errors="surrogateescape"))

    return use


@cache
def kinds() -> dict[str, tuple[list[bytes], Callable[[bytes], None]]]:
    """Return whole files of every kind, and how one is read and then used."""
    x = kg.ParameterVector("x", 2)
    circuit = kg.Circuit(2, 1).ry(x[0] * 2 + 1, 0).cx(0, 1).rz(x[1], 1).measure(0, 0)
    program = kg.compile(kg.hardware_efficient(2, 1), ["ZZ", {"XI": 0.5}])
    noise = kg.NoiseModel().add(kg.Channel.depolarizing(0.1), "cx").add_readout_error(0.1, 0.2)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state"
        kg.State(3).apply(kg.Circuit(3).h(0).cx(0, 2)).save(path)
        state = path.read_bytes()
    qasm2 = [p.read_bytes() for p in sorted((CORPUS / "qasm2").iterdir())]
    qasm3 = [p.read_bytes() for p in sorted((CORPUS / "qasm3").iterdir())]
    return {
        "circuit": (
            [circuit.to_json().encode()],
            _text(lambda t: _use_circuit(kg.Circuit.from_json(t))),
        ),
        "program": (
            [program.to_json().encode()],
            _text(lambda t: _use_program(kg.Program.from_json(t))),
        ),
        "noise model": ([noise.to_json().encode()], _text(kg.NoiseModel.from_json)),
        "state": ([state], _use_state),
        "OpenQASM 2": (qasm2, _text(lambda t: _use_circuit(kg.Circuit.from_qasm(t)))),
        "OpenQASM 3": (qasm3, _text(lambda t: _use_circuit(kg.Circuit.from_qasm(t)))),
    }


def damaged_bytes(rng: np.random.Generator, data: bytes) -> bytes:
    """Return a file with bytes changed, cut out, doubled or cut off."""
    out = bytearray(data)
    for _ in range(int(rng.integers(1, 4))):
        if not out:
            return bytes(out)
        at, length = int(rng.integers(len(out))), int(rng.integers(1, 9))
        kind = int(rng.integers(5))
        if kind == 0:
            out[at] = int(rng.integers(256))
        elif kind == 1:
            del out[at : at + length]
        elif kind == 2:
            out[at:at] = out[at : at + length]
        elif kind == 3:
            del out[at:]
        else:
            out[at : at + 1] = str(
                rng.choice(["0", "9", "-", "1e9", "null", "{", "]", '"'])
            ).encode()
    return bytes(out)


def damaged_json(rng: np.random.Generator, data: bytes) -> bytes:
    """Return JSON with one of its values dropped, doubled or replaced."""
    whole = json.loads(data)
    places: list[tuple[dict | list, str | int]] = []
    stack = [whole]
    while stack:
        node = stack.pop()
        keys = list(node) if isinstance(node, dict) else range(len(node))
        for key in keys:
            places.append((node, key))
            if isinstance(node[key], (dict, list)):
                stack.append(node[key])
    node, key = places[int(rng.integers(len(places)))]
    kind = int(rng.integers(3))
    if kind == 0:
        del node[key]
    elif kind == 1 and isinstance(node, list):
        node.append(node[key])
    else:
        values = [None, True, -1, 0, 3, 10**9, 10**30, 1e308, "", "x", [], {}, [1, 2], {"a": 1}]
        node[key] = values[int(rng.integers(len(values)))]
    return json.dumps(whole).encode()


def _one(rng: np.random.Generator, tally: Tally, case: str) -> None:
    names = list(kinds())
    name = names[int(rng.integers(len(names)))]
    wholes, use = kinds()[name]
    whole = wholes[int(rng.integers(len(wholes)))]
    by_node = whole[:1] == b"{" and rng.random() < 0.5
    data = damaged_json(rng, whole) if by_node else damaged_bytes(rng, whole)
    tally.saw(name)
    try:
        with warnings.catch_warnings():  # that something of a file is dropped
            warnings.simplefilter("ignore", UserWarning)
            use(data)
    except (ValueError, RuntimeError, TypeError, IndexError, MemoryError, OverflowError) as error:
        tally.saw("refused")
        text = str(error)
        if not text or any(word in text for word in UNHEARD):
            tally.fail(
                f"{name}: {type(error).__name__}: {text[:200]}: {case}, file {data[:2000]!r}"
            )
    except Exception as error:
        tally.fail(f"{name}: {type(error).__name__}: {error}: {case}, file {data[:2000]!r}")


def trial(rng: np.random.Generator, tally: Tally, case: str) -> None:
    """Damage A_TRIAL files."""
    for _ in range(A_TRIAL):
        _one(rng, tally, case)
