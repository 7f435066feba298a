"""Expectation values from shots: what their errors say is true, and groups share shots."""

from typing import Any

import numpy as np
import pytest

import ketgrad as kg

REPEATS = 3000
HAMILTONIAN = kg.PauliSum(
    {"II": 0.7, "ZI": 0.5, "IZ": -0.3, "ZZ": 0.4, "XX": 0.6, "YY": -0.2, "XI": 0.1}
)


def program(precision: str = "double") -> kg.Program:
    w = kg.ParameterVector("w", 3)
    circuit = kg.Circuit(2).ry(w[0], 0).rx(w[1], 1).cx(0, 1).rz(w[2], 1).ry(0.4, 0)
    rng = np.random.default_rng(3)
    matrix = rng.normal(size=(2, 2)) + 1j * rng.normal(size=(2, 2))
    observables: list[Any] = [HAMILTONIAN, "ZZ", kg.MatrixObservable(matrix + matrix.conj().T, [1])]
    return kg.compile(circuit, observables, precision=precision)


W = [0.6, -1.1, 0.8]


@pytest.mark.parametrize("precision", ["double", "single"])
@pytest.mark.parametrize("grouping", ["none", "qubitwise", "full"])
@pytest.mark.parametrize(
    ("allocation", "shots"), [("each", 30), ("uniform", 300), ("weighted", 90)]
)
def test_errors_tell_the_truth(grouping: str, allocation: str, shots: int, precision: str) -> None:
    p = program(precision)
    exact = p.expval(weights=W)
    values, std = p.expval(
        weights=np.tile(W, (REPEATS, 1)),
        shots=shots,
        seed=5,
        grouping=grouping,
        shot_allocation=allocation,
        return_std=True,
    )
    spread = values.std(axis=0)
    assert (abs(values.mean(axis=0) - exact) < 4.5 * spread / REPEATS**0.5 + 1e-6).all()
    assert np.sqrt((std**2).mean(axis=0)) == pytest.approx(spread, rel=0.1)


def test_zero_shots_are_exact() -> None:
    p = program()
    values, std = p.expval(weights=W, shots=0, return_std=True)
    assert values == pytest.approx(p.expval(weights=W), abs=1e-14)
    assert (std == 0).all()
    assert (p.expval(weights=W, shots=0) == p.expval(weights=W)).all()


def test_the_standard_error_leaves_the_values_as_they_are() -> None:
    p = program()
    alone = p.expval(weights=W, shots=50, seed=2)
    values, std = p.expval(weights=W, shots=50, seed=2, return_std=True)
    assert (values == alone).all()
    assert std.shape == values.shape
    assert np.isinf(p.expval(weights=W, shots=1, seed=2, return_std=True)[1]).all()


def test_grouping_saves_shots() -> None:
    """For one budget, sharing shots gives smaller errors than measuring string by string."""
    p = kg.compile(kg.Circuit(2).ry(0.6, 0).cx(0, 1).rx(-1.1, 1), HAMILTONIAN)
    errors = [
        p.expval(shots=7000, seed=1, grouping=g, shot_allocation="weighted", return_std=True)[1][0]
        for g in ("none", "qubitwise")
    ]
    assert errors[1] < errors[0]


def test_groups_of_a_sum() -> None:
    groups = HAMILTONIAN.commuting_groups()
    assert sum(len(g) for g in groups) == len(HAMILTONIAN) - 1
    assert len(HAMILTONIAN.commuting_groups("full")) < len(groups) + 1
    assert len(HAMILTONIAN.commuting_groups("none")) == len(HAMILTONIAN) - 1
    total = sum(groups, start=kg.PauliSum({"II": 0.7}))
    assert np.allclose(total.matrix(), HAMILTONIAN.matrix())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"grouping": "some"}, "no grouping 'some'"),
        ({"shot_allocation": "some"}, "no shot allocation 'some'"),
        ({"shots": -1}, "shots is -1"),
        ({"shots": 5, "shot_allocation": "uniform"}, "budget of 5 shots"),
    ],
)
def test_bad_input(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        program().expval(weights=W, **{"shots": 10, **options})


def test_shadows_estimate_many_observables() -> None:
    circuit = kg.Circuit(4).h(0).cx(0, 1).cx(1, 2).ry(0.7, 3).cx(2, 3)
    state = kg.State(4).apply(circuit)
    shadow = state.shadow(20_000, seed=1)
    assert len(shadow) == 20_000
    assert set("".join(shadow.bases)) == set("XYZ")
    observables = [kg.PauliSum(s) for s in ("IIZZ", "IXXX", "ZIII", "YIIY")]
    values, std = shadow.expval(observables)
    exact = np.array([state.expval(o) for o in observables])
    assert (abs(values - exact) < 4 * std).all()
    assert (std < 0.1).all()
    medians, _ = shadow.expval(observables, groups=15)
    assert (abs(medians - exact) < 6 * std).all()
    same = state.shadow(10, seed=1)
    assert same.bases == shadow.bases[:10]
    assert (same.outcomes == shadow.outcomes[:10]).all()


def test_shadows_refuse_what_is_wrong() -> None:
    with pytest.raises(ValueError, match="snapshots is 0"):
        kg.State(1).shadow(0)
    shadow = kg.State(1).shadow(5, seed=0)
    with pytest.raises(ValueError, match="groups is 6"):
        shadow.expval("Z", groups=6)
    with pytest.raises(ValueError, match="over 2 qubits"):
        shadow.expval("ZZ")
