"""A circuit of two qubits, and its text."""

import ketgrad as kg

BELL = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\ncreg c[2];\nh q[0];\ncx q[0],q[1];\n'


def bell() -> kg.Circuit:
    return kg.Circuit(2, 2).h(0).cx(0, 1)
