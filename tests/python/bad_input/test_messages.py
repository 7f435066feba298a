"""Messages say what is wrong and what would be right, in words of whoever calls."""

import numpy as np
import pytest

import ketgrad as kg

A = kg.Parameter("a")
CIRCUIT = kg.Circuit(2).ry(A, 0).cx(0, 1)


def test_terms_of_a_sum_are_text_as_elsewhere() -> None:
    assert kg.PauliSum({"Z0 Z1": 1.0}) == kg.PauliSum("ZZ")
    assert kg.PauliSum({"Z0 X2": 0.5, "Y1": 2}, n_qubits=4) == kg.PauliSum("0.5*IXIZ + 2*IIYI")
    assert kg.PauliSum({"I": 0.5, "Z1": 1.0}) == kg.PauliSum("0.5*II + ZI")
    assert kg.compile(CIRCUIT, {"Z0 Z1": 1.0}) == kg.compile(CIRCUIT, "ZZ")
    assert kg.PauliSum({"Z": 0.5 + 0j, "X": np.complex128(2)}) == kg.PauliSum("2*X + 0.5*Z")
    assert kg.PauliSum({"ZI": np.float32(0.5), "XX": np.int64(3)}) == kg.PauliSum("0.5*ZI + 3*XX")


@pytest.mark.parametrize(
    ("terms", "error", "message"),
    [
        (
            {"Z": 0.5 + 1j},
            TypeError,
            r"'Z' must be a real number, not .*, which has an imaginary part",
        ),
        ({"Z": np.complex64(1j)}, TypeError, r"'Z' must be a real number, not .*an imaginary part"),
        (
            {"Z": "half"},
            TypeError,
            r"the coefficient of 'Z' must be a real number, not 'half' \(str\)",
        ),
        ({"Z": None}, TypeError, r"the coefficient of 'Z' must be a real number, not None"),
        ({0: 1.0}, TypeError, r"by text, not by 0 \(int\)"),
        ({"ZZ": 1.0, "Z0": 1.0}, ValueError, r'number their qubits, or none; "ZZ" does not'),
        ({"2*Z0": 1.0}, ValueError, r'"2\*Z0" is not one Pauli string'),
        ({"Z0 + X1": 1.0}, ValueError, "is not one Pauli string"),
        ({"ZZ": 1.0, "X": 1.0}, ValueError, "the same length"),
        ({}, ValueError, "at least one term"),
    ],
)
def test_terms_that_make_no_sum(terms: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        kg.PauliSum(terms)


def test_values_by_a_name_that_is_almost_right() -> None:
    circuit = kg.feature_map("angle", 2)
    with pytest.raises(ValueError, match=r"no parameter 'x0'; the closest are 'x\[0\]'"):
        circuit.state({"x0": 0.1})
    with pytest.raises(ValueError, match=r"no parameter 'x0'; the closest are 'x\[0\]'"):
        circuit.assign({"x0": 0.1})
    with pytest.raises(ValueError, match="has no parameters, so 'a' is none of them"):
        kg.Circuit(1).h(0).state({"a": 0.1})


def test_states_of_a_circuit_are_analysed_without_compiling() -> None:
    program = kg.compile(CIRCUIT)
    assert kg.expressibility(CIRCUIT, 50, seed=1) == kg.expressibility(program, 50, seed=1)
    assert kg.meyer_wallach(CIRCUIT, weights=[0.3]) == kg.meyer_wallach(program, weights=[0.3])
    assert kg.entangling_capability(CIRCUIT, 9, seed=1) == kg.entangling_capability(
        program, 9, seed=1
    )
    np.testing.assert_array_equal(
        kg.fisher_information(CIRCUIT, weights=[0.3]),
        kg.fisher_information(program, weights=[0.3]),
    )


def test_circuits_that_do_not_say_enough() -> None:
    measured = "as a circuit does not say what is measured; compile it first"
    inputs = "as a circuit does not say which of its parameters are inputs"
    with pytest.raises(TypeError, match=f"gradient_variance takes a Program, {measured}"):
        kg.gradient_variance(CIRCUIT)
    with pytest.raises(TypeError, match=f"fourier_spectrum takes a Program, {measured}"):
        kg.fourier_spectrum(CIRCUIT, [0.1])
    with pytest.raises(TypeError, match=inputs):
        kg.meyer_wallach(CIRCUIT, [0.1])
    with pytest.raises(TypeError, match=inputs):
        kg.align_kernel(CIRCUIT, [[0.1], [0.2]], np.eye(2), [0.1])
    with pytest.raises(TypeError, match="takes a Program, not str"):
        kg.expressibility("ry")
    with pytest.raises(TypeError, match=r"weights is said to compile\(\)"):
        kg.fidelity_kernel(CIRCUIT, [[0.1]], weights=[0.1])


def test_an_evolution_is_drawn_as_what_it_is() -> None:
    circuit = kg.Circuit(1).evolution(0.3, kg.PauliSum("Z"), [0])
    assert "exp(-i·0.3·G)" in circuit.draw()
    assert "exp(-i·(a + b)·G)" in kg.Circuit(1).evolution(
        A + kg.Parameter("b"), kg.PauliSum("Z"), [0]
    ).draw(width=0)
    assert "exp(-i·(-0.3)·G)" in kg.Circuit(1).evolution(-0.3, kg.PauliSum("Z"), [0]).draw()
    assert "H(0.3)" in kg.Circuit(1).evolution(0.3, kg.PauliSum("Z"), [0], label="H").draw()


X, Y = np.random.default_rng(0).normal(size=(12, 2)), np.arange(12) % 2


def test_estimators_say_what_a_model_has_no_use_for() -> None:
    measured = kg.Circuit(2).ry(kg.Parameter("w"), 0).cx(0, 1).measure_all()
    with pytest.raises(ValueError, match=r"the ansatz has a 'measure'; .*without_final_measurem"):
        kg.VQClassifier(ansatz=measured, max_iter=1).fit(X, Y)
    mapped = kg.feature_map("angle", 2).measure_all()
    with pytest.raises(ValueError, match="the feature map has a 'measure'"):
        kg.QSVC(feature_map=mapped).fit(X, Y)
    bits = kg.Circuit(2, 3).ry(kg.Parameter("w"), 0).cx(0, 1)  # without use, without harm
    kg.VQClassifier(ansatz=bits, max_iter=1, tol=0, random_state=0).fit(X, Y)
    with pytest.raises(ValueError, match=r"a circuit with 1 classical bit\(s\) onto one with 0"):
        kg.Circuit(1).compose(kg.Circuit(1, 1))


def test_rows_are_named() -> None:
    model = kg.VQRegressor(
        feature_map="amplitude", input_scaling=None, max_iter=1, tol=0, random_state=0
    )
    rows = X.copy()
    rows[7] = 0.0
    with pytest.raises(ValueError, match=r"norm 0 in sample 7"):
        model.fit(rows, Y)
    model.fit(X, Y)
    with pytest.raises(ValueError, match=r"norm 0 in sample 7"):
        model.predict(rows)
    rows[7, 1] = np.nan
    for estimator in (model, kg.QSVC(random_state=0).fit(X, Y)):
        with pytest.raises(ValueError, match=r"contains NaN: the first is X's row 7, column 1"):
            estimator.predict(rows)
        with pytest.raises(ValueError, match=r"contains NaN: the first is X's row 7, column 1"):
            estimator.fit(rows, Y)
    program = kg.compile(kg.feature_map("angle", 2), "ZI", inputs="x")
    with pytest.raises(ValueError, match=r"'x\[1\]' is nan in sample 7; it must be finite"):
        program.expval(rows)
    with pytest.raises(ValueError, match=r"input 1 of sample 7 is nan"):
        kg.make_model(2).loss("squared", rows, Y)


def test_labels_and_numbers_are_plain() -> None:
    with pytest.raises(ValueError, match=r"there is only one class, 0$"):
        kg.VQClassifier().fit(X, np.zeros(12, dtype=int))
    with pytest.raises(ValueError, match=r"there is only one class, 'a'$"):
        kg.QSVC().fit(X, np.array(["a"] * 12))
    with pytest.raises(ValueError, match="n_layers=0; it must be"):
        kg.VQClassifier(n_layers=np.int64(0)).fit(X, Y)
    with pytest.raises(TypeError, match=r"not 0\.5 \(float64\)"):
        kg.Circuit(1).h(np.float64(0.5))


HEAD = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[2] q;\nbit[2] c;\n'


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("for complex t in {0.1} { rx(0.1) q[0]; }", "expected 'int', 'uint', 'float', 'angle'"),
        ("const float x = c[0];", "the constant 'x' depends on measured bits"),
        ("if (c[0] == q[1]) { x q[0]; }", "there is no number or parameter called 'q'"),
        ("x $3;", "a physical qubit beside the register q"),
        ("measure $0 -> c[0];", "a physical qubit beside the register q"),
        ("extern f(int) -> bit; c[0] = f(1);", "'f' is extern: nothing says what it does"),
        ("pragma noise x\n", "'pragma noise x' changes what the circuit does"),
        ("#pragma braket unitary([[1]]) q[0]\n", r"a matrix of 1 rows on 1 qubit\(s\)"),
        ("qubit[2] b; cx b[1], b[1];", r"qubit b\[1\] is given twice"),
    ],
)
def test_openqasm_that_is_not_supported_is_said_to_be(statement: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        kg.Circuit.from_qasm(HEAD + statement)


def test_conditions_without_bits() -> None:
    expected = kg.Circuit.from_qasm(HEAD + "x q[0];")
    for statement in (
        "if (true) { x q[0]; }",
        "if (false) { h q[0]; } else { x q[0]; }",
        "if (!false) x q[0];",
        "if (true) x q[0]; else h q[0];",
    ):
        assert kg.Circuit.from_qasm(HEAD + statement) == expected


@pytest.mark.parametrize(
    "text",
    [
        "gate twice a { U(0, 0, 1) a; U(0, 0, 1) a; } qubit q; twice q;",
        "creg c[1]; qubit[1] q; h q; c[0] = measure q[0];",
        "gate g a, b { ctrl @ x a, b; } qubit q;",
        "// a comment\nbit c; qubit q;",
    ],
)
def test_files_without_a_header_are_of_the_version_of_their_words(text: str) -> None:
    assert kg.Circuit.from_qasm(text).n_qubits == 1


def test_words_of_version_2_without_a_header() -> None:
    for text in (
        'include "qelib1.inc"; qreg q[2]; cx q[0], q[1];',
        "gate inv a { U(0, 0, 1) a; } qreg q[1]; inv q[0];",
        "creg c[1]; qreg q[1]; if (c == 1) U(0, 0, 1) q[0];",
    ):
        assert kg.Circuit.from_qasm(text).size == 1
    with pytest.raises(ValueError, match="the file declares no qubits"):
        kg.Circuit.from_qasm("def f(qubit a) { x a; }")


def test_rows_of_expressions_are_named() -> None:
    x = kg.ParameterVector("x", 2)
    encoded = kg.Circuit(1).initialize([2 * x[0], 3 * x[1]]).ry(kg.Parameter("w"), 0)
    rows = np.ones((20, 2))
    rows[17] = 0.0
    program = kg.compile(encoded, "Z", inputs="x")
    noisy = kg.compile_noisy(encoded, "Z", inputs="x")
    for call in (
        lambda: program.expval(rows, [0.1]),
        lambda: program.vjp(np.ones((20, 1)), rows, [0.1]),
        lambda: program.jacobian(rows, [0.1]),
        lambda: program.hessian(rows, [0.1]),
        lambda: program.metric_tensor(rows, [0.1]),
        lambda: program.state(rows, [0.1]),
        lambda: kg.fidelity_kernel(program, rows, weights=[0.1]),
        lambda: kg.minimize(program, [0.1], inputs=rows),
        lambda: noisy.expval(rows, [0.1]),
        lambda: noisy.jacobian(rows, [0.1]),
        lambda: kg.VQRegressor(
            feature_map=kg.Circuit(1).initialize([2 * x[0], 3 * x[1]]),
            input_scaling=None,
            batch_size=3,
            max_iter=2,
            random_state=0,
        ).fit(rows, np.arange(20.0)),
    ):
        with pytest.raises(ValueError, match="norm 0 in sample 17"):
            call()
    with pytest.raises(ValueError, match="norm 0; it"):  # there is one only
        program.expval([0.0, 0.0], [0.1])
    inverse = kg.Circuit(1).ry(1 / kg.Parameter("x"), 0).rx(kg.Parameter("w") ** 0.5, 0)
    program = kg.compile(inverse, "Z", inputs="x")
    with pytest.raises(ValueError, match="evaluates to inf at 'x' = 0 in sample 17"):
        program.expval(rows[:, :1], [0.1])
    with pytest.raises(ValueError, match=r"evaluates to nan at 'w' = -1$"):  # in every sample
        program.expval(rows[:5, :1], [-1.0])


def test_entries_are_named() -> None:
    weights = np.ones(12)
    weights[5] = -1
    model = kg.make_model(2)
    with pytest.raises(ValueError, match="the weight of sample 5 is -1"):
        model.loss("squared", X, Y, weights)
    with pytest.raises(ValueError, match="target of hinge is 0 in sample 0, neither"):
        kg.Trainer(model, loss="hinge").fit(X, Y)
    program = kg.compile(kg.Circuit(1).rx(kg.Parameter("a"), 0), ["Z", "X"])
    with pytest.raises(ValueError, match="cotangent of value 1 in sample 2 is nan"):
        program.vjp([[0, 0], [0, 0], [0, np.nan]], weights=[[0.0], [1.0], [2.0]])
    with pytest.raises(ValueError, match=r"direction\[0\] is nan"):
        program.hvp([np.nan], weights=[0.1])
    with pytest.raises(ValueError, match=r"coefficients\[1\] is inf"):
        kg.minimize(program, [0.1], coefficients=[1, np.inf])
    with pytest.raises(ValueError, match="the coefficient of XZ is nan"):
        kg.PauliSum({"ZZ": 1, "XZ": np.nan})
    with pytest.raises(ValueError, match="Kraus operator 1 must be 2 x 2"):
        kg.Channel.from_kraus([np.eye(2), np.eye(4)])
    with pytest.raises(ValueError, match="not finite, at row 1, column 0"):
        kg.Circuit(1).unitary([[1, 0], [np.nan, 1]], [0])
    with pytest.raises(ValueError, match="called 'd'; it has 'c'"):
        kg.Circuit(1, 1).when(("d", 1), kg.Circuit(1).x(0))


def test_a_class_given_by_mistake_is_called_one() -> None:
    with pytest.raises(TypeError, match=r"must return a Program, not Circuit \(class\)"):
        kg.structure_search(type, 2)  # type(2) would be a class all the same
    with pytest.raises(TypeError, match=r"takes a Program, not class"):
        kg.expressibility(kg.Circuit)
