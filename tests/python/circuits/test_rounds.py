"""Rounds of OpenQASM 3 that an outcome ends, against what they say by hand."""

from itertools import accumulate

import pytest

import ketgrad as kg

# What asks for the bit stands between its measurement and the break that it decides. In the end it
# is set to 0, as what it holds follows from all rounds.
ROUNDS = """
OPENQASM 3.0; include "stdgates.inc"; qubit[3] q; {declared} bit[2] d;
for int i in [0:1] {{
  h q[0]; {bit} = measure q[0]; if ({bit} == 0) x q[1]; x q[2]; if ({bit}) break;
}}
{bit} = 0; d[0] = measure q[1]; d[1] = measure q[2];
"""
# One in the first round, in the second, in none: q[1] has been flipped 0, 1, 2 times.
WANTED = {"10": 0.5, "01": 0.25, "00": 0.25}


@pytest.mark.parametrize(("declared", "bit"), [("bit[1] c;", "c[0]"), ("bit c;", "c")])
def test_what_asks_for_a_bit_before_the_break_that_it_decides(declared: str, bit: str) -> None:
    circuit = kg.Circuit.from_qasm(ROUNDS.format(declared=declared, bit=bit))
    names, sizes = zip(*circuit.bit_registers, strict=True)
    first = [0, *accumulate(sizes)][names.index("d")]
    found = dict.fromkeys(WANTED, 0)
    for bits, count in circuit.run(20_000, seed=1).counts().items():
        found[bits[::-1][first : first + 2][::-1]] += count
    for outcome, probability in WANTED.items():
        assert found[outcome] / 20_000 == pytest.approx(probability, abs=0.02)


@pytest.mark.parametrize(
    ("declared", "bit", "more"),
    [("bit c;", "c", ""), ("bit[1] c;", "c[0]", ""), ("bit[2] c;", "c[0]", "c[1] = measure q[1];")],
)
def test_registers_whose_outcomes_would_be_lost_are_refused(
    declared: str, bit: str, more: str
) -> None:
    """Of one bit as of several: no circuit has what follows from the outcomes of all rounds."""
    text = (
        f"OPENQASM 3.0; qubit[2] q; {declared} "
        f"for int i in [0:1] {{ {bit} = measure q[0]; if ({bit}) break; }} {more}"
    )
    with pytest.raises(ValueError, match="bit 0 of 'c' is measured into, but follows from several"):
        kg.Circuit.from_qasm(text)
    kg.Circuit.from_qasm(text.replace(bit, "b").replace("{ b =", "{ bit b ="))
    if not more:
        assert kg.Circuit.from_qasm(f"{text} {bit} = 0;").bit_registers == [("kept", 2)]
