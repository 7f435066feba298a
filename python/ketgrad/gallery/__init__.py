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
    "born-machine": "A Born machine learns bars and stripes",
    "qubo": "Quadratic programmes of bits by QAOA",
    "bandwidth": "Quantum kernels need a bandwidth",
    "qgan": "Adversarial training loads a log-normal distribution",
    "gaussian-process": "Gaussian processes on quantum kernels",
    "hmc": "The posterior of a circuit's weights",
    "federated": "Ten clients train a circuit, their data unseen",
    "iqp-mmd": "An IQP circuit, trained without being run",
    "melody": "A Born machine writes songs",
    "patch-gan": "Four circuits paint digits",
    "mitigation": "Zero-noise extrapolation and readout inversion",
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
        module = import_module(f"ketgrad.gallery.{name.replace('-', '_')}")
    except ModuleNotFoundError as error:
        needs = f"the experiment {name!r} needs {error.name}"
        raise RuntimeError(f'{needs}: pip install "ketgrad[gallery]"') from None
    return cast(Experiment, module.EXPERIMENT)
