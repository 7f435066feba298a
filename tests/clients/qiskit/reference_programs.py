"""Runs circuits with control flow as they are written, one list of outcomes after the other."""

import numpy as np
from qiskit.circuit import ClassicalRegister, Clbit
from qiskit.circuit.classical import expr, types
from qiskit.circuit.controlflow import CASE_DEFAULT
from qiskit.quantum_info import Statevector

LEAST = 1e-9


class Left(Exception):  # noqa: N818
    pass


class Run:
    """One course of a circuit: outcomes are those given, and from there 0 where it can be."""

    def __init__(self, circuit, outcomes):
        self._given, self.outcomes, self.chance = list(outcomes), [], 1.0
        self.open = []  # where the other outcome could have come too
        self._bits = dict.fromkeys(circuit.clbits, 0)
        self._variables = {}
        self._state = Statevector.from_int(0, 2**circuit.num_qubits)
        self._block(circuit, {q: k for k, q in enumerate(circuit.qubits)}, {})
        self.memory = "".join(str(self._bits[bit]) for bit in reversed(circuit.clbits))

    def _block(self, block, place, bit_of):
        for item in block.data:
            qubits = [place[q] for q in item.qubits]
            bits = [bit_of.get(bit, bit) for bit in item.clbits]
            self._one(item.operation, qubits, bits)
            if self.chance < LEAST:
                return

    def _inner(self, block, qubits, bits):
        self._block(
            block,
            dict(zip(block.qubits, qubits, strict=True)),
            dict(zip(block.clbits, bits, strict=True)),
        )

    def _one(self, op, qubits, bits):
        name = op.name
        if name == "measure":
            self._bits[bits[0]] = self._measured(qubits[0])
        elif name == "reset":
            if self._measured(qubits[0]):
                self._state = self._state.evolve(np.array([[0, 1], [1, 0]]), qubits)
        elif name == "store":
            self._variables[op.lvalue] = self._value(op.rvalue)
        elif name == "if_else":
            blocks = [*op.blocks, None]
            block = blocks[0] if self._holds(op.condition) else blocks[1]
            if block is not None:
                self._inner(block, qubits, bits)
        elif name == "switch_case":
            value = self._value(expr.lift(op.target))
            for labels, block in op.cases_specifier():
                if CASE_DEFAULT in labels or value in labels:
                    return self._inner(block, qubits, bits)
        elif name in ("for_loop", "while_loop"):
            self._loop(op, qubits, bits)
        elif name in ("break_loop", "continue_loop"):
            raise Left(name)
        else:
            self._state = self._state.evolve(op, qubits)
        return None

    def _loop(self, op, qubits, bits):
        def blocks():
            if op.name == "while_loop":
                while self._holds(op.condition) and self.chance >= LEAST:
                    yield op.blocks[0]
                return
            indices, parameter, block = op.params
            for k in indices:
                yield block.assign_parameters({parameter: k}) if parameter else block

        for block in blocks():
            try:
                self._inner(block, qubits, bits)
            except Left as left:
                if str(left) == "break_loop":
                    break

    def _measured(self, qubit):
        chances = self._state.probabilities([qubit])
        if len(self.outcomes) < len(self._given):
            outcome = self._given[len(self.outcomes)]
        else:
            outcome = 0 if chances[0] > 1e-12 else 1
            if outcome == 0 and chances[1] > 1e-12:
                self.open.append(len(self.outcomes))
        self.outcomes.append(outcome)
        self.chance *= chances[outcome]
        onto = np.diag([1 - outcome, outcome]) / np.sqrt(chances[outcome])
        self._state = self._state.evolve(onto, [qubit])
        return outcome

    def _holds(self, condition):
        if isinstance(condition, tuple):
            return self._value(expr.lift(condition[0])) == condition[1]
        return bool(self._value(condition))

    def _value(self, node):
        if isinstance(node, expr.Value):
            return int(node.value)
        if isinstance(node, expr.Var):
            if isinstance(node.var, Clbit):
                return self._bits[node.var]
            if isinstance(node.var, ClassicalRegister):
                return int("".join(str(self._bits[bit]) for bit in reversed(node.var)), 2)
            return self._variables[node]
        if isinstance(node, expr.Cast):
            value = self._value(node.operand)
            return (
                int(value != 0) if isinstance(node.type, types.Bool) else value % self._size(node)
            )
        if isinstance(node, expr.Index):
            return self._value(node.target) // 2 ** self._value(node.index) % 2
        if isinstance(node, expr.Unary):
            value = self._value(node.operand)
            flipped = self._size(node) - 1 - value
            return flipped if node.op.name == "BIT_NOT" else int(value == 0)
        a, b = self._value(node.left), self._value(node.right)
        python = {
            "BIT_AND": a & b,
            "BIT_OR": a | b,
            "BIT_XOR": a ^ b,
            "LOGIC_AND": a and b,
            "LOGIC_OR": a or b,
            "EQUAL": a == b,
            "LESS": a < b,
            "SHIFT_RIGHT": a >> b,
            "ADD": a + b,
            "SUB": a - b,
            "MUL": a * b,
        }[node.op.name]
        return int(python) % self._size(node)

    @staticmethod
    def _size(node):
        return 2 if isinstance(node.type, types.Bool) else 2**node.type.width


def probabilities(circuit, most=400):
    """Give the probability of every memory; None for more than so many courses."""
    out, waiting = {}, [()]
    for _ in range(most):
        if not waiting:
            return out
        run = Run(circuit, waiting.pop())
        if run.chance >= LEAST:
            out[run.memory] = out.get(run.memory, 0.0) + run.chance
        waiting += [(*run.outcomes[:k], 1) for k in run.open]
    return None
