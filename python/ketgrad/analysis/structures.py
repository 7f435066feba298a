"""Circuits whose gates evolve: a genetic search over structures, by itself or with gradients.

In the manner of NEAT (Stanley & Miikkulainen 2002) circuits begin small and grow, and parents are
crossed where they share a gene; as in EVQE (Rattew et al. 2019, arXiv:1910.09694) the angles of
gates go on from parent to child.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from ketgrad._core import Circuit, NoisyProgram, Operation, Optimizer, Parameter, Program
from ketgrad._jobs import n_parallel, run
from ketgrad._memory import require_memory
from ketgrad._numbers import generator, integer
from ketgrad._types import FloatArray
from ketgrad._words import shown
from ketgrad.analysis.arguments import require
from ketgrad.analysis.documentation import document
from ketgrad.analysis.generations import (
    Callback,
    Ending,
    finite_losses,
    losses_and_gradients,
    positive,
    share,
)

_TOURNAMENT = 3
_MUTATIONS = ("insert", "insert", "remove", "exchange", "move")
# A gene with its angles, its place among others, and what a search keeps of it.
_GENE_BYTES = 500.0


@dataclass(frozen=True)
class EvolvedCircuit:
    """What :func:`ketgrad.structure_search` found."""

    circuit: Circuit
    weights: FloatArray
    """In the order of the circuit's parameters."""
    value: float
    """The loss, without the cost of gates."""
    history: list[float] = field(repr=False)
    """The lowest loss, with the cost of gates, up to each step."""
    n_runs: int
    """Circuit runs: one a loss, two a weight and gradient, as the parameter-shift rule takes."""
    message: str = field(repr=False)
    """Why the search ended."""


@document
def structure_search(
    make_program: Callable[[Circuit], Program | NoisyProgram],
    n_qubits: int,
    *,
    loss: Callable[[Any, FloatArray], Any] | None = None,
    gates: Sequence[Circuit] | None = None,
    train_steps: int = 0,
    learning_rate: float = 0.1,
    gate_cost: float = 0.0,
    n_gates: int = 4,
    max_gates: int = 30,
    n_steps: int = 50,
    population: int = 32,
    elite: int = 4,
    crossover: float = 0.3,
    sigma: float = 0.3,
    target: float | None = None,
    patience: int | None = None,
    tolerance: float = 0.0,
    callback: Callback | None = None,
    seed: int | None = None,
    n_jobs: int | None = None,
) -> EvolvedCircuit:
    """Evolve the structure of a circuit, and train its angles between mutations where asked.

    A child is one winner of a tournament, or the head of one and the tail of another, cut at a gate
    that both inherited. Then one gate or more is inserted, removed, exchanged or has its angles
    moved. With train_steps, Adam trains the angles of every child, which it passes on. Circuits of
    a generation that have the same structure are one program and one batch.

    Parameters
    ----------
    make_program : callable
        Takes a circuit, whose parameters have to become the weights, and returns what is run, such
        as ``lambda circuit: compile(circuit, "ZZ")``; a feature map may go in front.
    n_qubits : int
        Number of qubits of the circuits.
    loss : callable, default=None
        Takes the program and weights of shape (rows, n_weights); returns the losses, one a row, and
        where train_steps asks for them the gradients: a pair of shapes (rows,) and (rows,
        n_weights). None takes the sum of the expectation values, of programs without inputs.
    gates : sequence of Circuit, default=None
        What circuits are made of: each a small circuit without measurements, whose parameters
        become weights of every place where it stands. None takes RX, RY, RZ and CX.
    train_steps : int, default=0
        Gradient steps of every child; 0 leaves angles to mutation.
    learning_rate : float, default=0.1
        Step size of Adam.
    gate_cost : float, default=0.0
        What every gate adds to the loss, so that of equal circuits the smaller wins.
    n_gates : int, default=4
        Gates of the first circuits.
    max_gates : int, default=30
        The most gates of any.
    n_steps : int, default=50
        Generations after the first.
    population : int, default=32
        Circuits a generation, at least 2.
    elite : int, default=4
        How many of the best go on as they are, and are not run again; below population.
    crossover : float, default=0.3
        The share of children that have two parents.
    sigma : float, default=0.3
        Standard deviation of the angles of new gates, around 0, and of the steps of others.
    {ending}
    n_jobs : int, default=None
        Jobs of joblib, by the backend of its ``parallel_config``; -1 is one a processor. Each runs
        one structure, as a batch. None is as many as ``parallel_config`` says, where there is one.

    The callback is given the ``circuit`` and ``n_runs`` too, so that it can keep to a budget.

    Returns
    -------
    result : EvolvedCircuit
        The circuit of the lowest loss, with the cost of its gates, and its weights.

    Raises
    ------
    ValueError
        For numbers out of range, gates that do not fit, programs with other weights than the
        circuit has, and losses that are not finite.

    Examples
    --------
    >>> import ketgrad as kg
    >>> found = kg.structure_search(
    ...     lambda circuit: kg.compile(circuit, "ZZ - 0.5*XI"), 2, train_steps=5, gate_cost=1e-3,
    ...     n_steps=20, seed=0
    ... )
    >>> round(found.value, 2)  # the ground state has -sqrt(1 + 0.25)
    -1.12
    >>> kg.compile(found.circuit, "ZZ - 0.5*XI").expval(weights=found.weights).round(2)
    array([-1.12])

    """
    if not callable(make_program):
        raise TypeError(f"make_program must be a function of a circuit, not {shown(make_program)}")
    if loss is not None and not callable(loss):
        raise TypeError(f"loss must be a function of a program and weights, not {shown(loss)}")
    n_qubits = integer("n_qubits", n_qubits, 1)
    blocks = _blocks(gates, n_qubits)
    max_gates = integer("max_gates", max_gates, 1)
    n_gates = integer("n_gates", n_gates, 0, max_gates)
    n = integer("population", population, 2)
    elite = integer("elite", elite, 1, n - 1)
    crossover = share(crossover, "crossover")
    gate_cost = positive(gate_cost, "gate_cost", zero=True)
    ending = Ending.read(n_steps, target, patience, tolerance, callback)
    require_memory(_GENE_BYTES * n * max_gates, f"a population of {n} by {max_gates} gates")
    random = generator(seed)
    breeder = _Breeder(blocks, n_qubits, max_gates, positive(sigma, "sigma"), random)
    trainer = _Trainer(
        make_program,
        loss,
        blocks,
        n_qubits,
        integer("train_steps", train_steps, 0),
        positive(learning_rate, "learning_rate"),
        n_jobs,
    )

    genomes, losses = trainer.run([breeder.first(n_gates) for _ in range(n)])
    history: list[float] = []
    while True:
        fitness = losses + gate_cost * np.array([len(genome) for genome in genomes])
        order = np.argsort(fitness, kind="stable")
        best = genomes[order[0]]
        history.append(float(fitness[order[0]]))
        circuit, weights = trainer.circuit(best), _angles([best])[0]
        runs = trainer.n_runs
        message = ending.message(history, circuit=circuit, weights=weights, n_runs=runs)
        if message:
            value = float(losses[order[0]])
            return EvolvedCircuit(circuit, weights, value, history, runs, message)
        drawn = random.integers(n, size=(2, n - elite, _TOURNAMENT))
        winners = np.take_along_axis(drawn, fitness[drawn].argmin(axis=-1)[..., None], -1)[..., 0]
        pairs = winners[:, random.random(n - elite) < crossover].T
        alone = winners[0, len(pairs) :]
        children = [breeder.crossed(genomes[a], genomes[b]) for a, b in pairs]
        children += [genomes[a] for a in alone]
        children, new = trainer.run([breeder.mutated(child) for child in children])
        genomes = [*(genomes[k] for k in order[:elite]), *children]
        losses = np.concatenate([losses[order[:elite]], new])


class _Gene(NamedTuple):
    """A gate somewhere in a circuit."""

    block: int
    qubits: tuple[int, ...]
    angles: tuple[float, ...]
    mark: int
    """The same in all that inherited it."""


_Genome = tuple[_Gene, ...]


def _angles(genomes: Sequence[_Genome]) -> FloatArray:
    rows = [[angle for gene in genome for angle in gene.angles] for genome in genomes]
    return np.array(rows, dtype=float).reshape(len(genomes), -1)


def _with_angles(genome: _Genome, angles: Sequence[float]) -> _Genome:
    left = iter(angles)
    return tuple(gene._replace(angles=tuple(next(left) for _ in gene.angles)) for gene in genome)


def _blocks(gates: Sequence[Circuit] | None, n_qubits: int) -> list[Circuit]:
    if gates is None:
        a = Parameter("a")
        turns = [Circuit(1).rx(a, 0), Circuit(1).ry(a, 0), Circuit(1).rz(a, 0)]
        return turns if n_qubits == 1 else [*turns, Circuit(2).cx(0, 1)]
    if isinstance(gates, Circuit | str) or not isinstance(gates, Sequence):
        raise TypeError(f"gates must be a sequence of circuits, not {shown(gates)}")
    require(len(gates) > 0, "gates is empty; a circuit needs one to be made of")
    for k, gate in enumerate(gates):
        if not isinstance(gate, Circuit):
            raise TypeError(f"gates[{k}] must be a Circuit, not {shown(gate)}")
        require(gate.is_unitary, f"gates[{k}] has measurements or the like; only gates evolve")
        require(
            gate.n_qubits <= n_qubits,
            f"gates[{k}] has {gate.n_qubits} qubits, but the circuits have {n_qubits}",
        )
    return [_by_appearance(gate) for gate in gates]


def _by_appearance(gate: Circuit) -> Circuit:
    """Give it parameters in the order in which they appear: those of a vector have their own."""
    names = {parameter: Parameter(f"p{k}") for k, parameter in enumerate(gate.parameters)}
    return gate.assign(names) if names else gate


class _Breeder:
    """Makes genomes: first ones, and of others by crossing and mutating."""

    def __init__(
        self,
        blocks: list[Circuit],
        n_qubits: int,
        max_gates: int,
        sigma: float,
        random: np.random.Generator,
    ) -> None:
        self._shapes = [(block.n_qubits, len(block.parameters)) for block in blocks]
        self._n_qubits = n_qubits
        self._max_gates = max_gates
        self._sigma = sigma
        self._random = random
        self._marks = 0

    def first(self, n_gates: int) -> _Genome:
        return tuple(self._gene() for _ in range(n_gates))

    def _gene(self) -> _Gene:
        block = int(self._random.integers(len(self._shapes)))
        width, n_angles = self._shapes[block]
        qubits = self._random.permutation(self._n_qubits)[:width]
        self._marks += 1
        angles = self._sigma * self._random.standard_normal(n_angles)
        return _Gene(block, tuple(qubits.tolist()), tuple(angles.tolist()), self._marks)

    def crossed(self, a: _Genome, b: _Genome) -> _Genome:
        """Take a head of one and a tail of the other, from a gene on that both have."""
        places = {gene.mark: k for k, gene in enumerate(b)}
        shared = [(k, places[gene.mark]) for k, gene in enumerate(a) if gene.mark in places]
        if shared:
            i, j = shared[self._random.integers(len(shared))]
        else:
            i, j = (int(self._random.integers(len(genome) + 1)) for genome in (a, b))
        return (a[:i] + b[j:])[: self._max_gates]

    def mutated(self, genome: _Genome) -> _Genome:
        """Change one thing, with probability 1/2 another, and so on."""
        for _ in range(self._random.geometric(0.5)):
            genome = self._changed(genome)
        return genome

    def _changed(self, genome: _Genome) -> _Genome:
        kind = _MUTATIONS[self._random.integers(len(_MUTATIONS))]
        if not genome or (kind == "insert" and len(genome) < self._max_gates):
            k = int(self._random.integers(len(genome) + 1))
            return (*genome[:k], self._gene(), *genome[k:])
        if kind == "move":
            angles = _angles([genome])[0]
            angles += self._sigma * self._random.standard_normal(len(angles))
            return _with_angles(genome, angles.tolist())
        k = int(self._random.integers(len(genome)))
        new = () if kind == "remove" else (self._gene(),)
        return (*genome[:k], *new, *genome[k + 1 :])


class _Trainer:
    """Runs genomes, those of one structure as one batch, and trains them."""

    def __init__(
        self,
        make_program: Callable[[Circuit], Program | NoisyProgram],
        loss: Callable[[Any, FloatArray], Any] | None,
        blocks: list[Circuit],
        n_qubits: int,
        steps: int,
        learning_rate: float,
        n_jobs: Any,
    ) -> None:
        self._make_program = make_program
        self._loss = loss or (_energies_and_gradients if steps else _energies)
        self._blocks = blocks
        self._n_qubits = n_qubits
        self._steps = steps
        self._learning_rate = learning_rate
        self._n_jobs = n_jobs
        self._programs: dict[Any, tuple[Any, list[int]]] = {}
        self._placed: dict[tuple[int, tuple[int, ...], int], list[Operation]] = {}
        self.n_runs = 0

    def run(self, genomes: list[_Genome]) -> tuple[list[_Genome], FloatArray]:
        """Give the genomes as trained, and their losses."""
        groups = defaultdict(list)
        for k, genome in enumerate(genomes):
            groups[tuple((gene.block, gene.qubits) for gene in genome)].append(k)
        # What is not met again in the next generation is hardly ever met later.
        self._programs = {
            key: self._programs.get(key) or self._compiled(genomes[members[0]])
            for key, members in groups.items()
        }
        trained, losses = list(genomes), np.empty(len(genomes))
        calls = []
        for key, members in groups.items():
            program, order = self._programs[key]
            weights = _angles([genomes[k] for k in members])[:, order]
            calls.append((self._loss, self._steps, self._learning_rate, program, weights))
            self.n_runs += len(weights) * (self._steps * (1 + 2 * weights.shape[1]) + 1)
        if n_parallel(self._n_jobs) == 1:
            found = [_trained(*call) for call in calls]
        else:
            found = run(_trained, calls, self._n_jobs)
        for (key, members), (best, values) in zip(groups.items(), found, strict=True):
            losses[members] = values
            if self._steps:
                weights = np.empty_like(best)
                weights[:, self._programs[key][1]] = best
                for k, row in zip(members, weights.tolist(), strict=True):
                    trained[k] = _with_angles(genomes[k], row)
        return trained, losses

    def circuit(self, genome: _Genome) -> Circuit:
        """Make the circuit of a genome, its parameters w0, w1 and so on."""
        out, n_weights = Circuit(self._n_qubits), 0
        for gene in genome:
            for operation in self._operations(gene.block, gene.qubits, n_weights):
                out.add(operation)
            n_weights += len(gene.angles)
        return out

    def _operations(self, block: int, qubits: tuple[int, ...], first: int) -> list[Operation]:
        """Place a gate, its first parameter of a number; adding what is made is fastest."""
        key = (block, qubits, first)
        if key not in self._placed:
            gate = self._blocks[block]
            names = {p: Parameter(f"w{first + k}") for k, p in enumerate(gate.parameters)}
            placed = gate.assign(names) if names else gate
            self._placed[key] = Circuit(self._n_qubits).compose(placed, qubits).operations
        return self._placed[key]

    def _compiled(self, genome: _Genome) -> tuple[Any, list[int]]:
        """Compile a genome, with the place of each weight of the program among its angles."""
        program = self._make_program(self.circuit(genome))
        if not isinstance(program, Program | NoisyProgram):
            raise TypeError(f"make_program must return a Program, not {shown(program)}")
        wanted = [f"w{k}" for k in range(sum(len(gene.angles) for gene in genome))]
        if sorted(program.weights) != sorted(wanted):
            raise ValueError(
                f"the weights of the program are {shown(program.weights)}, but they have to be the "
                f"parameters of the circuit, {shown(wanted)}"
            )
        return program, [int(name[1:]) for name in program.weights]


def _trained(
    loss: Callable[[Any, FloatArray], Any],
    steps: int,
    learning_rate: float,
    program: Any,
    weights: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Take the steps of all rows side by side; give the best that each has seen."""
    descent = Optimizer("adam", learning_rate)
    best, lowest = weights, np.full(len(weights), np.inf)
    for step in range(steps + 1):
        answer = loss(program, weights)
        losses, gradients = losses_and_gradients(answer, "loss") if steps else (answer, 0)
        values = finite_losses(losses, len(weights))
        best = np.where((values < lowest)[:, None], weights, best)
        lowest = np.minimum(values, lowest)
        if step < steps:
            weights = descent.step(weights, gradients)
    return best, lowest


def _energies(program: Any, weights: FloatArray) -> Any:
    return program.expval(weights=weights).sum(axis=1)


def _energies_and_gradients(program: Any, weights: FloatArray) -> Any:
    cotangent = np.ones((len(weights), program.n_observables))
    if isinstance(program, NoisyProgram):  # which has both, but not in one run
        return _energies(program, weights), program.vjp(cotangent, weights=weights)[1]
    values, _, gradients = program.value_and_vjp(cotangent, weights=weights)
    return values.sum(axis=1), gradients
