"""Files that are cut, changed or hostile, and disks that are full: a clear error, and everything as it was."""

import io
import json
import os
import zipfile
import zlib

import numpy as np
import pytest

import pynn
from pynn.saving import archive

h5py = pytest.importorskip("h5py")

X = np.random.default_rng(1).normal(size=(8, 4)).astype("float32")


def network(units=3):
    layers = pynn.layers
    model = pynn.Sequential([layers.Input((4,)), layers.Dense(units), layers.Dense(2)], name="net")
    model.compile("adam", "mse")
    model.fit(X, X[:, :2], verbose=0)
    return model


@pytest.fixture(scope="module")
def contents(tmp_path_factory):
    """The bytes of a .keras file and of a .weights.h5 file of one model."""
    folder, model = tmp_path_factory.mktemp("whole"), network()
    model.save(folder / "m.keras")
    model.save_weights(folder / "m.weights.h5")
    return {name: (folder / name).read_bytes() for name in ("m.keras", "m.weights.h5")}


def state(model):
    return [value.copy() for value in (*model.get_weights(), *(v.numpy() for v in model.optimizer.variables))]


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def refusal(call, kind=ValueError):
    with pytest.raises(kind) as error:
        call()
    return str(error.value)


def rebuilt(content, changes):
    """A .keras file with some of its members replaced; None leaves one out."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            member = changes.get(name, old.read(name))
            if member is not None:
                new.writestr(name, member)
    return target.getvalue()


def with_config(content, change):
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        config = json.loads(old.read("config.json"))
    change(config)
    return rebuilt(content, {"config.json": json.dumps(config)})


# --- Damage ------------------------------------------------------------------------------------------------


def test_a_cut_keras_file_is_refused_wherever_it_is_cut(contents, tmp_path):
    whole, path = contents["m.keras"], tmp_path / "m.keras"
    for end in sorted({*range(0, len(whole), 997), 1, 4, len(whole) - 1, len(whole) - 22}):
        path.write_bytes(whole[:end])
        assert "'m.keras'" in refusal(lambda: pynn.saving.load_model(path))


def test_a_changed_byte_of_a_keras_file_is_noticed_or_does_no_harm(contents, tmp_path, rng):
    whole, path, model = bytearray(contents["m.keras"]), tmp_path / "m.keras", network()
    expected = pynn.saving.load_model(io.BytesIO(bytes(whole))).get_weights()
    for position in rng.integers(0, len(whole), 60):
        changed = bytearray(whole)
        changed[position] ^= int(rng.integers(1, 256))
        path.write_bytes(changed)
        before = state(model)
        for call in (lambda: pynn.saving.load_model(path), lambda: model.load_weights(path)):
            try:
                loaded = call()
            except ValueError as error:
                assert "'m.keras'" in str(error)  # noqa: PT017 - either is right
                assert same(state(model), before)
            else:  # the checksums hold, so it was a date or the like
                assert same((loaded or model).get_weights(), expected)
                before = state(model)


def test_a_cut_or_changed_h5_file_never_loads_halfway(contents, tmp_path, rng):
    whole, path, model = contents["m.weights.h5"], tmp_path / "m.weights.h5", network()
    cuts = [whole[:end] for end in range(0, len(whole), 1499)]
    flips = []
    for position in rng.integers(0, len(whole), 60):
        changed = bytearray(whole)
        changed[position] ^= int(rng.integers(1, 256))
        flips.append(bytes(changed))
    for content in (*cuts, *flips):
        path.write_bytes(content)
        for variable in (*model.weights, *model.optimizer.variables):
            variable.assign(np.full(variable.shape, 7))
        try:
            model.load_weights(path)
        except ValueError as error:
            assert "'m.weights.h5'" in str(error)  # noqa: PT017 - either is right
            assert all((value == 7).all() for value in state(model))
        else:
            assert not any((value == 7).all() for value in model.get_weights() if value.ndim == 2)
            assert content not in cuts


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x89HDF\r\n\x1a\n", b"GIF89a" * 9, b"{}"])
def test_a_foreign_file_is_named(tmp_path, content):
    for name in ("m.keras", "m.weights.h5"):
        path = tmp_path / name
        path.write_bytes(content)
        model = network()
        before = state(model)
        assert f"load_weights: '{name}'" in refusal(lambda path=path, model=model: model.load_weights(path))
        assert same(state(model), before)
    message = refusal(lambda: pynn.saving.load_model(tmp_path / "m.keras"))
    assert message.startswith("load_model: 'm.keras' is damaged or no .keras file (")


# --- Contents that are wrong ---------------------------------------------------------------------------------


def missing(config):
    del config["config"]["layers"]


def unknown(config):
    config["config"]["layers"][1]["class_name"] = "Dens"


def newer(config):
    config["config"]["layers"][1]["class_name"] = "Quantum"


def foreign_class(config):
    config["config"]["layers"][1].update(module="os", class_name="system", config={"command": "true"})


def hidden_function(config):
    config["config"]["layers"][1] = {"module": "keras.layers", "class_name": "function", "config": "provide"}


def too_large(config):
    config["config"]["layers"][1]["config"]["units"] = 10**9


def no_dict(config):
    config["config"] = ["layers"]


def optimizer_alone(config):
    optimizer = config["compile_config"]["optimizer"]
    config.clear()
    config.update(optimizer)


CONFIGS = [
    (missing, "load_model: 'm.keras': Sequential: the config has no list 'layers'; it has name, trainable, dtype, "
              "build_input_shape"),
    (unknown, "load_model: 'm.keras': pynn has no keras.layers.Dens; did you mean 'Dense'?"),
    (foreign_class, "load_model: 'm.keras': unknown class or function 'system': pass it in custom_objects="
                    "{'system': ...}, or put @pynn.saving.register_keras_serializable() before its definition"),
    (hidden_function, "load_model: 'm.keras': unknown class or function 'provide': pass it in custom_objects="
                      "{'provide': ...}, or put @pynn.saving.register_keras_serializable() before its definition"),
    (too_large, "load_model: 'm.keras': a weight of shape (4, 1000000000) takes 16000000000 bytes, more than the file "
                "can hold"),
    (no_dict, "load_model: 'm.keras': config of Sequential must be a dict, got ['layers']"),
    (optimizer_alone, "load_model: 'm.keras': the config is that of Adam, no model"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "message"), CONFIGS, ids=lambda value: getattr(value, "__name__", ""))
def test_a_config_that_is_wrong_is_named(contents, tmp_path, change, message):
    path = tmp_path / "m.keras"
    path.write_bytes(with_config(contents["m.keras"], change))
    assert refusal(lambda: pynn.saving.load_model(path)) == message


@pytest.mark.filterwarnings("ignore:.*the file has:UserWarning")  # of another model's optimizer
def test_random_configs_are_refused_or_load(contents, tmp_path, rng):
    """Values replaced at random places: never another exception than ValueError."""
    path = tmp_path / "m.keras"
    values = [None, -1, 0, 10**12, 1e308, "x", "relu", [], {}, [None, -5], {"class_name": "Dense"}, True]

    def change(config):
        places = []

        def collect(node):
            for key in node if isinstance(node, dict) else range(len(node)):
                places.append((node, key))
                if isinstance(node[key], (dict, list)):
                    collect(node[key])

        collect(config)
        node, key = places[rng.integers(len(places))]
        node[key] = values[rng.integers(len(values))]

    for _ in range(40):
        path.write_bytes(with_config(contents["m.keras"], change))
        try:
            pynn.saving.load_model(path)
        except ValueError as error:
            assert str(error).startswith("load_model: 'm.keras'")  # noqa: PT017 - either is right


def test_a_newer_version_of_keras_is_mentioned(contents, tmp_path):
    path = tmp_path / "m.keras"
    content = with_config(contents["m.keras"], newer)
    path.write_bytes(rebuilt(content, {"metadata.json": json.dumps({"keras_version": "4.0.0"})}))
    assert refusal(lambda: pynn.saving.load_model(path)) == (
        "load_model: 'm.keras': pynn has no keras.layers.Quantum (the file is from Keras 4.0.0, newer than the 3.15.1 "
        "pynn knows)"
    )


MEMBERS = [
    ({"config.json": None}, "load_model: 'm.keras': it has no config.json; a .keras file has one"),
    ({"model.weights.h5": None}, "load_model: 'm.keras': it has no model.weights.h5; a .keras file has one"),
    ({"config.json": "[" * 100_000}, "load_model: 'm.keras': its config.json is nested too deeply"),
    ({"config.json": "[1]"}, "load_model: 'm.keras': its config.json holds no dict"),
    ({"config.json": "{"}, "load_model: 'm.keras': its config.json is no JSON (Expecting property name enclosed in "
                           "double quotes: line 1 column 2 (char 1))"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "message"), MEMBERS, ids=range(len(MEMBERS)))
def test_members_that_are_missing_or_wrong(contents, tmp_path, changes, message):
    path = tmp_path / "m.keras"
    path.write_bytes(rebuilt(contents["m.keras"], changes))
    assert refusal(lambda: pynn.saving.load_model(path)) == message


def test_an_archive_that_unpacks_to_too_much_is_not_unpacked(contents, tmp_path):
    path = tmp_path / "m.keras"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("metadata.json", "{}")
        bomb.writestr("config.json", " " * (1 << 22))
    assert "its config.json unpacks from " in refusal(lambda: pynn.saving.load_model(path))


def test_names_that_lead_out_of_the_archive_are_not_followed(contents, tmp_path):
    path = tmp_path / "inside" / "m.keras"
    path.parent.mkdir()
    path.write_bytes(contents["m.keras"])
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("../outside.txt", "x")
        file.writestr("/tmp/outside-of-everything.txt", "x")
    pynn.saving.load_model(path)
    assert os.listdir(tmp_path) == ["inside"]


# --- Hostile arrays -------------------------------------------------------------------------------------------


def changed_h5(content, change):
    file = io.BytesIO(content)
    with h5py.File(file, "r+") as opened:
        change(opened["layers/dense/vars"], opened)
    return file.getvalue()


def external(group, file):
    del group["0"]
    group["0"] = h5py.ExternalLink("/etc/other.h5", "/x")


def soft(group, file):
    del group["0"]
    group["0"] = h5py.SoftLink("/layers/dense_1/vars/0")


def text(group, file):
    del group["0"]
    group.create_dataset("0", data=np.full((4, 3), b"abc", "S3"))


def integers(group, file):
    del group["0"]
    group["0"] = np.ones((4, 3), "int32")


def huge(group, file):
    del group["0"]
    group.create_dataset("0", shape=(1 << 20, 1 << 20), chunks=(1, 1 << 10), dtype="float32")


def a_group(group, file):
    del group["0"]
    group.create_group("0")


def too_many(group, file):
    group["2"] = np.ones(3, "float32")


def linked_group(group, file):
    del file["layers/dense"]
    file["layers/dense"] = h5py.SoftLink("/layers/dense_1")


ARRAYS = [
    (external, "/layers/dense/vars/0 is a link, which may lead anywhere"),
    (soft, "/layers/dense/vars/0 is a link, which may lead anywhere"),
    (text, "layers/dense/vars/0 holds |S3, no numbers"),
    (integers, "kernel is float32, in the file int32"),
    (huge, "kernel has shape (4, 3), in the file (1048576, 1048576)"),
    (a_group, "layers/dense/vars/0 is no array that the file holds"),
    (too_many, "has 2 variables (kernel, bias), the file 3"),
    (linked_group, "/layers/dense is a link, which may lead anywhere"),
]


@pytest.mark.parametrize(("change", "message"), ARRAYS, ids=lambda value: getattr(value, "__name__", ""))
def test_arrays_that_are_wrong_change_nothing(contents, tmp_path, change, message):
    path, model = tmp_path / "m.weights.h5", network()
    path.write_bytes(changed_h5(contents["m.weights.h5"], change))
    before = state(model)
    found = refusal(lambda: model.load_weights(path))
    assert found.startswith("load_weights: 'm.weights.h5' does not fit model 'net':\n")
    assert message in found
    assert same(state(model), before)


def test_an_optimizer_state_that_does_not_fit_changes_nothing_either(contents, tmp_path):
    def change(group, file):
        del file["optimizer/vars/2"]
        file["optimizer/vars/2"] = np.ones((9, 9), "float32")

    path, model = tmp_path / "m.weights.h5", network()
    path.write_bytes(changed_h5(contents["m.weights.h5"], change))
    before = state(model)
    assert "momentum has shape (4, 3), in the file (9, 9)" in refusal(lambda: model.load_weights(path))
    assert same(state(model), before)


def test_what_else_is_in_a_file_does_no_harm(contents, tmp_path):
    """Keras's files of other versions hold the state of random generators, for instance."""

    def change(group, file):
        file["layers/dense/seed_generator/vars/0"] = np.zeros(2, "uint32")

    path, model = tmp_path / "m.weights.h5", network()
    path.write_bytes(changed_h5(contents["m.weights.h5"], change))
    model.load_weights(path)
    expected = pynn.saving.load_model(io.BytesIO(contents["m.keras"]))
    assert same(model.get_weights(), expected.get_weights())


# --- Writing ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["m.keras", "m.weights.h5"])
def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch, name):
    path, model = tmp_path / name, network()
    save = model.save if name == "m.keras" else model.save_weights
    save(path)
    before = path.read_bytes()

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert "No space left" in refusal(lambda: save(path), OSError)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == [name]


def test_a_model_that_cannot_be_written_leaves_the_old_file(tmp_path):
    class Odd(pynn.layers.Layer):
        def call(self, x):
            return x

        def get_config(self):
            return {**super().get_config(), "what": object()}

    class Broken(pynn.layers.Layer):
        def call(self, x):
            return x

        def save_own_variables(self, store):
            raise RuntimeError("no state today")

    path = tmp_path / "m.keras"
    path.write_text("old")
    for layer, kind, message in (
        (Odd(), TypeError, "object has no get_config()"),
        (Broken(), RuntimeError, "no state"),
    ):
        model = pynn.Sequential([pynn.layers.Input((4,)), layer])
        assert message in refusal(lambda model=model: model.save(path), kind)
        assert path.read_text() == "old"
        assert os.listdir(tmp_path) == ["m.keras"]


def test_no_folder_is_an_error_before_anything_is_written(tmp_path):
    message = refusal(lambda: network().save(tmp_path / "none" / "m.keras"), FileNotFoundError)
    assert message == f"there is no folder {str(tmp_path / 'none')!r} to write 'm.keras' to"


def test_what_is_written_is_not_packed_and_has_checksums(contents):
    with zipfile.ZipFile(io.BytesIO(contents["m.keras"])) as file:
        assert file.namelist() == [archive.METADATA, archive.CONFIG, archive.WEIGHTS]
        assert {info.compress_type for info in file.infolist()} == {zipfile.ZIP_STORED}
        assert all(zlib.crc32(file.read(info)) == info.CRC for info in file.infolist())


# --- While training --------------------------------------------------------------------------------------------


def test_checkpoints_are_files_that_load(tmp_path):
    model = network()
    whole = pynn.callbacks.ModelCheckpoint(tmp_path / "{epoch:02d}-{val_loss:.2f}.keras")
    best = pynn.callbacks.ModelCheckpoint(tmp_path / "best.keras", save_best_only=True)
    weights = pynn.callbacks.ModelCheckpoint(tmp_path / "{epoch}.weights.h5", save_weights_only=True)
    history = model.fit(
        X, X[:, :2], epochs=3, validation_data=(X, X[:, :2]), verbose=0, callbacks=[whole, best, weights]
    ).history
    losses = history["val_loss"]
    names = {f"{epoch + 1:02d}-{loss:.2f}.keras" for epoch, loss in enumerate(losses)}
    assert set(os.listdir(tmp_path)) == {*names, "best.keras", "1.weights.h5", "2.weights.h5", "3.weights.h5"}
    loaded = pynn.saving.load_model(tmp_path / "best.keras")
    assert loaded.evaluate(X, X[:, :2], verbose=0) == pytest.approx(min(losses), rel=1e-5)
    loaded.load_weights(tmp_path / "3.weights.h5")
    np.testing.assert_array_equal(loaded.get_weights()[0], model.get_weights()[0])
