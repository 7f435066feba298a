"""Random circuits with control flow, classical variables and registers."""

from itertools import count

import numpy as np
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit.classical import expr, types

DEEPEST = 2


class Programs:
    """Makes circuits on 3 qubits, registers of 2 and 1 bits, and a variable of 3."""

    def __init__(self, seed: int, *, measured_loops: bool) -> None:
        """Make them with loops that measured bits decide, or without."""
        self._random = np.random.default_rng(seed)
        self._measured_loops = measured_loops
        self._names = count()

    def make(self, n_items: int = 6) -> QuantumCircuit:
        """Make a circuit; its last operations measure all qubits."""
        m, f = ClassicalRegister(2, "m"), ClassicalRegister(1, "f")
        end = ClassicalRegister(3, "end")
        out = QuantumCircuit(QuantumRegister(3, "q"), m, f, end)
        self._m, self._f = m, f
        self._v = out.add_var("v", expr.lift(0, types.Uint(3)))
        self._items(out, n_items, 0, False)
        out.measure(range(3), end)
        return out

    def _one_of(self, *choices):
        return choices[self._random.integers(len(choices))]

    def _items(self, out, n, depth, in_loop):
        for _ in range(n):
            kinds = [self._gate, self._gate, self._measure, self._store]
            if depth < DEEPEST:
                kinds += [self._if, self._if, self._switch, self._for, self._counted]
                kinds += [self._while] * self._measured_loops
            if in_loop and self._measured_loops:
                kinds.append(self._leave)
            self._one_of(*kinds)(out, depth, in_loop)

    def _gate(self, out, _, __):
        a, b = self._random.permutation(3)[:2].tolist()
        angle = self._random.uniform(-3, 3)
        self._one_of(
            lambda: out.ry(angle, a),
            lambda: out.u(angle, 0.3, 0.7, a),
            lambda: out.cx(a, b),
            lambda: out.reset(a),
        )()

    def _measure(self, out, _, __):
        bit = self._one_of(*self._m, *self._f)
        out.measure(int(self._random.integers(3)), bit)

    def _number(self):
        """Make an expression of a number below 8."""
        choices = [
            lambda: expr.cast(self._m, types.Uint(3)),
            lambda: expr.bit_xor(expr.cast(self._m, types.Uint(3)), 5),
            lambda: self._v,
            lambda: expr.bit_and(self._v, 6),
            lambda: expr.bit_or(self._v, expr.cast(self._m, types.Uint(3))),
            lambda: expr.bit_not(self._v),
            lambda: expr.add(self._v, 3),
            lambda: expr.sub(expr.cast(self._m, types.Uint(3)), self._v),
            lambda: expr.mul(self._v, 2),
            lambda: expr.shift_right(self._v, 1),
        ]
        return self._one_of(*choices)()

    def _condition(self):
        choices = [
            lambda: (self._one_of(*self._m, *self._f), int(self._random.integers(2))),
            lambda: (self._m, int(self._random.integers(4))),
            lambda: expr.logic_or(self._m[0], expr.logic_not(self._f[0])),
            lambda: expr.less(self._number(), int(self._random.integers(8))),
            lambda: expr.equal(self._number(), self._number()),
            lambda: expr.bit_xor(self._m[1], self._f[0]),
            lambda: expr.index(self._number(), int(self._random.integers(3))),
        ]
        return self._one_of(*choices)()

    def _store(self, out, _, __):
        out.store(self._v, self._number())

    def _if(self, out, depth, in_loop):
        with out.if_test(self._condition()) as otherwise:
            self._items(out, 2, depth + 1, in_loop)
        if self._random.integers(2):
            with otherwise:
                self._items(out, 2, depth + 1, in_loop)

    def _switch(self, out, depth, in_loop):
        target = self._one_of(lambda: self._m, self._number)()
        with out.switch(target) as case:
            with case(0, 3):
                self._items(out, 2, depth + 1, in_loop)
            with case(1):
                self._items(out, 1, depth + 1, in_loop)
            if self._random.integers(2):
                with case(case.DEFAULT):
                    self._items(out, 1, depth + 1, in_loop)

    def _for(self, out, depth, _):
        with out.for_loop(range(int(self._random.integers(4)))) as k:
            out.rx(0.3 * k, 0)
            self._items(out, 2, depth + 1, True)

    def _counted(self, out, depth, _):
        """Go on as often as a variable says that nothing that is measured decides."""
        k = out.add_var(f"k{next(self._names)}", expr.lift(0, types.Uint(3)))
        with out.while_loop(expr.less(k, int(self._random.integers(4)))):
            out.store(k, expr.add(k, 1))
            self._items(out, 2, depth + 1, True)

    def _while(self, out, depth, _):
        """Go on until a qubit that is turned each time is found to be 0."""
        qubit, bit = int(self._random.integers(3)), self._one_of(*self._m)
        with out.while_loop((bit, 1)):
            self._items(out, 1, depth + 1, True)
            out.ry(1.1, qubit)
            out.measure(qubit, bit)

    def _leave(self, out, _, __):
        with out.if_test(self._condition()):
            self._one_of(out.break_loop, out.continue_loop)()
