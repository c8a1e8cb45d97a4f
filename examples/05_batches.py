# %% [markdown]
# # True, mini-batch and full-batch gradient descent
# The gradient can be that of one sample, of a few, or of all of them. Small batches take many cheap steps in
# directions that are only roughly right; the full batch takes few steps, each straight down.

# %%
import sys

import matplotlib.pyplot as plt
import numpy as np

import pynn
from pynn import layers

rng = np.random.default_rng(0)
x = rng.uniform(-1, 1, (200, 1)).astype("float32")
y = 1.5 * x + 0.5 + rng.normal(0, 0.4, (200, 1)).astype("float32")
epochs = 10


# %%
class Path(pynn.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.places = [self.place()]

    def on_train_batch_end(self, batch, logs=None):
        self.places.append(self.place())

    def place(self):
        kernel, bias = self.model.get_weights()
        return kernel.item(), bias.item()


paths = {}
for name, size in [
    ("true SGD, 1 sample", 1),
    ("mini-batch, 20 samples", 20),
    ("full batch, 200 samples", 200),
]:
    pynn.utils.set_random_seed(1)
    model = pynn.Sequential([layers.Input((1,)), layers.Dense(1)])
    model.set_weights([np.array([[-1.0]]), np.array([-1.0])])
    model.compile(optimizer=pynn.optimizers.SGD(learning_rate=0.1), loss="mse")
    path = Path()
    history = model.fit(x, y, batch_size=size, epochs=epochs, callbacks=[path], verbose=0)
    paths[name] = np.array(path.places)
    print(f"{name:24} {len(paths[name]) - 1:5,} steps, loss {history.history['loss'][-1]:.3f}")

# %% [markdown]
# The loss of every line `w x + b`, and the way that each of the three took down to the best one.

# %%
w, b = np.meshgrid(np.linspace(-1.3, 2.6, 80), np.linspace(-1.3, 1.4, 80))
loss = np.mean((w[..., None] * x[:, 0] + b[..., None] - y[:, 0]) ** 2, axis=-1)
figure, axes = plt.subplots(1, 3, figsize=(12, 4), sharey=True, layout="constrained")
for ax, (name, places) in zip(axes, paths.items()):
    ax.contour(
        w, b, loss, levels=np.geomspace(loss.min() * 1.02, loss.max(), 14), cmap="Greys_r", linewidths=0.8
    )
    ax.plot(*places.T, ".-", color="tab:red", linewidth=0.6, markersize=3)
    ax.set(title=f"{name}: {len(places) - 1:,} steps", xlabel="weight w")
axes[0].set_ylabel("bias b")
figure.suptitle(f"{epochs} epochs of gradient descent, learning rate 0.1")
plt.savefig(sys.argv[1] if len(sys.argv) > 1 else "batches.png")
