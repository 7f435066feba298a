"""What people see and do: fields, pads, pictures, addresses."""

import numpy as np
import pytest
from browser import chromium
from selenium.webdriver.common.keys import Keys
from sklearn.datasets import load_digits

import ketgrad as kg

BELL = 'OPENQASM 3; include "stdgates.inc"; qubit[2] q; h q[0]; cx q[0], q[1];'


@pytest.fixture
def flowers(page, exported):
    """Open the page of a model with named features."""
    return page.open(exported("flowers"))


def test_a_form_by_the_names_of_the_features(flowers, models):
    folder, samples = models
    model = kg.load(folder / "flowers.json")
    labels = [label.text for label in flowers.driver.find_elements("css selector", "label")]
    assert labels == list(samples["flowers"].columns)
    assert flowers.driver.title == "flowers <of iris>"
    assert "VQClassifier" in flowers.text("#about")
    for row in samples["flowers"].iloc[[0, 20]].to_numpy():
        for k, value in enumerate(row):
            flowers.enter(f"#feature-{k}", float(value))
        flowers.settle()
        assert flowers.evaluate("ketgradPage.inputs.values") == row.tolist()
        assert flowers.text("#answer") == model.predict(row[None])[0]
        shown = [
            each.text
            for each in flowers.driver.find_elements("css selector", "#probabilities .value")
        ]
        assert shown == [f"{share:.4f}" for share in model.predict_proba(row[None])[0]]
    assert flowers.driver.find_elements("css selector", "#circuit svg")
    assert flowers.driver.find_elements("css selector", "#spheres svg")


def test_sliders_move_with_the_keyboard(flowers):
    slider = flowers.find("#inputs input[type=range]")
    before = flowers.evaluate("ketgradPage.inputs.values[0]")
    slider.send_keys(Keys.END)
    flowers.settle()
    after = flowers.evaluate("ketgradPage.inputs.values[0]")
    assert after > before
    # What is shown is what counts, to the last digit.
    assert float(flowers.find("#feature-0").get_attribute("value")) == after


def test_categories_and_gaps(page, exported, models):
    folder, _ = models
    model = kg.load(folder / "houses.json")
    names = model.feature_names_in_.tolist()
    page.open(exported("houses"))
    choice = page.find("select")
    assert sorted(option.text for option in choice.find_elements("css selector", "option")) == [
        "blue",
        "green",
        "red",
    ]
    for option in choice.find_elements("css selector", "option"):
        option.click()
        page.settle()
        values = dict(zip(names, page.evaluate("ketgradPage.inputs.values"), strict=True))
        chosen = {name for name, value in values.items() if "=" in name and value == 1}
        assert chosen == {f"colour={option.text}"}
        row = np.array([[values[name] for name in names]])
        assert float(page.text("#answer")) == pytest.approx(model.predict(row)[0], rel=1e-7)
    page.enter(f"#feature-{names.index('size')}", 1.5)
    page.find("input[type=checkbox]").click()
    page.settle()
    values = dict(zip(names, page.evaluate("ketgradPage.inputs.values"), strict=True))
    assert values["size is missing"] == 1
    assert values["size"] == model.input_mean_[names.index("size")]


def _described(X, names):
    """Return what a page knows of a model that has learned from these samples."""
    return {"features": names, "mean": X.mean(axis=0).tolist(), "scale": X.std(axis=0).tolist()}


def test_numbers_are_no_categories_whatever_their_names(page, exported):
    page.open(exported("numbers"))
    rng = np.random.default_rng(5)

    def choices(X, names):
        found = page.evaluate("[...categoriesOf(given[0]).keys()]", _described(X, names))
        return set(found)

    names = ["a=1", "a=2", "a=3", "b"]
    chosen = np.eye(3)[rng.integers(0, 3, 40)]
    assert choices(np.column_stack([chosen, rng.normal(size=40)]), names) == {"a"}
    assert choices(np.column_stack([chosen[:, :2], rng.normal(size=(40, 2))]), names) == set()
    # What adds up to 1 in every row is not yet a choice.
    shares = rng.dirichlet([1, 2, 3], 40)
    assert choices(np.column_stack([shares, rng.normal(size=40)]), names) == set()
    halves = rng.dirichlet([1, 2], 40)
    assert choices(halves, names[:2]) == set()
    assert choices(halves.round(), names[:2]) == {"a"}
    # Means put in for gaps, which may be features themselves.
    filled = chosen.copy()
    filled[:5] = filled[5:].mean(axis=0)
    assert choices(filled, names[:3]) == {"a"}
    gaps = np.arange(40)[:, None] < 5
    assert choices(np.hstack([filled[:, :2], gaps]), ["a=1", "a=2", "a is missing"]) == {"a"}
    assert choices(np.hstack([chosen, gaps]), [*names[:3], "a"]) == set()


def test_a_pad_for_digits(page, exported, models):
    folder, _ = models
    model = kg.load(folder / "digits.json")
    page.open(exported("digits"))
    image = load_digits().data[13]
    page.evaluate("given[0].forEach((ink, k) => ketgradPage.inputs.set(k, ink))", image.tolist())
    page.evaluate("ketgradPage.ask()")
    page.settle()
    assert page.text("#answer") == str(model.predict(image[None])[0])
    pad = page.find("canvas.pad")
    pad.send_keys(Keys.DELETE)
    assert set(page.evaluate("ketgradPage.inputs.values")) == {0}
    pad.send_keys(" ", Keys.ARROW_DOWN, " ")
    assert sum(page.evaluate("ketgradPage.inputs.values")) > 16
    pad.send_keys(Keys.DELETE)
    pad.click()
    page.settle()
    drawn = np.array(page.evaluate("ketgradPage.inputs.values"))
    assert drawn.max() > 0
    assert page.text("#answer") == str(model.predict(drawn[None])[0])


def test_several_labels_and_targets(page, exported):
    page.open(exported("labels"))
    page.settle()
    assert page.text("#answer").startswith(("labels", "no label"))
    page.open(exported("targets"))
    page.settle()
    assert page.text("#answer").count(", ") == 1


def test_the_playground_is_live(page, playground):
    page.open(playground)
    page.enter("#text", BELL)
    page.enter("#observable", "XX")
    page.settle()
    assert page.text("#value") == "1.000000"
    counts = kg.Circuit.from_qasm(BELL).run(1000, seed=1).counts()
    shown = page.driver.find_elements("css selector", "#counts > *")
    found = {shown[k].text: int(shown[k + 2].text) for k in range(0, len(shown), 3)}
    assert found == counts
    assert "2 qubits · 2 operations · depth 2" in page.text("#about")
    page.enter("#text", BELL + " yes q;")
    assert "circuit:1:" in page.text("#wrong")
    assert page.find("#circuit svg")  # the last one stays in sight
    page.enter("#text", BELL)
    assert not page.find("#wrong").is_displayed()


def test_addresses_hold_circuits(page, playground):
    page.open(playground)
    text = 'OPENQASM 3; include "stdgates.inc"; input float ϑ; qubit q; ry(ϑ) q;'
    page.enter("#text", text)
    page.enter("#parameter-0", 1.25)
    page.enter("#observable", "Z0")
    page.enter("#shots", 77)
    page.find("#share").click()
    page.wait("location.hash.length > 1")
    fragment = "#" + page.driver.current_url.partition("#")[2]
    page.open(playground, fragment)
    page.settle()
    assert page.find("#text").get_attribute("value") == text
    assert page.evaluate("[...ketgradPage.values]") == [["ϑ", 1.25]]
    assert page.text("#value") == f"{np.cos(1.25):.6f}"
    page.open(playground, fragment[:-9])
    assert "was cut or changed" in page.text("#failure")


def test_circuits_that_have_no_one_state(page, playground):
    page.open(playground)
    page.enter("#text", "OPENQASM 3; qubit q; bit c; c = measure q; reset q;")
    page.settle()
    assert "has no one state" in page.text("#no-state")
    assert not page.find("#state-part").is_displayed()
    assert not page.find("#value-part").is_displayed()


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("delete globalThis.WebAssembly", "it has no WebAssembly"),
        ("delete globalThis.DecompressionStream", "it has no DecompressionStream"),
        ("WebAssembly.validate = () => false", "its WebAssembly has no exceptions"),
    ],
)
def test_old_browsers_are_told(page, exported, tmp_path, script, told):
    text = exported("flowers").read_text().replace("<head>", f"<head><script>{script};</script>")
    old = tmp_path / "old.html"
    old.write_text(text)
    page.open(old)
    assert page.text("#failure") == f"This browser is too old for this page: {told}."


def test_damaged_models_are_told(page, exported, tmp_path):
    text = exported("numbers").read_text()
    assert '"target_scale":' in text
    wrong = tmp_path / "wrong.html"
    wrong.write_text(text.replace('"target_scale":', '"another":'))
    page.open(wrong)
    assert "target_scale" in page.text("#failure")


@pytest.mark.parametrize(("width", "height"), [(1280, 1400), (500, 1800)])
@pytest.mark.parametrize("name", ["flowers", "digits", "playground"])
def test_nothing_is_wider_than_the_window(exported, playground, tmp_path, name, width, height):
    path = playground if name == "playground" else exported(name)
    with chromium(width=width, height=height) as page:
        page.open(path)
        page.settle()
        room = page.evaluate("document.documentElement.clientWidth")
        assert page.evaluate("document.documentElement.scrollWidth") <= room
        assert page.driver.save_screenshot(str(tmp_path / f"{name}-{width}.png"))
        assert page.complaints() == []
