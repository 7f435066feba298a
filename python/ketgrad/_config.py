"""What this installation is made of."""

import sys
from importlib import metadata

from ketgrad import _core

_OPTIONAL = ("numpy", "scipy", "scikit-learn", "matplotlib")


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def config() -> dict[str, str]:
    """Version, instruction set, threads and libraries, by name."""
    return {
        "ketgrad": _core.__version__,
        "python": sys.version.split()[0],
        "SIMD target": f"{_core.simd_target()} (of {', '.join(_core.simd_targets())})",
        "threads": f"{_core.num_threads()} ({_core._why_threads()})",
        "memory available": f"{_core.available_memory() / 2**30:.1f} GiB",
        **{name: str(value) for name, value in _core._libraries.items()},
        **{name: _version(name) for name in _OPTIONAL},
    }


def show_config() -> None:
    """Print version, instruction set, threads and libraries; include it in bug reports.

    >>> show_config()  # doctest: +ELLIPSIS
    ketgrad ...
    """
    for name, value in config().items():
        print(f"{name:<17} {value}")
