"""What becomes of arrays from Python: the right values, or the error that NumPy raised."""

import contextlib
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from array_entries import ENTRIES, Entry, array_arguments


def test_every_argument_that_takes_arrays_is_tried() -> None:
    assert set(ENTRIES) == array_arguments()


class Given:
    """Something that NumPy makes an array of, by __array__."""

    def __init__(self, values: Any) -> None:
        self.values = values

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.asarray(self.values, dtype=dtype)


class Interface:
    """The same by __array_interface__."""

    def __init__(self, values: np.ndarray) -> None:
        self.values = np.ascontiguousarray(values)
        self.__array_interface__ = self.values.__array_interface__


class Subclass(np.ndarray):
    """A subclass of arrays without anything of its own."""


def strided(a: np.ndarray, step: int) -> np.ndarray:
    """Return equal values, spread out in memory or backwards."""
    index = tuple(slice(None, None, step) for _ in a.shape)
    shape = tuple(abs(step) * n for n in a.shape)
    out = np.full(shape, 77, dtype=a.dtype)
    view = out[index]
    view[...] = a
    return view


def read_only(a: np.ndarray) -> np.ndarray:
    out = a.copy()
    out.flags.writeable = False
    return out


def swapped(a: np.ndarray) -> np.ndarray:
    return a.astype(a.dtype.newbyteorder(">"))


def unaligned(a: np.ndarray) -> np.ndarray:
    out = np.frombuffer(b"x" + np.ascontiguousarray(a).tobytes(), dtype=np.uint8)[1:]
    return out.view(a.dtype).reshape(a.shape)


def boxed(a: np.ndarray) -> np.ndarray:
    out = np.empty(a.shape, dtype=object)
    for index in np.ndindex(a.shape):
        out[index] = a[index].item()
    return out


# Other ways to say the same numbers.
FORMS: dict[str, Callable[[np.ndarray], Any]] = {
    "list": lambda a: a.tolist(),
    "Fortran": np.asfortranarray,
    "every other": lambda a: strided(a, 2),
    "backwards": lambda a: strided(a, -1),
    "read-only": read_only,
    "byte-swapped": swapped,
    "unaligned": unaligned,
    "subclass": lambda a: a.view(Subclass),
    "__array__": Given,
    "__array_interface__": Interface,
    "objects": boxed,
}
FORMS_OF_KIND: dict[str, dict[str, Callable[[np.ndarray], Any]]] = {
    "real": {
        "float16": lambda a: a.astype(np.float16),
        "float32": lambda a: a.astype(np.float32),
        "longdouble": lambda a: a.astype(np.longdouble),
        "complex": lambda a: a.astype(complex),
        "complex longdouble": lambda a: a.astype(np.clongdouble),
    },
    "complex": {
        "complex64": lambda a: a.astype(np.complex64),
        "complex longdouble": lambda a: a.astype(np.clongdouble),
    },
    "index": {
        "int8": lambda a: a.astype(np.int8),
        "uint64": lambda a: a.astype(np.uint64),
    },
    "labels": {},
}


def same(a: Any, b: Any) -> bool:
    if isinstance(a, tuple | list) and isinstance(b, tuple | list):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    return np.array_equal(np.asarray(a), np.asarray(b))


@pytest.mark.parametrize("name", ENTRIES)
def test_equal_numbers_give_equal_values(name: str) -> None:
    entry = ENTRIES[name]
    expected = entry.call(entry.good)
    for form, make in {**FORMS, **FORMS_OF_KIND[entry.kind]}.items():
        given = make(entry.good)
        if entry.kind in ("labels", "index") and form == "objects":
            continue  # labels may be anything, and indices are plain integers
        assert same(entry.call(given), expected), form


class Raising:
    """Something whose conversion fails in a way of its own."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        raise self.error


def one_changed(a: np.ndarray, dtype: Any, value: Any) -> np.ndarray:
    out = np.array(a, dtype=dtype)
    out.flat[-1] = value
    return out


def wrong_values(entry: Entry) -> dict[str, tuple[Any, type[Exception]]]:
    good = entry.good
    out: dict[str, tuple[Any, type[Exception]]] = {
        "masked": (np.ma.masked_array(good, mask=np.zeros(good.shape, bool)), TypeError),
        "__array__ raises": (Raising(RuntimeError("boom")), RuntimeError),
        "__array__ raises ValueError": (Raising(ValueError("boom")), ValueError),
        "__array__ without memory": (Raising(MemoryError("boom")), MemoryError),
        "__array__ is interrupted": (Raising(OSError("boom")), OSError),
        "ragged": ([[1.0], [1.0, 2.0]], ValueError),
    }
    if entry.kind == "labels":
        return out
    out |= {
        "text": (good.astype(str), TypeError),
        "times": (np.zeros(good.shape, "datetime64[s]"), TypeError),
        "durations": (np.zeros(good.shape, "timedelta64[s]"), TypeError),
        "bytes": (good.astype("S20"), TypeError),
        "records": (np.zeros(good.shape, [("a", float)]), TypeError),
        "None within": (one_changed(good, object, None), TypeError),
        "text within": (one_changed(good, object, "0.5"), TypeError),
        "masked rows": ([np.ma.masked_array(row) for row in np.atleast_2d(good)], TypeError),
    }
    if entry.kind in ("real", "index"):
        out["an imaginary part"] = (one_changed(good, complex, 0.5 + 1e-30j), TypeError)
        out["an imaginary part that is no number"] = (
            one_changed(good, complex, complex(0.5, float("nan"))),
            TypeError,
        )
        out["complex objects"] = (one_changed(good, object, 0.5 + 1j), TypeError)
    if entry.kind == "index":
        out["fractions"] = (good + 0.5, TypeError)
    return out


@pytest.mark.parametrize("name", ENTRIES)
def test_what_is_no_array_of_numbers_is_refused(name: str) -> None:
    entry = ENTRIES[name]
    for cause, (value, error) in wrong_values(entry).items():
        with pytest.raises(error) as caught:
            entry.call(value)
        if cause.startswith("__array__"):
            assert "boom" in str(caught.value), cause


HUGE = np.longdouble("1e4000")
HAS_LONG_DOUBLES = np.isfinite(HUGE)


@pytest.mark.skipif(not HAS_LONG_DOUBLES, reason="long double is double here")
@pytest.mark.parametrize("name", ENTRIES)
def test_what_numpy_raises_is_raised(name: str) -> None:
    """An overflow is a warning; where warnings are errors, that error."""
    entry = ENTRIES[name]
    if entry.kind not in ("real", "complex"):
        return
    dtype = np.longdouble if entry.kind == "real" else np.clongdouble
    value = one_changed(entry.good, dtype, HUGE)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(RuntimeWarning, match="overflow"):
            entry.call(value)
    with np.errstate(over="raise"), pytest.raises(FloatingPointError, match="overflow"):
        entry.call(value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with contextlib.suppress(ValueError):  # infinity, which most do not take
            entry.call(value)


def test_amplitudes_that_overflow_in_single_precision() -> None:
    import ketgrad as kg

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(RuntimeWarning, match="overflow"):
            kg.State.from_amplitudes([1e300, 0], precision="single")


OUT_OF_MEMORY = """
import resource, sys
sys.path.insert(0, {folder!r})
import numpy as np
from array_entries import ENTRIES

for entry in ENTRIES.values():  # whatever is loaded late is loaded now
    entry.call(entry.good)
with open("/proc/self/statm") as file:
    size = int(file.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (size + 2**29, resource.RLIM_INFINITY))
for name, entry in ENTRIES.items():
    good = entry.good
    for n in (10**9, 2**40):
        try:
            entry.call(np.broadcast_to(good, (n, *good.shape)))
        except (MemoryError, ValueError, TypeError) as error:
            print(name, type(error).__name__)
            continue
        print(name, "passed", n)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits as Linux has them")
def test_arrays_larger_than_memory_are_refused() -> None:
    folder = str(Path(__file__).parents[1])
    run = subprocess.run(
        [sys.executable, "-c", OUT_OF_MEMORY.format(folder=folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    assert "passed" not in run.stdout
    assert run.stdout.count("\n") == 2 * len(ENTRIES)
    assert "Program.expval:weights MemoryError" in run.stdout
