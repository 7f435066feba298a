"""The file in which a training of two models that learn from each other can go on."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from ketgrad._core import Trainer
from ketgrad._files import PathLike, check_writable, read_whole, write_whole
from ketgrad._numbers import integer

_FORMAT, _VERSION = "ketgrad.adversarial", 1

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

    def found(self, pair: Pair, loss: Any) -> Pair:
        """Return the pair as it was left, or the one that begins where there is no file.

        Raises ValueError for a file of another training, and for any other file.
        """
        if not Path(self._path).exists():
            return pair
        try:
            document = json.loads(read_whole(self._path))
            if document["format"] != _FORMAT or document["version"] != _VERSION:
                raise ValueError(f"it has format {document['format']!r}, {document['version']!r}")
            plan, history = document["plan"], _read_history(document["history"])
            discriminator = Trainer.from_json(document["discriminator"])
            generator = Trainer.from_json(document["generator"], loss=loss)
            pair.rng.bit_generator.state = document["random"]
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
            self._refuse(str(error).partition("\n")[0] or type(error).__name__)
        if plan != self._plan:
            self._refuse("its models, data or options are others")
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


def _read_history(value: Any) -> History:
    names = ["step", "generator_loss", "discriminator_loss"]
    if not isinstance(value, list):
        raise TypeError(f"its history is {value!r}")
    for step, record in enumerate(value, 1):
        numbers = list(record.values())
        if list(record) != names or record["step"] != step or not np.isfinite(numbers).all():
            raise ValueError(f"record {step} of its history is {record!r}")
    return value
