"""Cells in the style of a course's first chapters: low-level training by hand, with only the imports changed."""

from __future__ import annotations

import math

import numpy as np
import pytest

import pynn as keras
import pynn.compat.tf as tf
from pynn import layers, ops
from pynn.datasets import mnist


@pytest.fixture(scope="module")
def digits():
    (images, labels), _ = mnist.load_data()
    return images[:512].reshape((512, 28 * 28)).astype("float32") / 255, labels[:512]


# --- Variables, tensors, tapes ---------------------------------------------------------------------------


def test_tensors_of_constants_and_chance():
    assert tf.ones(shape=(2, 1)).numpy().tolist() == [[1.0], [1.0]]
    x = tf.random.normal(shape=(3, 1), mean=0.0, stddev=1.0)
    assert x.shape == (3, 1)
    v = tf.Variable(initial_value=tf.random.normal(shape=(3, 1)))
    v.assign(tf.ones((3, 1)))
    v[0, 0].assign(3.0)
    v.assign_add(tf.ones((3, 1)))
    assert v.numpy().tolist() == [[4.0], [2.0], [2.0]]


def test_mathematics():
    a = tf.ones((2, 2))
    b = tf.square(a)
    c = tf.sqrt(a)
    d = b + c
    e = tf.matmul(a, b)
    f = tf.concat((a, b), axis=0)
    e *= d
    assert e.numpy().tolist() == [[4.0, 4.0], [4.0, 4.0]]
    assert f.shape == (4, 2)


def test_a_dense_layer_by_hand():
    def dense(inputs, W, b):
        return tf.nn.relu(tf.matmul(inputs, W) + b)

    y = dense(np.ones((2, 3), "float32"), tf.Variable(tf.ones((3, 4))), tf.Variable(-tf.ones((4,))))
    assert y.numpy().tolist() == [[2.0] * 4] * 2


def test_gradients_of_variables_and_constants():
    input_var = tf.Variable(initial_value=3.0)
    with tf.GradientTape() as tape:
        result = tf.square(input_var)
    assert tape.gradient(result, input_var).numpy() == 6.0

    input_const = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(input_const)
        result = tf.square(input_const)
    assert tape.gradient(result, input_const).numpy() == 6.0


def test_second_derivatives():
    time = tf.Variable(0.5)
    with tf.GradientTape() as outer_tape:
        with tf.GradientTape() as inner_tape:
            position = 4.9 * time**2
        speed = inner_tape.gradient(position, time)
    acceleration = outer_tape.gradient(speed, time)
    assert float(speed) == pytest.approx(4.9)
    assert acceleration.numpy() == pytest.approx(9.8)


def test_gradients_of_a_matrix_product():
    W = tf.Variable(tf.random.uniform((2, 2)))
    b = tf.Variable(tf.zeros((2,)))
    x = tf.random.uniform((2, 2))
    with tf.GradientTape() as tape:
        y = tf.matmul(x, W) + b
    grads = tape.gradient(y, [W, b])
    assert len(grads) == 2
    np.testing.assert_allclose(grads[0], x.numpy().sum(0)[:, None] * np.ones((1, 2)), rtol=1e-6)
    assert grads[1].numpy().tolist() == [2.0, 2.0]


# --- A linear classifier ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def points():
    rng = np.random.default_rng(1)
    negative = rng.multivariate_normal(mean=[0, 3], cov=[[1, 0.5], [0.5, 1]], size=500)
    positive = rng.multivariate_normal(mean=[3, 0], cov=[[1, 0.5], [0.5, 1]], size=500)
    inputs = np.vstack((negative, positive)).astype(np.float32)
    targets = np.vstack((np.zeros((500, 1), dtype="float32"), np.ones((500, 1), dtype="float32")))
    return inputs, targets


@pytest.mark.parametrize("compiled", [False, True])
def test_a_linear_classifier_by_hand(points, compiled):
    inputs, targets = points
    input_dim, output_dim = 2, 1
    tf.random.set_seed(0)
    W = tf.Variable(initial_value=tf.random.uniform(shape=(input_dim, output_dim)))
    b = tf.Variable(initial_value=tf.zeros(shape=(output_dim,)))

    def model(inputs, W, b):
        return tf.matmul(inputs, W) + b

    def mean_squared_error(targets, predictions):
        per_sample_losses = tf.square(targets - predictions)
        return tf.reduce_mean(per_sample_losses)

    learning_rate = 0.1

    def training_step(inputs, targets, W, b):
        with tf.GradientTape() as tape:
            predictions = model(inputs, W, b)
            loss = mean_squared_error(predictions, targets)
        grad_loss_wrt_W, grad_loss_wrt_b = tape.gradient(loss, [W, b])
        W.assign_sub(grad_loss_wrt_W * learning_rate)
        b.assign_sub(grad_loss_wrt_b * learning_rate)
        return loss

    step = tf.function(jit_compile=True)(training_step) if compiled else training_step
    for _ in range(40):
        loss = step(inputs, targets, W, b)
    assert f"{loss:.4f}" == format(float(loss), ".4f")
    assert float(loss) < 0.05
    predictions = model(inputs, W, b)
    colors = predictions[:, 0] > 0.5
    assert np.asarray(colors).dtype == bool
    accuracy = (np.asarray(colors) == targets[:, 0]).mean()
    assert accuracy > 0.97

    # The line where the two classes meet.
    x = np.linspace(-1, 4, 100)
    y = -W[0] / W[1] * x + (0.5 - b) / W[1]
    assert y.shape == (100,)
    expected = -W.numpy()[0] / W.numpy()[1] * x + (0.5 - b.numpy()) / W.numpy()[1]
    np.testing.assert_allclose(y, expected, rtol=1e-5)


# --- A network from nothing ------------------------------------------------------------------------------


class NaiveDense:
    def __init__(self, input_size, output_size, activation):
        self.activation = activation
        w_shape = (input_size, output_size)
        w_initial_value = tf.random.uniform(w_shape, minval=0, maxval=1e-1)
        self.W = tf.Variable(w_initial_value)
        self.b = tf.Variable(tf.zeros((output_size,)))

    def __call__(self, inputs):
        return self.activation(tf.matmul(inputs, self.W) + self.b)

    @property
    def weights(self):
        return [self.W, self.b]


class KerasDense:
    def __init__(self, input_size, output_size, activation=None):
        self.activation = activation
        self.W = keras.Variable(shape=(input_size, output_size), initializer="uniform")
        self.b = keras.Variable(shape=(output_size,), initializer="zeros")

    def __call__(self, inputs):
        x = ops.matmul(inputs, self.W)
        x = x + self.b
        if self.activation is not None:
            x = self.activation(x)
        return x

    @property
    def weights(self):
        return [self.W, self.b]


class NaiveSequential:
    def __init__(self, layers):
        self.layers = layers

    def __call__(self, inputs):
        x = inputs
        for layer in self.layers:
            x = layer(x)
        return x

    @property
    def weights(self):
        return [weight for layer in self.layers for weight in layer.weights]


class BatchGenerator:
    def __init__(self, images, labels, batch_size=128):
        assert len(images) == len(labels)
        self.index = 0
        self.images = images
        self.labels = labels
        self.batch_size = batch_size
        self.num_batches = math.ceil(len(images) / batch_size)

    def next(self):
        images = self.images[self.index : self.index + self.batch_size]
        labels = self.labels[self.index : self.index + self.batch_size]
        self.index += self.batch_size
        return images, labels


def one_training_step(model, images_batch, labels_batch, update_weights):
    with tf.GradientTape() as tape:
        predictions = model(images_batch)
        per_sample_losses = keras.losses.sparse_categorical_crossentropy(labels_batch, predictions)
        average_loss = tf.reduce_mean(per_sample_losses)
    gradients = tape.gradient(average_loss, model.weights)
    update_weights(gradients, model.weights)
    return average_loss


def by_assignment(gradients, weights):
    for g, w in zip(gradients, weights, strict=True):
        w.assign_sub(g * 1e-2)


def by_keras_assignment(gradients, weights):
    for g, w in zip(gradients, weights, strict=True):
        w.assign(w - g * 0.1)


@pytest.mark.parametrize(
    ("dense", "update"),
    [(NaiveDense, by_assignment), (KerasDense, by_keras_assignment), (KerasDense, "optimizer")],
)
def test_a_network_from_nothing_learns_digits(digits, dense, update):
    images, labels = digits
    keras.utils.set_random_seed(0)
    model = NaiveSequential(
        [dense(28 * 28, 32, activation=tf.nn.relu), dense(32, 10, activation=tf.nn.softmax)]
    )
    assert len(model.weights) == 4
    if update == "optimizer":
        optimizer = keras.optimizers.SGD(learning_rate=0.1)
        update = lambda gradients, weights: optimizer.apply_gradients(zip(gradients, weights, strict=True))  # noqa: E731
    losses = []
    for _ in range(6):
        batches = BatchGenerator(images, labels)
        for _ in range(batches.num_batches):
            losses.append(one_training_step(model, *batches.next(), update))
    assert float(losses[-1]) < float(losses[0])
    predictions = model(images)
    predicted_labels = np.argmax(predictions.numpy(), axis=1)
    matches = predicted_labels == labels
    assert f"accuracy: {matches.mean():.2f}" == f"accuracy: {np.mean(predicted_labels == labels):.2f}"
    with_ops = ops.argmax(predictions, axis=1) == labels
    assert np.asarray(with_ops).tolist() == matches.tolist()
    assert float(ops.mean(with_ops)) == pytest.approx(matches.mean())


# --- Layers of one's own, models called on arrays --------------------------------------------------------


class SimpleDense(layers.Layer):
    def __init__(self, units, activation=None):
        super().__init__()
        self.units = units
        self.activation = activation

    def build(self, input_shape):
        input_dim = input_shape[-1]
        self.W = self.add_weight(shape=(input_dim, self.units), initializer="random_normal")
        self.b = self.add_weight(shape=(self.units,), initializer="zeros")

    def call(self, inputs):
        y = ops.matmul(inputs, self.W) + self.b
        if self.activation is not None:
            y = self.activation(y)
        return y


def test_a_layer_of_one_s_own_is_trained(digits):
    images, labels = digits
    my_dense = SimpleDense(units=32, activation=ops.relu)
    assert my_dense(ops.ones(shape=(2, 784))).shape == (2, 32)
    keras.utils.set_random_seed(0)
    model = keras.Sequential([SimpleDense(32, ops.relu), SimpleDense(10, ops.softmax)])
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(images, labels, epochs=8, batch_size=64, verbose=0)
    assert history.history["accuracy"][-1] > 0.6


def test_a_layer_of_tf_operations_in_a_functional_model():
    inputs = keras.Input(shape=(3,), dtype="int32")
    hot = tf.one_hot(inputs, depth=5)
    model = keras.Model(inputs, tf.reduce_sum(hot, axis=1))
    assert model.predict(np.array([[0, 1, 1]]), verbose=0).tolist() == [[1.0, 2.0, 0.0, 0.0, 0.0]]


def test_a_metric_of_one_s_own():
    class RootMeanSquaredError(keras.metrics.Metric):
        def __init__(self, name="rmse", **kwargs):
            super().__init__(name=name, **kwargs)
            self.mse_sum = self.add_weight(name="mse_sum", initializer="zeros")
            self.total_samples = self.add_weight(name="total_samples", initializer="zeros")

        def update_state(self, y_true, y_pred, sample_weight=None):
            y_true = ops.one_hot(y_true, num_classes=ops.shape(y_pred)[1])
            mse = ops.sum(ops.square(y_true - y_pred))
            self.mse_sum.assign_add(mse)
            self.total_samples.assign_add(ops.shape(y_pred)[0])

        def result(self):
            return ops.sqrt(self.mse_sum / self.total_samples)

        def reset_state(self):
            self.mse_sum.assign(0.0)
            self.total_samples.assign(0.0)

    metric = RootMeanSquaredError()
    metric.update_state(np.array([0, 1]), np.array([[0.5, 0.5], [0.0, 1.0]], "float32"))
    assert float(metric.result()) == pytest.approx(0.5)


# --- What the language does with tensors -----------------------------------------------------------------


@pytest.mark.parametrize("make", [tf.constant, tf.Variable, keras.Variable])
def test_tensors_among_python_and_numpy(make):
    t = make([1.0, 2.0, 3.0])
    assert len(t) == 3
    assert [float(x) for x in t] == [1.0, 2.0, 3.0]
    assert int(t[1]) == 2
    assert format(t[0], ".4f") == f"{t[0]:.4f}" == "1.0000"
    assert round(t[0], 2) == 1.0
    other = np.array([3.0, 2.0, 1.0], "float32")
    for a, b in ((t, other), (other, t), (t, 2), (2, t), (t, np.float32(2)), (np.float64(2), t)):
        for operation in (lambda p, q: p + q, lambda p, q: p * q, lambda p, q: p - q, lambda p, q: p / q):
            result = operation(a, b)
            assert isinstance(result, tf.Tensor)
            np.testing.assert_allclose(result, operation(np.asarray(a), np.asarray(b)), rtol=1e-6)
    assert (t == other).numpy().tolist() == [False, True, False]
    assert (other == t).numpy().tolist() == [False, True, False]
    assert t[..., None].shape == (3, 1)
    assert t[:, tf.newaxis].shape == (3, 1)


@pytest.mark.parametrize("make", [tf.constant, tf.Variable, keras.Variable])
def test_numpy_s_functions_take_tensors(make):
    values = np.array([[1.0, 4.0], [2.0, 3.0]], "float32")
    t = make(values)
    for function in (
        np.mean,
        np.sum,
        np.max,
        np.min,
        np.std,
        np.argmax,
        np.exp,
        np.sqrt,
        np.prod,
        np.transpose,
        np.sort,
    ):
        np.testing.assert_allclose(function(t), function(values))
    np.testing.assert_allclose(np.mean(t, axis=0), values.mean(0))
    np.testing.assert_allclose(np.concatenate([t, values]), np.concatenate([values, values]))
    np.testing.assert_allclose(np.stack([t[0], t[1]]), values)
    np.testing.assert_allclose(np.dot(t, values), values @ values)
    assert isinstance(np.mean(t), np.floating)


def test_matplotlib_takes_tensors():
    plt = pytest.importorskip("matplotlib.pyplot")
    figure = plt.figure()
    points = tf.random.normal((10, 2))
    plt.scatter(points[:, 0], points[:, 1], c=points[:, 0] > 0.5)
    plt.plot(tf.range(10), points[:, 0])
    plt.close(figure)
