"""qiskit-machine-learning's classes give on ketgrad what they give on the reference primitives."""

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.circuit.library import efficient_su2, real_amplitudes, zz_feature_map
from qiskit.exceptions import QiskitError
from qiskit.primitives import StatevectorEstimator, StatevectorSampler
from qiskit.quantum_info import Operator, SparsePauliOp
from qiskit_machine_learning.algorithms import QSVC, VQC, NeuralNetworkClassifier
from qiskit_machine_learning.connectors import TorchConnector
from qiskit_machine_learning.gradients import (
    QFI,
    DerivativeType,
    LinCombQGT,
    ParamShiftEstimatorGradient,
)
from qiskit_machine_learning.kernels import FidelityStatevectorKernel
from qiskit_machine_learning.neural_networks import EstimatorQNN, SamplerQNN
from qiskit_machine_learning.optimizers import COBYLA, L_BFGS_B
from qiskit_machine_learning.utils import algorithm_globals
from sklearn.datasets import load_digits, load_iris
from sklearn.decomposition import PCA
from sklearn.preprocessing import MinMaxScaler

from ketgrad.qiskit import (
    QGT,
    Estimator,
    EstimatorGradient,
    FidelityKernel,
    Sampler,
    SamplerGradient,
)


def two_classes(load, n_features, n_samples):
    """Samples of the first two classes, between 0 and 1, as many of each."""
    X, y = load(return_X_y=True)
    rows = np.concatenate([np.flatnonzero(y == c)[: n_samples // 2] for c in (0, 1)])
    X = PCA(n_features, random_state=0).fit_transform(X[rows])
    return MinMaxScaler().fit_transform(X), y[rows]


def parts(n, reps=1):
    features, ansatz = zz_feature_map(n, reps=1), real_amplitudes(n, reps=reps)
    return {
        "circuit": features.compose(ansatz),
        "input_params": features.parameters,
        "weight_params": ansatz.parameters,
    }


def estimator_networks(n, **options):
    exact = {"default_precision": 0.0, **parts(n), **options}
    ours = EstimatorQNN(estimator=Estimator(), gradient=EstimatorGradient(), **exact)
    return ours, EstimatorQNN(estimator=StatevectorEstimator(), **exact)


def answer(call):
    """What a call gives: the shapes of its arrays, or its error."""
    try:
        found = call()
    except ValueError as error:
        return type(error), str(error)
    found = found if isinstance(found, tuple) else (found,)
    return [None if one is None else np.shape(one) for one in found]


@pytest.mark.parametrize("input_gradients", [False, True])
def test_no_samples_have_the_answer_of_the_reference(input_gradients):
    options = {"input_gradients": input_gradients, **parts(2)}
    ours, theirs = estimator_networks(2, input_gradients=input_gradients)
    samplers = (
        SamplerQNN(sampler=Sampler(), gradient=SamplerGradient(), **options),
        SamplerQNN(sampler=StatevectorSampler(), **options),
    )
    nothing, weights = np.zeros((0, 2)), np.zeros(ours.num_weights)
    for own, other in ((ours, theirs), samplers):
        for name in ("forward", "backward"):
            calls = [getattr(network, name) for network in (own, other)]
            found, wanted = (answer(lambda c=call: c(nothing, weights)) for call in calls)
            assert found == wanted


@pytest.mark.parametrize("input_gradients", [False, True])
def test_estimator_networks(input_gradients):
    observables = [SparsePauliOp("ZZ"), SparsePauliOp(["IX", "YI"], [0.5, -1.0])]
    networks = estimator_networks(2, observables=observables, input_gradients=input_gradients)
    rng = np.random.default_rng(0)
    X, w = rng.uniform(0, 1, (5, 2)), rng.uniform(-1, 1, 4)
    ours, theirs = ([q.forward(X, w), *q.backward(X, w)] for q in networks)
    for own, other in zip(ours, theirs, strict=True):
        assert (own is None) == (other is None)
        if own is not None:
            np.testing.assert_allclose(own, other, atol=1e-10)


@pytest.mark.parametrize("load", [load_iris, load_digits])
def test_a_classifier_trained_on_an_estimator_network(load):
    X, y = two_classes(load, 2, 16)
    weights = []
    for network in estimator_networks(2):
        model = NeuralNetworkClassifier(
            network, optimizer=L_BFGS_B(maxiter=3), initial_point=np.full(4, 0.3)
        )
        model.fit(X, 2 * y - 1)
        weights.append(model.weights)
    np.testing.assert_allclose(*weights, atol=1e-6)


def sampler_network(n, **options):
    sampler = Sampler(default_shots=4096, seed=1)
    return SamplerQNN(sampler=sampler, gradient=SamplerGradient(), **parts(n), **options)


def parity(value):
    return value.bit_count() % 2


@pytest.mark.parametrize(
    "options", [{}, {"interpret": parity, "output_shape": 2}], ids=["all", "2"]
)
def test_sampler_networks(options):
    network = sampler_network(2, input_gradients=True, **options)
    rng = np.random.default_rng(0)
    X, w = rng.uniform(0, 1, (3, 2)), rng.uniform(-1, 1, 4)
    theirs = SamplerQNN(
        sampler=StatevectorSampler(default_shots=4096, seed=2), **parts(2), **options
    )
    np.testing.assert_allclose(network.forward(X, w), theirs.forward(X, w), atol=0.06)
    by_inputs, by_weights = network.backward(X, w)
    # The probabilities as an estimator has them: of projectors, by parameter shifts.
    projectors = [np.diag(np.eye(4)[k]) for k in range(4)]
    exact = EstimatorQNN(
        estimator=StatevectorEstimator(),
        default_precision=0.0,
        input_gradients=True,
        observables=[SparsePauliOp.from_operator(Operator(p)) for p in projectors],
        **parts(2),
    )
    summed = np.eye(4) if not options else np.array([[1, 0, 0, 1], [0, 1, 1, 0.0]])
    for own, other in zip((by_inputs, by_weights), exact.backward(X, w), strict=True):
        np.testing.assert_allclose(own, np.einsum("ov,svp->sop", summed, other), atol=1e-10)


@pytest.mark.parametrize("load", [load_iris, load_digits])
def test_a_classifier_trained_on_a_sampler_network(load):
    X, y = two_classes(load, 2, 30)
    network = sampler_network(2, interpret=parity, output_shape=2)
    model = NeuralNetworkClassifier(
        network,
        optimizer=L_BFGS_B(maxiter=10),
        loss="cross_entropy",
        one_hot=True,
        initial_point=np.full(4, 0.3),
    )
    start = np.mean(np.argmax(network.forward(X, np.full(4, 0.3)), axis=1) == y)
    model.fit(X, y)
    assert model.score(X, y) > max(0.7, start)


def test_vqc():
    X, y = two_classes(load_iris, 2, 20)
    scores = []
    for sampler in (Sampler(seed=1), StatevectorSampler(seed=1)):
        algorithm_globals.random_seed = 3
        model = VQC(
            sampler=sampler,
            feature_map=zz_feature_map(2, reps=1),
            ansatz=real_amplitudes(2, reps=1),
            optimizer=COBYLA(maxiter=16),
            initial_point=np.full(4, 0.3),
        )
        scores.append(model.fit(X, np.eye(2)[y]).score(X, np.eye(2)[y]))
    assert scores[0] == pytest.approx(scores[1], abs=0.2)


@pytest.mark.parametrize("load", [load_iris, load_digits])
def test_support_vector_machines(load):
    X, y = two_classes(load, 3, 40)
    kernels = [
        kind(feature_map=zz_feature_map(3)) for kind in (FidelityKernel, FidelityStatevectorKernel)
    ]
    grams = [kernel.evaluate(X, X[:5]) for kernel in kernels]
    np.testing.assert_allclose(*grams, atol=1e-12)
    models = [QSVC(quantum_kernel=kernel).fit(X[::2], y[::2]) for kernel in kernels]
    np.testing.assert_array_equal(*(model.predict(X) for model in models))


def test_kernels_from_shots():
    x = np.random.default_rng(0).uniform(0, 1, (6, 2))
    exact = FidelityKernel(feature_map=zz_feature_map(2)).evaluate(x)
    kernel = FidelityKernel(feature_map=zz_feature_map(2), shots=2000, seed=1)
    found = kernel.evaluate(x)
    assert 0 < np.abs(found - exact).max() < 0.06
    assert np.linalg.eigvalsh(found).min() > -1e-9
    assert np.abs(kernel.evaluate(x, x[:2]) - exact[:, :2]).max() < 0.06
    with pytest.raises(ValueError, match="incompatible dimensions"):
        kernel.evaluate(np.ones((2, 3)))


def test_torch_connector():
    torch = pytest.importorskip("torch")
    networks = estimator_networks(2, input_gradients=True)
    w = torch.full((4,), 0.3)
    X = torch.rand((5, 2), generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    grads = []
    for network in networks:
        module = TorchConnector(network, initial_weights=w.numpy())
        inputs = X.clone().requires_grad_()
        module(inputs).square().sum().backward()
        grads.append((module.weight.grad, inputs.grad))
    for own, other in zip(*grads, strict=True):
        np.testing.assert_allclose(own, other, atol=1e-6)


def test_gradients_of_several_circuits_and_parameters():
    a, b = Parameter("a"), Parameter("b")
    one = QuantumCircuit(1, global_phase=Parameter("g"))
    one.ry(a, 0)
    one.rz(2 * a, 0)
    one.rx(b, 0)
    other = efficient_su2(2, reps=1)
    values = [[0.3, 0.5, 0.2], np.linspace(0, 1, 8), [0.1, 0.7, 0.2]]
    circuits, observables = [one, other, one], ["Z", "XY", "Y"]
    observables = [SparsePauliOp(label) for label in observables]
    wanted = [[b, a], None, [one.parameters[2], a]]
    found = EstimatorGradient().run(circuits, observables, values, wanted).result()
    plain = QuantumCircuit(1)
    plain.compose(one, inplace=True)
    plain.global_phase = 0
    short = [values[0][:2], values[1], values[2][:2]]
    reference = ParamShiftEstimatorGradient(StatevectorEstimator())
    theirs = reference.run([plain, other, plain], observables, short, [[b, a], None, [a]]).result()
    np.testing.assert_allclose(found.gradients[0], theirs.gradients[0], atol=1e-12)
    np.testing.assert_allclose(found.gradients[1], theirs.gradients[1], atol=1e-12)
    np.testing.assert_allclose(found.gradients[2], [0, theirs.gradients[2][0]], atol=1e-12)
    assert found.metadata[0] == {"parameters": [b, a]}


@pytest.mark.parametrize("kind", DerivativeType)
@pytest.mark.parametrize("phase_fix", [True, False])
def test_geometric_tensors(kind, phase_fix):
    circuit = efficient_su2(2, reps=1)
    values = np.random.default_rng(1).uniform(-1, 1, (2, 8))
    theirs = LinCombQGT(StatevectorEstimator(), phase_fix, kind)
    found, expected = (
        tensor.run([circuit] * 2, values, [None, circuit.parameters[:3]]).result().qgts
        for tensor in (QGT(None, phase_fix, kind), theirs)
    )
    for own, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(own, other, atol=1e-12)


def test_fisher_information():
    circuit = efficient_su2(2, reps=1)
    values = np.random.default_rng(1).uniform(-1, 1, (1, 8))
    found, expected = (
        QFI(tensor).run([circuit], values).result().qfis[0]
        for tensor in (QGT(), LinCombQGT(StatevectorEstimator()))
    )
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_refusals():
    circuit = real_amplitudes(2, reps=1)
    values = np.zeros((1, 4))
    with pytest.raises(ValueError, match="number of values"):
        EstimatorGradient().run([circuit], [SparsePauliOp("ZZ")], np.zeros((1, 3)))
    with pytest.raises(ValueError, match="number of qubits"):
        EstimatorGradient().run([circuit], [SparsePauliOp("Z")], values)
    with pytest.raises(QiskitError, match="no classical register"):
        SamplerGradient().run([circuit], values).result()
    measured = circuit.copy()
    measured.add_bits([])
    measured.measure_all()
    measured.h(0)
    measured.measure_all(add_bits=False)
    with pytest.raises(QiskitError, match="measure in their course"):
        SamplerGradient().run([measured], values).result()
    half = QuantumCircuit(1, 2)
    half.ry(Parameter("a"), 0)
    half.measure(0, 0)
    with pytest.raises(QiskitError, match="register 'c' needs a qubit of its own"):
        SamplerGradient().run([half], [[0.1]]).result()
