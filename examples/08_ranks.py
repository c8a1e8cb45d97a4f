# %% [markdown]
# # Tensors of rank 0 to 5
# A tensor is a box of numbers. Its rank is the number of its axes, its shape the size of each.

# %%
import sys

import matplotlib.pyplot as plt
import numpy as np

import pynn

tensors = {
    "one number": pynn.tensor(12),
    "a vector: the values of one patient": pynn.tensor([12, 3, 6, 14, 7]),
    "a matrix: patient, value": pynn.arange(15).reshape(3, 5),
    "grey images: image, row, column": pynn.arange(60).reshape(4, 3, 5),
    "colour images: image, row, column, colour": pynn.arange(180).reshape(3, 4, 3, 5),
    "films: film, frame, row, column, colour": pynn.arange(360).reshape(2, 3, 4, 3, 5),
}
for tensor in tensors.values():
    print(f"rank {tensor.ndim}, shape {tensor.shape}, {tensor.dtype}, {tensor.size} numbers")

# %% [markdown]
# The last two axes are drawn as a table, the third from the end goes into the depth, the fourth to the right, the
# fifth downwards.

# %%
figure, axes = plt.subplots(2, 3, figsize=(12, 6), layout="constrained", height_ratios=[2, 3])
for ax, (name, tensor) in zip(axes.flat, tensors.items()):
    shape = (1,) * (5 - tensor.ndim) + tensor.shape
    box = tensor.reshape(shape).numpy()
    for down, right, depth in np.ndindex(shape[:3]):
        deep = shape[2] - 1 - depth  # the first table is drawn last, on top
        left, top = right * 9.5 + deep * 0.9, down * 7.5 - deep * 0.9
        table = box[down, right, deep]
        x, y = left + np.arange(shape[4] + 1), top + np.arange(shape[3] + 1)
        ax.pcolormesh(
            x, y, table, cmap="Blues", vmin=0, vmax=2 * box.max(), edgecolors="black", linewidth=0.6
        )
        if tensor.ndim < 4 and deep == 0:
            for (i, j), number in np.ndenumerate(table):
                ax.text(left + j + 0.5, top + i + 0.5, number, ha="center", va="center")
    ax.set_title(f"rank {tensor.ndim}, shape {tensor.shape}\n{name}", fontsize=10)
    ax.set_aspect("equal")
    ax.use_sticky_edges = False
    ax.margins(0.02)
    if tensor.ndim < 3:
        ax.set(xlim=(shape[4] / 2 - 4, shape[4] / 2 + 4), ylim=(-0.2, 3.2))
    ax.invert_yaxis()
    ax.axis("off")
plt.savefig(sys.argv[1] if len(sys.argv) > 1 else "ranks.png")
