"""Random programs of OpenQASM 3 do what an interpreter of ten lines a statement does."""

import dataclasses
import random
from collections.abc import Callable

import pytest

import ketgrad as kg


@dataclasses.dataclass
class State:
    """The variables: bits c and b, a number n of three bits with a sign, x, qubits as bits."""

    c: int
    b: int = 0
    n: int = 0
    f: float = 0.0
    q: int = 0
    aim: int = 0


Value = tuple[str, Callable[[State], int]]
Statement = tuple[str, Callable[[State], None]]
COMPARED: dict[str, Callable[[int, int], bool]] = {
    "<": lambda a, b: a < b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}
JOINED: dict[str, Callable[[int, int], int]] = {
    "&&": lambda a, b: a & b,
    "||": lambda a, b: a | b,
    "^": lambda a, b: a ^ b,
}
GIVEN: dict[str, Callable[[int, int], int]] = {
    "=": lambda _, b: b,
    "+=": lambda a, b: a + b,
    "-=": lambda a, b: a - b,
    "^=": lambda a, b: a ^ b,
    "&=": lambda a, b: a & b,
}


class LeavingError(Exception):
    """What break and continue do."""

    def __init__(self, ends_loop: bool) -> None:
        super().__init__()
        self.ends_loop = ends_loop


def put(number: int, place: int, bit: int) -> int:
    return number & ~(1 << place) | bit << place


class Writer:
    """Writes statements, and runs what it writes."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.n_loops = 0
        self.open_loops = 0

    def condition(self, depth: int = 0) -> Value:
        kind = self.dice.randrange(5 if depth > 2 else 7)
        k = self.dice.randrange(-3, 4)
        if kind == 0:
            return f"c[{k % 3}]", lambda s: s.c >> k % 3 & 1
        if kind == 1:
            return f"(c == {k + 4})", lambda s: int(s.c == k + 4)
        if kind == 2:
            sign = self.dice.choice(list(COMPARED))
            return f"(n {sign} {k})", lambda s: int(COMPARED[sign](s.n, k))
        if kind < 5:
            return "b", lambda s: s.b
        first, of_first = self.condition(depth + 1)
        if kind == 5:
            return f"(!{first})", lambda s: 1 - of_first(s)
        second, of_second = self.condition(depth + 1)
        sign = self.dice.choice(list(JOINED))
        return f"({first} {sign} {second})", lambda s: JOINED[sign](of_first(s), of_second(s))

    def assignment(self) -> Statement:
        kind = self.dice.randrange(12)
        j, k = self.dice.randrange(3), self.dice.randrange(-3, 4)
        value, of_value = self.condition()

        def run(s: State) -> None:
            if kind == 0:
                s.aim ^= 1
            elif kind == 1:
                s.b = of_value(s)
            elif kind == 2:
                s.n = (GIVEN[sign](s.n, k) + 4) % 8 - 4
            elif kind == 3:
                s.c = put(s.c, j, s.q >> k % 3 & 1)
            elif kind == 4:
                s.b = s.q >> j & 1
            elif kind == 5:
                s.q ^= 1 << j
            elif kind == 6:
                s.c = put(s.c, j, of_value(s))
            elif kind == 7:
                s.aim ^= s.n & 1
            elif kind == 8:
                s.aim ^= int(s.f) & 1
            elif kind == 9:
                s.f += k * (s.c >> j & 1)
            elif kind == 10:
                s.f = s.n
            else:
                s.q ^= 1 << (s.n & 1) + s.b

        sign = self.dice.choice(list(GIVEN))
        texts = [
            "x aim;",
            f"b = {value};",
            f"n {sign} {k};",
            f"c[{j}] = measure q[{k % 3}];",
            f"b = measure q[{j}];",
            f"x q[{j}];",
            f"c[{j}] = {value};",
            "rx(pi * n) aim;",
            "rx(f * pi) aim;",
            f"f += {k}.0 * c[{j}];",
            "f = n;",
            "x q[(n & 1) + int(b)];",
        ]
        return texts[kind], run

    def block(self, depth: int) -> Statement:
        parts = [self.statement(depth) for _ in range(self.dice.randrange(1, 4))]

        def run(s: State) -> None:
            for _, one in parts:
                one(s)

        return " ".join(text for text, _ in parts), run

    def statement(self, depth: int) -> Statement:
        kind = self.dice.randrange(16)
        if self.open_loops and kind == 12:
            return self.leaving()
        if depth == 0 or kind < 7:
            return self.assignment()
        if kind > 13:
            return self.local(depth)
        if kind > 11:
            return self.loop(depth)
        value, holds = self.condition()
        if kind == 11:
            return self.counted(depth, value, holds)
        text, body = self.block(depth - 1)
        other_text, other = self.block(depth - 1)
        if kind < 10:
            return (
                f"if ({value}) {{ {text} }} else {{ {other_text} }}",
                lambda s: body(s) if holds(s) else other(s),
            )
        k = self.dice.randrange(-4, 4)
        return (
            f"switch (n) {{ case {k} {{ {text} }} default {{ {other_text} }} }}",
            lambda s: body(s) if s.n == k else other(s),
        )

    def counted(self, depth: int, value: str, holds: Callable[[State], int]) -> Statement:
        outer, self.open_loops = self.open_loops, 0  # what continues would not be counted
        text, body = self.block(depth - 1)
        self.open_loops = outer
        self.n_loops += 1
        i = f"i{self.n_loops}"

        def run(s: State) -> None:
            for _ in range(2):
                if not holds(s):
                    return
                body(s)

        return f"int {i}; while ({i} < 2 && {value}) {{ {text} {i} += 1; }}", run

    def local(self, depth: int) -> Statement:
        """Write a block with a bit of its own, whose bit of the circuit is free behind it."""
        outer, self.open_loops = self.open_loops, 0
        text, body = self.block(depth - 1)
        other_text, other = self.block(depth - 1)
        self.open_loops = outer
        j = self.dice.randrange(3)
        return (
            f"for int once in [0:0] {{ bit own = measure q[{j}]; "
            f"if (own) {{ {text} }} else {{ {other_text} }} }}",
            lambda s: body(s) if s.q >> j & 1 else other(s),
        )

    def leaving(self) -> Statement:
        ends_loop = self.dice.random() < 0.5
        value, holds = self.condition()

        def run(s: State) -> None:
            if holds(s):
                raise LeavingError(ends_loop)

        return f"if ({value}) {'break' if ends_loop else 'continue'};", run

    def loop(self, depth: int) -> Statement:
        self.open_loops += 1
        text, body = self.block(depth - 1)
        self.open_loops -= 1

        def run(s: State) -> None:
            for _ in range(2):
                try:
                    body(s)
                except LeavingError as left:
                    if left.ends_loop:
                        return

        return f"for int _ in [1:2] {{ {text} }}".replace("_", f"k{depth}"), run


@pytest.mark.parametrize("seed", range(60))
def test_random_programs(seed: int) -> None:
    text, run = Writer(seed).block(2)
    for value in range(8):
        flips = "".join(f"x w[{k}]; " for k in range(3) if value >> k & 1)
        circuit = kg.Circuit.from_qasm(
            "OPENQASM 3.0; qubit[3] w; qubit[3] q; qubit aim; bit r; int[3] n; float f; "
            f"{flips} if (true) {{ bit[3] c; bit b; c = measure w; {text} }} r = measure aim;",
            max_rounds=3,  # none has more than two; the reader cannot always tell
        )
        state = State(value)
        run(state)
        (outcome,) = circuit.run(1, seed=0).counts()
        assert outcome[-1] == "01"[state.aim], text  # the register r comes first
        assert kg.Circuit.from_qasm(circuit.to_qasm()) == circuit
