"""Bad arguments to everything public: an error or a result, never a crash, nothing half changed.

A call is a public function, constructor or method with arguments that are right by the parameter's
name or nasty, at random. Only what a user may see counts as an answer: an exception of Python's own
kinds with a message, within the memory the process may have.
"""

from __future__ import annotations

import contextlib
import copy
import faulthandler
import inspect
import io
import os
import re
import resource
import signal
import sys
import tempfile
import warnings
from collections.abc import Callable
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np

import ketgrad as kg
from campaign.tally import Tally

TITLE = "Bad arguments over all public callables"
UNIT = "calls"
GOAL = 200_000
SHARE = 1.5
A_TRIAL = 20

MEMORY = 3 << 30
SECONDS = 0.5  # after which a call that is right but long is told to stop
DEAF = 60.0  # after which a trial that does not hear it ends the process, and is a failure
UNHEARD = ("bad_alloc", "Unknown internal", "pybind11", "std::", "incompatible function arguments")


class _StopError(Exception):
    """Raised by the alarm."""


def _stop(*_: object) -> None:
    raise _StopError


@cache
def _prepare() -> Path:
    """Limit memory, arm the alarm, move to an empty folder."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGALRM, _stop)
    return Path(tempfile.mkdtemp(prefix="ketgrad-campaign-"))


def _objects() -> dict[str, Any]:
    """Return one object of every public class that calls can be made on."""
    x, w = kg.ParameterVector("x", 1), kg.ParameterVector("w", 2)
    circuit = kg.Circuit(2, 2).ry(x[0], 0).rx(w[0], 1).cx(0, 1).rz(w[1], 1)
    model = kg.make_model(1, n_layers=1)
    measured = kg.Circuit(2).h(0).measure_all()
    return {
        "Circuit": circuit,
        "Program": kg.compile(circuit, ["ZZ", "XI"], inputs=x),
        "NoisyProgram": kg.compile_noisy(circuit, "ZZ", inputs=x),
        "PauliSum": kg.PauliSum({"ZZ": 1.0, "XI": 0.5}),
        "MatrixObservable": kg.MatrixObservable(np.diag([1.0, -1.0]), [0]),
        "Parameter": x[0],
        "ParameterVector": w,
        "Expression": 2 * w[0] + 1,
        "State": kg.State(2),
        "DensityMatrix": kg.Circuit(2).h(0).density_matrix(),
        "Channel": kg.Channel.bit_flip(0.1),
        "NoiseModel": kg.NoiseModel().add(kg.Channel.bit_flip(0.1), "cx"),
        "Result": measured.run(10, seed=1),
        "Model": model,
        "Trainer": kg.Trainer(model, loss="squared", epochs=2),
        "Optimizer": kg.Optimizer("adam"),
    }


@cache
def _targets() -> list[tuple[str, str]]:
    """Return (class or '', name) of everything that can be called."""
    out = [("", name) for name in kg.__all__ if callable(getattr(kg, name)) and name != "plots"]
    out += [("", f"library.{name}") for name in kg.library.__all__]
    for kind, thing in _objects().items():
        names = [n for n in dir(thing) if callable(getattr(type(thing), n, None))]
        hidden = {
            "__class__",
            "__getattribute__",
            "__init_subclass__",
            "__subclasshook__",
            "__new__",
        }
        hidden |= {"__delattr__", "__setattr__", "__dir__", "__format__", "__sizeof__"}
        out += [(kind, n) for n in names if n not in hidden and (n[0] != "_" or n[:2] == "__")]
    return out


@cache
def _parameters(kind: str, name: str) -> list[str]:
    """Return the names of a target's parameters, as far as they can be read."""
    call = attrgetter(name)(getattr(kg, kind) if kind else kg)
    first = (getattr(call, "__doc__", None) or "").split("\n", 1)[0]
    if first.startswith(getattr(call, "__name__", "?") + "("):
        return [n for n in re.findall(r"(\w+): ", first) if n != "self"]
    try:
        return [n for n in inspect.signature(call).parameters if n != "self"]
    except (TypeError, ValueError):
        return []


def _right(name: str, things: dict[str, Any], rng: np.random.Generator) -> Any:
    """Return a value that fits a parameter of this name."""
    if name in ("circuit", "other", "then", "otherwise", "feature_map", "ansatz"):
        return things["Circuit"]
    if name in ("program", "observable", "observables", "state", "model", "channel", "noise"):
        kinds = {"program": "Program", "observable": "PauliSum", "observables": "PauliSum"}
        kinds |= {"state": "State", "model": "Model", "channel": "Channel", "noise": "NoiseModel"}
        return things[kinds[name]]
    fits: dict[str, list[Any]] = {
        "qubit": [0, 1],
        "target": [1],
        "control": [0],
        "qubits": [[0], [0, 1], 1],
        "controls": [(), [1], {1: 0}],
        "weights": [[0.1, 0.2], np.zeros((3, 2))],
        "inputs": [[0.1], np.zeros((3, 1)), ["x"]],
        "cotangent": [[1.0, 0.5]],
        "values": [{}, {"x[0]": 0.1, "w[0]": 0.2, "w[1]": 0.3}],
        "matrix": [np.eye(2), np.eye(4)],
        "X": [np.zeros((4, 1))],
        "y": [np.arange(4.0)],
        "text": ["ZZ", "{}", "OPENQASM 3.0; qubit q;"],
        "letters": ["X", "ZZ"],
        "precision": ["single", "double"],
        "method": ["auto", "density_matrix"],
        "name": ["h", "cx", "adam", "w"],
        "seed": [0, None],
        "shots": [10, None],
    }
    options = fits.get(name, [0, 1, 2, 0.5])
    return options[int(rng.integers(len(options)))]


def _nasty(things: dict[str, Any], rng: np.random.Generator) -> Any:
    """Return a value that hardly any parameter expects."""
    options: list[Callable[[], Any]] = [
        lambda: None,
        lambda: bool(rng.integers(2)),
        lambda: int(rng.choice([-1, 0, 3, 31, 64, 100, 10**6])),
        lambda: int(rng.choice([-(2**31), 2**31, 2**62])) * int(rng.choice([1, 2, 4])),
        lambda: 10**30,
        lambda: float(rng.choice([np.nan, np.inf, -np.inf, 1e300, -1e-320, 0.1])),
        lambda: complex(rng.normal(), rng.integers(2)),
        lambda: np.complex128(2j),
        lambda: str(rng.choice(["", "Z", "ZQ", "nan", "é日", "\0", "x" * 5000])),
        lambda: b"\xff\x00",
        lambda: [],
        lambda: [[1, 2], [3]],
        lambda: {"ZZ": "one", 3: None},
        lambda: range(int(rng.choice([0, 3, 10**12]))),
        lambda: np.zeros(tuple(rng.integers(0, 4, size=int(rng.integers(0, 4))))),
        lambda: np.full((2, 2), np.nan),
        lambda: np.array([1, "a", None], dtype=object),
        lambda: np.array(["0.3"]),
        lambda: np.ma.masked_array([1.0, 2.0], mask=[True, False]),
        lambda: np.broadcast_to(np.zeros(2), (10**10, 2)),
        lambda: np.zeros(4, dtype=complex)[::-2],
        lambda: np.datetime64("2020-01-01"),
        lambda: object(),
        lambda: _raises,
        lambda: things[str(rng.choice(list(things)))],
        lambda: type,
        lambda: iter([1, 2]),
    ]
    return options[int(rng.integers(len(options)))]()


def _raises(*_: object, **__: object) -> None:
    raise LookupError("a callback that raises")


def _call(
    call: Callable[..., Any], args: list[Any], keywords: dict[str, Any]
) -> tuple[str, BaseException | None]:
    """Return what a call came to, and its exception."""
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:  # an alarm may come at any moment, also while another exception is dealt with
        try:
            call(*args, **keywords)
        except _StopError:
            raise
        except (Exception, KeyboardInterrupt) as error:
            return "refused", error
        finally:
            with contextlib.suppress(_StopError):
                signal.setitimer(signal.ITIMER_REAL, 0)
    except _StopError as stopped:
        return f"told to stop after {SECONDS:g} s", stopped
    return "answered", None


def _one(things: dict[str, Any], rng: np.random.Generator, tally: Tally, case: str) -> None:
    kind, name = _targets()[int(rng.integers(len(_targets())))]
    call = attrgetter(name)(things[kind] if kind else kg)
    names = _parameters(kind, name) or [""] * int(rng.integers(0, 4))
    names = names[: int(rng.integers(0, len(names) + 2))]
    mistakes = rng.random(len(names)) < rng.choice([0.15, 0.6])
    args = [
        _nasty(things, rng) if bad else _right(n, things, rng)
        for n, bad in zip(names, mistakes, strict=True)
    ]
    keywords: dict[str, Any] = {}
    if names and names[-1] and rng.random() < 0.3:
        keywords[names[-1]] = args.pop()
    kept = ("Circuit", "PauliSum", "NoiseModel", "Channel", "Expression", "Parameter")
    before = copy.copy(things[kind]) if kind in kept else None
    shown = [*map(_short, args), *(f"{k}={_short(v)}" for k, v in keywords.items())]
    label = f"{kind}.{name}({', '.join(shown)}): {case}"
    print(label, file=sys.stderr, flush=True)  # the last one that a process which dies has said
    what, error = _call(call, args, keywords)
    tally.saw(what)
    if error is not None and before is not None and things[kind] != before:
        tally.fail(f"changed by a call that failed: {label}")
    text = ""
    with contextlib.suppress(_StopError):  # the alarm of a call that had just ended
        text = str(error)
    if isinstance(error, SystemError) or any(word in text for word in UNHEARD):
        tally.fail(f"{type(error).__name__}: {text[:200]}: {label}")


def _short(value: Any) -> str:
    try:
        return repr(value)[:80]
    except Exception:
        return f"<{type(value).__name__}>"


def trial(rng: np.random.Generator, tally: Tally, case: str) -> None:
    """Make A_TRIAL calls."""
    os.chdir(_prepare())
    _targets()  # imports what is large before the clock runs
    faulthandler.dump_traceback_later(DEAF, exit=True)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            things = _objects()
            for _ in range(A_TRIAL):
                _one(things, rng, tally, case)
    finally:
        faulthandler.cancel_dump_traceback_later()
    kg.set_num_threads(0)
    kg.set_simd_target(kg.simd_targets()[0])
