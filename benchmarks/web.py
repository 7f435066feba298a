"""How fast the playground draws in Chromium, beside its goal of 60 pictures a second for 8 qubits.

    .venv/clients/web/bin/python benchmarks/web.py [PLAYGROUND.html]

The page is what scripts/web.sh writes. A picture is everything that depends on numbers: 1000 shots,
the state, an expectation value and its gradient, and what is shown of them, laid out.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "clients" / "web"))

from browser import chromium  # noqa: E402

GOAL = 1 / 60  # seconds a picture
PICTURES = 60


def circuit(n_qubits: int) -> str:
    """Return two layers of rotations and rings of CNOTs, with a parameter for each rotation."""
    names = [f"w{k}" for k in range(2 * n_qubits)]
    lines = [
        "OPENQASM 3;",
        'include "stdgates.inc";',
        *(f"input float[64] {each};" for each in names),
    ]
    lines.append(f"qubit[{n_qubits}] q;")
    for layer in range(2):
        own = names[layer * n_qubits :]
        lines += [f"ry({own[k]}) q[{k}];" for k in range(n_qubits)]
        lines += [f"cx q[{k}], q[{(k + 1) % n_qubits}];" for k in range(n_qubits)]
    return "\n".join(lines)


def main(path: str) -> None:
    """Print the milliseconds of a picture, the median, by the number of qubits."""
    script = (
        "const times = [];"
        f"for (let k = 0; k < {PICTURES}; ++k) {{ const begin = performance.now();"
        "ketgradPage.values.set('w0', k / 10); ketgradPage.show(); document.body.offsetHeight;"
        "times.push(performance.now() - begin); }"
        f"return times.sort((a, b) => a - b)[{PICTURES // 2}];"
    )
    with chromium() as page:
        page.open(path)
        for n_qubits in (4, 8, 12, 16):
            page.enter("#text", circuit(n_qubits))
            page.settle()
            milliseconds = page.driver.execute_script(script)
            goal = f", goal {1000 * GOAL:.1f} ms" if n_qubits == 8 else ""
            print(f"{n_qubits:2} qubits: {milliseconds:6.1f} ms a picture{goal}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "build" / "web" / "playground.html"))
