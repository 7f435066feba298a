"""Pictures: what is on them; nobody looks at pixels here."""

from itertools import pairwise

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from sklearn.cluster import KMeans
from sklearn.datasets import load_iris
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

import ketgrad as kg
from ketgrad import VQClassifier, VQRegressor
from ketgrad.plots import (
    COLORS,
    bloch,
    confusion_matrix,
    decision_boundary,
    draw_circuit,
    histogram,
    loss_curve,
    predicted_vs_true,
    state_bars,
)
from ketgrad.plots.phases import phase_colors


@pytest.fixture(autouse=True)
def _no_window():
    mpl.use("Agg")
    plt.close("all")  # doctests that ran before leave theirs
    yield
    plt.close("all")


@pytest.fixture
def axes():
    return Figure().subplots()


def test_loss_curve_of_an_estimator_and_of_its_history(axes):
    X = np.linspace(-1, 1, 20)[:, None]
    model = VQClassifier(max_iter=4, tol=0, random_state=0).fit(X, X[:, 0] > 0)
    (line,) = loss_curve(model, axes).lines
    np.testing.assert_array_equal(line.get_xdata(), [1, 2, 3, 4])
    np.testing.assert_array_equal(line.get_ydata(), model.loss_curve_)
    assert len(loss_curve(model.history_).lines) == 1
    for losses in (model.loss_curve_, tuple(model.loss_curve_), np.array(model.loss_curve_)):
        (line,) = loss_curve(losses).lines
        np.testing.assert_array_equal(line.get_xydata()[:, 1], model.loss_curve_)
        np.testing.assert_array_equal(line.get_xydata()[:, 0], [1, 2, 3, 4])


@pytest.mark.parametrize("source", [3, None, "losses", ["a"], [0.5, {"loss": 1}], VQClassifier()])
def test_loss_curve_of_anything_else_draws_nothing(source):
    with pytest.raises(TypeError, match="history"):
        loss_curve(source)
    assert plt.get_fignums() == []


def test_loss_curve_shows_validation(axes):
    X = np.linspace(-1, 1, 40)[:, None]
    model = VQClassifier(max_iter=4, tol=0, early_stopping=True, random_state=0).fit(X, X[:, 0] > 0)
    assert loss_curve(model, axes) is axes
    assert [line.get_label() for line in axes.lines] == ["training", "validation"]


def test_loss_curve_needs_an_epoch(axes):
    with pytest.raises(ValueError, match="no epochs"):
        loss_curve([], axes)


def test_decision_boundary_of_three_classes_in_a_pipeline(axes):
    X, y = load_iris(return_X_y=True)
    X = X[:, 2:]
    model = make_pipeline(StandardScaler(), VQClassifier(max_iter=20, tol=0, random_state=0)).fit(
        X, y
    )
    assert decision_boundary(model, X, y, axes, resolution=30) is axes
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["0", "1", "2"]
    (image,) = axes.images
    assert image.get_array().shape == (30, 30, 3)
    assert axes.get_xlim()[0] < X[:, 0].min() < X[:, 0].max() < axes.get_xlim()[1]


def test_decision_boundary_makes_its_own_axes_and_takes_constant_features():
    X = np.stack([np.linspace(-1, 1, 20), np.full(20, 3.0)], axis=1)
    model = VQClassifier(max_iter=2, tol=0, random_state=0).fit(X, X[:, 0] > 0)
    decision_boundary(model, X, X[:, 0] > 0, resolution=10).figure.savefig(
        "/dev/null", format="png"
    )


def test_decision_boundary_of_a_regressor_is_a_heat_map(axes):
    X = np.random.default_rng(0).uniform(-2, 2, size=(30, 2))
    y = X[:, 0] + X[:, 1]
    model = make_pipeline(StandardScaler(), VQRegressor(max_iter=5, tol=0, random_state=0)).fit(
        X, y
    )
    assert decision_boundary(model, X, y, axes, resolution=20) is axes
    (image,) = axes.images
    assert image.get_array().shape == (20, 20)
    (samples,) = axes.collections
    assert samples.norm is image.norm
    assert image.norm.vmin <= y.min() < y.max() <= image.norm.vmax
    assert [ax.get_ylabel() for ax in axes.figure.axes] == ["", "prediction"]


class Halves:
    """No class of anybody's."""

    def predict(self, X):
        return np.where(np.asarray(X)[:, 0] > 0, "right", "left")


@pytest.mark.parametrize(
    "make",
    [
        SVC,
        lambda: SVC(decision_function_shape="ovo"),
        RidgeClassifier,
        KNeighborsClassifier,
        lambda: KMeans(3, n_init=1, random_state=0),
    ],
)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_decision_boundary_of_other_classifiers_is_what_they_predict(make, n_classes):
    X, y = load_iris(return_X_y=True)
    X, y = X[y < n_classes, 2:], y[y < n_classes]
    model = make().fit(X, y)
    axes = decision_boundary(model, X, y, resolution=40)
    (image,) = axes.images
    left, right, low, high = image.get_extent()
    grid = np.stack(np.meshgrid(np.linspace(left, right, 40), np.linspace(low, high, 40)), axis=-1)
    predicted = model.predict(grid.reshape(-1, 2))
    colors = np.array([to_rgb(COLORS[k]) for k in range(3)])
    # The strongest of three inks is that of the class.
    inks = (1 - np.asarray(image.get_array()).reshape(-1, 3)) @ np.linalg.inv(1 - colors)
    assert (inks.argmax(axis=1) == predicted).mean() > 0.98


def test_decision_boundary_of_anything_that_predicts(axes):
    X = np.array([[-1.0, 0.0], [1.0, 1.0], [2.0, 0.0]])
    decision_boundary(Halves(), X, ["left", "right", "left"], axes, resolution=10)
    legend = axes.get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["left", "right"]
    axes.figure.canvas.draw()
    assert legend.get_window_extent().x0 >= axes.get_window_extent().x1  # beside the samples
    with pytest.raises(ValueError, match="more than one number"):
        decision_boundary(LinearRegression().fit(X, X), X, [0.0, 1.0, 2.0])
    assert plt.get_fignums() == []


@pytest.mark.filterwarnings("error")
def test_decision_boundary_names_its_axes():
    def names(*arguments, **options):
        axes = decision_boundary(*arguments, resolution=10, **options)
        return axes.get_xlabel(), axes.get_ylabel()

    X = pd.DataFrame({"width": [0.0, 1.0, 2.0, 3.0], "height": [1.0, 0.0, 1.0, 2.0]})
    y = pd.Series([0, 0, 1, 1], name="kind")
    model = LogisticRegression().fit(X, y)
    assert names(model, X, y) == ("width", "height")
    assert decision_boundary(model, X, y).get_legend().get_title().get_text() == "kind"
    assert names(model, X, y, feature_names=["a", "b"]) == ("a", "b")
    model = LogisticRegression().fit(X.to_numpy(), y)
    assert names(model, X.to_numpy(), y) == ("", "")
    model.feature_names_in_ = np.array(["c", "d"])
    with pytest.warns(UserWarning, match="feature names"):
        assert names(model, X.to_numpy(), y) == ("c", "d")
    for wrong in (["a"], "ab"):
        with pytest.raises(ValueError, match="two names"):
            names(model, X, y, feature_names=wrong)


@pytest.mark.parametrize(
    ("estimator", "y", "error"),
    [
        (object(), [0, 1], TypeError),
        (VQRegressor(), [0, 1], NotFittedError),
        (VQClassifier(), [0, 1], NotFittedError),
        (VQRegressor(), [0, 1, 2], ValueError),
    ],
)
def test_decision_boundary_that_cannot_be_drawn_leaves_no_figure(estimator, y, error):
    with pytest.raises(error):
        decision_boundary(estimator, [[0, 0], [1, 1]], y)
    assert plt.get_fignums() == []


def test_decision_boundary_needs_two_features():
    X = np.zeros((3, 4))
    with pytest.raises(ValueError, match=r"\(3, 4\)"):
        decision_boundary(None, X, [0, 1, 0])


def _texts(axes):
    return [text.get_text() for text in axes.texts]


def test_a_circuit_has_the_shapes_of_its_svg(axes):
    circuit = kg.Circuit(3, 2).h(0).cx(0, 2).measure(0, 1).reset(1).barrier()
    assert draw_circuit(circuit, axes) is axes
    width, height, groups = circuit._scene()
    assert axes.get_xlim() == (0, width)
    assert axes.get_ylim() == (height, 0)  # downwards
    paths = [path for collection in axes.collections for path in collection.get_paths()]
    assert len(paths) == sum(len(shapes) for _, shapes in groups)
    for path in paths:  # nothing leaves the page
        box = path.get_extents()
        assert box.x0 >= 0
        assert box.x1 <= width
        assert box.y0 >= 0
        assert box.y1 <= height


def test_a_circuit_with_odd_names_is_drawn():
    circuit = kg.Circuit(1).rx(kg.Parameter("$x_{"), 0).unitary(np.eye(2), [0], label="$\\frac")
    draw_circuit(circuit).figure.savefig("/dev/null", format="png")


@pytest.mark.parametrize("dpi", [50, 72, 100, 133])
def test_wires_of_a_circuit_are_equally_wide(dpi):
    axes = draw_circuit(kg.Circuit(9))
    figure = axes.figure
    figure.set_dpi(dpi)
    figure.canvas.draw()
    end = axes.get_xlim()[1] - 16  # of the wires: the margin is behind
    pixels = np.asarray(figure.canvas.buffer_rgba())[:, :, 0].astype(int)
    column = 255 - pixels[:, int(axes.transData.transform((end - 3, 0))[0])]
    groups = np.split(column, np.flatnonzero(np.diff((column > 0).astype(int)) == 1) + 1)
    profiles = {tuple(group[group > 0]) for group in groups if group.any()}
    assert len(groups) == 10
    assert len(profiles) == 1, profiles


def test_only_circuits_are_drawn_as_circuits():
    with pytest.raises(TypeError, match="str"):
        draw_circuit("h 0")
    assert plt.get_fignums() == []


def test_histogram_of_one_and_of_several(axes):
    assert histogram({"11": 3, "00": 1}, axes) is axes
    assert [bar.get_height() for bar in axes.patches] == [1, 3]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["00", "11"]
    several = histogram({"a": {"0": 1}, "b": {"1": 3, "0": 1}}, normalized=True)
    assert [bar.get_height() for bar in several.patches] == [1, 0, 0.25, 0.75]
    listed = histogram([{"0": 1}, {"0": 2}])
    assert [text.get_text() for text in listed.get_legend().get_texts()] == ["1", "2"]


def test_histogram_takes_what_has_counts(axes):
    class Result:
        def counts(self):
            return {"0": np.int64(2)}

    histogram(Result(), axes)
    assert [bar.get_height() for bar in axes.patches] == [2]
    assert len(histogram([Result(), {"1": 1}]).patches) == 4


def test_histogram_gathers_rare_outcomes(axes):
    counts = {f"{k:08b}": k + 1 for k in range(200)}
    histogram(counts, axes)
    labels = [tick.get_text() for tick in axes.get_xticklabels()]
    assert len(labels) == 32
    assert labels[-1] == "169 others"
    assert sum(bar.get_height() for bar in axes.patches) == sum(counts.values())
    # The others would dwarf all the rest: their bar says how many they are instead.
    assert axes.get_ylim()[1] < 2 * 200
    assert _texts(axes) == [f"{sum(range(1, 170))} ↑"]
    few = histogram({f"{k:03b}": 8 - k for k in range(8)}, n_bars=4)
    assert [tick.get_text() for tick in few.get_xticklabels()] == ["000", "001", "010", "5 others"]
    assert [bar.get_height() for bar in few.patches] == [8, 7, 6, 15]
    with pytest.raises(ValueError, match="n_bars=1; it must be at least 2"):
        histogram(counts, n_bars=1)


def test_names_of_many_bars_do_not_overlap():
    figure = Figure(figsize=(5, 3))
    axes = histogram({f"{k:05b}": k + 1 for k in range(32)}, figure.subplots())
    figure.canvas.draw()
    boxes = [tick.get_window_extent() for tick in axes.get_xticklabels() if tick.get_text()]
    assert 8 <= len(boxes) < 32
    assert all(one.x1 <= other.x0 for one, other in pairwise(boxes))


@pytest.mark.parametrize(
    ("counts", "error", "message"),
    [
        ({}, ValueError, "no counts"),
        ([], ValueError, "no counts"),
        ({"0": -1}, ValueError, "-1"),
        ({"0": float("nan")}, ValueError, "nan"),
        ({"0": "many"}, TypeError, "str"),
        ("0011", TypeError, "str"),
        (7, TypeError, "int"),
        ([{"0": [1]}], TypeError, "no number"),
    ],
)
def test_histogram_of_anything_else_draws_nothing(counts, error, message):
    with pytest.raises(error, match=message):
        histogram(counts)
    assert plt.get_fignums() == []


def test_bars_of_a_state_are_magnitudes_coloured_by_phase(axes):
    assert state_bars([0.6, 0.8j], axes) is axes
    np.testing.assert_allclose([bar.get_height() for bar in axes.patches], [0.6, 0.8])
    first, second = (bar.get_facecolor() for bar in axes.patches)
    assert first != second
    (ring,) = axes.figure.axes[1:]
    assert _texts(ring) == ["0", "π/2", "π", "-π/2", "phase"]


def test_colours_of_phases_are_a_circle_of_one_lightness():
    phases = np.linspace(-np.pi, np.pi, 33)
    colors = phase_colors(np.exp(1j * phases))
    np.testing.assert_array_equal(colors[0], colors[-1])
    steps = np.linalg.norm(np.diff(colors[:, :3], axis=0), axis=1)
    assert steps.max() < 4 * steps.min()
    # CIE lightness, by which the colours were not made.
    linear = np.where(colors <= 0.04045, colors / 12.92, ((colors + 0.055) / 1.055) ** 2.4)[:, :3]
    lightness = 116 * np.cbrt(linear @ [0.2126, 0.7152, 0.0722]) - 16
    assert np.ptp(lightness) < 8
    assert 60 < lightness.min() < lightness.max() < 75


def test_bars_of_a_large_state_are_the_largest(axes):
    state = kg.State(10)
    state.apply(kg.hardware_efficient(10, 1), dict.fromkeys(_names(10), 0.3))
    state_bars(state, axes, n_bars=8)
    magnitudes = np.abs(state.amplitudes())
    shown = [int(tick.get_text(), 2) for tick in axes.get_xticklabels()]
    assert shown == sorted(shown)
    assert set(magnitudes[shown]) == set(np.sort(magnitudes)[-8:])
    assert "8 largest of 1024" in axes.get_title()


def test_a_density_matrix_is_squares_coloured_by_phase(axes):
    rho = kg.Circuit(1).ry(2 * np.arccos(0.6), 0).s(0).density_matrix()
    assert state_bars(rho, axes) is axes
    areas = np.array([square.get_width() * square.get_height() for square in axes.patches])
    np.testing.assert_allclose(areas / areas.max(), np.array([0.36, 0.48, 0.48, 0.64]) / 0.64)
    zero, up, down, one = (square.get_facecolor() for square in axes.patches)
    assert zero == one
    assert len({zero, up, down}) == 3, "phases 0, -pi/2 and pi/2"
    rows = [square.get_y() + square.get_height() / 2 for square in axes.patches]
    np.testing.assert_allclose(rows, [0, 0, 1, 1], atol=1e-12)
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["0", "1"]


def test_squares_of_a_large_density_matrix_are_of_the_most_probable_states(axes):
    circuit = kg.hardware_efficient(6, 1)
    rho = circuit.density_matrix(dict.fromkeys(circuit.parameters, 0.3))
    state_bars(rho, axes, n_bars=8)
    shown = [int(tick.get_text(), 2) for tick in axes.get_xticklabels()]
    p = rho.probabilities()
    np.testing.assert_allclose(np.sort(p[shown]), np.sort(p)[-8:])
    assert "8 largest of 64 rows" in axes.get_title()


def _names(n_qubits):
    return kg.hardware_efficient(n_qubits, 1).parameters


def test_bloch_vectors_side_by_side(axes):
    circuit = kg.Circuit(4).h(0).cx(0, 1).ry(np.pi / 3, 2)
    assert bloch(circuit, ax=axes) is axes
    labels = [text for text in _texts(axes) if "|r|" in text]
    assert [label.split("=")[1].strip() for label in labels] == ["0.00", "0.00", "1.00", "1.00"]
    assert _texts(axes).count("|+i⟩") == 4
    assert "θ = 0.33 π   φ = 0.00 π" in _texts(axes)
    assert "θ = 0.00 π" in _texts(axes)  # and no φ at a pole
    one = bloch(kg.State.from_amplitudes([0.6, 0.8]), qubit=0)
    assert sum("|r|" in text for text in _texts(one)) == 1


@pytest.mark.parametrize(
    ("state", "qubit", "error", "message"),
    [
        (kg.Circuit(1).rx(kg.Parameter("w"), 0), None, ValueError, "'w'"),
        ([[1, 0]], None, ValueError, r"\(1, 2\)"),
        ([1, 1], None, ValueError, "norm"),
        (kg.Circuit(2), 2, IndexError, "2"),
        (kg.Circuit(2), [], ValueError, "1 to 64"),
        (kg.Circuit(1, 1).measure(0, 0).x(0), None, ValueError, "measure"),
    ],
)
def test_bloch_of_what_has_no_vector_draws_nothing(state, qubit, error, message):
    with pytest.raises(error, match=message):
        bloch(state, qubit)
    assert plt.get_fignums() == []


def test_confusion_matrix_counts(axes):
    confusion_matrix(["a", "b", "b", "c"], ["a", "b", "c", "c"], axes)
    assert _texts(axes) == ["1", "0", "0", "0", "1", "1", "0", "0", "1"]
    assert axes.get_ylabel() == "true"


def test_predictions_beside_the_truth(axes):
    predicted_vs_true([1.0, 2.0], [1.5, 2.5], axes)
    np.testing.assert_array_equal(axes.collections[0].get_offsets(), [[1, 1.5], [2, 2.5]])
    for draw in (predicted_vs_true, confusion_matrix):
        with pytest.raises(ValueError, match=r"\(2,\)"):
            draw([1, 2], [1], axes)


MASKED = np.ma.masked_array([0.0, 1.0], mask=[True, False])


@pytest.mark.parametrize(
    "draw",
    [
        lambda: confusion_matrix(MASKED, [0, 1]),
        lambda: confusion_matrix([0, 1], MASKED),
        lambda: predicted_vs_true(MASKED, [0, 1]),
        lambda: predicted_vs_true([0, 1], MASKED),
        lambda: decision_boundary(Halves(), [[0, 0], [1, 1]], MASKED),
    ],
)
def test_masked_samples_are_not_drawn_as_others(draw):
    with pytest.raises(TypeError, match="mask would be lost"):
        draw()
    assert plt.get_fignums() == []


def test_predictions_that_are_no_numbers_are_not_drawn():
    for text in (["0", "1"], np.array(["2026", "2027"], "datetime64[Y]"), [1j, 2]):
        with pytest.raises(TypeError, match="y_predicted must be real numbers"):
            predicted_vs_true([0, 1], text)
    assert plt.get_fignums() == []
