"""What the figures of the bench command depend on."""

import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ketgrad import _core


def describe_machine() -> dict[str, Any]:
    """Describe what the figures depend on."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "caches": _caches(),
        "memory_available": _core.available_memory(),
        "simd_target": _core.simd_target(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "compiler": _core._libraries["compiler"],
        "ketgrad": _core.__version__,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _caches() -> list[dict[str, Any]]:
    """List the data caches of core 0, the smallest first."""
    units = {"K": 2**10, "M": 2**20, "G": 2**30}
    out = []
    for index in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        try:
            kind = (index / "type").read_text().strip()
            size = (index / "size").read_text().strip()
            level = (index / "level").read_text().strip()
        except OSError:
            continue
        if kind != "Instruction" and size[-1:] in units:
            out.append({"level": int(level), "bytes": int(size[:-1]) * units[size[-1]]})
    return out
