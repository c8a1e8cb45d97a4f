# %% [markdown]
# # Optimizers on a surface with a local minimum
# Plain gradient descent stops in the first hollow that it meets. Momentum may roll through; RMSprop and Adagrad
# measure their steps by the slopes that they have seen.

# %%
import sys

import matplotlib.pyplot as plt
import numpy as np

import pynn


def surface(x, y):
    bowl = 0.06 * (x**2 + y**2)
    hollow = 1.0 * pynn.exp(-((x + 1.6) ** 2) - (y - 0.9) ** 2)  # the local minimum
    pit = 2.2 * pynn.exp(-0.6 * (x - 1.4) ** 2 - 0.6 * (y + 0.6) ** 2)  # the global one
    return bowl - hollow - pit


optimizers = {
    "SGD": pynn.optimizers.SGD(learning_rate=0.1),
    "SGD with momentum": pynn.optimizers.SGD(learning_rate=0.1, momentum=0.9),
    "RMSprop": pynn.optimizers.RMSprop(learning_rate=0.05),
    "Adagrad": pynn.optimizers.Adagrad(learning_rate=0.5),
}

# %%
paths = {}
for name, optimizer in optimizers.items():
    place = pynn.Variable([-3.2, 2.4])
    path = [place.numpy()]
    for step in range(150):
        with pynn.GradientTape() as tape:
            height = surface(place[0], place[1])
        optimizer.apply_gradients([(tape.gradient(height, place), place)])
        path.append(place.numpy())
    paths[name] = np.array(path)
    print(
        f"{name:18} ends at ({path[-1][0]:5.2f}, {path[-1][1]:5.2f}), height {surface(*path[-1]).item():.2f}"
    )

# %%
x, y = np.meshgrid(np.linspace(-4, 4, 120), np.linspace(-3, 3.2, 120))
figure, axes = plt.subplots(2, 2, figsize=(9, 7), sharex=True, sharey=True, layout="constrained")
for ax, (name, path) in zip(axes.flat, paths.items()):
    levels = ax.contourf(x, y, surface(x, y), levels=25, cmap="terrain")
    ax.plot(*path.T, ".-", color="black", linewidth=0.8, markersize=3)
    ax.plot(*path[0], "o", color="white", markeredgecolor="black", label="start")
    ax.plot(*path[-1], "*", color="red", markersize=13, label="after 150 steps")
    ax.set(title=name, xlim=(-4, 4), ylim=(-3, 3.2))
axes[0, 0].legend(loc="lower left")
figure.supxlabel("x")
figure.supylabel("y")
figure.colorbar(levels, ax=axes, label="height")
plt.savefig(sys.argv[1] if len(sys.argv) > 1 else "optimizers.png")
