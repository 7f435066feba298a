"""Reads the public headers for breathe, by Doxygen.

python docs/doxygen.py OUTPUT       writes OUTPUT/xml
python docs/doxygen.py --filter F   is what Doxygen reads in the place of the header F
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def public_headers() -> list[str]:
    """Return what the two headers that gather the public ones include, in their order."""
    gathered = "".join((ROOT / f"{room}/{room}.h").read_text() for room in ("qsim", "qml"))
    found = re.findall(r'^#include "(\S+)"', gathered, re.MULTILINE)
    return [header for header in found if header.count("/") > 1]


def as_documentation(text: str) -> str:
    """Make documentation of comments: the last before the namespace is that of the file."""
    text = re.sub(r"^( *)//(?!/)", r"\1///", text, flags=re.MULTILINE)
    head, namespace, rest = text.partition("\nnamespace ")
    before, blank, comment = head.rstrip("\n").rpartition("\n\n")
    if comment.startswith("///"):
        head = f"{before}{blank}/// @file\n{comment}\n"
    return head + namespace + rest


def main() -> None:
    """Run Doxygen; headers are then known by their paths, as two may have one name."""
    if sys.argv[1] == "--filter":
        sys.stdout.write(as_documentation(Path(sys.argv[2]).read_text(encoding="utf-8")))
        return
    output = Path(sys.argv[1]).resolve()
    output.mkdir(parents=True, exist_ok=True)
    settings = [
        (ROOT / "docs/Doxyfile").read_text(encoding="utf-8"),
        f"INPUT = {' '.join(public_headers())}",
        f"OUTPUT_DIRECTORY = {output}",
        f'INPUT_FILTER = "{sys.executable} docs/doxygen.py --filter"',
    ]
    subprocess.run(["doxygen", "-"], input="\n".join(settings), text=True, cwd=ROOT, check=True)
    index = output / "xml/index.xml"
    index.write_text(_FILE.sub(lambda match: _by_path(output, match), index.read_text("utf-8")))


_FILE = re.compile(r'<compound refid="(\S+)" kind="file"><name>[^<]+<')


def _by_path(output: Path, match: re.Match[str]) -> str:
    described = (output / f"xml/{match[1]}.xml").read_text(encoding="utf-8")
    path = re.findall(r'<location file="([^"]+)"/>', described)[-1]
    return f'<compound refid="{match[1]}" kind="file"><name>{path}<'


if __name__ == "__main__":
    main()
