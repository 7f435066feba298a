"""Training that was killed goes on from its checkpoint to the same bits."""

import json
from pathlib import Path

import numpy as np
import pytest

import ketgrad as kg


def trainer_and_data() -> tuple[kg.Trainer, np.ndarray, np.ndarray]:
    model = kg.make_model(2, n_layers=1)
    model.initialize(seed=3)
    x = np.random.default_rng(0).normal(size=(40, 2))
    trainer = kg.Trainer(model, loss="squared", epochs=9, batch_size=16, seed=5)
    return trainer, x, np.sin(x[:, :1])


def test_resume_equals_an_uninterrupted_fit(tmp_path: Path) -> None:
    whole, x, y = trainer_and_data()
    whole.fit(x, y)
    path = tmp_path / "run.json"
    killed, _, _ = trainer_and_data()

    def kill(record: dict[str, float]) -> None:
        if record["epoch"] == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        killed.fit(x, y, callback=kill, checkpoint=path, checkpoint_every=3)
    resumed = kg.Trainer.from_json(path.read_text())
    assert len(resumed.history) == 6
    resumed.resume(x, y, checkpoint=path)
    np.testing.assert_array_equal(resumed.model.parameters, whole.model.parameters)
    assert [r["loss"] for r in resumed.history] == [r["loss"] for r in whole.history]
    assert json.loads(path.read_text())["run"] is None
    assert [p.name for p in tmp_path.iterdir()] == ["run.json"]


def test_other_data_and_bad_places_are_refused(tmp_path: Path) -> None:
    trainer, x, y = trainer_and_data()
    with pytest.raises(ValueError, match="no unfinished fit"):
        trainer.resume(x, y)
    with pytest.raises(FileNotFoundError, match="no_such_folder"):
        trainer.fit(x, y, checkpoint=tmp_path / "no_such_folder" / "run.json")
    with pytest.raises(ValueError, match="not those of the unfinished fit"):
        trainer.resume(x + 1, y)
    with pytest.raises(ValueError, match="every 0 epochs"):
        trainer.fit(x, y, checkpoint="a.json", checkpoint_every=0)
