"""Code as introductory courses write it for Keras, with nothing changed but the imports."""

import numpy as np
import pytest

import pynn
from pynn import layers, models
from pynn.datasets import mnist
from pynn.utils import to_categorical


@pytest.fixture(scope="module")
def digits():
    """A tenth of MNIST: enough for every step of the course to show what it should."""
    (train_images, train_labels), (test_images, test_labels) = mnist.load_data()
    return (train_images[:6000], train_labels[:6000]), (test_images[:1000], test_labels[:1000])


@pytest.fixture(autouse=True)
def seeded():
    pynn.utils.set_random_seed(0)


def test_the_shapes_the_course_prints():
    (train_images, train_labels), (test_images, test_labels) = mnist.load_data()
    assert train_images.shape == (60000, 28, 28)
    assert len(train_labels) == 60000
    assert test_images.shape == (10000, 28, 28)
    assert train_images.dtype == test_labels.dtype == np.uint8
    assert train_labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]


def test_first_network_with_one_hot_labels(digits, capsys):
    (train_images, train_labels), (test_images, test_labels) = digits
    network = models.Sequential()
    network.add(layers.Dense(512, activation="relu", input_shape=(28 * 28,)))
    network.add(layers.Dense(10, activation="softmax"))
    network.compile(optimizer="rmsprop", loss="categorical_crossentropy", metrics=["accuracy"])
    train_images = train_images.reshape((6000, 28 * 28)).astype("float32") / 255
    test_images = test_images.reshape((1000, 28 * 28)).astype("float32") / 255
    history = network.fit(train_images, to_categorical(train_labels), epochs=5, batch_size=128)
    assert set(history.history) == {"accuracy", "loss"}
    test_loss, test_acc = network.evaluate(test_images, to_categorical(test_labels))
    assert test_acc > 0.9
    assert test_loss < 0.35
    assert "Epoch 5/5" in capsys.readouterr().out


def test_first_network_with_integer_labels(digits):
    (train_images, train_labels), (test_images, test_labels) = digits
    model = pynn.Sequential([layers.Dense(512, activation="relu"), layers.Dense(10, activation="softmax")])
    model.compile(optimizer="rmsprop", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(train_images.reshape((6000, 28 * 28)) / 255, train_labels, epochs=5, batch_size=128, verbose=0)
    predictions = model.predict(test_images[0:10].reshape((10, 28 * 28)) / 255)
    assert predictions.shape == (10, 10)
    assert predictions[0].argmax() == test_labels[0] == 7
    assert predictions[0][7] > 0.5
    np.testing.assert_allclose(predictions.sum(axis=1), 1, rtol=1e-5)
    _, test_acc = model.evaluate(test_images.reshape((1000, 28 * 28)) / 255, test_labels, verbose=0)
    assert test_acc > 0.9


class NaiveDense:
    """A layer from scratch, of variables and products."""

    def __init__(self, input_size, output_size, activation=None):
        self.activation = activation
        self.W = pynn.Variable(shape=(input_size, output_size), initializer="uniform")
        self.b = pynn.Variable(shape=(output_size,), initializer="zeros")

    def __call__(self, inputs):
        x = pynn.matmul(inputs, self.W) + self.b
        return x if self.activation is None else self.activation(x)

    @property
    def weights(self):
        return [self.W, self.b]


def test_a_network_from_scratch_with_a_tape(digits):
    (train_images, train_labels), (test_images, test_labels) = digits
    images = train_images.reshape((6000, 28 * 28)).astype("float32") / 255
    first, second = NaiveDense(784, 64, pynn.relu), NaiveDense(64, 10, pynn.softmax)
    weights = first.weights + second.weights
    learning_rate = 0.5
    for _ in range(3):
        for start in range(0, 6000, 128):
            with pynn.GradientTape() as tape:
                predictions = second(first(images[start : start + 128]))
                losses = pynn.losses.sparse_categorical_crossentropy(
                    train_labels[start : start + 128], predictions
                )
                average_loss = pynn.mean(losses)
            gradients = tape.gradient(average_loss, weights)
            for g, w in zip(gradients, weights, strict=True):
                w.assign(w - g * learning_rate)
    predicted = pynn.argmax(second(first(test_images.reshape((1000, 784)) / 255)), axis=1)
    matches = predicted == test_labels
    assert f"{matches.astype('float32').mean():.2f}" > "0.80"


def test_an_optimizer_applies_gradients():
    w = pynn.Variable(initializer=np.array([3.0, -2.0], "float32"))
    optimizer = pynn.optimizers.SGD(learning_rate=0.1)
    for _ in range(60):
        with pynn.GradientTape() as tape:
            loss = pynn.sum(pynn.square(w))
        optimizer.apply_gradients(zip(tape.gradient(loss, [w]), [w], strict=True))
    np.testing.assert_allclose(w.numpy(), 0, atol=1e-4)


def test_second_derivative_by_nested_tapes():
    # A falling apple: position 4.9 t**2, speed 9.8 t, acceleration 9.8.
    time = pynn.Variable(initializer=np.float32(3.0))
    with pynn.GradientTape() as outer_tape:
        with pynn.GradientTape() as inner_tape:
            position = 4.9 * time**2
        speed = inner_tape.gradient(position, time)
    acceleration = outer_tape.gradient(speed, time)
    assert float(speed) == pytest.approx(29.4, rel=1e-6)
    assert float(acceleration) == pytest.approx(9.8, rel=1e-6)


def test_linear_classifier_from_scratch():
    rng = np.random.default_rng(0)
    negative = rng.multivariate_normal([0, 3], [[1, 0.5], [0.5, 1]], 200)
    positive = rng.multivariate_normal([3, 0], [[1, 0.5], [0.5, 1]], 200)
    inputs = np.vstack((negative, positive)).astype("float32")
    targets = np.vstack((np.zeros((200, 1)), np.ones((200, 1)))).astype("float32")
    W = pynn.Variable(initializer="uniform", shape=(2, 1))
    b = pynn.Variable(initializer="zeros", shape=(1,))
    first = None
    for _ in range(60):
        with pynn.GradientTape() as tape:
            predictions = pynn.matmul(inputs, W) + b
            loss = pynn.mean(pynn.square(targets - predictions))
        first = first or float(loss)
        grad_W, grad_b = tape.gradient(loss, [W, b])
        W.assign_sub(grad_W * 0.1)
        b.assign_sub(grad_b * 0.1)
    assert float(loss) < 0.05 < first
    # The line that separates the classes, as the course draws it: tensors mix with NumPy arrays.
    x = np.linspace(-1, 4, 100)
    line = -W[0] / W[1] * x + (0.5 - b) / W[1]
    assert line.shape == (100,)
    assert ((predictions[:, 0] > 0.5) == (targets[:, 0] == 1)).astype("float32").mean() > 0.95


def test_regression_with_validation_and_history():
    # Least squares on the course's table of energy use: hours against kWh.
    hours = np.arange(1, 11, dtype="float32").reshape(-1, 1)
    used = np.array([0.55, 1.03, 1.41, 2.03, 2.51, 2.92, 3.62, 4.05, 4.49, 5.12], "float32").reshape(-1, 1)
    model = models.Sequential([layers.Dense(1, use_bias=0, input_dim=1)])
    model.compile(optimizer=pynn.optimizers.SGD(0.001), loss="mse", metrics=["mae"])
    history = model.fit(hours, used, epochs=200, batch_size=10, validation_split=0.2, verbose=0)
    assert list(history.history) == ["loss", "mae", "val_loss", "val_mae"]
    closed_form = float((hours[:8] * used[:8]).sum() / (hours[:8] ** 2).sum())
    assert model.get_weights()[0][0, 0] == pytest.approx(closed_form, rel=1e-4)


def test_a_layer_and_a_training_step_of_ones_own(digits):
    (train_images, train_labels), _ = digits

    class SimpleDense(layers.Layer):
        def __init__(self, units, activation=None):
            super().__init__()
            self.units = units
            self.activation = activation

        def build(self, input_shape):
            self.W = self.add_weight(shape=(input_shape[-1], self.units), initializer="random_normal")
            self.b = self.add_weight(shape=(self.units,), initializer="zeros")

        def call(self, inputs):
            y = pynn.matmul(inputs, self.W) + self.b
            return y if self.activation is None else self.activation(y)

    class Announcing(pynn.Sequential):
        steps = 0

        def train_step(self, data):
            self.steps += 1
            return super().train_step(data)

    model = Announcing([SimpleDense(32, activation=pynn.relu), SimpleDense(10)])
    model.compile("adam", pynn.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["acc"])
    history = model.fit(
        train_images.reshape(-1, 784) / 255, train_labels, epochs=2, batch_size=100, verbose=0
    )
    assert model.steps == 120
    assert history.history["acc"][-1] > 0.8
    assert model.count_params() == 784 * 32 + 32 + 32 * 10 + 10
