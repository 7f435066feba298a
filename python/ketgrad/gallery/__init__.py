"""Published experiments that anyone can run again: `ketgrad reproduce`.

A module each, of its name, on the public API alone, with an `EXPERIMENT`: its paper, set-up, claims
with published and acceptance figures, and budget. Nothing but the command imports this room.
"""

from difflib import get_close_matches
from importlib import import_module
from typing import cast

from ketgrad.gallery.experiment import Experiment

# A module each, imported only where it is asked for: most need optional packages.
TITLES = {
    "algorithms": "Four algorithms and their exact probabilities",
    "four-approaches": "Classical and quantum learners of either kind of data",
    "qcnn": "A quantum convolutional network needs few samples",
    "quanvolution": "Random and trained circuits as filters of images",
    "fourier-fit": "What a circuit can fit is a Fourier series",
    "regression": "Regression of a sine and of diabetes by circuits",
    "differential-equation": "Differential equations solved by trained circuits",
    "time-series": "Recurrent circuits foretell series",
    "reservoir": "A quantum reservoir emulates nonlinear systems",
    "sentences": "Meanings of sentences from meanings of words",
    "cartpole": "Policy gradients balance a pole on a cart",
    "q-learning": "Deep Q-learning balances a pole on a cart",
    "frozen-lake": "A circuit in the place of a table: Q-learning",
    "meta-learning": "Learned angles and first weights save steps",
    "metric": "A learned metric meets digits it has not seen",
    "neuroevolution": "Evolution trains a circuit in a neural network",
    "search-gradients": "Search gradients vanish, behind their noise",
    "evolved-circuits": "Circuits whose gates evolve",
    "heuristics": "Heuristics against gradients at equal circuit runs",
    "qubo": "Quadratic programmes of bits by QAOA",
    "four-steps": "Data, model, learner, fit: a recipe part by part",
    "digits": "A quantum convolution reads ten digits",
    "letters": "Letters of a font, and augmentation that hurts",
    "transfer": "A dressed circuit on spirals and frozen features",
    "bandwidth": "Quantum kernels need a bandwidth",
    "alignment": "A quantum kernel aligned with the labels",
    "stacking": "Boosted circuits and quantum features in a stack",
    "born-machine": "A Born machine learns bars and stripes",
    "qgan": "Adversarial training loads a log-normal distribution",
    "patch-gan": "Four circuits paint digits",
    "iqp-mmd": "An IQP circuit, trained without being run",
    "melody": "A Born machine writes songs",
    "hyperparameters": "Four searches for hyper-parameters, and their budgets",
    "gaussian-process": "Gaussian processes on quantum kernels",
    "hmc": "The posterior of a circuit's weights",
    "federated": "Ten clients train a circuit, their data unseen",
    "mitigation": "Zero-noise extrapolation and readout inversion",
    "noisy-training": "A classifier trained under noise",
    "noisy-vqe": "The energy of a molecule under noise",
    "world-model": "A circuit dreams of a cart with a pole",
    "open-box": "What a trained circuit has learned",
    "benchmark-study": "The benchmark study of quantum classifiers again",
    "grid-search": "Eleven grids of the benchmark study in minutes",
}


def check_name(name: str) -> None:
    """Raise ValueError, with the closest name, unless there is such an experiment.

    >>> check_name("algoritms")
    Traceback (most recent call last):
    ValueError: there is no experiment 'algoritms'; did you mean 'algorithms'?
    """
    if name in TITLES:
        return
    close = get_close_matches(name, TITLES, n=1)
    hint = f"did you mean '{close[0]}'?" if close else f"there are {', '.join(TITLES)}"
    raise ValueError(f"there is no experiment {name!r}; {hint}")


def load(name: str) -> Experiment:
    """Import an experiment; RuntimeError naming the extra where a package is missing."""
    check_name(name)
    try:
        import_module(f"{__name__}.running")  # needs packages, too
        module = import_module(module_of(name))
    except ModuleNotFoundError as error:
        needs = f"the experiment {name!r} needs {error.name}"
        raise RuntimeError(f'{needs}: pip install "ketgrad[gallery]"') from None
    return cast(Experiment, module.EXPERIMENT)


def module_of(name: str) -> str:
    """Give the module of an experiment."""
    return f"{__name__}.{name.replace('-', '_')}"
