"""Every picture of the gallery shows something; `scripts/pictures.sh` is for the eye."""

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt

from gallery import CIRCUITS, PICTURES, write_page


@pytest.fixture(autouse=True)
def _no_window():
    mpl.use("Agg")
    plt.close("all")
    yield
    plt.close("all")


@pytest.mark.parametrize("name", PICTURES)
def test_every_picture_has_ink_and_margins(name, tmp_path):
    figure = PICTURES[name]().figure
    figure.savefig(tmp_path / "picture.png", dpi=100)
    assert (tmp_path / "picture.png").stat().st_size > 2000
    pixels = plt.imread(tmp_path / "picture.png")[:, :, :3]
    ink = (pixels < 0.97).any(axis=2)
    assert 0.01 < ink.mean() < 0.9
    edges = np.concatenate([ink[0], ink[-1], ink[:, 0], ink[:, -1]])
    assert not edges.any(), "something is cut off"
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 20


def test_the_page_has_all_pictures(tmp_path, monkeypatch):
    few = {name: PICTURES[name] for name in ("counts", "circuit")}
    monkeypatch.setattr("gallery.PICTURES", few)
    text = write_page(tmp_path).read_text()
    for name in [f"{name}.png" for name in few] + [f"{name}.svg" for name in CIRCUITS]:
        assert f"src='{name}'" in text
        assert (tmp_path / name).stat().st_size > 1000
    assert "●" in text
