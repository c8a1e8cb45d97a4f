# %% [markdown]
# # Least squares, three ways
# How much energy does a machine use per hour? The table has ten measurements; the model is a line through zero,
# `energy = w * hours`. The best `w` has a formula, can be walked to, and can be learned by a network of one weight.

# %%
import sys

import matplotlib.pyplot as plt
import numpy as np

import pynn
from pynn import layers

pynn.utils.set_random_seed(0)
hours = pynn.arange(1.0, 11.0)
used = pynn.tensor([0.55, 1.03, 1.41, 2.03, 2.51, 2.92, 3.62, 4.05, 4.49, 5.12])  # kWh

# %% [markdown]
# The closed form: where the derivative of the sum of squares is zero.

# %%
closed = pynn.sum(hours * used) / pynn.sum(hours * hours)
print(f"closed form       {closed.item():.5f} kWh per hour")


# %% [markdown]
# Gradient descent: start anywhere and walk downhill. Step 1 stands at 0.1; here is where step 100 stands.


# %%
def error(w):
    return pynn.sum((w * hours - used) ** 2)


path = [pynn.tensor(0.1)]
while len(path) < 100:
    w = path[-1]
    path.append(w - 0.0001 * pynn.grad(error)(w))
print(f"gradient descent  {path[-1].item():.5f} kWh per hour")

# %% [markdown]
# A network: one neuron, one input, no bias.

# %%
model = pynn.Sequential([layers.Dense(1, use_bias=False)])
model.compile(optimizer=pynn.optimizers.SGD(), loss="mse")
model.fit(hours.reshape(10, 1), used.reshape(10, 1), epochs=1000, verbose=0)
print(f"one Dense(1)      {model.get_weights()[0].item():.3f} kWh per hour")

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained")
left.plot(hours, used, "o", label="measured")
left.plot(hours, closed * hours, label=f"{closed.item():.4f} kWh per hour")
left.set(title="the line that fits best", xlabel="time in hours", ylabel="energy in kWh")
left.legend()
knob = np.linspace(0.05, 0.95, 100)
right.plot(knob, [error(w) for w in knob])
right.plot(path, [error(w) for w in path], "o", markersize=4, label="gradient descent")
right.set(title="walking downhill", xlabel="w in kWh per hour", ylabel="sum of squared errors in kWh²")
right.legend()
plt.savefig(sys.argv[1] if len(sys.argv) > 1 else "least_squares.png")
