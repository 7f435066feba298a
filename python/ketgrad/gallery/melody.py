"""A melody from a Born machine: chords that follow each other, and a voice on top of them.

The circuit's outcomes are windows of three chords, learned from progressions that one hears every
day. Given two chords, its probabilities say what comes third, and so it writes a song. A Markov
chain of single chords, the baseline, forgets what was before the last.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.optimize import minimize

import ketgrad as kg
from ketgrad.gallery.experiment import Claim, Experiment, Trial
from ketgrad.gallery.pictures import COLORS

# Pitches as in MIDI, 60 the middle C; a chord is three bits.
PITCHES = {
    "C": (60, 64, 67),
    "Dm": (62, 65, 69),
    "Em": (64, 67, 71),
    "F": (60, 65, 69),
    "G": (62, 67, 71),
    "Am": (60, 64, 69),
    "G7": (59, 62, 65, 67),
    "E7": (59, 62, 64, 68),
}
CHORDS = tuple(PITCHES)
# Cadences and turnarounds that a great many songs go round in.
SONGS = (
    "C G Am F", "C Am F G", "C F G7 C", "Am F C G", "C Am Dm G7", "F G Em Am", "C Em F G",
    "Dm G7 C Am", "Am Dm G C", "C E7 Am F", "F C G Am", "C F C G7", "Am G F E7", "F G C C",
)  # fmt: skip
PER_CHORD, WINDOW, LAYERS = 3, 3, 16
N = PER_CHORD * WINDOW
STEPS, QUICK_STEPS, LENGTH, COUNT = 4000, 1000, 16, 200
ENTROPY, VALID = "relative entropy of windows, bits", "chords that follow as in the data"
NEW = "songs that are not in the data"


def windows() -> Any:
    """Give how often each window of three chords is in the songs, which go round and round."""
    counts = np.zeros((8, 8, 8))
    for song in SONGS:
        chords = [CHORDS.index(name) for name in song.split()]
        for k in range(len(chords)):
            counts[tuple(chords[(k + j) % len(chords)] for j in range(WINDOW))] += 1
    return counts / counts.sum()


def born_machine() -> kg.Program:
    """Make the circuit: qubits 0 to 2 are the third chord, 3 to 5 the second, 6 to 8 the first."""
    return kg.compile(kg.strongly_entangling(N, LAYERS))


def train(program: kg.Program, data: Any, seed: int, steps: int) -> Any:
    """Minimise the relative entropy by L-BFGS; returns probabilities (first, second, third)."""
    target = data.ravel()

    def loss(weights: Any) -> tuple[float, Any]:
        value, _, gradient = program.value_and_vjp(entropy, weights=weights, of="probs")
        return float(value), gradient

    def entropy(p: Any) -> tuple[float, Any]:
        value, slope = kg.losses.kl_divergence(p[None], target[None])
        return value, slope[0]

    start = np.random.default_rng(seed).normal(0, 0.3, len(program.weights))
    found = minimize(
        loss,
        start,
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": steps, "maxfun": 2 * steps, "ftol": 0, "gtol": 1e-9},
    )
    return program.probs(weights=found.x).reshape(8, 8, 8)


def markov(data: Any) -> Any:
    """Give the windows of the baseline: each chord by the one before it alone."""
    pairs = data.sum(axis=2)
    after = pairs / pairs.sum(axis=1, keepdims=True)
    return pairs[:, :, None] * after[None]


def relative_entropy(data: Any, p: Any) -> float:
    """Compute it in bits."""
    seen = data > 0
    return float(np.sum(data[seen] * np.log2(data[seen] / p[seen])))


def write(p: Any, rng: np.random.Generator) -> Any:
    """Write songs, (COUNT, LENGTH): two chords from a window, then each given the two before."""
    first = rng.choice(64, COUNT, p=p.sum(axis=2).ravel() / p.sum())
    songs = [first // 8, first % 8]
    chances = p / np.maximum(p.sum(axis=2, keepdims=True), 1e-300)
    while len(songs) < LENGTH:
        cumulated = np.cumsum(chances[songs[-2], songs[-1]], axis=1)
        draws = rng.uniform(size=(COUNT, 1)) * cumulated[:, -1:]
        songs.append((draws > cumulated).sum(axis=1).clip(max=7))
    return np.stack(songs, axis=1)


def valid(data: Any, songs: Any) -> float:
    """Give the share of windows in the songs that are in the data."""
    triples = np.lib.stride_tricks.sliding_window_view(songs, WINDOW, axis=1)
    return float((data[triples[..., 0], triples[..., 1], triples[..., 2]] > 0).mean())


def new(songs: Any) -> float:
    """Give the share of songs that are none of the data's, played round and round."""
    known = set()
    for song in SONGS:
        chords = [CHORDS.index(name) for name in song.split()]
        known |= {tuple(chords[(k + j) % 4] for j in range(LENGTH)) for k in range(4)}
    return float(np.mean([tuple(song) not in known for song in songs.tolist()]))


def run(seed: int, quick: bool) -> Trial:
    """Learn the windows, and write songs."""
    rng, data = np.random.default_rng(seed), windows()
    made = train(born_machine(), data, seed, QUICK_STEPS if quick else STEPS)

    def figures(p: Any) -> tuple[dict[str, float], Any]:
        songs = write(p, rng)
        return {
            ENTROPY: relative_entropy(data, p),
            VALID: valid(data, songs),
            NEW: new(songs),
        }, songs

    ours, songs = figures(made)
    return Trial(ours, figures(markov(data))[0], songs[0])


def voice(song: Any) -> list[int]:
    """Sing a note of each chord, an octave up: the nearest to the one before, but another."""
    notes = [79]
    for chord in song:
        tones = [12 + pitch for pitch in PITCHES[CHORDS[chord]]]
        others = [pitch for pitch in tones if pitch != notes[-1]]
        notes.append(min(others, key=lambda pitch: abs(pitch - notes[-1])))
    return notes[1:]


def draw(ax: Any, trials: Sequence[Trial]) -> None:
    """Show the first song as a piano roll."""
    song = trials[0].picture
    for k, chord in enumerate(song):
        for pitch in PITCHES[CHORDS[chord]]:
            ax.barh(pitch, 0.95, left=k, height=0.8, color=COLORS[0], alpha=0.6)
        ax.text(k + 0.47, 55.5, CHORDS[chord], ha="center", fontsize=8)
    ax.barh(voice(song), 0.95, left=np.arange(len(song)), height=0.8, color=COLORS[1])
    names = {60: "C", 64: "E", 67: "G", 72: "C", 76: "E", 79: "G", 84: "C"}
    ax.set_yticks(list(names), names.values())
    ax.set(xlabel="bar", ylabel="pitch", ylim=(54, 86), xlim=(0, len(song)))


EXPERIMENT = Experiment(
    paper="Liu & Wang 2018, Differentiable learning of quantum circuit Born machines, "
    "arXiv:1804.04168; of music no figure that one could compare with",
    setup=f"Windows of {WINDOW} of {len(CHORDS)} chords from {len(SONGS)} progressions of four, "
    f"round and round; {N} qubits, {LAYERS} strongly entangling layers, {3 * N * LAYERS} weights "
    f"(the table has {8**3 - 1} numbers, and would be exact), {STEPS} steps of L-BFGS on the "
    f"relative entropy; {COUNT} songs of {LENGTH} chords. Criteria, set after a trial with 12 "
    "layers whose windows were .76 right: half of a Markov chain's relative entropy, .85 of "
    "windows as in the data, songs that are new.",
    classical="a Markov chain: each chord by the one before, 63 numbers",
    claims=(
        Claim(ENTROPY, None, (0.0, 0.45)),
        Claim(VALID, None, (0.85, 1.0), quick=(0.75, 1.0)),
        Claim(NEW, None, (0.5, 1.0)),
    ),
    budget=60,
    run=run,
    draw=draw,
)
