"""MaxCut by QAOA
==============

Cut a graph in two so that as many edges as possible are cut. The quantum approximate optimization
algorithm alternates between the cost, as phases, and a mixer.
"""

import matplotlib.pyplot as plt
import numpy as np

import ketgrad as kg

n = 8
rng = np.random.default_rng(3)
edges = [(i, j) for i in range(n) for j in range(i) if rng.random() < 0.45]
print(len(edges), "edges")

# %%
# ``maxcut`` is the Hamiltonian whose value of a bit string is minus the number of cut edges.

cost = kg.library.maxcut(edges)
values = np.real(np.diag(cost.matrix()))
best = values.min()
print("largest cut", -best)

# %%
# Deeper circuits come closer. Each depth starts from several places, all in one batch.

results = {}
for depth in (1, 2, 4, 6):
    program = kg.compile(kg.library.qaoa(cost, depth), cost)
    start = np.full(len(program.weights), 0.2)
    results[depth] = program, kg.minimize(program, start, steps=200, n_restarts=4, seed=0)
    print(f"depth {depth}: {results[depth][1].value / best:.3f} of the largest cut, on average")

# %%
# The outcomes of the deepest circuit, by the cut that they are, beside bit strings drawn by
# chance; and one of the likeliest, as a cut.

program, found = results[6]
probabilities = program.probs(weights=found.weights)
winner = int(probabilities.argmax())
sides = [(winner >> q) & 1 for q in range(n)]
print(f"likeliest: {winner:0{n}b}, cuts {-values[winner]:.0f}")

cuts = np.round(-values).astype(int)
bins = np.arange(cuts.max() + 1)
place = np.exp(2j * np.pi * np.arange(n) / n)
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
left.bar(bins - 0.2, np.bincount(cuts, probabilities), 0.4, label="QAOA, depth 6")
left.bar(bins + 0.2, np.bincount(cuts) / 2**n, 0.4, label="by chance")
left.legend()
kg.plots.style(left, xlabel="edges cut", ylabel="probability")
for i, j in edges:
    cut = sides[i] != sides[j]
    right.plot(place[[i, j]].real, place[[i, j]].imag, "-" if cut else ":", color="gray", zorder=0)
colors = [kg.plots.COLORS[side] for side in sides]
right.scatter(place.real, place.imag, s=300, c=colors)
right.set_aspect("equal")
right.set_axis_off()
plt.show()

assert found.value / best > 0.9
