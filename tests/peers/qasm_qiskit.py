#!/usr/bin/env python3
"""Compares our reading of OpenQASM 2 with Qiskit's: every library gate, and random files.

Not part of the tests: it needs ketgrad and Qiskit in one environment (both count qubit 0 as the least
significant). Exit status 1 where a unitary differs by more than 1e-12 up to a global phase.
"""

import random
import sys

import numpy as np
from qiskit import QuantumCircuit, qasm2, qasm3
from qiskit.quantum_info import Operator

import ketgrad as kg

# Name, number of angles, number of qubits.
LIBRARY = """
u3 3 1/u2 2 1/u1 1 1/cx 0 2/id 0 1/u 3 1/p 1 1/x 0 1/y 0 1/z 0 1/h 0 1/s 0 1/sdg 0 1/t 0 1
tdg 0 1/rx 1 1/ry 1 1/rz 1 1/sx 0 1/sxdg 0 1/cz 0 2/cy 0 2/swap 0 2/ch 0 2/ccx 0 3/cswap 0 3
crx 1 2/cry 1 2/crz 1 2/cu1 1 2/cp 1 2/cu3 3 2/csx 0 2/cu 4 2/rxx 1 2/rzz 1 2/rccx 0 3/rc3x 0 4
c3x 0 4/c3sqrtx 0 4/c4x 0 5
"""
GATES = [entry.split() for entry in LIBRARY.replace("\n", "/").strip("/").split("/")]
EXTRA = {"ecr": 0, "dcx": 0, "iswap": 0, "ccz": 0, "cs": 0, "csdg": 0, "ryy": 1, "rzx": 1}


def distance(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Return the largest difference of two unitaries up to a global phase."""
    overlap = np.vdot(theirs, ours)
    return float(np.abs(ours - theirs * overlap / abs(overlap)).max())


def library_call(rng: random.Random, n_qubits: int) -> str:
    """Return a random call of a gate of qelib1.inc."""
    name, angles, qubits = rng.choice([g for g in GATES if int(g[2]) <= n_qubits])
    values = ", ".join(
        rng.choice(["pi/3", "-0.7", "pi*-0.5", "1e-1", "2.25"]) for _ in range(int(angles))
    )
    where = ", ".join(f"q[{k}]" for k in rng.sample(range(n_qubits), int(qubits)))
    return f"{name}({values}) {where};" if values else f"{name} {where};"


def random_file(seed: int) -> str:
    """Return a file with library gates, broadcasts and definitions of its own."""
    rng = random.Random(seed)
    lines = ["OPENQASM 2.0;", 'include "qelib1.inc";']
    lines.append("gate own(a, b) x, y { rx(a/2) x; cx x, y; u3(a, -b, sin(a)) y; cu1(b^2) y, x; }")
    lines.append("gate outer(a) x, y, z { own(a, 0.3) x, z; barrier x, y; own(-a*2, a) y, x; }")
    lines.append("qreg q[5];")
    for _ in range(25):
        kind = rng.randrange(8)
        if kind == 0:
            lines.append(f"outer({rng.uniform(-3, 3)}) q[4], q[{rng.randrange(2)}], q[2];")
        elif kind == 1:
            lines.append(rng.choice(["h q;", "rz(0.3) q;", "barrier q;", "sx q;"]))
        else:
            lines.append(library_call(rng, 5))
    return "\n".join(lines)


def main() -> int:
    """Print the largest distances and return the exit status."""
    worst: dict[str, float] = {}

    def compare(what: str, text: str, theirs: QuantumCircuit) -> None:
        ours = kg.Circuit.from_qasm(text).matrix()
        worst[what] = max(worst.get(what, 0.0), distance(ours, Operator(theirs).data))

    for name, angles, qubits in GATES:
        values = ", ".join(["0.3", "0.7", "-1.1", "2.3"][: int(angles)])
        call = f"{name}({values})" if values else name
        where = ", ".join(f"q[{k}]" for k in range(int(qubits)))
        text = f'OPENQASM 2.0; include "qelib1.inc"; qreg q[{qubits}]; {call} {where};'
        compare(
            f"gate {name}",
            text,
            qasm2.loads(text, custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS),
        )
    for name, angles in EXTRA.items():
        n = 3 if name == "ccz" else 2
        theirs = QuantumCircuit(n)
        getattr(theirs, name)(*[0.7][:angles], *range(n))
        call = f"{name}(0.7)" if angles else name
        where = ", ".join(f"q[{k}]" for k in range(n))
        compare(f"gate {name}", f"qreg q[{n}]; {call} {where};", theirs)
    for seed in range(200):
        text = random_file(seed)
        theirs = qasm2.loads(text, custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS)
        compare("200 random files", text, theirs)
        compare("what Qiskit writes of them as OpenQASM 3", qasm3.dumps(theirs), theirs)
        written = kg.Circuit.from_qasm(text).to_qasm(version=3)
        if kg.Circuit.from_qasm(written) != kg.Circuit.from_qasm(text):
            worst["our own OpenQASM 3"] = float("inf")
        for version in (2,):
            try:
                back = kg.Circuit.from_qasm(text).to_qasm(version=version)
            except ValueError:
                continue
            reread = qasm2.loads(back, custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS)
            compare("our OpenQASM 2 read by Qiskit", text, reread)
    for what, value in sorted(worst.items(), key=lambda item: -item[1]):
        print(f"{value:8.1e}  {what}")
    return int(max(worst.values()) > 1e-12)


if __name__ == "__main__":
    sys.exit(main())
