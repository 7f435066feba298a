"""Two models that learn from each other: one makes samples, the other tells them from the data."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ketgrad._adversarial_checkpoint import Checkpoint, Pair
from ketgrad._core import Model, Optimizer, Trainer, _real_array
from ketgrad._files import PathLike
from ketgrad._numbers import generator as random_generator
from ketgrad._numbers import integer
from ketgrad._types import FloatArray
from ketgrad._words import plain, shown

Loss = Callable[..., tuple[float, FloatArray]]


def fooling(discriminator: Callable[[], Model], outcomes: ArrayLike | None = None) -> Loss:
    """Make the loss of a generator: the mean of -log D, D what a discriminator says of its samples.

    It is that of Goodfellow et al. 2014 (arXiv:1406.2661, section 3) which does not saturate where
    the discriminator is sure. It sees no targets: `Trainer.fit(inputs, None)`.

    Parameters
    ----------
    discriminator : callable
        Called without arguments for a `Model` of one output, a logit: that of "this is of the
        data". Called anew for every batch, as the discriminator learns, too.
    outcomes : array of shape (n_outcomes, n_features), optional
        What the discriminator sees of each outcome, where the generator's outputs are
        probabilities: a Born machine. Without, each row of outputs is a sample.

    Returns
    -------
    callable
        Of outputs, targets that are not looked at, and weights of the rows if there are any.

    Examples
    --------
    >>> from ketgrad.layers import Dense
    >>> judge = Model(Dense(1, 1))  # a logit of 0, whatever it sees
    >>> value, by_outputs = fooling(lambda: judge)(np.array([[0.3], [0.7]]), None)
    >>> round(value, 6)  # log 2
    0.693147

    """
    _require_function(discriminator, "discriminator")
    return _Fooling(discriminator, None if outcomes is None else _finite(outcomes, "outcomes"))


def _require_function(value: Any, name: str) -> None:
    if not callable(value):
        raise TypeError(f"{name} must be a function, not {shown(value)}")


class _Fooling:
    """Known by the name of what makes it: the discriminator learns, too."""

    def __init__(self, discriminator: Callable[[], Model], places: FloatArray | None) -> None:
        self._discriminator, self._places = discriminator, places

    def __repr__(self) -> str:
        return "fooling"

    def __call__(
        self, outputs: FloatArray, _targets: Any, weights: FloatArray | None = None
    ) -> tuple[float, FloatArray]:
        judge = self._discriminator()
        outputs = _real_array(outputs, "outputs")
        share = np.ones(len(outputs)) if weights is None else _real_array(weights, "weights")
        share = (share / share.sum())[:, None]
        if self._places is not None:
            if outputs.shape[1:] != self._places.shape[:1]:
                raise ValueError(
                    f"outputs have shape {outputs.shape}; there are {len(self._places)} outcomes"
                )
            surprise = np.logaddexp(0, -judge.outputs(self._places)[:, 0])
            by_outputs = share * surprise
            return float(np.sum(by_outputs * outputs)), by_outputs
        logits = judge.outputs(outputs)
        by_logits = -share / (1 + np.exp(np.minimum(logits, 700)))
        by_outputs, _ = judge.layer.vjp(by_logits, outputs, judge.parameters)
        return float(np.sum(share * np.logaddexp(0, -logits))), by_outputs


def _finite(rows: ArrayLike, name: str) -> FloatArray:
    """Read rows of numbers; ValueError names the first that is not finite."""
    out = _real_array(rows, name)
    wrong = np.argwhere(~np.isfinite(out))
    if len(wrong):
        place = wrong[0].tolist()
        raise ValueError(f"{name}{place} is {out[tuple(place)]}; it must be finite")
    return out


def train_adversarial(
    generator: Model,
    discriminator: Model,
    data: ArrayLike,
    *,
    outcomes: ArrayLike | None = None,
    steps: int = 500,
    batch_size: int = 64,
    discriminator_steps: int = 3,
    optimizer: str | Optimizer = "adam",
    learning_rate: float | None = None,
    seed: int | None = None,
    callback: Callable[[dict[str, float]], Any] | None = None,
    checkpoint: PathLike | None = None,
    checkpoint_every: int | None = None,
) -> tuple[Model, Model, list[dict[str, float]]]:
    """Train a generator to make samples that a discriminator cannot tell from the data.

    A generative adversarial network (Goodfellow et al. 2014, arXiv:1406.2661; of a circuit: Zoufal,
    Lucchi & Woerner 2019, arXiv:1904.00043). Two trainers step in turn: the discriminator on the
    cross entropy of samples from either side, the generator on `fooling`.

    Parameters
    ----------
    generator : Model
        From noise, its inputs, uniform in [-pi, pi], to samples, its outputs. Or, with `outcomes`,
        a Born machine without inputs, whose outputs are probabilities.
    discriminator : Model
        From samples to one logit: that of "this is of the data".
    data : array of shape (n_samples, n_features)
        With `outcomes`: the frequencies of the data, shape (n_outcomes,), which sum to 1.
    outcomes : array of shape (n_outcomes, n_features), optional
        What the discriminator sees of each outcome. All are seen at once, by their probabilities,
        so that no noise of sampling is in the gradients.
    steps : int
        Steps of the generator.
    batch_size : int
        Samples from either side for a step; with `outcomes` there is no need for any.
    discriminator_steps : int
        Steps of the discriminator before each of the generator: one that lags behind is chased in
        circles.
    optimizer : str or Optimizer
        Of both, each with a memory of its own.
    learning_rate : float, optional
        Of both; that of the optimizer where left out.
    seed : int, optional
        Of the noise and the batches; None: fresh entropy.
    callback : callable, optional
        Called after every step with its record; False ends it.
    checkpoint : str or path, optional
        File in which the training is kept, whole or not at all. Where it holds one of the same
        models, data and options that did no more steps, this goes on from there to the same bits.
    checkpoint_every : int, optional
        Steps from one writing to the next; 100 where left out. It is written at the end, too.

    Returns
    -------
    generator, discriminator : Model
        The trained ones; those given stay as they are.
    history : list of dict
        `step`, `generator_loss` and `discriminator_loss` of every step. At the end of a good
        training both are near log 2: the discriminator cannot tell.

    Raises
    ------
    ValueError
        For shapes that do not go together, numbers out of range, and a checkpoint of anything
        else or of more steps.
    TypeError
        For what is no model, no function, or no real number.

    Examples
    --------
    >>> import ketgrad as kg
    >>> from ketgrad.layers import CircuitLayer, Dense
    >>> born = kg.Model(CircuitLayer(kg.compile(kg.hardware_efficient(1, 1)), of="probs"))
    >>> born.initialize(seed=1)
    >>> judge = kg.Model(Dense(1, 1))
    >>> born, judge, history = train_adversarial(
    ...     born, judge, [0.3, 0.7], outcomes=[[0], [1]], steps=200, learning_rate=0.05, seed=1
    ... )
    >>> born.outputs(np.zeros((1, 0))).round(1)
    array([[0.3, 0.7]])

    """
    steps = integer("steps", steps, 1)
    turns = integer("discriminator_steps", discriminator_steps, 1)
    batch_size = integer("batch_size", batch_size, 1)
    rng = random_generator(seed)
    if callback is not None:
        _require_function(callback, "callback")
    for name, model in (("generator", generator), ("discriminator", discriminator)):
        if not isinstance(model, Model):
            raise TypeError(f"{name} must be a Model, not {shown(model)}")
    samples = _finite(data, "data")
    places = None if outcomes is None else _finite(outcomes, "outcomes")
    given: _Samples | _Outcomes = (
        _Samples(generator, samples, batch_size, rng)
        if places is None
        else _Outcomes(generator, samples, places)
    )
    _check_judge(discriminator, (samples if places is None else places).shape[1])
    options: dict[str, Any] = {
        "optimizer": optimizer,
        "learning_rate": learning_rate,
        "batch_size": 0,
        "seed": 0,  # batches of one's own: nothing is drawn from it
    }

    def loss() -> Loss:
        return fooling(lambda: pair.discriminator.model, places)

    pair = Pair(
        Trainer(discriminator, loss="cross_entropy", **options),
        Trainer(generator, loss=loss(), **options),
        rng,
        [],
    )
    kept = None
    if checkpoint is not None:
        plan = pair.plan(samples, places, batch_size, turns, plain(seed))
        every = 100 if checkpoint_every is None else checkpoint_every
        kept = Checkpoint(checkpoint, every, plan)
        pair = kept.found(pair, loss(), steps)
    elif checkpoint_every is not None:
        raise ValueError("checkpoint_every is given without checkpoint")
    for step in range(len(pair.history) + 1, steps + 1):
        record = _turn(pair, given, turns, step)
        if kept is not None:
            kept.keep(pair)
        answer = None if callback is None else callback(record)
        if answer is not None and not answer:
            break
    if kept is not None:
        kept.keep(pair, at_end=True)
    return pair.generator.model, pair.discriminator.model, pair.history


def _check_judge(discriminator: Model, n_features: int) -> None:
    n_inputs, n_outputs = discriminator.n_inputs, discriminator.n_outputs
    if n_inputs != n_features or n_outputs != 1:
        raise ValueError(
            f"the discriminator has {n_inputs} input(s) and {n_outputs} output(s); of samples of "
            f"{n_features} feature(s) it must have {n_features} and 1"
        )


def _turn(pair: Pair, given: "_Samples | _Outcomes", turns: int, step: int) -> dict[str, float]:
    """Train the discriminator so many times, then the generator once."""
    for _ in range(turns):
        noise = given.noise()
        seen = pair.discriminator.step_epoch(*given.both(pair.generator.model.outputs(noise)))
    made = pair.generator.step_epoch(noise, np.zeros((len(noise), 0)))
    record = {
        "step": step,
        "generator_loss": made["loss"],
        "discriminator_loss": seen["loss"],
    }
    pair.history.append(record)
    return record


class _Samples:
    """Samples of the data beside as many that were made."""

    def __init__(
        self, generator: Model, data: FloatArray, size: int, rng: np.random.Generator
    ) -> None:
        if data.ndim != 2 or 0 in data.shape or data.shape[1] != generator.n_outputs:
            raise ValueError(
                f"data must have shape (n_samples, {generator.n_outputs}), as the generator's "
                f"outputs, got {data.shape}"
            )
        if not np.isfinite(data).all():
            row, column = np.argwhere(~np.isfinite(data))[0]
            raise ValueError(
                f"data has {data[row, column]} in row {row}, column {column}; it must be finite"
            )
        self._data, self._rng = data, rng
        self._shape = size, generator.n_inputs

    def noise(self) -> FloatArray:
        return self._rng.uniform(-np.pi, np.pi, self._shape)

    def both(self, made: FloatArray) -> tuple[FloatArray, ...]:
        seen = self._data[self._rng.integers(len(self._data), size=len(made))]
        return np.vstack([seen, made]), np.repeat([1.0, 0.0], len(made))


class _Outcomes:
    """All outcomes twice, weighted by the data's frequencies and by the generator's."""

    def __init__(self, generator: Model, data: FloatArray, places: FloatArray) -> None:
        self._places, n = places, generator.n_outputs
        if generator.n_inputs != 0:
            raise ValueError(
                f"a generator of outcomes has no inputs; this one has {generator.n_inputs}"
            )
        if data.shape != (n,) or self._places.ndim != 2 or len(self._places) != n:
            raise ValueError(
                f"data must have shape ({n},) and outcomes ({n}, n_features), as the generator has "
                f"{n} outputs, got {data.shape} and {self._places.shape}"
            )
        if not ((data >= 0).all() and abs(data.sum() - 1) < 1e-6):
            raise ValueError(
                f"data has frequencies from {data.min()} to {data.max()} that sum to {data.sum()}; "
                "they must not be negative, and sum to 1"
            )
        self._data = data

    def noise(self) -> FloatArray:
        return np.zeros((1, 0))

    def both(self, made: FloatArray) -> tuple[FloatArray, ...]:
        weights = np.concatenate([self._data, np.maximum(made[0], 0.0)])
        labels = np.repeat([1.0, 0.0], len(self._data))
        return np.vstack([self._places, self._places]), labels, weights
