# %% [markdown]
# # Broadcasting
# Tensors of different shapes can be added: an axis that is missing, or of size 1, is repeated to fit. Nothing is
# copied for it.

# %%
import sys

import matplotlib.pyplot as plt
import numpy as np

import pynn

table = pynn.arange(12).reshape(4, 3)
row = pynn.tensor([10, 20, 30])
column = pynn.tensor([[100], [200], [300], [400]])

print((table + row).shape, "= (4, 3) + (3,)")
print((table + column).shape, "= (4, 3) + (4, 1)")
print((column + row).shape, "= (4, 1) + (3,)")
try:
    print(table + pynn.tensor([1, 2, 3, 4]))
except pynn.ShapeError as error:
    print(error)

# %% [markdown]
# Paler numbers are the repeated ones.

# %%
sums = [("table + row", table, row), ("table + column", table, column), ("column + row", column, row)]
figure, axes = plt.subplots(3, 3, figsize=(9, 7.5), layout="constrained")
for line, (name, a, b) in zip(axes, sums):
    total = a + b
    for ax, tensor, sign in zip(line, (a, b, total), ("+", "=", "")):
        numbers = pynn.broadcast_to(tensor, total.shape).numpy()
        given = np.zeros(total.shape, bool)
        given[tuple(slice(n) for n in (1, 1, *tensor.shape)[-2:])] = True
        ax.pcolormesh(given, cmap="Blues", vmin=-1, vmax=3, edgecolors="white", linewidth=2)
        for (i, j), number in np.ndenumerate(numbers):
            shade = "black" if given[i, j] else "darkgrey"
            ax.text(j + 0.5, i + 0.5, number, ha="center", va="center", color=shade, fontsize=12)
        ax.set_title(f"shape {tensor.shape}", fontsize=10)
        ax.text(1.08, 0.5, sign, transform=ax.transAxes, fontsize=18, ha="center", va="center")
        ax.invert_yaxis()
        ax.axis("off")
    line[0].text(-0.12, 0.5, name, transform=line[0].transAxes, rotation=90, va="center", ha="center")
plt.savefig(sys.argv[1] if len(sys.argv) > 1 else "broadcasting.png")
