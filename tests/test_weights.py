"""Weights in files: what is saved loads bit for bit, and no file, however broken, changes a model halfway."""

import json
import os
import struct
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import pynn
from pynn.saving.tensors import load_tensors as load_weights
from pynn.saving.tensors import save_tensors as save_weights

safetensors = pytest.importorskip("safetensors.numpy")


def network(units=3, **names):
    model = pynn.Sequential(
        [
            pynn.layers.Dense(units, activation="relu", name=names.get("first")),
            pynn.layers.Dropout(0.5),
            pynn.layers.Dense(2, name=names.get("second")),
        ],
        name="net",
    )
    model.build((None, 4))
    return model


def weights_of(model):
    return [weight.copy() for weight in model.get_weights()]


def assert_same(got, expected):
    for one, other in zip(got, expected, strict=True):
        np.testing.assert_array_equal(one, other, strict=True)


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "net.safetensors"
    save_weights(network(), path)
    return path


# --- Saving and loading ------------------------------------------------------------------------------


def test_weights_come_back_bit_for_bit_in_a_model_built_later(tmp_path):
    first, second = network(), network()
    assert first.layers[0].name != second.layers[0].name  # automatic names count through the process
    save_weights(first, tmp_path / "net.safetensors")
    load_weights(second, tmp_path / "net.safetensors")
    assert_same(weights_of(second), weights_of(first))
    x = np.ones((5, 4), np.float32)
    np.testing.assert_array_equal(second.predict(x, verbose=0), first.predict(x, verbose=0))


def test_keys_are_layer_and_variable_names(tmp_path):
    save_weights(network(first="hidden"), tmp_path / "net.safetensors")
    stored = safetensors.load_file(tmp_path / "net.safetensors")
    assert {key: array.shape for key, array in stored.items()} == {
        "hidden/kernel": (4, 3),
        "hidden/bias": (3,),
        "dense/kernel": (3, 2),
        "dense/bias": (2,),
    }


def test_equal_names_are_made_unique(tmp_path):
    class Twins(pynn.Model):
        def __init__(self):
            super().__init__(name="twins")
            self.one, self.two = pynn.layers.Dense(3, name="same"), pynn.layers.Dense(2, name="same")

        def call(self, x):
            return self.two(self.one(x))

    model, other = Twins(), Twins()
    for built in (model, other):
        built.build((None, 4))
    save_weights(model, tmp_path / "net.safetensors")
    stored = safetensors.load_file(tmp_path / "net.safetensors")
    assert sorted(stored) == ["same/bias", "same/kernel", "same_1/bias", "same_1/kernel"]
    load_weights(other, tmp_path / "net.safetensors")
    assert_same(weights_of(other), weights_of(model))


def test_layers_inside_layers_and_variables_of_the_model_itself_are_saved(tmp_path):
    class Block(pynn.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.inner = [pynn.layers.Dense(4), pynn.layers.Dense(4)]
            self.scale = self.add_weight((), "ones", name="scale")

        def call(self, x):
            for layer in self.inner:
                x = layer(x)
            return x * self.scale

    def build():
        model = pynn.Sequential([Block(name="block")], name="net")
        model(np.zeros((1, 4), np.float32))
        return model

    model, other = build(), build()
    save_weights(model, tmp_path / "net.safetensors")
    assert sorted(safetensors.load_file(tmp_path / "net.safetensors")) == [
        "block/bias",
        "block/bias_1",
        "block/kernel",
        "block/kernel_1",
        "block/scale",
    ]
    load_weights(other, tmp_path / "net.safetensors")
    assert_same(weights_of(other), weights_of(model))


def test_a_file_of_another_program_loads(tmp_path):
    model = network(first="a", second="b")
    arrays = {
        "a/kernel": np.arange(12, dtype=np.float32).reshape(4, 3),
        "a/bias": np.arange(3, dtype=np.float32),
        "b/kernel": np.arange(6, dtype=np.float32).reshape(3, 2),
        "b/bias": np.arange(2, dtype=np.float32),
    }
    safetensors.save_file(arrays, tmp_path / "net.safetensors", metadata={"format": "np"})
    load_weights(model, tmp_path / "net.safetensors")
    assert_same(weights_of(model), arrays.values())


# --- Writing is atomic -------------------------------------------------------------------------------


def test_saving_replaces_the_file_and_leaves_nothing_beside_it(saved):
    model = network()
    save_weights(model, saved)
    other = network()
    load_weights(other, saved)
    assert_same(weights_of(other), weights_of(model))
    assert os.listdir(saved.parent) == [saved.name]


def test_a_failed_write_leaves_the_old_file(saved, monkeypatch):
    before = saved.read_bytes()

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        save_weights(network(), saved)
    assert saved.read_bytes() == before
    assert os.listdir(saved.parent) == [saved.name]


def test_a_saved_file_has_the_permissions_of_any_other(saved):
    saved.with_name("other").write_bytes(b"")
    assert saved.stat().st_mode == saved.with_name("other").stat().st_mode


# --- What does not fit -------------------------------------------------------------------------------


def refused(model, path):
    """Loads what must not load; returns the message, and checks that no weight has changed."""
    before = weights_of(model)
    with pytest.raises(ValueError, match="load_weights") as error:
        load_weights(model, path)
    assert_same(weights_of(model), before)
    return str(error.value)


def test_another_shape_is_refused(saved):
    assert refused(network(units=5), saved) == (
        "load_weights: 'net.safetensors' does not fit model 'net'\n"
        "  shape: dense/kernel (4, 3) in the file, (4, 5) in the model, "
        "dense/bias (3,) in the file, (5,) in the model, "
        "dense_1/kernel (3, 2) in the file, (5, 2) in the model"
    )


def test_other_names_are_refused(saved):
    assert refused(network(first="hidden"), saved) == (
        "load_weights: 'net.safetensors' does not fit model 'net'\n"
        "  not in the file: hidden/kernel, hidden/bias\n"
        "  not in the model: dense_1/bias, dense_1/kernel\n"
        "  shape: dense/kernel (4, 3) in the file, (3, 2) in the model, "
        "dense/bias (3,) in the file, (2,) in the model"
    )


@pytest.mark.parametrize("dtype", ["float64", "float16", "int32"])
def test_another_dtype_is_refused(saved, dtype):
    arrays = safetensors.load_file(saved)
    arrays["dense_1/bias"] = arrays["dense_1/bias"].astype(dtype)
    safetensors.save_file(arrays, saved)
    assert refused(network(), saved) == (
        "load_weights: 'net.safetensors' does not fit model 'net'\n"
        f"  dtype: dense_1/bias {dtype} in the file, float32 in the model"
    )


def test_a_dtype_that_numpy_lacks_is_refused(saved):
    size, content = struct.unpack("<Q", saved.read_bytes()[:8])[0], saved.read_bytes()
    header = json.loads(content[8 : 8 + size])
    header["dense_1/bias"].update(dtype="BF16", shape=[2, 2])
    text = json.dumps(header).encode()
    saved.write_bytes(struct.pack("<Q", len(text)) + text + content[8 + size :])
    assert refused(network(), saved) == (
        "load_weights: 'net.safetensors' does not fit model 'net'\n"
        "  shape: dense_1/bias (2, 2) in the file, (2,) in the model\n"
        "  dtype: dense_1/bias BF16 in the file, float32 in the model"
    )


def test_many_differences_are_counted(tmp_path):
    safetensors.save_file({f"x{i}": np.zeros(1, np.float32) for i in range(9)}, tmp_path / "net.safetensors")
    assert refused(network(), tmp_path / "net.safetensors") == (
        "load_weights: 'net.safetensors' does not fit model 'net'\n"
        "  not in the file: dense/kernel, dense/bias, dense_1/kernel, dense_1/bias\n"
        "  not in the model: x0, x1, x2, x3 and 5 more"
    )


@pytest.mark.parametrize(
    "content", [b"", b"not a weights file, but long enough for a header", b"\x89PNG" * 9]
)
def test_a_foreign_file_is_refused(saved, content):
    saved.write_bytes(content)
    message = refused(network(), saved)
    assert message.startswith("load_weights: 'net.safetensors' is damaged or no safetensors file (")


@given(data=st.data())
def test_no_broken_file_changes_a_model_halfway(tmp_path_factory, data):
    """Cut, lengthened or changed files: refused with the model as it was, or loaded whole."""
    model = network()
    path = tmp_path_factory.mktemp("weights") / "net.safetensors"
    save_weights(model, path)
    content = bytearray(path.read_bytes())
    header = 8 + struct.unpack("<Q", content[:8])[0]
    for _ in range(data.draw(st.integers(0, 3))):
        content[data.draw(st.integers(0, header))] = data.draw(st.integers(0, 255))
    path.write_bytes(
        bytes(content)[: data.draw(st.integers(0, len(content)))] + data.draw(st.binary(max_size=3))
    )
    before = weights_of(model)
    for weight in model.weights:
        weight.assign(np.full(weight.shape, 7.0, np.float32))
    try:
        load_weights(model, path)
    except ValueError:
        assert all((weight == 7).all() for weight in weights_of(model))
    else:
        assert [weight.shape for weight in weights_of(model)] == [weight.shape for weight in before]
        assert not any((weight == 7).all() for weight in weights_of(model))


def test_an_unbuilt_model_is_refused(tmp_path):
    model = pynn.Sequential([pynn.layers.Dense(2)], name="new")
    for name, function in (("save_weights", save_weights), ("load_weights", load_weights)):
        with pytest.raises(ValueError, match=name) as error:
            function(model, tmp_path / "net.safetensors")
        assert str(error.value) == (
            f"{name}: model 'new' has no weights yet; call it on data or build(input_shape)"
        )


def test_another_ending_is_refused(tmp_path):
    for name, function in (("save_weights", save_weights), ("load_weights", load_weights)):
        with pytest.raises(ValueError, match=name) as error:
            function(network(), tmp_path / "net.h5")
        assert str(error.value) == f"{name}: the file name must end in .safetensors, got 'net.h5'"


def test_no_file_and_no_folder_are_os_errors(tmp_path):
    with pytest.raises(FileNotFoundError):
        load_weights(network(), tmp_path / "none.safetensors")
    with pytest.raises(FileNotFoundError):
        save_weights(network(), tmp_path / "none" / "net.safetensors")


def test_without_safetensors_the_error_names_the_extra():
    code = """
import sys
sys.modules["safetensors"] = None
from pynn.saving.tensors import load_tensors as load_weights
try:
    load_weights(None, "net.safetensors")
except ImportError as error:
    print(error)
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "saving and loading weights needs safetensors: pip install 'pynn-core[weights]'\n"
