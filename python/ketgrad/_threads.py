"""How OpenMP's threads wait for each other; imported before the core is loaded.

GCC's OpenMP spins for milliseconds at the end of every parallel loop. Where other processes want
the same cores (a grid search, a busy laptop), that makes two threads many times slower than one.
Spinning for some tens of microseconds and then sleeping costs little on an idle machine. Whoever
sets one of the variables has their way.
"""

import os

_SPINS = "20000"

if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", _SPINS)
