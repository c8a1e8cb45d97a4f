# %% [markdown]
# # The convolutional network, its filters and its feature maps
# A filter looks for one small pattern everywhere in the image. Where it finds it, its feature map is bright; the next
# layers look for patterns of patterns.

# %%
import os
import sys

import matplotlib.pyplot as plt

import pynn
from pynn import layers
from pynn.datasets import mnist

pynn.utils.set_random_seed(0)
epochs, images = int(os.environ.get("EPOCHS", "5")), int(os.environ.get("IMAGES", "60000"))
(train_images, train_labels), (test_images, test_labels) = mnist.load_data()
x_train = train_images[:images].reshape(-1, 28, 28, 1).astype("float32") / 255
x_test = test_images.reshape(-1, 28, 28, 1).astype("float32") / 255

# %%
model = pynn.Sequential(
    [
        layers.Input((28, 28, 1)),
        layers.Conv2D(32, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(64, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(128, 3, activation="relu"),
        layers.Flatten(),
        layers.Dense(10, activation="softmax"),
    ]
)
model.summary()

# %%
model.compile(optimizer="rmsprop", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train, train_labels[:images], epochs=epochs, batch_size=64, verbose=2)
loss, accuracy = model.evaluate(x_test[:images], test_labels[:images], verbose=0)
print(f"test accuracy {accuracy:.4f}")

# %% [markdown]
# The 32 filters of the first layer, 3 × 3 pixels each:

# %%
pynn.viz.filters(model.layers[0])
plt.savefig("filters.png")

# %% [markdown]
# What each layer makes of one digit:

# %%
pynn.viz.feature_maps(model, x_test[0], count=16)
plt.savefig(sys.argv[1] if len(sys.argv) > 1 else "convolution.png")
