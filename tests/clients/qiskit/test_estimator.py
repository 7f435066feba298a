"""What StatevectorEstimator does, `Estimator` does: values, shapes, refusals, metadata."""

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.circuit.library import efficient_su2, real_amplitudes, zz_feature_map
from qiskit.primitives import StatevectorEstimator
from qiskit.primitives.containers.bindings_array import BindingsArray
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.quantum_info import (
    Operator,
    Pauli,
    SparseObservable,
    SparsePauliOp,
    Statevector,
)

import ketgrad as kg
from ketgrad.qiskit import Estimator, pauli_sum, structures
from resident_memory import states_kept

ENERGY = SparsePauliOp.from_list(
    [("II", -1.05), ("IZ", 0.398), ("ZI", -0.398), ("ZZ", -0.011), ("XX", 0.181)]
)
OTHERS = (SparsePauliOp.from_list([("IX", 1.0), ("YY", 2.0)]), Pauli("-ZX"))


def both(pubs, **options):
    return [kind(**options).run(pubs).result() for kind in (Estimator, StatevectorEstimator)]


def assert_same(pubs):
    ours, theirs = both(pubs)
    assert len(ours) == len(theirs)
    for own, other in zip(ours, theirs, strict=True):
        assert own.data.evs.shape == other.data.evs.shape == own.data.shape
        np.testing.assert_allclose(own.data.evs, other.data.evs, atol=1e-12)
        assert not own.data.stds.any()
    return ours


def test_one_value_and_several_pubs():
    ansatz = real_amplitudes(2, reps=2)
    other = efficient_su2(2, reps=1)
    rng = np.random.default_rng(0)
    of_ansatz, of_other = rng.uniform(-3, 3, (2, 6)), rng.uniform(-3, 3, 8)
    found = assert_same([(ansatz, ENERGY, of_ansatz[0])])
    assert found[0].data.evs.shape == ()
    assert_same(
        [(other, OTHERS[0], of_other), (ansatz, ENERGY, of_ansatz), (ansatz, "ZZ", of_ansatz[1])]
    )


@pytest.mark.parametrize(
    ("observables", "values"),
    [
        ((), (4, 5)),
        ((3, 1), (4,)),
        ((4,), (4,)),
        ((2, 1, 3), (5, 1)),
        ((1,), ()),
        ((3,), ()),
        ((0,), (1,)),
    ],
    ids=str,
)
def test_broadcasting(observables, values):
    rng = np.random.default_rng(1)
    circuit = zz_feature_map(3).compose(real_amplitudes(3, reps=1))
    n = int(np.prod(observables))
    labels = ["".join(rng.choice(list("IXYZ"), 3)) for _ in range(n)]
    several = np.array(labels, object).reshape(observables)
    several = several if observables else labels[0]
    assert_same([(circuit, several, rng.uniform(-3, 3, (*values, circuit.num_parameters)))])


def test_parameters_by_name_in_arrays_of_their_own():
    a, b = Parameter("a"), Parameter("b")
    circuit = QuantumCircuit(1)
    circuit.rx(b, 0)
    circuit.rz(a * b, 0)
    values = BindingsArray({("b",): np.linspace(0, 1, 4)[:, None], "a": np.linspace(1, 2, 4)})
    assert_same([(circuit, ["X", "Y"], {"b": 0.3, "a": 0.4}), (circuit, "Y", values)])


def test_circuits_without_parameters():
    circuit = QuantumCircuit(2, global_phase=0.3)
    assert_same([(circuit, "ZZ")])
    circuit.h(0)
    circuit.rx(0.3, 1)
    circuit.cx(0, 1)
    assert_same(
        [
            (circuit, [ENERGY, OTHERS[1]]),
            (circuit, "XY", None),
            (circuit, ["ZZ"], np.empty((3, 1, 0))),
        ]
    )


def test_equal_pubs_without_numbers_of_their_own():
    circuit = QuantumCircuit(2)
    circuit.append(real_amplitudes(2, reps=1).assign_parameters([0.1, 0.2, 0.3, 0.4]), [0, 1])
    found = assert_same([(circuit, ENERGY)] * 3)
    assert found[0].data.evs == found[2].data.evs != 0
    drawn = Estimator(seed=1, default_precision=0.1).run([(circuit, ENERGY)] * 2).result()
    assert drawn[0].data.evs != drawn[1].data.evs


def test_parameters_that_make_no_difference():
    circuit = QuantumCircuit(1, global_phase=Parameter("g"))
    circuit.ry(Parameter("a"), 0)
    circuit.delay(Parameter("t"), 0)
    values = np.random.default_rng(0).uniform(0, 3, (4, 3))
    found = Estimator().run([(circuit, "Z", values)]).result()[0].data.evs
    np.testing.assert_allclose(found, np.cos(values[:, 0]), atol=1e-12)


def test_pubs_and_iterators_of_them():
    circuit = real_amplitudes(2, reps=1)
    pub = EstimatorPub.coerce((circuit, "ZZ", [0.1, 0.2, 0.3, 0.4], 0.0))
    assert_same([pub, pub])
    found = Estimator().run(iter([pub])).result()
    assert len(found) == 1


def test_projectors():
    circuit = QuantumCircuit(2)
    circuit.ry(0.4, 0)
    circuit.h(1)
    observable = SparseObservable.from_list([("+0", 1.0), ("1r", 0.5)])
    found = Estimator().run([(circuit, observable)]).result()[0].data.evs
    expected = np.cos(0.2) ** 2 + 0.5 * 0.5 * 0.5
    assert found == pytest.approx(expected)


@pytest.mark.parametrize("letters", ["0", "+", "01+-rlXYZI"])
@pytest.mark.parametrize("n", [1, 5, 12])
def test_many_projectors(n, letters):
    rng = np.random.default_rng(n)
    circuit = real_amplitudes(n, reps=1)
    values = rng.uniform(-3, 3, circuit.num_parameters)
    words = ["".join(rng.choice(list(letters), n)) for _ in range(2)]
    observable = SparseObservable.from_list(list(zip(words, (1.0, -0.5), strict=True)))
    state = Statevector(circuit.assign_parameters(values)).data
    wanted = sum(
        c * np.vdot(state, applied(word, state)) for word, c in zip(words, (1, -0.5), strict=True)
    )
    found = Estimator().run([(circuit, observable, values)]).result()[0].data.evs
    np.testing.assert_allclose(found, wanted.real, atol=1e-12)


MATRICES = {letter: SparseObservable(letter).as_paulis() for letter in "01+-rlXYZI"}


def applied(word, state):
    """Apply a product of letters, each a 2 x 2 matrix, qubit by qubit."""
    out = state.reshape([2] * len(word))
    for axis, letter in enumerate(word):
        matrix = SparsePauliOp.from_sparse_observable(MATRICES[letter]).to_matrix()
        out = np.moveaxis(np.tensordot(matrix, out, (1, axis)), 0, axis)
    return out.ravel()


def test_shots():
    circuit = real_amplitudes(2, reps=2)
    values = np.random.default_rng(2).uniform(-3, 3, (50, 6))
    exact = Estimator().run([(circuit, ENERGY, values)]).result()[0].data.evs
    pubs = [(circuit, ENERGY, values, 0.02), (circuit, ENERGY, values)]
    found = Estimator(seed=5).run(pubs, precision=0.05).result()
    for one, precision in zip(found, (0.02, 0.05), strict=True):
        assert one.metadata["target_precision"] == precision
        scores = (one.data.evs - exact) / one.data.stds
        assert 0.6 < scores.std() < 1.4
        assert 0.1 < one.data.stds.mean() / precision < 1
    again = Estimator(seed=5).run(pubs, precision=0.05).result()
    np.testing.assert_array_equal(again[0].data.evs, found[0].data.evs)
    assert (
        Estimator(default_precision=0.1)
        .run([(circuit, ENERGY, values)])
        .result()[0]
        .data.stds.all()
    )


def test_measurements_and_conditions_are_averaged_over():
    circuit = QuantumCircuit(2, 1)
    circuit.ry(Parameter("a"), 0)
    circuit.measure(0, 0)
    circuit.reset(0)
    with circuit.if_test((circuit.cregs[0], 1)):
        circuit.x(1)
    values = np.array([[0.3], [1.2]])
    found = Estimator().run([(circuit, ["ZI", "IZ"], values[:, None])]).result()[0].data.evs
    np.testing.assert_allclose(found, [[np.cos(0.3), 1], [np.cos(1.2), 1]], atol=1e-12)


def test_noise():
    noise = kg.NoiseModel().add(kg.Channel.bit_flip(0.1))
    circuit = QuantumCircuit(1)
    circuit.ry(Parameter("a"), 0)
    values = np.array([[0.3], [1.2]])
    found = Estimator(noise=noise).run([(circuit, "Z", values)]).result()[0].data
    np.testing.assert_allclose(found.evs, 0.8 * np.cos(values[:, 0]), atol=1e-12)
    drawn = (
        Estimator(noise=noise, seed=1)
        .run([(circuit, "Z", values)], precision=0.02)
        .result()[0]
        .data
    )
    assert (np.abs(drawn.evs - found.evs) < 5 * drawn.stds).all()


def test_refusals_are_those_of_qiskit():
    circuit = real_amplitudes(2, reps=1)
    good = [0.1, 0.2, 0.3, 0.4]
    for pubs, error, told in [
        ([(circuit, "ZZZ", good)], ValueError, "number of qubits"),
        ([(circuit, "ZZ", [1.0])], ValueError, "inconsistent"),
        ([(circuit, "ZZ")], ValueError, "number of"),
        ((circuit, "ZZ", good), ValueError, "pub"),
        ([(circuit, ["ZZ"] * 3, [good] * 2)], ValueError, "broadcast"),
        ([(circuit, SparsePauliOp("ZZ", 1j), good)], ValueError, "Hermitian"),
    ]:
        for kind in (Estimator, StatevectorEstimator):
            with pytest.raises(error, match=told):
                kind().run(pubs)
    with pytest.raises(ValueError, match="negative"):
        Estimator().run([(circuit, "ZZ", good)], precision=-1.0)


def test_metadata():
    circuit = QuantumCircuit(1, metadata={"name": "mine"})
    found = Estimator().run([(circuit, "Z")]).result()
    assert found.metadata == {"version": 2}
    assert found[0].metadata == {"target_precision": 0.0, "circuit_metadata": {"name": "mine"}}
    assert Estimator(default_precision=0.1, seed=3).default_precision == 0.1
    assert Estimator(seed=3).seed == 3


def test_what_differs_by_numbers_alone_is_compiled_once(monkeypatch):
    made = []
    compiled = structures.compile

    def counting(*args):
        made.append(args)
        return compiled(*args)

    monkeypatch.setattr(structures, "compile", counting)
    ansatz = real_amplitudes(3, reps=2, name="fresh", parameter_prefix="fresh")
    rng = np.random.default_rng(0)
    pubs = [(ansatz.assign_parameters(rng.uniform(-1, 1, 9)), "ZZZ") for _ in range(5)]
    assert_same(pubs)
    assert len(made) == 1
    assert_same([(ansatz, "ZZZ", rng.uniform(-1, 1, 9)) for _ in range(3)])
    assert_same([(ansatz.copy(), "ZZZ", rng.uniform(-1, 1, (3, 9)))])
    assert len(made) == 2
    # What has blocks is told by what it comes to.
    part = QuantumCircuit(3)
    part.append(ansatz.to_gate(), range(3))
    pubs = [(part.assign_parameters(rng.uniform(-1, 1, 9)), "ZZZ") for _ in range(3)]
    assert_same(pubs)
    changed = ansatz.copy()
    changed.data[-1] = changed.data[-1].replace(operation=changed.data[0].operation)
    assert_same([(ansatz.assign_parameters(np.ones(9)), "ZZZ")])


def test_observables():
    assert pauli_sum(SparsePauliOp(["XY"], [0.5 + 0j])) == kg.PauliSum("0.5*XY")
    assert pauli_sum("IZ") == kg.PauliSum("IZ")
    assert pauli_sum(Pauli("-XZ")) == kg.PauliSum("-XZ")
    dense = pauli_sum(Operator(ENERGY))
    assert dict(dense.terms) == pytest.approx(dict(pauli_sum(ENERGY).terms))
    np.testing.assert_allclose(pauli_sum(ENERGY).matrix(), ENERGY.to_matrix(), atol=1e-14)
    zero = SparseObservable.from_label("01")
    np.testing.assert_allclose(pauli_sum(zero).matrix(), np.diag([0, 1, 0, 0]), atol=1e-14)


@pytest.mark.parametrize("of", ["observables", "circuits"])
def test_states_of_programs_are_not_kept(of):
    n = 20

    def run(k):
        circuit = QuantumCircuit(n)
        circuit.ry(0.3, range(n))
        if of == "circuits":
            circuit.cx(0, 1 + k % 19)
            circuit.cx(0, 1 + k % 19)
            circuit.id(k // 19)
        word = "".join("X" if k >> (q % 6) & 1 else "Z" for q in range(n))
        found = Estimator().run([(circuit, word)]).result()[0].data.evs
        wanted = np.sin(0.3) ** word.count("X") * np.cos(0.3) ** word.count("Z")
        np.testing.assert_allclose(found, wanted, atol=1e-12)

    assert states_kept(run) < 20  # of 40; what else the process holds moves, too
    run(0)  # whose memory went to others


@pytest.mark.parametrize("values", [np.zeros((0, 1)), np.zeros((3, 0, 1)), []], ids=str)
@pytest.mark.parametrize("observables", ["ZZ", [["ZZ"], ["XI"], ["YY"]], []], ids=str)
def test_no_values_have_no_results(values, observables):
    circuit = QuantumCircuit(2)
    circuit.ry(Parameter("a"), 0)
    assert_same([(circuit, observables, values), (circuit, "XX", [0.3])])


def test_no_values_of_circuits_without_parameters():
    assert_same([(QuantumCircuit(1), "Z", np.zeros((0, 0)))])
