"""Sums of what clients know, by a server that learns nothing but the sum.

Every pair of clients shares a mask, which one adds and the other subtracts, modulo 2**64, so that
masks cancel to the last bit (Bonawitz et al. 2017). Where a client is lost, the others tell the
masks that they shared with it.
"""

from typing import Any

import numpy as np

_UNIT = 2.0**32  # numbers are sums of this part of 1, as integers


def _mask(a: int, b: int, turn: int, size: int) -> Any:
    """Draw the numbers that two clients share in a round, from a seed that only they know."""
    low, high = min(a, b), max(a, b)
    return np.random.default_rng((low, high, turn)).integers(2**64, size=size, dtype=np.uint64)


def _masked(client: int, z: Any, turn: int, n_clients: int) -> Any:
    """Hide a client's weights, as integers modulo 2**64, behind those it shares with the others."""
    out = integers(z)
    for other in range(n_clients):
        if other != client:
            shared = _mask(client, other, turn, len(z))
            out = out + shared if client < other else out - shared
    return out


def integers(z: Any) -> Any:
    """Write numbers in fixed point, modulo 2**64."""
    return np.rint(z * _UNIT).astype(np.int64).view(np.uint64)


def secure_sum(z: Any, there: Any, turn: int) -> Any:
    """Sum what arrives; of clients that are lost the others tell the masks."""
    n_clients = len(z)
    total = sum(
        (_masked(int(k), z[k], turn, n_clients) for k in there), np.zeros(z.shape[1], np.uint64)
    )
    for lost in set(range(n_clients)) - set(there.tolist()):
        for k in there.tolist():
            shared = _mask(k, lost, turn, z.shape[1])
            total = total - shared if k < lost else total + shared
    return total


def mean_of(total: Any, count: int) -> Any:
    """Turn a sum back into the mean of so many numbers."""
    return total.view(np.int64) / _UNIT / count
