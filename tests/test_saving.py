"""Files of whole models and of weights: what pynn writes Keras opens, and the other way round, with equal results."""

import io
import json
import os
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from saving_cases import CASES, branches, connected, inputs, own_classes, plain

import pynn

h5py = pytest.importorskip("h5py")

# Keras's own use of NumPy, and its advice about models that it cannot trace.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

X = np.random.default_rng(1).normal(size=(24, 8)).astype("float32")
Y = np.random.default_rng(2).normal(size=(24, 2)).astype("float32")


@pytest.fixture(scope="module")
def pair(quick_keras):
    """Both packages, each with the classes of a user."""
    return {"pynn": (pynn, own_classes(pynn)), "keras": (quick_keras, own_classes(quick_keras))}


def predicted(model, x):
    """The outputs, side by side if there are several."""
    outputs = model.predict(x, verbose=0)
    return np.concatenate(outputs, axis=-1) if isinstance(outputs, list) else np.asarray(outputs)


def refusal(call, kind=ValueError):
    """The message of the error that a call raises."""
    with pytest.raises(kind) as error:
        call()
    return str(error.value)


def network(package, **kwargs):
    layers = package.layers
    stack = [
        layers.Input((8,)),
        layers.Dense(6, activation="relu"),
        layers.BatchNormalization(),
        layers.Dense(2),
    ]
    return package.Sequential(stack, **kwargs)


def trained(package, optimizer="adam", epochs=1):
    model = network(package, name="net")
    model.compile(optimizer, "mse", metrics=["mae", package.metrics.MeanSquaredError(name="again")])
    model.fit(X, Y, batch_size=8, epochs=epochs, shuffle=False, verbose=0)
    return model


# --- Both ways -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
@pytest.mark.parametrize(("writer", "reader"), [("pynn", "keras"), ("keras", "pynn"), ("pynn", "pynn")])
def test_a_model_and_its_weights_open_in_the_other_package(pair, tmp_path, rng, case, writer, reader):
    (here, own), (there, other) = pair[writer], pair[reader]
    x, model = inputs(case, rng), case(here, own)
    expected = predicted(model, x)
    model.save(tmp_path / "m.keras")
    loaded = there.saving.load_model(tmp_path / "m.keras")
    assert type(loaded).__name__ == type(model).__name__
    if case not in (branches, plain):  # which make their layers themselves
        assert [layer.name for layer in loaded.layers] == [layer.name for layer in model.layers]
    np.testing.assert_allclose(predicted(loaded, x), expected, rtol=1e-5, atol=1e-6)
    model.save_weights(tmp_path / "m.weights.h5")
    for file in ("m.weights.h5", "m.keras"):
        fresh = case(there, other)
        fresh.load_weights(tmp_path / file)
        for one, two in zip(fresh.get_weights(), loaded.get_weights(), strict=True):
            np.testing.assert_array_equal(one, two)


OPTIMIZERS = [
    ("Adam", {}),
    ("Nadam", {}),
    ("RMSprop", {"momentum": 0.5, "centered": True}),
    ("SGD", {"momentum": 0.5, "nesterov": True}),
    ("Adam", {"amsgrad": True, "gradient_accumulation_steps": 2}),
]


@pytest.mark.parametrize(("name", "arguments"), OPTIMIZERS, ids=str)
@pytest.mark.parametrize(("writer", "reader"), [("pynn", "keras"), ("keras", "pynn")])
def test_training_goes_on_in_the_other_package(pair, tmp_path, writer, reader, name, arguments):
    here, there = pair[writer][0], pair[reader][0]
    model = trained(here, getattr(here.optimizers, name)(learning_rate=0.01, **arguments))
    model.save(tmp_path / "m.keras")
    loaded = there.saving.load_model(tmp_path / "m.keras")
    measured = loaded.evaluate(X, Y, verbose=0, return_dict=True)
    expected = model.evaluate(X, Y, verbose=0, return_dict=True)
    assert measured.keys() == expected.keys()
    for key, value in expected.items():
        np.testing.assert_allclose(float(measured[key]), float(value), rtol=1e-5)
    for one in (model, loaded):
        one.fit(X, Y, batch_size=8, epochs=1, shuffle=False, verbose=0)
    np.testing.assert_allclose(predicted(loaded, X), predicted(model, X), rtol=1e-4, atol=1e-5)
    assert int(loaded.optimizer.iterations) == int(model.optimizer.iterations)


@pytest.mark.parametrize(("writer", "reader"), [("pynn", "keras"), ("keras", "pynn")])
def test_a_model_of_several_outputs_is_compiled_as_before(pair, tmp_path, rng, writer, reader):
    (here, own), there = pair[writer], pair[reader][0]
    model, x = connected(here, own), inputs(connected, rng)
    model.compile(
        "adam",
        loss={"first": "mse", "second": here.losses.BinaryCrossentropy()},
        loss_weights={"first": 0.5, "second": 2.0},
        metrics={"first": ["mae"], "second": ["accuracy"]},
    )
    y = {"first": np.ones((5, 2), "float32"), "second": np.ones((5, 1), "float32")}
    model.fit(x, y, batch_size=5, verbose=0)
    model.save(tmp_path / "m.keras")
    loaded = there.saving.load_model(tmp_path / "m.keras")
    for _ in range(2):
        measured = loaded.evaluate(x, y, verbose=0, return_dict=True)
        expected = model.evaluate(x, y, verbose=0, return_dict=True)
        assert measured.keys() == expected.keys()
        for key, value in expected.items():
            np.testing.assert_allclose(float(measured[key]), float(value), rtol=1e-4, err_msg=key)
        for one in (model, loaded):
            one.fit(x, y, batch_size=5, shuffle=False, verbose=0)


def test_every_optimizer_continues_where_it_was(tmp_path):
    for name in ("Adadelta", "Adagrad", "Adamax", "AdamW", "Ftrl", "Lamb", "Lion"):
        model = trained(pynn, getattr(pynn.optimizers, name)(use_ema=True))
        model.save(tmp_path / "m.keras")
        loaded = pynn.saving.load_model(tmp_path / "m.keras")
        for one in (model, loaded):
            one.fit(X, Y, batch_size=8, epochs=1, shuffle=False, verbose=0)
        np.testing.assert_array_equal(predicted(loaded, X), predicted(model, X), err_msg=name)


def test_the_state_is_laid_out_as_keras_does(pair, tmp_path):
    layouts = []
    for package in ("pynn", "keras"):
        trained(pair[package][0]).save(tmp_path / "m.keras")
        with (
            zipfile.ZipFile(tmp_path / "m.keras") as archive,
            h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as f,
        ):
            layout = {}
            f.visititems(
                lambda name, item, layout=layout: layout.update({name: getattr(item, "shape", None)})
            )
            layouts.append(layout)
    assert layouts[0] == layouts[1]


def test_json_has_the_model_without_weights(pair):
    for writer, reader in (("pynn", "keras"), ("keras", "pynn")):
        model = network(pair[writer][0], name="net")
        again = pair[reader][0].models.model_from_json(model.to_json(indent=1))
        assert [layer.name for layer in again.layers] == [layer.name for layer in model.layers]
        assert again.name == "net"
        assert [weight.shape for weight in again.weights] == [weight.shape for weight in model.weights]


# --- What a file holds ------------------------------------------------------------------------------------


@pytest.fixture
def saved(tmp_path):
    model = trained(pynn)
    model.save(tmp_path / "m.keras")
    return tmp_path / "m.keras"


def test_a_file_can_be_in_memory(saved):
    content = io.BytesIO()
    pynn.saving.save_model(pynn.saving.load_model(saved), content)
    content.seek(0)
    assert len(pynn.models.load_model(content).layers) == 3


def test_a_model_loaded_uncompiled_has_its_weights(saved):
    model = pynn.saving.load_model(saved, compile=False)
    assert not model.compiled
    np.testing.assert_array_equal(predicted(model, X), predicted(pynn.saving.load_model(saved), X))


def test_a_model_that_was_never_trained_loads_without_a_word(tmp_path):
    model = network(pynn)
    model.compile("adam", "mse")
    model.save(tmp_path / "m.keras")
    assert pynn.saving.load_model(tmp_path / "m.keras").optimizer.name == model.optimizer.name


def test_an_unbuilt_model_is_saved_with_a_warning(tmp_path):
    model = pynn.Sequential([pynn.layers.Dense(2)], name="new")
    with pytest.warns(UserWarning, match="not built") as warned:
        model.save(tmp_path / "m.keras")
    assert str(warned[0].message) == (
        "save: model 'new' is not built, so the file has no weights; call the model on data, or build(input_shape), "
        "before"
    )
    assert not pynn.saving.load_model(tmp_path / "m.keras").built


def test_shared_layers_and_objects_stay_shared(tmp_path):
    shared = pynn.layers.Dense(8)
    model = pynn.Sequential([pynn.layers.Input((8,)), pynn.Sequential([shared]), pynn.Sequential([shared])])
    model.save(tmp_path / "m.keras")
    loaded = pynn.saving.load_model(tmp_path / "m.keras")
    assert loaded.layers[0].layers[0] is loaded.layers[1].layers[0]
    assert len(loaded.weights) == 2
    np.testing.assert_array_equal(predicted(loaded, X), predicted(model, X))


def test_frozen_weights_stay_frozen(tmp_path):
    model = network(pynn)
    model.layers[0].trainable = False
    model.compile("sgd", "mse")
    model.fit(X, Y, verbose=0)
    model.save(tmp_path / "m.keras")
    loaded = pynn.saving.load_model(tmp_path / "m.keras")
    assert [layer.trainable for layer in loaded.layers] == [False, True, True]
    assert len(loaded.trainable_weights) == 4


def test_a_frozen_model_inside_another_stays_frozen(tmp_path):
    base = pynn.Sequential([pynn.Input((8,)), pynn.layers.Dense(3), pynn.layers.Dense(2)])
    base.trainable = False
    inputs = pynn.Input((8,))
    model = pynn.Model(inputs, pynn.layers.Dense(1)(base(inputs)))
    model.save(tmp_path / "m.keras")
    loaded = pynn.saving.load_model(tmp_path / "m.keras")
    assert (len(loaded.weights), len(loaded.trainable_weights)) == (6, 2)


# --- The user's own classes -------------------------------------------------------------------------------


class Doubled(pynn.layers.Dense):
    def call(self, x):
        return super().call(x) * 2


def doubled(x):
    return x * 2


def own_loss(y_true, y_pred):
    return pynn.mean(pynn.square(y_true - y_pred), axis=-1)


def test_own_objects_are_given_by_name_or_registered(tmp_path):
    model = pynn.Sequential(
        [pynn.layers.Input((8,)), Doubled(2, activation=doubled), pynn.layers.Lambda(doubled)]
    )
    model.compile("sgd", own_loss, metrics=[own_loss])
    model.fit(X, Y, verbose=0)
    model.save(tmp_path / "m.keras")
    objects = {"Doubled": Doubled, "doubled": doubled, "own_loss": own_loss}
    loaded = pynn.saving.load_model(tmp_path / "m.keras", custom_objects=objects)
    np.testing.assert_array_equal(predicted(loaded, X), predicted(model, X))
    assert loaded.evaluate(X, Y, verbose=0) == model.evaluate(X, Y, verbose=0)
    with pynn.saving.custom_object_scope(objects):
        pynn.saving.load_model(tmp_path / "m.keras")
    assert pynn.saving.get_registered_object("Doubled") is None  # the scope is over
    message = refusal(lambda: pynn.saving.load_model(tmp_path / "m.keras"))
    assert message == (
        "load_model: 'm.keras': unknown class or function 'Doubled': pass it in custom_objects={'Doubled': ...}, or "
        "put @pynn.saving.register_keras_serializable() before its definition"
    )


def test_registered_names():
    @pynn.saving.register_keras_serializable("shop", "Part")
    class Thing(pynn.layers.Layer):
        pass

    assert pynn.saving.get_registered_name(Thing) == "shop>Part"
    assert pynn.saving.get_registered_object("shop>Part") is Thing
    assert pynn.saving.get_custom_objects()["shop>Part"] is Thing
    assert pynn.saving.get_registered_name(Doubled) == "Doubled"
    message = refusal(lambda: pynn.saving.register_keras_serializable()(type("Empty", (), {})))
    assert message == "register_keras_serializable: class Empty has no get_config(), which a file needs"
    del pynn.saving.get_custom_objects()["shop>Part"]


def test_a_lambda_is_code_and_loads_only_when_trusted(pair, tmp_path):
    for writer, reader in (("pynn", "keras"), ("keras", "pynn")):
        here, there = pair[writer][0], pair[reader][0]
        model = here.Sequential(
            [here.layers.Input((8,)), here.layers.Lambda(lambda x: x * 2 + 1), here.layers.Dense(2)]
        )
        model.save(tmp_path / "m.keras")
        with pytest.raises(ValueError, match="lambda"):
            there.saving.load_model(tmp_path / "m.keras")
        loaded = there.saving.load_model(tmp_path / "m.keras", safe_mode=False)
        np.testing.assert_allclose(predicted(loaded, X), predicted(model, X), rtol=1e-5, atol=1e-6)


def test_a_lambda_is_refused_by_a_message_that_says_why(tmp_path):
    model = pynn.Sequential([pynn.layers.Input((8,)), pynn.layers.Lambda(lambda x: x)])
    model.save(tmp_path / "m.keras")
    message = refusal(lambda: pynn.saving.load_model(tmp_path / "m.keras"))
    assert message == (
        "load_model: 'm.keras': a Python lambda is stored here as code, which could do anything when it runs; if you "
        "trust the file, pass safe_mode=False, and better write a named function in place of the lambda"
    )
    with pytest.raises(ValueError, match="a Python lambda is stored here"):
        pynn.layers.Lambda.from_config(json.loads(json.dumps(pynn.layers.Lambda(lambda x: x).get_config())))


def test_a_class_may_write_its_own_state(tmp_path):
    class Counter(pynn.layers.Layer):
        count = 0

        def call(self, x):
            return x

        def save_own_variables(self, store):
            store["count"] = np.array(self.count)

        def load_own_variables(self, store):
            self.count = int(store["count"])

    model = pynn.Sequential([pynn.layers.Input((8,)), Counter()])
    model.layers[0].count = 7
    model.save(tmp_path / "m.keras")
    assert pynn.saving.load_model(tmp_path / "m.keras", {"Counter": Counter}).layers[0].count == 7


# --- Weights alone ---------------------------------------------------------------------------------------


def test_layers_are_found_by_place_so_names_do_not_matter(tmp_path):
    first, second = network(pynn), network(pynn)
    assert first.layers[0].name != second.layers[0].name
    first.save_weights(tmp_path / "m.weights.h5")
    second.load_weights(tmp_path / "m.weights.h5")
    np.testing.assert_array_equal(predicted(first, X), predicted(second, X))


def test_what_does_not_fit_is_refused_whole_or_left_out(tmp_path):
    network(pynn).save_weights(tmp_path / "m.weights.h5")
    layers = pynn.layers
    stack = [layers.Input((8,)), layers.Dense(6), layers.BatchNormalization(), layers.Dense(3, name="out")]
    other = pynn.Sequential(stack, name="other")
    before = other.get_weights()
    message = refusal(lambda: other.load_weights(tmp_path / "m.weights.h5"))
    assert message == (
        "load_weights: 'm.weights.h5' does not fit model 'other':\n"
        "  Dense 'out': kernel has shape (6, 3), in the file (6, 2)"
    )
    for one, two in zip(other.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, two)
    with pytest.warns(UserWarning, match="left as they were") as warned:
        other.load_weights(tmp_path / "m.weights.h5", skip_mismatch=True)
    assert "Dense 'out': kernel has shape (6, 3), in the file (6, 2)" in str(warned[0].message)
    np.testing.assert_array_equal(other.get_weights()[-2], before[-2])
    assert not np.array_equal(other.get_weights()[0], before[0])
    other.set_weights(before)
    other.load_weights(tmp_path / "m.weights.h5", objects_to_skip=[other.layers[2]])
    np.testing.assert_array_equal(other.get_weights()[-2], before[-2])
    assert not np.array_equal(other.get_weights()[0], before[0])


def test_a_layer_that_the_file_lacks_is_named(tmp_path):
    model = pynn.Sequential([pynn.layers.Input((8,)), pynn.layers.Dense(6)])
    model.save_weights(tmp_path / "m.weights.h5")
    message = refusal(lambda: network(pynn, name="net").load_weights(tmp_path / "m.weights.h5"))
    assert "is not in the file, at 'layers/batch_normalization'" in message


ENDINGS = [
    ("save", "m.h5",
     "save: the file name must end in .keras, got 'm.h5' (.h5 is Keras's old format, which pynn does not write); for "
     "weights alone there is save_weights('name.weights.h5')"),
    ("save", "m",
     "save: the file name must end in .keras, got 'm'; for weights alone there is save_weights('name.weights.h5')"),
    ("save_weights", "m.h5",
     "save_weights: the file name must end in .weights.h5 or .safetensors, got 'm.h5' (Keras's old .h5 files, without "
     ".weights before, are not read)"),
    ("save_weights", "m.keras",
     "save_weights: the file name must end in .weights.h5 or .safetensors, got 'm.keras'"),
    ("load_weights", "m.h5",
     "load_weights: the file name must end in .weights.h5, .keras or .safetensors, got 'm.h5' (Keras's old .h5 files, "
     "without .weights before, are not read)"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "name", "message"), ENDINGS)
def test_other_endings_are_refused(tmp_path, method, name, message):
    assert refusal(lambda: getattr(network(pynn), method)(tmp_path / name)) == message
    assert os.listdir(tmp_path) == []


def test_what_pynn_does_not_do_is_an_error_that_says_so(saved):
    model = network(pynn)
    cases = [
        (lambda: model.save_weights(saved.with_name("a.weights.h5"), max_shard_size=1), ValueError,
         "save_weights: pynn writes one file, so max_shard_size must be None"),
        (lambda: model.load_weights(saved, by_name=True), ValueError,
         "load_weights: by_name is for Keras's old .h5 files, which pynn does not read"),
        (lambda: model.export("folder"), NotImplementedError,
         "export: pynn does not write 'tf_saved_model'; model.save('name.keras') writes a file that Keras opens "
         "and exports"),
        (lambda: model.save(saved, zipped=False), ValueError,
         "save: pynn writes .keras files, no folders; leave out zipped=False"),
        (lambda: model.save(saved, overwrite=False), FileExistsError,
         f"save: {str(saved)!r} is there already; pass overwrite=True to replace it"),
        (lambda: model.save(saved, include_optimizer=False), ValueError,
         "save: a .keras file holds the optimizer's state always; save_weights writes weights"),
        (lambda: model.save(saved, overwrit=True), TypeError, "save: unknown argument 'overwrit'"),
        (lambda: pynn.saving.load_model(saved.with_name("none.keras")), FileNotFoundError,
         f"load_model: there is no file {str(saved.with_name('none.keras'))!r}"),
        (lambda: model.load_weights(saved.with_name("none.weights.h5")), FileNotFoundError,
         f"load_weights: there is no file {str(saved.with_name('none.weights.h5'))!r}"),
        (lambda: pynn.Sequential(name="n").save_weights(saved.with_name("a.weights.h5")), ValueError,
         "save_weights: model 'n' has no weights yet; call it on data or build(input_shape)"),
    ]  # fmt: skip
    for call, kind, message in cases:
        assert refusal(call, kind) == message


def test_without_h5py_the_error_names_the_extra():
    code = """
import sys
sys.modules["h5py"] = None
import pynn
try:
    pynn.saving.load_model("m.keras")
except ImportError as error:
    print(error)
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (
        result.stdout
        == "reading and writing .keras and .h5 files needs h5py: pip install 'pynn-core[keras-files]'\n"
    )
