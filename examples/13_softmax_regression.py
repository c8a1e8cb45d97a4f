# %% [markdown]
# # Logistic regression by softmax
# One layer: a score for each of ten digits, linear in the pixels, made into probabilities by softmax. The weights of
# each digit can be looked at, for they are an image.

# %%
import os
import sys

import matplotlib.pyplot as plt
import numpy as np

import pynn
from pynn import layers
from pynn.datasets import mnist

pynn.utils.set_random_seed(0)
epochs = int(os.environ.get("EPOCHS", "10"))
(train_images, train_labels), (test_images, test_labels) = mnist.load_data()
x_train = train_images.reshape(60000, 784).astype("float32") / 255
x_test = test_images.reshape(10000, 784).astype("float32") / 255

# %% [markdown]
# Softmax: exponentials make scores positive, the division makes them add up to 1.

# %%
scores = pynn.tensor([2.0, 1.0, -1.0])
print("scores       ", scores.tolist())
print("by hand      ", (pynn.exp(scores) / pynn.sum(pynn.exp(scores))).numpy().round(3))
print("pynn.softmax ", pynn.softmax(scores).numpy().round(3))

# %%
model = pynn.Sequential([layers.Input((784,)), layers.Dense(10, activation="softmax")])
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train, train_labels, epochs=epochs, batch_size=128, verbose=2)
loss, accuracy = model.evaluate(x_test, test_labels, verbose=0)
print(f"test accuracy {accuracy:.4f}")

# %% [markdown]
# Blue pixels speak for the digit, red ones against it.

# %%
kernel, bias = model.get_weights()
figure, axes = plt.subplots(2, 5, figsize=(10, 4.6), layout="constrained")
limit = np.abs(kernel).max() / 2
for digit, ax in enumerate(axes.flat):
    picture = ax.imshow(kernel[:, digit].reshape(28, 28), cmap="RdBu", vmin=-limit, vmax=limit)
    ax.set_title(f"weights of {digit}")
    ax.axis("off")
figure.colorbar(picture, ax=axes, label="weight", extend="both", shrink=0.8)
figure.suptitle(f"softmax regression: test accuracy {accuracy:.2%}")
plt.savefig(sys.argv[1] if len(sys.argv) > 1 else "softmax_regression.png")
