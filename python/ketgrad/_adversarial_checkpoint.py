"""The file in which a training of two models that learn from each other can go on."""

import hashlib
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from ketgrad._core import Trainer
from ketgrad._files import PathLike, check_writable, read_whole, write_whole
from ketgrad._numbers import integer, is_real

_FORMAT, _VERSION = "ketgrad.adversarial", 1
_TEXTS = ("plan", "discriminator", "generator")
_RECORD = ["step", "generator_loss", "discriminator_loss"]

History = list[dict[str, float]]


@dataclass(frozen=True)
class Pair:
    """The two trainers, the random numbers that both take and the records of their steps."""

    discriminator: Trainer
    generator: Trainer
    rng: np.random.Generator
    history: History

    def plan(self, *arguments: Any) -> str:
        """Tell a training that begins from others: by its trainers, data and options."""
        digest = hashlib.sha256()
        for trainer in (self.discriminator, self.generator):
            digest.update(trainer.to_json().encode())
        for argument in arguments:
            is_array = isinstance(argument, np.ndarray)
            digest.update(repr(argument.shape if is_array else argument).encode())
            digest.update(argument.tobytes() if is_array else b"")
        return digest.hexdigest()


class Checkpoint:
    """Kept every so many steps, whole or not at all."""

    def __init__(self, path: PathLike, every: int, plan: str) -> None:
        self._path, self._plan = path, plan
        self._every = integer("checkpoint_every", every, 1)
        check_writable(path)

    def found(self, pair: Pair, loss: Any, steps: int) -> Pair:
        """Return the pair as it was left, or the one that begins where there is no file.

        Raises ValueError for a file of another training, of more steps, and for any other file.
        """
        if not Path(self._path).exists():
            return pair
        try:
            document = _read_document(read_whole(self._path))
            history = _read_history(document["history"])
            discriminator = Trainer.from_json(document["discriminator"])
            generator = Trainer.from_json(document["generator"], loss=loss)
        except ValueError as error:
            self._refuse(str(error))
        try:
            pair.rng.bit_generator.state = document["random"]
        except (ValueError, TypeError, KeyError, OverflowError):  # what they say is NumPy's own
            self._refuse("its random numbers cannot be read")
        if document["plan"] != self._plan:
            self._refuse("its models, data or options are others")
        if len(history) > steps:
            self._refuse(f"it has done {len(history)} steps, more than steps={steps}")
        return Pair(discriminator, generator, pair.rng, history)

    def _refuse(self, why: str) -> NoReturn:
        raise ValueError(f"checkpoint={str(self._path)!r} is no training to go on with: {why}")

    def keep(self, pair: Pair, *, at_end: bool = False) -> None:
        """Write the pair, where its turn has come."""
        if not at_end and len(pair.history) % self._every:
            return
        document = {
            "format": _FORMAT,
            "version": _VERSION,
            "plan": self._plan,
            "discriminator": pair.discriminator.to_json(),
            "generator": pair.generator.to_json(),
            "random": pair.rng.bit_generator.state,
            "history": pair.history,
        }
        write_whole(self._path, json.dumps(document) + "\n")


def _read_document(content: bytes) -> dict[str, Any]:
    """Read an object with all members, those that are text checked."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        why = "it is nested too deeply" if isinstance(error, RecursionError) else error
        raise ValueError(f"it is not JSON ({why})") from None
    if not isinstance(document, dict) or document.get("format") != _FORMAT:
        raise ValueError(f"it is not of the format {_FORMAT!r}")
    if document.get("version") != _VERSION:
        raise ValueError(f"it has version {document.get('version')!r}; it must be {_VERSION}")
    for name in _TEXTS:
        if not isinstance(document.get(name), str):
            raise ValueError(f"its {name} is no text")
    return {"random": None, "history": None, **document}


def _read_history(value: Any) -> History:
    if not isinstance(value, list):
        raise ValueError("its history is no list")
    for step, record in enumerate(value, 1):
        is_record = isinstance(record, dict) and list(record) == _RECORD
        if not is_record or record["step"] != step or not all(map(_is_finite, record.values())):
            raise ValueError(f"record {step} of its history is damaged")
    return value


def _is_finite(value: Any) -> bool:
    return is_real(value) and math.isfinite(value)
