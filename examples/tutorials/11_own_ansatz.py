"""An ansatz of your own
=====================

Any circuit can be the trained part of a model. Before training, a few numbers tell what it can
do.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_iris
from sklearn.model_selection import cross_val_score

import ketgrad as kg

# %%
# One layer: rotations about Y, and a controlled rotation from each qubit to the next.

n = 4


def ours(n_layers):
    """Return the ansatz, with weights of its own in every layer."""
    w = kg.ParameterVector("w", 2 * n * n_layers)
    circuit = kg.Circuit(n)
    for k in range(0, len(w), 2 * n):
        circuit.ry(w[k : k + n], range(n))
        for q in range(n):
            circuit.crx(w[k + n + q], q, (q + 1) % n)
    return circuit


layer = ours(1)
print(layer.draw())

# %%
# How evenly do random weights spread over all states (0 is as evenly as chance), and how
# entangled are these (0 to 1)? Both are measures of Sim, Johnson & Aspuru-Guzik 2019.

ansatze = {"ours": ours, "strongly_entangling": lambda depth: kg.strongly_entangling(n, depth)}
depths = range(1, 5)
spread, entangled = {}, {}
for name, build in ansatze.items():
    spread[name] = [kg.expressibility(build(d), n_pairs=2000, seed=0) for d in depths]
    entangled[name] = [kg.entangling_capability(build(d), n_samples=300, seed=0) for d in depths]
    print(f"{name:20}", np.round(spread[name], 3), np.round(entangled[name], 3))

# %%
# Then it trains, behind an estimator, as the named ones do: that takes one layer, and repeats it.

X, y = load_iris(return_X_y=True)
for name, ansatz in {"ours": layer, "strongly_entangling": "strongly_entangling"}.items():
    model = kg.VQClassifier(
        ansatz=ansatz, n_layers=2, dressed=False, max_iter=60, tol=0, random_state=0
    )
    scores = cross_val_score(model, X, y, cv=3)
    print(f"{name:20} {scores.mean():.3f} ± {scores.std():.3f}")

# %%
# The circuit, and both measures by its depth:

figure, (top, left, right) = plt.subplots(
    3, 1, figsize=(9, 9), height_ratios=(1.5, 1, 1), layout="constrained"
)
kg.plots.draw_circuit(layer, top)
for name in ansatze:
    left.semilogy(depths, spread[name], "o-", label=name)
    right.plot(depths, entangled[name], "o-", label=name)
kg.plots.style(left, ylabel="distance from\nuniform states")
kg.plots.style(right, xlabel="layers", ylabel="entanglement")
left.set_xticks(depths)
right.set_xticks(depths)
left.legend()
plt.show()

assert spread["ours"][-1] < spread["ours"][0]
