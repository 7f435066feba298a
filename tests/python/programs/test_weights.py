"""The order of weights: an array in the order of a vector is never permuted or cut."""

import copy
import json
import pickle
from pathlib import Path

import numpy as np
import pytest

import ketgrad as kg

A, B, W = kg.ParameterVector("a", 2), kg.ParameterVector("b", 2), kg.ParameterVector("w", 4)
T = kg.Parameter("t")


def mixed() -> kg.Circuit:
    return kg.Circuit(1).rx(B[1], 0).ry(A[0], 0).rx(A[1], 0).ry(B[0], 0)


def partial() -> kg.Circuit:
    """Uses w[2] and w[0] of w[0] to w[3], and t between them."""
    return kg.Circuit(2).ry(W[2], 0).rx(T, 1).cx(0, 1).ry(W[0], 1)


ALL = ["w[0]", "w[1]", "w[2]", "w[3]", "t"]


def test_vectors_stand_whole_by_first_appearance() -> None:
    assert kg.compile(mixed()).weights == ["b[0]", "b[1]", "a[0]", "a[1]"]
    assert mixed().parameters == ["b[0]", "b[1]", "a[0]", "a[1]"]
    assert kg.compile(partial()).weights == ALL
    assert kg.compile(kg.Circuit(1).rx(T, 0).ry(W[3] * W[1], 0)).weights == ["t", *ALL[:4]]
    assert kg.compile_noisy(partial(), "ZI").weights == ALL


def test_weights_say_another_order() -> None:
    order = kg.compile(mixed(), weights=[A, B]).weights
    assert order == ["a[0]", "a[1]", "b[0]", "b[1]"]
    assert kg.compile(mixed(), weights=["a", B[1], "b[0]"]).weights == [
        "a[0]",
        "a[1]",
        "b[1]",
        "b[0]",
    ]
    used = kg.compile(partial(), "ZZ", weights=[W[0], "t", W[2]])
    assert used.weights == ["w[0]", "t", "w[2]"]
    extra = kg.compile(partial(), "ZZ", weights=["w[2]", "other", "t", "w[0]"])
    assert extra.weights == ["w[2]", "other", "t", "w[0]"]
    slopes = extra.jacobian(weights=[0.3, 9.0, 0.5, 0.7])[1]
    expected = used.jacobian(weights=[0.7, 0.5, 0.3])[1]
    np.testing.assert_allclose(slopes, [[expected[0, 2], 0.0, expected[0, 1], expected[0, 0]]])
    assert kg.compile(kg.Circuit(1).h(0), weights=[]).weights == []
    assert kg.compile(mixed(), inputs=A, weights="b").weights == ["b[0]", "b[1]"]
    assert kg.compile_noisy(mixed(), "Z", weights=[A, B]).weights == order
    model = kg.Model(mixed(), "Z", inputs=A, weights=[B[1], B[0]])
    assert json.loads(model.to_json())["weights"] == ["b[1]", "b[0]"]


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([A], r"the parameter 'b\[1\]', which is not among the weights; the closest weights"),
        ([A, B, A[0]], r"weight 'a\[0\]' is listed twice"),
        ([], r"not among the weights"),
        ([A, B, ""], "empty"),
    ],
)
def test_weights_that_do_not_fit_are_refused(weights: list[object], message: str) -> None:
    for compiled in (kg.compile, kg.compile_noisy):
        with pytest.raises(ValueError, match=message):
            compiled(mixed(), "Z", weights=weights)
    with pytest.raises(ValueError, match="an input and a weight"):
        kg.compile(mixed(), inputs=A, weights=[A, B])


def test_unused_entries_have_no_influence_anywhere() -> None:
    program = kg.compile(partial(), ["ZZ", "XI"])
    dense = kg.compile(partial(), ["ZZ", "XI"], weights=[W[0], W[2], T])
    rng = np.random.default_rng(1)
    w = rng.normal(size=(7, 5))
    used = [0, 2, 4]
    np.testing.assert_allclose(program.expval(weights=w), dense.expval(weights=w[:, used]))
    for method in ("adjoint", "parameter-shift", "finite-diff"):
        slopes = program.jacobian(weights=w, diff_method=method)[1]
        assert slopes.shape == (7, 2, 5)
        assert not slopes[..., [1, 3]].any()
        expected = dense.jacobian(weights=w[:, used], diff_method=method)[1]
        np.testing.assert_allclose(slopes[..., used], expected, atol=1e-9)
    hessian = program.hessian(weights=w[0])
    assert hessian.shape == (2, 5, 5)
    np.testing.assert_allclose(
        hessian[:, used][..., used], dense.hessian(weights=w[0, used]), atol=1e-12
    )
    assert not hessian[:, 1].any()
    metric = program.metric_tensor(weights=w[0])
    assert metric.shape == (5, 5)
    assert not metric[3].any()
    assert program.vjp(np.ones((7, 2)), weights=w)[1].shape == (7, 5)
    noisy = kg.compile_noisy(partial(), "ZZ")
    assert not noisy.jacobian(weights=w[0])[1][:, [1, 3]].any()
    kernel = kg.compile(partial().ry(kg.Parameter("x"), 0), inputs="x")
    assert kg.fidelity_kernel(kernel, [[0.1], [0.2]], weights=w[0]).shape == (2, 2)


@pytest.mark.parametrize("optimizer", ["l-bfgs", "adam", "qng", "spsa", "rotosolve"])
def test_every_optimizer_leaves_unused_entries(optimizer: str) -> None:
    program = kg.compile(partial(), "ZZ")
    start = np.array([0.3, 5.0, 0.4, 6.0, 0.2])
    found = kg.minimize(program, start, optimizer=optimizer, steps=60)
    assert found.weights.shape == (5,)
    if optimizer != "spsa":  # which moves all weights at once
        np.testing.assert_allclose(found.weights[[1, 3]], [5.0, 6.0])
    assert found.value < program.expval(weights=start)[0]


def test_values_by_name_are_those_that_are_used() -> None:
    state = partial().state({"w[0]": 0.1, "w[2]": 0.2, "t": 0.3})
    np.testing.assert_array_equal(
        state, partial().state({"w[0]": 0.1, "w[1]": 7.0, "w[2]": 0.2, "t": 0.3})
    )
    program = kg.compile(partial())
    np.testing.assert_allclose(
        state, program.state(weights=[0.1, 7.0, 0.2, 9.0, 0.3]), rtol=0, atol=1e-15
    )
    with pytest.raises(ValueError, match=r"no parameter 'w\[4\]'; the closest are 'w\[0\]'"):
        partial().state({"w[0]": 0.1, "w[2]": 0.2, "t": 0.3, "w[4]": 1.0})
    with pytest.raises(ValueError, match=r"'w\[2\]' has no value"):
        partial().state({"w[0]": 0.1, "t": 0.3})


def test_inputs_by_vector_keep_unused_columns() -> None:
    x = kg.ParameterVector("x", 4)
    circuit = kg.Circuit(1).ry(x[2], 0).rz(W[1], 0).ry(x[0], 0)
    for inputs in (x, "x", list(x)):
        program = kg.compile(circuit, "Z", inputs=inputs)
        assert program.inputs == ["x[0]", "x[1]", "x[2]", "x[3]"]
        assert program.weights == ALL[:4]
        slopes = program.jacobian([0.1, 0.2, 0.3, 0.4], [0.0, 0.5, 0.0, 0.0])[0]
        assert not slopes[0, [1, 3]].any()
    # What is used of x are inputs, so that it has no part in the weights.
    assert kg.compile(circuit, inputs=[x[2], x[0]]).weights == ALL[:4]
    assert kg.compile(circuit, inputs=[x[2]]).weights == [
        "w[0]",
        "w[1]",
        "w[2]",
        "w[3]",
        "x[0]",
        "x[1]",
        "x[3]",
    ]


def test_a_vector_keeps_its_size_wherever_a_circuit_goes() -> None:
    circuit = partial()
    wide = kg.Circuit(3).compose(circuit, [1, 2])
    for again in (
        kg.Circuit.from_json(circuit.to_json()),
        pickle.loads(pickle.dumps(circuit)),
        copy.deepcopy(circuit),
        kg.Circuit.from_qasm(circuit.to_qasm(version=3)),
        circuit.repeat(2),
        wide,
    ):
        assert again.parameters == ALL
    assert circuit.inverse().parameters == ALL  # the last gate, of w[0], comes first
    assert circuit.assign({"w[2]": 0.5}).parameters == ["t", *ALL[:4]]
    assert circuit.assign({"w[2]": 2 * T, "t": W[3]}).parameters == ["t", *ALL[:4]]
    assert circuit.assign({"w[0]": 0.5, "w[2]": 1.0}).parameters == ["t"]
    assert kg.Circuit(1).rx(pickle.loads(pickle.dumps(W[1])), 0).parameters == ALL[:4]
    assert kg.Circuit(1).rx(pickle.loads(pickle.dumps(2 * W[1])), 0).parameters == ALL[:4]


def test_two_vectors_of_one_name_are_one() -> None:
    small = kg.ParameterVector("w", 2)
    circuit = kg.Circuit(1).rx(small[1], 0).compose(kg.Circuit(1).ry(W[0], 0).rz(small[0], 0))
    assert circuit.parameters == ALL[:4]
    assert kg.Circuit(1).rx(small[1], 0).ry(kg.Parameter("w[1]"), 0).parameters == ALL[:2]


def test_elements_by_name_alone_stand_in_order() -> None:
    by_name = [kg.Parameter(f"v[{k}]") for k in (10, 2, 7)]
    circuit = kg.Circuit(1).rx(by_name[0], 0).ry(T, 0).rx(by_name[1], 0).rx(by_name[2], 0)
    assert circuit.parameters == ["v[2]", "v[7]", "v[10]", "t"]
    odd = [kg.Parameter(name) for name in ("v[02]", "v[-1]", "[3]", "v[x]", "v[")]
    circuit = kg.Circuit(1)
    for parameter in odd:
        circuit.rx(parameter, 0)
    assert circuit.parameters == [p.name for p in odd]


@pytest.mark.parametrize("name", kg.ansatz_names())
def test_library_circuits_are_of_whole_vectors(name: str) -> None:
    circuit = kg.ansatz(name, 3, 2)
    names = circuit.parameters
    assert names == [f"w[{k}]" for k in range(len(names))]
    rest = circuit.assign({f"w[{k}]": 0.1 for k in range(len(names) - 1)})
    assert rest.parameters == names
    model = kg.make_model(3, ansatz=name, n_layers=2, scale_inputs=True)
    weights = json.loads(model.to_json())["weights"]
    n_scales = 6
    assert sorted(weights) == sorted(
        [f"w[{k}]" for k in range(len(names))] + [f"s[{k}]" for k in range(n_scales)]
    )
    assert [w for w in weights if w[0] == "w"] == names


def test_layers_of_ones_own_keep_unused_entries() -> None:
    layer = kg.Circuit(2).ry(W[3], 0).ry(W[0], 1).cx(0, 1)
    circuit = kg.make_model(2, ansatz=layer, n_layers=2).circuit
    assert circuit.parameters == ["x[0]", "x[1]", *(f"w[{k}]" for k in range(8))]


def test_programs_keep_their_order() -> None:
    program = kg.compile(partial(), "ZZ", weights=["t", W[2], "more", W[0]])
    for again in (kg.Program.from_json(program.to_json()), pickle.loads(pickle.dumps(program))):
        assert again == program
        assert again.weights == program.weights
    assert program != kg.compile(partial(), "ZZ")
    model = kg.Model(partial(), "ZZ", inputs=[], weights=["t", W[2], "more", W[0]])
    again = kg.Model.from_json(model.to_json())
    assert json.loads(again.to_json()) == json.loads(model.to_json())


OLD = Path(__file__).parent / "written_before" / "weights.json"


def assert_close(found: np.ndarray, expected: list) -> None:
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def test_what_was_saved_before_means_the_same() -> None:
    """Files of the release whose weights stood by appearance: the same order, so the same values.

    (Another processor's vectors round differently.)
    """
    old = json.loads(OLD.read_text())
    program = kg.Program.from_json(json.dumps(old["program"]["document"]))
    assert program.weights == old["program"]["weights"]
    x, w = np.array(old["program"]["x"]), np.array(old["program"]["w"])
    assert_close(program.expval(x, w), old["program"]["expval"])
    assert_close(program.jacobian(x, w)[1], old["program"]["jacobian"])
    pickled = pickle.loads(bytes.fromhex(old["program"]["pickle"]))
    assert pickled.weights == program.weights
    assert_close(pickled.expval(x, w), old["program"]["expval"])
    model = kg.Model.from_json(json.dumps(old["model"]["document"]))
    assert_close(model.outputs(x), old["model"]["outputs"])
    trainer = kg.Trainer.from_json(json.dumps(old["trainer"]["document"]))
    assert_close(trainer.model.outputs(x), old["trainer"]["outputs"])


@pytest.mark.parametrize("name", ["classifier", "kernel"])
def test_estimators_saved_before_predict_the_same(name: str, tmp_path: Path) -> None:
    old = json.loads(OLD.read_text())[name]
    path = tmp_path / "estimator.json"
    path.write_text(json.dumps(old["document"]))
    estimator = kg.load(path)
    predicted = getattr(estimator, old["method"])(np.array(old["X"]))
    assert_close(predicted, old["predicted"])
