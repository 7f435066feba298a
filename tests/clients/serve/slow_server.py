"""``ketgrad serve`` with a model that takes its time: `slow_server.py MODEL OPTION…`.

A row waits for as many seconds as its first feature says; a negative one is an error of the model,
or a warning.
"""

import sys
import time
import warnings

import numpy as np

from ketgrad.__main__ import main
from ketgrad.serve import command


def slow(X):
    time.sleep(max(0.0, float(X[:, 0].sum())))
    if (X[:, 0] == -1).any():
        raise ValueError(f"sample {np.argmin(X[:, 0])} is negative")
    if (X[:, 0] == -2).any():
        raise MemoryError
    if (X[:, 0] == -3).any():
        raise KeyError("a mistake of ours")
    if (X[:, 0] == -4).any():
        warnings.warn("odd rows", UserWarning, stacklevel=1)
    return X[:, 1]


def open_slow_model(*arguments):
    served = open_model(*arguments)
    served.functions["predict"] = slow
    return served


open_model = command.open_model
command.open_model = open_slow_model
sys.exit(main(["serve", *sys.argv[1:]]))
