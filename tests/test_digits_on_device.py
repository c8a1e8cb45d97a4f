"""Training on real digits gives the same on a device as on the CPU."""

import numpy as np
import on_device
import pytest
from numpy.testing import assert_allclose

import pynn
from pynn import layers

pytestmark = pytest.mark.skipif(not on_device.WANTED, reason="no device: PYNN_TEST_DEVICE is not set")


def trained(place: str, x: np.ndarray, y: np.ndarray) -> tuple[dict[str, list[float]], np.ndarray]:
    with pynn.device("cpu"):
        pynn.random.seed(1)
        model = pynn.Sequential(
            [
                layers.Dense(32, "relu", input_shape=(784,)),
                layers.BatchNormalization(),
                layers.Dropout(0.2),
                layers.Dense(10, "softmax"),
            ]
        )
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        model.to(place)
        pynn.random.seed(2)
        history = model.fit(x, y, epochs=2, batch_size=64, verbose=0).history
        return history, model.predict(x[:64], verbose=0)


def test_two_epochs_of_digits() -> None:
    (x, y), _ = pynn.datasets.mnist.load_data()
    x, y = (x[:512].reshape(-1, 784) / 255).astype(np.float32), y[:512]
    (here, outputs_here), (there, outputs_there) = trained("cpu", x, y), trained("cuda", x, y)
    for name, values in here.items():
        assert_allclose(there[name], values, rtol=1e-4)
    assert here["accuracy"][-1] > 0.5
    assert_allclose(outputs_there, outputs_here, atol=1e-4)
