# %% [markdown]
# # Decision boundaries
# A network that classifies points of the plane cuts the plane into regions. Without a hidden layer the cut is a
# straight line; hidden units bend it.

# %%
import os
import sys

import matplotlib.pyplot as plt

import pynn
from pynn import datasets, layers

pynn.utils.set_random_seed(0)
epochs = int(os.environ.get("EPOCHS", "100"))


# %%
def classifier(hidden, classes):
    inside = [layers.Dense(units, activation="relu") for units in hidden]
    model = pynn.Sequential([layers.Input((2,)), *inside, layers.Dense(classes, activation="softmax")])
    model.compile(
        optimizer=pynn.optimizers.Adam(0.01), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    return model


# %%
points = {
    "moons": datasets.moons(400, noise=0.1, seed=0),
    "spirals": datasets.spirals(600, noise=0.03, seed=0, classes=3),
}
figure, axes = plt.subplots(2, 3, figsize=(12, 7), layout="constrained")
for line, (name, (x, y)) in zip(axes, points.items()):
    for ax, hidden in zip(line, [(), (8,), (32, 32)]):
        model = classifier(hidden, classes=y.max() + 1)
        model.fit(x, y, epochs=epochs, batch_size=32, verbose=0)
        loss, accuracy = model.evaluate(x, y, verbose=0)
        pynn.viz.decision_boundary(model, x, y, ax=ax)
        size = " + ".join(map(str, hidden)) or "no"
        ax.set_title(f"{name}, {size} hidden units: {accuracy:.1%} right", fontsize=10)
        print(f"{name:8} {size:8} hidden units: {accuracy:.3f}")
plt.savefig(sys.argv[1] if len(sys.argv) > 1 else "boundaries.png")
