"""Print what an extra of pyproject.toml needs, a line each: python scripts/requirements.py EXTRA.

With --build, what the project and its build need as well; with --oldest, what the project needs as
well, everything in the oldest releases that are allowed.
"""

import sys
import tomllib
from pathlib import Path

SETTINGS = tomllib.loads(Path("pyproject.toml").read_text())
PROJECT = SETTINGS["project"]


def needs(extra: str) -> list[str]:
    """List what an extra needs, and what the extras that it names do."""
    found = []
    for need in PROJECT["optional-dependencies"][extra]:
        if need.startswith("ketgrad["):
            for inner in need[len("ketgrad[") :].rstrip("]").split(","):
                found += needs(inner)
        else:
            found.append(need)
    return found


if __name__ == "__main__":
    *options, name = sys.argv[1:]
    found = needs(name)
    if "--build" in options:
        found = SETTINGS["build-system"]["requires"] + PROJECT["dependencies"] + found
    if "--oldest" in options:
        found = [need.replace(">=", "==") + ".*" for need in PROJECT["dependencies"] + found]
    print("\n".join(found))
