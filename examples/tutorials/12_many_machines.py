"""What a circuit of 40 qubits costs on many machines
===================================================

A state of 40 qubits takes 16 TiB: no machine has that, a thousand do. ``ketgrad.mpi`` spreads a
state over the processes (ranks) of MPI, and tells beforehand, on a laptop and without MPI, what a
run sends, holds and takes.
"""

import matplotlib.pyplot as plt
import numpy as np

import ketgrad as kg
from ketgrad import mpi

n = 40
rng = np.random.default_rng(0)

# %%
# Three circuits: the Fourier transform, bricks of ``cz`` as experiments run them, and ``cx``
# between random pairs, which leave no qubit alone.


def bricks(depth: int) -> kg.Circuit:
    """Rotate every qubit, then join neighbours; depth times."""
    circuit = kg.Circuit(n)
    for layer in range(depth):
        circuit.ry(rng.uniform(-1, 1, n), range(n))
        circuit.cz(range(layer % 2, n - 1, 2), range(layer % 2 + 1, n, 2))
    return circuit


def pairs(depth: int) -> kg.Circuit:
    """Rotate every qubit, then join random pairs; depth times."""
    circuit = kg.Circuit(n)
    for _ in range(depth):
        order = rng.permutation(n)
        circuit.ry(rng.uniform(-1, 1, n), range(n)).cx(order[::2], order[1::2])
    return circuit


circuits = {"Fourier transform": kg.library.qft(n), "bricks": bricks(20), "pairs": pairs(20)}

# %%
# A plan cuts a circuit into epochs, in which every gate mixes qubits that a rank has. Between two
# epochs ranks trade amplitudes, all that is needed at once: an exchange.

plan = mpi.plan(circuits["pairs"], ranks=256)
print(f"{plan.epochs} epochs, {plan.exchanges} exchanges")
print(f"a rank holds {plan.state_bytes / 2**30:.0f} GiB and sends {plan.sent_bytes / 2**30:.0f}")
print(f"{plan.network_seconds:.0f} s of network and {plan.memory_seconds:.0f} s of memory")

# %%
# More ranks hold less each, and send less each, though more often. A gradient needs a second state,
# and takes the same way back. What is above the dotted line, 128 GiB, does not fit a rank.

ranks = 2 ** np.arange(6, 13)
plans = {name: [mpi.plan(c, "Z0", ranks=int(r)) for r in ranks] for name, c in circuits.items()}

figure, (left, middle, right) = plt.subplots(1, 3, figsize=(13, 3.8), layout="constrained")
for name, row in plans.items():
    left.plot(ranks, [p.exchanges for p in row], "o-", label=name)
    middle.plot(ranks, [p.sent_bytes / 2**30 for p in row], "o-", label=name)
held = plans["pairs"]
right.plot(ranks, [p.run_bytes / 2**30 for p in held], "o-", label="a run")
right.plot(ranks, [p.gradient_bytes / 2**30 for p in held], "o-", label="a gradient")
right.axhline(128, color="gray", linestyle=":")
for axes, label in ((left, "exchanges"), (middle, "GiB sent by a rank"), (right, "GiB on a rank")):
    axes.set_xscale("log", base=2)
    axes.legend()
    kg.plots.style(axes, xlabel="ranks", ylabel=label)
middle.set_yscale("log", base=2)
right.set_yscale("log", base=2)
plt.show()

# %%
# The run itself is the same few lines on every rank, here in a file ``run.py``:
#
# .. code-block:: python
#
#     program = mpi.Program(kg.compile(circuit, "Z0"))
#     values, _, slopes = program.vjp([1.0], weights=weights, return_values=True)
#     samples = program.state(weights=weights).sample(1000, seed=1)
#
# .. code-block:: bash
#
#     mpirun -n 256 python -m mpi4py run.py
#
# It sends the bytes of its plan, exactly. :doc:`/mpi` has the rest: how to install it with MPI,
# C++, files, and what goes wrong.

for name, row in plans.items():
    for p in row:
        assert p.sent_bytes <= p.exchanges * p.state_bytes, name
assert all(p.exchanges == 1 for p in plans["Fourier transform"])
