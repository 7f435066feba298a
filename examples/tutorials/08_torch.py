"""Hybrid models with PyTorch
==========================

A compiled program is a layer of PyTorch: its weights are parameters, batches go through in one
call, gradients come from the adjoint method.
"""

import matplotlib.pyplot as plt
import numpy as np
import torch

import ketgrad as kg
from ketgrad.torch import Layer

torch.manual_seed(0)
x, w = kg.ParameterVector("x", 3), kg.ParameterVector("w", 18)
circuit = kg.Circuit(3)
for layer in range(2):
    circuit.ry(x, range(3))
    for q in range(3):
        circuit.u(w[9 * layer + 3 * q], w[9 * layer + 3 * q + 1], w[9 * layer + 3 * q + 2], q)
    circuit.cx([0, 1, 2], [1, 2, 0])
quantum = Layer(kg.compile(circuit, ["Z0", "Z1", "Z2"], inputs=x))

# %%
# It stands between dense layers as any module does, and trains with them.

model = torch.nn.Sequential(torch.nn.Linear(1, 3), quantum, torch.nn.Linear(3, 1)).double()
print(sum(p.numel() for p in model.parameters()), "parameters")

t = torch.linspace(-3, 3, 80, dtype=torch.float64)[:, None]
wanted = torch.sin(2 * t) * torch.exp(-(t**2) / 4)
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
losses = []
for _ in range(200):
    optimizer.zero_grad()
    loss = torch.nn.functional.mse_loss(model(t), wanted)
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
print(f"loss {losses[0]:.3f} -> {losses[-1]:.5f}")

# %%
# What was learned, and how:

with torch.no_grad():
    learned = model(t)
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4), layout="constrained")
left.plot(t, wanted, "k.", ms=4, label="wanted")
left.plot(t, learned, label="learned")
left.legend()
right.semilogy(np.array(losses))
kg.plots.style(left)
kg.plots.style(right, xlabel="step", ylabel="loss")
plt.show()

assert losses[-1] < 0.1 * losses[0]
