# %% [markdown]
# # A multi-layer perceptron, and what over-fitting looks like
# A large network trained on few images soon knows them by heart: on them the loss falls to nothing, on images that it
# never saw it rises again. Dropout, and more images, help.

# %%
import os
import sys

import matplotlib.pyplot as plt

import pynn
from pynn import layers
from pynn.datasets import mnist

pynn.utils.set_random_seed(0)
epochs = int(os.environ.get("EPOCHS", "30"))
(train_images, train_labels), (test_images, test_labels) = mnist.load_data()
x_train = train_images.reshape(60000, 784).astype("float32") / 255
x_test = test_images.reshape(10000, 784).astype("float32") / 255


# %%
def train(images, dropout):
    model = pynn.Sequential(
        [
            layers.Dense(512, activation="relu"),
            layers.Dropout(dropout),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(optimizer="rmsprop", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    few = slice(0, images)
    data = (x_test, test_labels)
    return model.fit(
        x_train[few], train_labels[few], epochs=epochs, batch_size=128, validation_data=data, verbose=0
    ).history


histories = {
    "2,000 images": train(2000, dropout=0.0),
    "2,000 images, half dropped out": train(2000, dropout=0.5),
    "10,000 images": train(10000, dropout=0.0),
}
for name, history in histories.items():
    train_end, test_end = history["accuracy"][-1], history["val_accuracy"][-1]
    print(f"{name:31} accuracy {train_end:.4f} on them, {test_end:.4f} on new ones")

# %%
figure, axes = plt.subplots(1, 3, figsize=(12, 4), sharey=True, layout="constrained")
for ax, (name, history) in zip(axes, histories.items()):
    ax.plot(range(1, epochs + 1), history["loss"], "o-", markersize=3, label="images it trains on")
    ax.plot(range(1, epochs + 1), history["val_loss"], "s--", markersize=3, label="new images")
    ax.set(title=f"{name}\n{history['val_accuracy'][-1]:.1%} of new images right", xlabel="epoch")
axes[0].set(ylabel="loss (cross-entropy)", ylim=(0, 0.8))
axes[0].legend()
plt.savefig(sys.argv[1] if len(sys.argv) > 1 else "overfitting.png")
