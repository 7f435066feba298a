"""Which saved models run in a page, and what of their files the page needs."""

import json
from collections.abc import Iterator
from typing import Any

from ketgrad._files import read_whole
from ketgrad.estimators.loading import load

KINDS = ("VQClassifier", "VQRegressor")
MOST_QUBITS = 16  # as bindings/web/answers.h has it
MOST_WHOLE = 2**53  # beyond it JavaScript rounds
_TRAINING = ("history", "trainer")  # of `fitted`: nothing that predictions need


def exportable(path: str) -> dict[str, Any]:
    """Read a saved estimator for a page: its document, without the history of its training.

    Raises ValueError for files that `ketgrad.load` refuses, and for models that cannot run in a
    page: of other kinds, with shots or noise, of more than 16 qubits.
    """
    load(path)  # which checks all that is in it
    document: dict[str, Any] = json.loads(read_whole(path))
    kind = document["class"]
    if kind not in KINDS:
        raise ValueError(f"{path} holds a {kind}; pages run {' and '.join(KINDS)} alone")
    _refuse(path, document["model"])
    for label in document["fitted"].get("classes", {}).get("values", []):
        if isinstance(label, int) and abs(label) > MOST_WHOLE:
            raise ValueError(f"{path} has the class {label}; pages have whole numbers to 2**53")
    fitted = {name: part for name, part in document["fitted"].items() if name not in _TRAINING}
    return {**document, "fitted": fitted}


def _refuse(path: str, model: dict[str, Any]) -> None:
    for part in _objects(model):
        if part.get("kind") == "noisy":
            raise ValueError(f"{path} has noise in its model, which does not run in a page")
        if "shots" in part:
            raise ValueError(
                f"{path} measures {part['shots']} shots, which a page would draw anew each time; "
                f"pages run exact models alone"
            )
        n_qubits = part.get("n_qubits")
        if isinstance(n_qubits, int) and n_qubits > MOST_QUBITS:
            raise ValueError(f"{path} has {n_qubits} qubits; in a page there are {MOST_QUBITS}")


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """Yield all objects in a document."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            yield part
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
