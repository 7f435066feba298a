"""Pictures: what is on them; nobody looks at pixels here."""

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from sklearn.datasets import load_iris
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from ketgrad import VQClassifier, VQRegressor
from ketgrad.plots import decision_boundary, loss_curve


@pytest.fixture(autouse=True)
def _no_window():
    mpl.use("Agg")
    yield
    plt.close("all")


@pytest.fixture
def axes():
    return Figure().subplots()


def test_loss_curve_of_an_estimator_and_of_its_history(axes):
    X = np.linspace(-1, 1, 20)[:, None]
    model = VQClassifier(max_iter=4, random_state=0).fit(X, X[:, 0] > 0)
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
    model = VQClassifier(max_iter=4, early_stopping=True, random_state=0).fit(X, X[:, 0] > 0)
    assert loss_curve(model, axes) is axes
    assert [line.get_label() for line in axes.lines] == ["training", "validation"]


def test_loss_curve_needs_an_epoch(axes):
    with pytest.raises(ValueError, match="no epochs"):
        loss_curve([], axes)


def test_decision_boundary_of_three_classes_in_a_pipeline(axes):
    X, y = load_iris(return_X_y=True)
    X = X[:, 2:]
    model = make_pipeline(StandardScaler(), VQClassifier(max_iter=20, random_state=0)).fit(X, y)
    assert decision_boundary(model, X, y, axes, resolution=30) is axes
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["0", "1", "2"]
    (image,) = axes.images
    assert image.get_array().shape == (30, 30, 3)
    assert axes.get_xlim()[0] < X[:, 0].min() < X[:, 0].max() < axes.get_xlim()[1]


def test_decision_boundary_makes_its_own_axes_and_takes_constant_features():
    X = np.stack([np.linspace(-1, 1, 20), np.full(20, 3.0)], axis=1)
    model = VQClassifier(max_iter=2, random_state=0).fit(X, X[:, 0] > 0)
    decision_boundary(model, X, X[:, 0] > 0, resolution=10).figure.savefig(
        "/dev/null", format="png"
    )


def test_decision_boundary_of_a_regressor_is_a_heat_map(axes):
    X = np.random.default_rng(0).uniform(-2, 2, size=(30, 2))
    y = X[:, 0] + X[:, 1]
    model = make_pipeline(StandardScaler(), VQRegressor(max_iter=5, random_state=0)).fit(X, y)
    assert decision_boundary(model, X, y, axes, resolution=20) is axes
    (image,) = axes.images
    assert image.get_array().shape == (20, 20)
    (samples,) = axes.collections
    assert samples.norm is image.norm
    assert image.norm.vmin <= y.min() < y.max() <= image.norm.vmax
    assert [ax.get_ylabel() for ax in axes.figure.axes] == ["", "prediction"]


@pytest.mark.parametrize(
    ("estimator", "y", "error"),
    [
        (SVC().fit([[0, 0], [1, 1]], [0, 1]), [0, 1], TypeError),
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
