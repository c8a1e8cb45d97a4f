# %% [markdown]
# # Why layers need activations
# A Dense layer without activation is an affine map, and affine maps one after the other are again one affine map:
# a stack of such layers is no more than a single one. With relu between them, each layer folds the plane once more.

# %%
import sys

import matplotlib.pyplot as plt
import numpy as np

import pynn
from pynn import layers

pynn.utils.set_random_seed(7)
grid = np.stack(np.meshgrid(np.linspace(-2, 2, 41), np.linspace(-2, 2, 41)), axis=-1).reshape(-1, 2)


def stack(activation):
    hidden = [layers.Dense(16, activation=activation, bias_initializer="random_normal") for _ in range(4)]
    return pynn.Sequential([layers.Input((2,)), *hidden, layers.Dense(1)])


# %% [markdown]
# Five layers without activation collapse into one: their product is a single matrix and a single bias.

# %%
straight, folded = stack(None), stack("relu")
matrix, bias = pynn.eye(2), pynn.zeros(2)
for layer in straight.layers:
    kernel, b = layer.get_weights()
    matrix, bias = matrix @ kernel, bias @ kernel + b
one_layer = grid.astype("float32") @ matrix + bias
difference = np.abs(straight.predict(grid, verbose=0) - one_layer.numpy()).max()
print(
    f"five layers, {straight.count_params()} parameters; as one layer, 3 parameters: {matrix.tolist()}, {bias.tolist()}"
)
print(f"largest difference between the two: {difference:.1e}")

# %%
figure = plt.figure(figsize=(10, 4.4), layout="constrained")
titles = ["five layers without activation: a plane", "five layers with relu: folds"]
for place, (model, title) in enumerate(zip([straight, folded], titles), 1):
    heights = model.predict(grid, verbose=0).reshape(41, 41)
    ax = figure.add_subplot(1, 2, place, projection="3d")
    ax.plot_surface(*grid.reshape(41, 41, 2).transpose(2, 0, 1), heights, cmap="viridis", linewidth=0)
    ax.set(xlabel="$x_1$", ylabel="$x_2$", zlabel="output", xticks=[-2, 0, 2], yticks=[-2, 0, 2])
    ax.set_title(title, y=0.97)
    ax.set_box_aspect(None, zoom=0.9)
plt.savefig(sys.argv[1] if len(sys.argv) > 1 else "activation.png")
