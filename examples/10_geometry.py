# %% [markdown]
# # Layers as geometry
# Adding a vector moves every point; multiplying by a matrix turns, stretches or shears the plane. Both together are an
# affine map, and that is what a Dense layer computes. Its activation then folds the plane.

# %%
import sys

import matplotlib.pyplot as plt
import numpy as np

import pynn
from pynn import layers

# The letter F, as points in the order of a pen.
letter = pynn.tensor(
    [[0, 0], [0, 5], [3, 5], [3, 4], [1, 4], [1, 3], [2.5, 3], [2.5, 2], [1, 2], [1, 0], [0, 0]]
) / 3  # fmt: skip
steps = pynn.linspace(0.0, 1.0, 20).reshape(20, 1)
letter = pynn.concat([a + (b - a) * steps for a, b in zip(letter[:-1], letter[1:])])

angle = np.pi / 6
shift = pynn.tensor([1.0, -1.5])
turn = pynn.tensor([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]], dtype="float32")
stretch = pynn.tensor([[1.6, 0.0], [0.0, 0.5]])
shear = pynn.tensor([[1.0, 0.3], [0.8, 1.0]])

# %% [markdown]
# A Dense layer given the same matrix and vector is the affine map, followed by its activation.

# %%
dense = layers.Dense(2, activation="relu")
dense.build((None, 2))
dense.set_weights([shear, shift])

maps = {
    "translation: x + b": letter + shift,
    "rotation by 30°: xW": letter @ turn,
    "scaling: xW": letter @ stretch,
    "affine: xW + b": letter @ shear + shift,
    "Dense, relu: relu(xW + b)": dense(letter),
}
assert np.allclose(maps["Dense, relu: relu(xW + b)"], pynn.relu(maps["affine: xW + b"]))

# %%
figure, axes = plt.subplots(2, 3, figsize=(10, 6.5), sharex=True, sharey=True, layout="constrained")
for ax, (name, points) in zip(axes.flat, {"the letter": letter, **maps}.items()):
    ax.plot(*letter.numpy().T, color="lightgrey")
    ax.plot(*points.numpy().T, color="tab:blue", linewidth=2)
    ax.axhline(0, color="black", linewidth=0.6)
    ax.axvline(0, color="black", linewidth=0.6)
    ax.set(title=name, aspect="equal", xlim=(-1.5, 4), ylim=(-1.8, 2.6))
    print(f"{name:26} from {points.min(axis=0).numpy().round(2)} to {points.max(axis=0).numpy().round(2)}")
plt.savefig(sys.argv[1] if len(sys.argv) > 1 else "geometry.png")
