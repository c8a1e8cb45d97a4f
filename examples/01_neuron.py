# %% [markdown]
# # A neuron
# A neuron multiplies each input by a weight, adds a bias, and may pass the sum through an activation. Without the
# activation it can only draw straight lines.

# %%
import sys

import matplotlib.pyplot as plt
import numpy as np

import pynn


def neuron(x, w, b, activation=None):
    z = pynn.sum(x * w, axis=-1) + b
    return z if activation is None else activation(z)


# %% [markdown]
# One neuron with three inputs:

# %%
x = pynn.tensor([0.5, -1.0, 2.0])
w = pynn.tensor([0.8, 0.2, -0.5])
print(f"without activation: {neuron(x, w, b=0.1):.3f}")
print(f"with relu:          {neuron(x, w, b=0.1, activation=pynn.relu):.3f}")
print(f"with sigmoid:       {neuron(x, w, b=0.1, activation=pynn.sigmoid):.3f}")

# %% [markdown]
# One neuron with one input, for many inputs at once: what it answers is a curve.

# %%
inputs = np.linspace(-4, 4, 201)
column = pynn.asarray(inputs).reshape(-1, 1)
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained")
for w, b in [(1.0, 0.0), (0.5, 1.0), (-1.0, -1.0)]:
    left.plot(inputs, neuron(column, w, b), label=f"w = {w}, b = {b}")
for activation in [pynn.relu, pynn.sigmoid, pynn.tanh]:
    right.plot(inputs, neuron(column, 1.0, 0.0, activation), label=activation.__name__)
left.set(title="without activation: wx + b", xlabel="input x", ylabel="output", ylim=(-5, 5))
right.set(title="with activation: f(wx + b), w = 1, b = 0", xlabel="input x", ylim=(-1.5, 4.2))
for ax in (left, right):
    ax.grid(alpha=0.3)
    ax.legend()
plt.savefig(sys.argv[1] if len(sys.argv) > 1 else "neuron.png")
