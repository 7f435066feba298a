r"""A first circuit
===============

A circuit is a list of gates on qubits that start in \|0…0>. Methods add gates and return the
circuit, so calls chain.
"""

import matplotlib.pyplot as plt

import ketgrad as kg

bell = kg.Circuit(2).h(0).cx(0, 1)
print(bell.draw())

# %%
# Its state has an amplitude for every basis state. Qubit 0 is the least significant bit of the
# index, and in text it stands rightmost.

state = bell.state()
print(state.round(3))

# %%
# Measurements are gates, too: into classical bits. ``run`` takes as many shots as asked; with a
# seed, the same ones again.

result = bell.copy().measure_all().run(1000, seed=1)
print(result.counts())

# %%
# Expectation values need no shots. ``compile`` plans a circuit and its observables once; the
# program then runs on any numbers.

program = kg.compile(bell, ["ZI", "IZ", "ZZ", "XX"])
print(dict(zip(["ZI", "IZ", "ZZ", "XX"], program.expval().round(6).tolist(), strict=True)))

# %%
# Each qubit by itself is as uncertain as can be, and yet both agree always: that is entanglement.
# In pictures, the circuit and its outcomes, and three qubits without entanglement: each points
# somewhere on its sphere.

pointing = kg.Circuit(3).ry(0.6, 0).h(1).sx(2)
figure, axes = plt.subplot_mosaic([["circuit", "counts"], ["spheres"] * 2], layout="constrained")
figure.set_size_inches(11, 7)
kg.plots.draw_circuit(bell.copy().measure_all(), axes["circuit"])
kg.plots.histogram(result, axes["counts"])
kg.plots.bloch(pointing, ax=axes["spheres"])
plt.show()
