"""pynn.compat.tf: TensorFlow's names, with TensorFlow's rules where they differ from Keras's."""

from __future__ import annotations

import numpy as np
import pytest

import pynn
import pynn.compat.tf as tf

X = np.random.default_rng(5).uniform(-2, 2, (3, 4)).astype("float32")
ROWS = [[1, 2], [3, 4]]

# (call, what NumPy says): TensorFlow itself is not needed to know these.
SAME = {
    "constant": (lambda: tf.constant(ROWS), np.array(ROWS, "int32")),
    "constant of a shape": (lambda: tf.constant(2.5, shape=(2, 2)), np.full((2, 2), 2.5, "float32")),
    "zeros": (lambda: tf.zeros(shape=(2, 1)), np.zeros((2, 1), "float32")),
    "ones of a dtype": (lambda: tf.ones((2,), dtype=tf.int32), np.ones(2, "int32")),
    "fill": (lambda: tf.fill((2,), 7), np.array([7, 7], "int32")),
    "eye": (lambda: tf.eye(2), np.eye(2, dtype="float32")),
    "range": (lambda: tf.range(start=0, limit=5, delta=2), np.array([0, 2, 4], "int32")),
    "range of a float": (lambda: tf.range(3.0), np.array([0, 1, 2], "float32")),
    "shape": (lambda: tf.shape(X), np.array([3, 4], "int32")),
    "size": (lambda: tf.size(X), np.array(12, "int32")),
    "rank": (lambda: tf.rank(X), np.array(2, "int32")),
    "cast": (lambda: tf.cast([1.7], tf.int32), np.array([1], "int32")),
    "reshape": (lambda: tf.reshape(X, (-1, 2)), X.reshape(-1, 2)),
    "reshape by a shape": (lambda: tf.reshape(X, tf.shape(X.T)), X.reshape(4, 3)),
    "transpose": (lambda: tf.transpose(X), X.T),
    "concat": (lambda: tf.concat([X, X], axis=0), np.concatenate([X, X])),
    "stack": (lambda: tf.stack([X, X], axis=1), np.stack([X, X], 1)),
    "split by sizes": (lambda: tf.split(X, [1, -1], axis=1)[1], X[:, 1:]),
    "tile": (lambda: tf.tile(X, (1, 2)), np.tile(X, (1, 2))),
    "expand_dims": (lambda: tf.expand_dims(X, -1), X[..., None]),
    "newaxis": (lambda: tf.constant(X)[:, tf.newaxis], X[:, None]),
    "squeeze": (lambda: tf.squeeze(X[None]), X),
    "gather": (lambda: tf.gather(X, [2, 0]), X[[2, 0]]),
    "gather_nd": (lambda: tf.gather_nd(X, [[0, 1], [2, 3]]), X[[0, 2], [1, 3]]),
    "boolean_mask": (lambda: tf.boolean_mask(X, X[:, 0] > 0), X[X[:, 0] > 0]),
    "one_hot": (lambda: tf.one_hot([0, 2], depth=tf.shape(X)[0]), np.eye(3, dtype="float32")[[0, 2]]),
    "one_hot of values": (
        lambda: tf.one_hot([1], 2, on_value=5.0, off_value=-1.0),
        np.array([[-1, 5]], "float32"),
    ),
    "pad": (lambda: tf.pad(X, [[1, 0], [0, 1]]), np.pad(X, ((1, 0), (0, 1)))),
    "where": (lambda: tf.where(X > 0, X, 0.0), np.where(X > 0, X, 0)),
    "where of a condition": (lambda: tf.where([True, False, True]), np.array([[0], [2]])),
    "sort": (lambda: tf.sort([1, 3, 2], direction="DESCENDING"), np.array([3, 2, 1], "int32")),
    "argsort": (lambda: tf.argsort([1, 3, 2], direction="DESCENDING"), np.array([1, 2, 0], "int32")),
    "reduce_sum": (lambda: tf.reduce_sum(X, axis=(0, 1)), X.sum()),
    "reduce_sum of integers": (lambda: tf.reduce_sum(tf.constant([1, 2])), np.array(3, "int32")),
    "reduce_mean": (lambda: tf.reduce_mean(X, axis=[0], keepdims=True), X.mean(0, keepdims=True)),
    "reduce_mean of integers": (lambda: tf.reduce_mean(tf.constant([1, 2, 2])), np.array(1, "int32")),
    "reduce_max": (lambda: tf.reduce_max(X, 1), X.max(1)),
    "argmax": (lambda: tf.argmax(X), X.argmax(0)),
    "argmax of an axis": (lambda: tf.argmax(X, axis=1), X.argmax(1)),
    "matmul": (lambda: tf.matmul(X, X, transpose_b=True), X @ X.T),
    "einsum": (lambda: tf.einsum("ij,kj->ik", X, X), X @ X.T),
    "norm": (lambda: tf.norm(X), np.linalg.norm(X)),
    "clip_by_value": (lambda: tf.clip_by_value(X, -1, 1), X.clip(-1, 1)),
    "maximum": (lambda: tf.maximum(X, 0.0), np.maximum(X, 0)),
    "math.exp": (lambda: tf.math.exp(X), np.exp(X)),
    "math.not_equal": (lambda: tf.math.not_equal([1, 0], 0), np.array([True, False])),
    "math.cumsum": (
        lambda: tf.math.cumsum([1, 2, 3], exclusive=True, reverse=True),
        np.array([5, 3, 0], "int32"),
    ),
    "math.l2_normalize": (lambda: tf.math.l2_normalize(X), X / np.linalg.norm(X)),
    "math.confusion_matrix": (
        lambda: tf.math.confusion_matrix([0, 1, 1], [0, 1, 0]),
        np.array([[1, 0], [1, 1]], "int32"),
    ),
    "math.reduce_std": (lambda: tf.math.reduce_std(X), X.std()),
    "nn.relu": (lambda: tf.nn.relu(X), np.maximum(X, 0)),
    "nn.softmax": (lambda: tf.nn.softmax(X), np.exp(X) / np.exp(X).sum(1, keepdims=True)),
    "nn.sigmoid": (lambda: tf.nn.sigmoid(X), 1 / (1 + np.exp(-X))),
    "nn.l2_loss": (lambda: tf.nn.l2_loss(X), (X**2).sum() / 2),
    "linalg.matvec": (lambda: tf.linalg.matvec(X, X[0]), X @ X[0]),
    "linalg.diag": (lambda: tf.linalg.diag([1.0, 2.0]), np.diag([1.0, 2.0]).astype("float32")),
    "linalg.trace": (lambda: tf.linalg.trace(X[:, :3]), np.trace(X[:, :3])),
    "image.flip_left_right": (lambda: tf.image.flip_left_right(X[..., None]), X[:, ::-1, None]),
}


@pytest.mark.parametrize("name", SAME)
def test_a_name_computes_what_numpy_does(name):
    call, expected = SAME[name]
    got = call().numpy()
    assert got.shape == np.shape(expected)
    assert got.dtype == np.asarray(expected).dtype
    np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-6)


def test_elements_and_slices_of_variables_are_assigned():
    v = tf.Variable(initial_value=tf.zeros((2, 2)))
    v[0, 0].assign(3.0)
    v[1].assign([1.0, 2.0])
    v[:, 1].assign_add([10.0, 10.0])
    v[0, 1].assign_sub(4.0)
    assert v.numpy().tolist() == [[3.0, 6.0], [1.0, 12.0]]


def test_slices_of_variables_are_recorded():
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(v[0] * v[1]) + v[0, 0] ** 2
    assert tape.gradient(loss, v).numpy().tolist() == [[5.0, 4.0], [1.0, 2.0]]


def test_variables():
    v = tf.Variable(3)
    assert v.dtype == tf.int32
    assert tf.Variable(3.0).dtype == tf.float32
    assert isinstance(v, tf.Variable)
    assert isinstance(v, pynn.Variable)
    assert v.assign_add(2).numpy() == 5
    assert tf.Variable(1.0, trainable=False).trainable is False
    assert tf.Variable(lambda: tf.ones((2,))).shape == (2,)
    with pytest.raises(
        NotImplementedError, match=r"^tf.Variable: pynn does not support \['caching_device'\]$"
    ):
        tf.Variable(1.0, caching_device="cpu")


def test_random_numbers_repeat_from_a_seed():
    def draw():
        return [f(shape=(3,)).numpy().tolist() for f in (tf.random.uniform, tf.random.normal)] + [
            tf.random.uniform((2,), seed=4).numpy().tolist(),
            tf.random.uniform((2,), seed=4).numpy().tolist(),
        ]

    tf.random.set_seed(1)
    first = draw()
    assert first[2] != first[3]
    assert draw() != first
    tf.random.set_seed(1)
    assert draw() == first
    numbers = tf.random.uniform((100,), minval=2.0, maxval=3.0).numpy()
    assert ((numbers >= 2) & (numbers < 3)).all()
    whole = tf.random.uniform((100,), 0, 10, dtype=tf.int32)
    assert whole.dtype == tf.int32


def test_function_is_the_function():
    @tf.function
    def plain(x):
        return x + 1

    @tf.function(jit_compile=True, input_signature=[tf.TensorSpec((None,), tf.float32)])
    def compiled(x):
        return x + 2

    assert (plain(1), compiled(1)) == (2, 3)


def test_a_gradient_of_one_s_own():
    @tf.custom_gradient
    def bad_identity(x):
        return tf.identity(x), lambda upstream: upstream * 7

    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = bad_identity(x)
    assert tape.gradient(y, x).numpy() == 7.0


def test_keras_and_data_are_pynn_s():
    assert tf.keras is pynn
    assert tf.keras.layers.Dense is pynn.layers.Dense
    assert tf.config.list_physical_devices("GPU") == []
    assert isinstance(tf.constant(1), tf.Tensor)
    assert tf.is_tensor(tf.constant(1))
    assert isinstance(tf.__version__, str)
    assert tf.as_dtype("float32") == tf.float32


def test_symbolic_tensors():
    x = pynn.Input((3,))
    y = tf.nn.relu(tf.concat([x, tf.square(x)], axis=1))
    assert y.shape == (None, 6)
    assert tf.reduce_mean(y, axis=1).shape == (None,)
    assert tf.shape(x) == (None, 3)


def test_a_file_is_read_as_bytes(tmp_path):
    (tmp_path / "a.bin").write_bytes(b"abc")
    assert tf.io.read_file(str(tmp_path / "a.bin")) == b"abc"


def test_pictures_are_decoded(tmp_path):
    pytest.importorskip("PIL")
    pixels = np.random.default_rng(1).integers(0, 255, (4, 5, 3)).astype("uint8")
    pynn.utils.save_img(tmp_path / "a.png", pixels, scale=False)
    contents = tf.io.read_file(str(tmp_path / "a.png"))
    for decode in (tf.io.decode_png, tf.image.decode_image, tf.image.decode_jpeg):
        picture = decode(contents, channels=3)
        assert picture.dtype == tf.uint8
        np.testing.assert_array_equal(picture, pixels)
    assert tf.image.decode_png(contents, channels=1).shape == (4, 5, 1)
    assert tf.image.resize(picture, (2, 2)).dtype == tf.float32
    with pytest.raises(ValueError, match=r"^tf.image.decode_png: channels must be 0, 1, 3 or 4, got 2$"):
        tf.image.decode_png(contents, channels=2)


def test_data_sets():
    rows = tf.data.Dataset.from_tensor_slices((X, [0, 1, 2])).batch(2).prefetch(tf.data.AUTOTUNE)
    sizes = [(x.shape, int(tf.reduce_sum(y))) for x, y in rows]
    assert sizes == [((2, 4), 1), ((1, 4), 2)]
    doubled = tf.data.Dataset.from_tensor_slices(X).map(
        lambda x: tf.reshape(x * 2, (2, 2)), num_parallel_calls=4
    )
    np.testing.assert_allclose(next(iter(doubled)), (X[0] * 2).reshape(2, 2))


def test_names_that_are_not_here_name_the_nearest():
    for call, message in (
        (
            lambda: tf.strings,
            "tf.strings is not in pynn; pynn's tensors hold numbers; use Python's str methods and re",
        ),
        (lambda: tf.reduce_meen, "tf.reduce_meen is not in pynn; did you mean 'reduce_mean'?"),
        (lambda: tf.math.xyzzy, "tf.math.xyzzy is not in pynn; look in pynn.ops for the operation"),
        (lambda: tf.nn.reluu, "tf.nn.reluu is not in pynn; did you mean 'relu'?"),
    ):
        with pytest.raises(AttributeError) as error:
            call()
        assert str(error.value) == message
