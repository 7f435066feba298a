"""The energy of H₂
================

The variational quantum eigensolver trains a circuit until the energy of its state is as low as it
gets. The lowest energy there is belongs to the ground state.
"""

import matplotlib.pyplot as plt
import numpy as np

import ketgrad as kg

# %%
# The hydrogen molecule at 0.735 Å on two qubits (electronic energy, in hartree):

h2 = {"II": -1.0524, "IZ": 0.3979, "ZI": -0.3979, "ZZ": -0.0113, "XX": 0.1809}
circuit = kg.hardware_efficient(2, n_layers=1)
print(circuit.draw())

program = kg.compile(circuit, h2)
start = np.full(len(program.weights), 0.1)
found = kg.minimize(program, start, optimizer="l-bfgs")
print(found.value, found.converged)

# %%
# The matrix of two qubits is small enough to know the answer.

exact = np.linalg.eigvalsh(kg.PauliSum(h2).matrix())[0]
print(f"exact {exact:.6f}, error {found.value - exact:.1e}")

# %%
# Other optimizers take other ways. Natural gradients follow the geometry of states, Rotosolve
# solves for one angle after the other, and SPSA needs two values a step whatever the number of
# weights. There is a saddle 0.61 above the lowest energy, near which plain descent stays for long;
# from other starts it holds natural gradients and SPSA, too.

rates = {"sgd": 1.0, "adam": 0.2, "qng": 0.5, "rotosolve": None, "spsa": None, "l-bfgs": None}
start = np.random.default_rng(3).uniform(-1, 1, len(program.weights))
runs = {
    name: kg.minimize(program, start, optimizer=name, learning_rate=rate, steps=60, seed=0)
    for name, rate in rates.items()
}
figure, axes = plt.subplots(figsize=(8, 4.5), layout="constrained")
for name, run in runs.items():
    axes.semilogy(np.maximum(np.array(run.history) - exact, 1e-10), label=name)
axes.legend(ncols=2)
kg.plots.style(axes, xlabel="step", ylabel="above the exact energy")
plt.show()

assert found.converged
assert abs(found.value - exact) < 1e-6
