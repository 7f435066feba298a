"""Values are those of default.qubit: wires, states, batches, shots, measurements in between."""

import numpy as np
import pennylane as qml
import pytest
from pennylane import numpy as pnp
from scipy import sparse

from ketgrad.pennylane import KetgradQubit
from resident_memory import states_kept

DEVICES = ("default.qubit", "ketgrad.qubit")
MATRIX = np.arange(16.0).reshape(4, 4)
SPARSE = qml.Hamiltonian([1.0, 2.0], [qml.Z("a") @ qml.X("b"), qml.Y("b")]).sparse_matrix(
    ["a", "b"]
)
MEASURED = {
    "state": lambda: qml.state(),
    "density": lambda: qml.density_matrix(wires=["b", 7]),
    "probs": lambda: qml.probs(wires=["c", "a"]),
    "probs of an observable": lambda: qml.probs(op=qml.Hadamard("a")),
    "all probs": lambda: qml.probs(),
    "sum": lambda: qml.expval(0.3 * qml.X("a") @ qml.Y("c") - 2.0 * qml.Z(7)),
    "matrix": lambda: qml.expval(qml.Hermitian(MATRIX + MATRIX.T, ["c", "b"])),
    "projector": lambda: qml.expval(qml.Projector([1, 0], ["a", "b"])),
    "sparse": lambda: qml.expval(qml.SparseHamiltonian(SPARSE, ["a", "b"])),
    "hadamards": lambda: qml.expval(qml.Hadamard("a") @ qml.Z("b")),
    "variance": lambda: qml.var(qml.X("a") @ qml.Z("b")),
    "variance of a matrix": lambda: qml.var(qml.Hermitian(np.diag([1.0, 2.0]), "c")),
    "purity": lambda: qml.purity(wires=["a"]),
    "entropy": lambda: qml.vn_entropy(wires=["a", 7]),
    "information": lambda: qml.mutual_info(wires0=["a"], wires1=["b"]),
}
WIRES = ["a", "b", 7, "c"]


def circuit_of(measure, device, prepare=None):
    @qml.qnode(qml.device(device, wires=WIRES))
    def circuit(x):
        if prepare is not None:
            qml.StatePrep(prepare, wires=["b", "a"])
        qml.RX(x, wires="a")
        qml.CRot(0.3, x, 0.4, wires=["a", "c"])
        qml.QFT(wires=[7, "b", "a"])
        qml.ctrl(qml.SingleExcitation(0.7, wires=["b", "c"]), "a", control_values=[0])
        return measure()

    return circuit


@pytest.mark.parametrize("kind", MEASURED)
@pytest.mark.parametrize("x", [0.4, np.array([0.4, -1.3, 2.0])], ids=["one", "batch"])
def test_measurements(kind, x):
    theirs, ours = (circuit_of(MEASURED[kind], device)(x) for device in DEVICES)
    assert np.shape(ours) == np.shape(theirs)
    np.testing.assert_allclose(ours, theirs, atol=1e-12)


@pytest.mark.parametrize("batch", [False, True])
@pytest.mark.parametrize("x", [0.4, np.array([0.4, -1.3, 2.0])], ids=["one", "batch"])
def test_prepared_states(batch, x):
    amplitudes = np.random.default_rng(0).normal(size=(3, 4) if batch else 4) + 0j
    amplitudes /= np.linalg.norm(amplitudes, axis=-1, keepdims=True)
    for kind in ("state", "sum", "probs"):
        theirs, ours = (circuit_of(MEASURED[kind], d, amplitudes)(x) for d in DEVICES)
        np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_single_precision():
    exact, single = (
        qml.QNode(
            circuit_of(MEASURED["sum"], "ketgrad.qubit").func,
            qml.device("ketgrad.qubit", wires=WIRES, c_dtype=c_dtype),
        )(0.4)
        for c_dtype in (np.complex128, np.complex64)
    )
    assert 0 < abs(exact - single) < 1e-5


@pytest.mark.parametrize("seed", [0, 1])
def test_random_circuits(seed):
    rng = np.random.default_rng(seed)
    for _ in range(10):
        n = int(rng.integers(2, 6))
        ops = []
        for _ in range(25):
            wires = rng.permutation(n).tolist()
            kind = rng.choice(["RX", "Rot", "CNOT", "IsingXY", "T", "CRY", "SWAP", "PhaseShift"])
            cls = getattr(qml, kind)
            angles = rng.uniform(-3, 3, cls.num_params)
            ops.append(cls(*angles, wires=wires[: cls.num_wires]))
        measured = [qml.state(), qml.expval(qml.Z(0) @ qml.Y(1)), qml.probs(wires=[1, 0])]
        tape = qml.tape.QuantumScript(ops, measured)
        theirs, ours = (qml.execute([tape], qml.device(d, wires=n))[0] for d in DEVICES)
        for one, other in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-12)


def test_tapes_of_one_structure_run_as_a_batch_and_are_compiled_once():
    device = KetgradQubit(wires=2)
    tapes = [
        qml.tape.QuantumScript(
            [qml.RX(angle, 0), qml.CNOT([0, 1])], [qml.expval(qml.Z(1)), qml.probs(wires=[0])]
        )
        for angle in np.linspace(0, 3, 7)
    ]
    other = qml.tape.QuantumScript([qml.RX(np.array([0.1, 0.2]), 0)], [qml.expval(qml.Z(0))])
    found = device.execute([*tapes[:3], other, *tapes[3:]])
    np.testing.assert_allclose(found[3], np.cos([0.1, 0.2]))
    values = np.array([found[k][0] for k in (0, 1, 2, 4, 5, 6, 7)])
    np.testing.assert_allclose(values, np.cos(np.linspace(0, 3, 7)), atol=1e-12)
    assert len(device._plans) == 2
    device.execute(tapes)
    assert len(device._plans) == 2


def test_more_structures_at_once_than_a_device_remembers():
    tapes = [
        qml.tape.QuantumScript([qml.RX(0.3, 0)] * n, [qml.expval(qml.Z(0))]) for n in range(1, 301)
    ]
    found = KetgradQubit(wires=1).execute(tapes)
    np.testing.assert_allclose(found, np.cos(0.3 * np.arange(1, 301)), atol=1e-12)


@pytest.mark.parametrize("batch", [False, True])
def test_shots(batch):
    x = np.array([0.4, 1.1]) if batch else 0.4

    def circuit(x):
        qml.RX(x, wires=0)
        qml.CNOT(wires=[0, 1])
        return (
            qml.expval(qml.Z(1)),
            qml.expval(qml.X(0) @ qml.Y(1)),
            qml.var(qml.Z(0)),
            qml.probs(wires=[1, 0]),
        )

    exact = qml.QNode(circuit, qml.device("default.qubit", wires=2))(x)
    device = qml.device("ketgrad.qubit", wires=2, seed=7)
    sampled = qml.set_shots(qml.QNode(circuit, device), 200_000)(x)
    for one, other in zip(sampled, exact, strict=True):
        assert np.shape(one) == np.shape(other)
        np.testing.assert_allclose(one, other, atol=0.012)
    again = qml.set_shots(qml.QNode(circuit, qml.device("ketgrad.qubit", wires=2, seed=7)), 200_000)
    for one, other in zip(again(x), sampled, strict=True):
        np.testing.assert_array_equal(one, other)


SAMPLED = {
    "sum": lambda: qml.expval(0.3 * qml.X(0) @ qml.Y(3) - 2 * qml.Z(1) + qml.Z(0) @ qml.Z(2) - 1),
    "of matrices": lambda: qml.expval(
        qml.Hadamard(0) + 0.5 * qml.Hermitian((MATRIX + MATRIX.T) / 18, [1, 2])
    ),
    "matrix": lambda: qml.expval(qml.Hermitian((MATRIX + MATRIX.T) / 9, [3, 1])),
    "hadamards": lambda: qml.expval(qml.Hadamard(0) @ qml.Z(1) @ qml.Hadamard(3)),
    "projector": lambda: qml.expval(qml.Projector([1, 0], [2, 0])),
    "variance": lambda: qml.var(qml.X(0) @ qml.Y(2)),
    "variance of a sum": lambda: qml.var(qml.Z(0) + 0.5 * qml.Z(1)),
    "repeated wires": lambda: qml.expval(qml.X(0) @ qml.Y(0) @ qml.Z(0) @ qml.Z(1) * 1j),
    "probs of an observable": lambda: qml.probs(op=qml.Y(1)),
    "shadow": lambda: qml.shadow_expval(qml.Z(0) @ qml.Z(1)),
}


@pytest.mark.parametrize("x", [0.4, np.array([0.4, 1.1])], ids=["one", "batch"])
def test_bases_of_shots(x):
    """All at once and each alone: some share shots, others turn the state."""

    def circuit(x, kinds):
        for k in range(4):
            qml.RY(x + 0.3 * k, wires=k)
            qml.RX(0.2 - x, wires=k)
        qml.CNOT([0, 2])
        qml.CNOT([3, 1])
        return [SAMPLED[kind]() for kind in kinds]

    exact_kinds = [kind for kind in SAMPLED if kind != "shadow"]
    exact = qml.QNode(circuit, qml.device("default.qubit", wires=4))(x, exact_kinds)
    exact = dict(zip(exact_kinds, exact, strict=True))
    device = qml.device("ketgrad.qubit", wires=4, seed=2)
    several = qml.set_shots(qml.QNode(circuit, device), 20_000)
    together = several(x, exact_kinds)
    for kind, found in zip(exact_kinds, together, strict=True):
        alone = several(x, [kind])[0]
        for one in (found, alone):
            assert np.shape(one) == np.shape(exact[kind])
            np.testing.assert_allclose(one, exact[kind], atol=0.1)
    (shadow,) = several(x, ["shadow"])
    signs = np.kron(np.kron([1, -1], [1, -1]), np.ones(4))
    probs = qml.QNode(lambda x: [circuit(x, []), qml.probs(wires=range(4))][1], device)(x)
    np.testing.assert_allclose(shadow, probs @ signs, atol=0.2)


def test_counts_samples_and_shot_vectors():
    device = qml.device("ketgrad.qubit", wires=2, seed=3)

    def circuit():
        qml.Hadamard(0)
        qml.CNOT([0, 1])
        return qml.counts(), qml.sample(wires=[0, 1]), qml.sample(qml.Z(0))

    counts, bits, values = qml.set_shots(qml.QNode(circuit, device), 1000)()
    assert set(counts) == {"00", "11"}
    assert bits.shape == (1000, 2)
    assert (bits[:, 0] == bits[:, 1]).all()
    assert set(values.tolist()) == {1.0, -1.0}
    several = qml.set_shots(qml.QNode(lambda: qml.probs(wires=0), device), [10, 100, 10])()
    assert [p.tolist() for p in several] == [[1.0, 0.0]] * 3


def test_classical_shadows():
    device = qml.device("ketgrad.qubit", wires=2, seed=3)

    def circuit():
        qml.Hadamard(0)
        qml.CNOT([0, 1])
        return qml.classical_shadow(wires=[0, 1])

    bits, recipes = qml.set_shots(qml.QNode(circuit, device), 2000)()
    shadow = qml.ClassicalShadow(bits, recipes)
    assert float(shadow.expval(qml.X(0) @ qml.X(1))) == pytest.approx(1, abs=0.2)


def test_measurements_in_between():
    def circuit(x):
        qml.RX(x, wires=0)
        first = qml.measure(0, reset=True)
        qml.cond(first, qml.RY)(0.7, wires=1)
        second = qml.measure(1)
        qml.cond(first & ~second, qml.X)(2)
        return qml.expval(qml.Z(2)), qml.probs(op=[first, second]), qml.expval(qml.Z(0))

    theirs, ours = (qml.QNode(circuit, qml.device(device, wires=6))(1.3) for device in DEVICES)
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-12)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_batch_of_matrices_is_one_program(n):
    rng = np.random.default_rng(0)
    shape = (4, 2**n, 2**n)
    matrices = np.linalg.qr(rng.normal(size=shape) + 1j * rng.normal(size=shape))[0]
    matrices[1] = np.eye(2**n)[::-1]

    def circuit(matrices):
        for k in range(3):
            qml.RY(0.3 + k, wires=k)
        qml.QubitUnitary(matrices, wires=[2, 0, 1][:n])
        qml.ctrl(qml.adjoint(qml.QubitUnitary(matrices, wires=[1, 2, 3][:n])), 0)
        return qml.state()

    device = KetgradQubit(wires=4)
    theirs = qml.QNode(circuit, qml.device("default.qubit", wires=4))(matrices)
    np.testing.assert_allclose(qml.QNode(circuit, device)(matrices), theirs, atol=1e-12)
    assert len(device._plans) == 1


def test_wide_matrices_that_nothing_decomposes():
    block = np.random.default_rng(0).uniform(-0.02, 0.02, (32, 32))

    def circuit():
        for k in range(6):
            qml.RY(0.3 + k, wires=k)
        qml.BlockEncode(block, wires=range(6))
        qml.adjoint(qml.BlockEncode(block, wires=range(6)))
        qml.ctrl(qml.BlockEncode(block, wires=range(6)), 6, control_values=[0])
        return qml.state()

    theirs, ours = (qml.QNode(circuit, qml.device(d, wires=7))() for d in DEVICES)
    np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_the_tracker_counts():
    device = qml.device("ketgrad.qubit", wires=1)

    @qml.qnode(device)
    def circuit(x):
        qml.RX(x, wires=0)
        return qml.expval(qml.Z(0))

    with qml.Tracker(device) as tracker:
        qml.grad(circuit)(pnp.array(0.3, requires_grad=True))
    assert tracker.totals["executions"] == 1
    assert tracker.totals["vjps"] == 1


def large(kind, change):
    matrix = np.diag(np.arange(32.0))
    matrix[10, 10] += 1000 * change
    if kind == "hermitian":
        return qml.Hermitian(matrix, range(5))
    if kind == "small change":
        return 1e6 * qml.Hermitian(np.diag([1.0, 2.0]) + 1e-9 * change, 0)
    if kind == "sparse":
        return qml.SparseHamiltonian(sparse.csr_matrix(matrix + 1.0), range(5))
    if kind == "product":
        return qml.Hermitian(matrix, range(5)) @ qml.Z(5)
    state = np.ones(2**6) / 8
    state[40] *= 1 - 2 * change
    return qml.Projector(state, range(6))


@pytest.mark.parametrize("kind", ["hermitian", "small change", "sparse", "product", "projector"])
def test_a_device_tells_large_observables_apart(kind):
    def circuit(change):
        for k in range(6):
            qml.RY(0.7 + 0.1 * k, wires=k)
        return qml.expval(large(kind, change))

    theirs = [qml.QNode(circuit, qml.device("default.qubit", wires=6))(c) for c in (0, 1)]
    assert theirs[0] != theirs[1]
    device = qml.device("ketgrad.qubit", wires=6)
    ours = [qml.QNode(circuit, device)(change) for change in (0, 1)]
    np.testing.assert_allclose(ours, theirs, rtol=1e-13)


@pytest.mark.parametrize(
    "op",
    [
        lambda: qml.ctrl(qml.adjoint(qml.GlobalPhase(0.4)), 0),
        lambda: qml.ctrl(qml.GlobalPhase(0.4), [0, 1], control_values=[0, 1]),
        lambda: qml.ctrl(qml.I(), 0),
        lambda: qml.pow(qml.GlobalPhase(0.1), 2),
        lambda: qml.adjoint(qml.GlobalPhase(0.3)),
    ],
)
def test_operators_without_wires(op):
    def circuit():
        qml.Hadamard(0)
        qml.apply(op())
        return qml.state()

    theirs, ours = (qml.QNode(circuit, qml.device(d, wires=2))() for d in DEVICES)
    np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_one_prepared_state_for_a_batch():
    def circuit(x):
        qml.StatePrep(np.array([[0.6, 0.8]]), wires=0)
        qml.RX(x, wires=0)
        return qml.expval(qml.Z(0))

    x = np.array([0.1, 0.2])
    theirs, ours = (qml.QNode(circuit, qml.device(d, wires=1))(x) for d in DEVICES)
    np.testing.assert_allclose(ours, theirs, atol=1e-12)


@pytest.mark.parametrize("shots", [None, 4000])
def test_sums_on_many_wires_are_never_matrices(shots):
    n, angle = 20, 0.4
    energy = qml.Hamiltonian(
        [1.0] * (2 * n - 1),
        [qml.Z(k) @ qml.Z(k + 1) for k in range(n - 1)] + [qml.X(k) for k in range(n)],
    )

    @qml.set_shots(shots)
    @qml.qnode(qml.device("ketgrad.qubit", wires=n, seed=1))
    def circuit(x):
        for k in range(n):
            qml.RY(x, k)
        return qml.expval(energy)

    x = pnp.array(angle, requires_grad=True)
    wanted = (n - 1) * np.cos(angle) ** 2 + n * np.sin(angle)
    assert circuit(x) == pytest.approx(wanted, abs=1e-10 if shots is None else 0.5)
    if shots is None:
        slope = -(n - 1) * np.sin(2 * angle) + n * np.cos(angle)
        assert qml.grad(circuit)(x) == pytest.approx(slope, abs=1e-10)


def test_states_of_plans_are_not_kept():
    n = 20
    device = KetgradQubit(wires=n)

    def run(k):
        word = qml.prod(*(qml.X(w) if k >> (w % 6) & 1 else qml.Z(w) for w in range(n)))
        tape = qml.tape.QuantumScript([qml.RY(0.3, w) for w in range(n)], [qml.expval(word)])
        (found,) = device.execute([tape])
        wanted = np.prod([np.sin(0.3) if k >> (w % 6) & 1 else np.cos(0.3) for w in range(n)])
        np.testing.assert_allclose(found, wanted, atol=1e-12)

    assert states_kept(run) < 20  # of 40; what else the process holds moves, too
    assert len(device._plans) == 40
    run(0)  # whose memory went to others
