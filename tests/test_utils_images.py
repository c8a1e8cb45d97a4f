"""Pictures: files, Pillow's images and arrays as Keras makes them of each other; folders of pictures as Datasets."""

import inspect
import io
import sys

import numpy as np
import pytest
from errors import raises

import pynn
from pynn import utils

Image = pytest.importorskip("PIL.Image")


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image)


@pytest.fixture
def picture(tmp_path, rng):
    """Writes a picture of some mode and returns its path."""

    def write(name="a.png", mode="RGB", size=(13, 9)):
        channels = {"L": (), "RGB": (3,), "RGBA": (4,)}.get(mode, ())
        pixels = rng.integers(0, 256, (size[1], size[0], *channels), np.uint8)
        if mode == "I;16":
            pixels = pixels.astype(np.uint16) * 257
        image = Image.fromarray(pixels)
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        image.save(tmp_path / name)
        return tmp_path / name

    return write


@pytest.mark.parametrize("name", ["load_img", "img_to_array", "array_to_img", "save_img"])
def test_signatures_are_keras(keras, name):
    ours, theirs = (inspect.signature(getattr(u, name)).parameters.values() for u in (utils, keras.utils))
    assert [(p.name, p.default, p.kind) for p in ours] == [(p.name, p.default, p.kind) for p in theirs]


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "I;16"])
@pytest.mark.parametrize("color_mode", ["grayscale", "rgb", "rgba"])
def test_load_img_is_kerass(keras, picture, mode, color_mode):
    path = picture(mode=mode)
    ours, theirs = utils.load_img(path, color_mode), keras.utils.load_img(path, color_mode)
    assert (ours.mode, ours.size) == (theirs.mode, theirs.size)
    for layout in ("channels_last", "channels_first"):
        got = utils.img_to_array(ours, layout)
        np.testing.assert_array_equal(got, keras.utils.img_to_array(theirs, layout), strict=True)


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear", "bicubic", "lanczos", "box", "hamming"])
@pytest.mark.parametrize("keep", [False, True])
def test_load_img_resizes_as_keras(keras, picture, interpolation, keep):
    options = {"target_size": (5, 11), "interpolation": interpolation, "keep_aspect_ratio": keep}
    path = str(picture())
    got = utils.img_to_array(utils.load_img(path, **options))
    assert got.shape == (5, 11, 3)
    np.testing.assert_array_equal(got, keras.utils.img_to_array(keras.utils.load_img(path, **options)))


def test_load_img_of_a_file_in_memory(picture):
    path = picture()
    from_memory = utils.load_img(io.BytesIO(path.read_bytes()))
    np.testing.assert_array_equal(np.asarray(from_memory), pixels(path))


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("scale", [True, False])
def test_array_to_img_is_kerass(keras, rng, channels, scale):
    x = rng.uniform(0, 255, (6, 7, channels))
    ours, theirs = (u.array_to_img(x, scale=scale) for u in (utils, keras.utils))
    assert ours.mode == theirs.mode
    np.testing.assert_array_equal(np.asarray(ours), np.asarray(theirs))
    first = utils.array_to_img(x.transpose(2, 0, 1), "channels_first", scale)
    np.testing.assert_array_equal(np.asarray(first), np.asarray(ours))


def test_array_to_img_of_special_values():
    assert np.asarray(utils.array_to_img(np.full((2, 2, 1), 7.0))).tolist() == [[0, 0], [0, 0]]
    assert utils.array_to_img(np.full((2, 2, 1), 300.0), scale=False).mode == "I"
    tensor = pynn.asarray(np.array([[[0.0], [1.0]]], np.float32))
    assert np.asarray(utils.array_to_img(tensor)).tolist() == [[0, 255]]


def test_save_img_writes_what_load_img_reads(tmp_path, rng):
    x = rng.integers(0, 256, (5, 4, 3)).astype("float32")
    utils.save_img(tmp_path / "a.png", x, scale=False)
    np.testing.assert_array_equal(utils.img_to_array(utils.load_img(tmp_path / "a.png")), x)
    with io.BytesIO() as file:
        utils.save_img(file, x, file_format="png", scale=False)
        np.testing.assert_array_equal(pixels(file), x)
    with pytest.warns(UserWarning, match="JPEG has no transparency"):
        utils.save_img(tmp_path / "b.jpg", rng.uniform(size=(4, 4, 4)))
    assert pixels(tmp_path / "b.jpg").shape == (4, 4, 3)
    with raises(ValueError, "save_img: Pillow knows no format 'xyz'"):
        utils.save_img(tmp_path / "c.xyz", x)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "b.jpg"]


@pytest.mark.parametrize("shape", [(10, 7, 3), (2, 6, 11, 1)])
@pytest.mark.parametrize("interpolation", ["bilinear", "nearest"])
def test_smart_resize_is_kerass(keras, rng, shape, interpolation):
    x = rng.uniform(size=shape).astype("float32")
    ours, theirs = (p.image.smart_resize for p in (pynn.preprocessing, keras.preprocessing))
    expected = theirs(x, (4, 5), interpolation)
    np.testing.assert_allclose(ours(x, (4, 5), interpolation), expected, rtol=1e-5, atol=1e-6)
    first = np.moveaxis(x, -1, -3)
    got = ours(first, (4, 5), interpolation, "channels_first")
    np.testing.assert_allclose(np.moveaxis(got, -3, -1), expected, rtol=1e-5, atol=1e-6)
    assert isinstance(ours(pynn.asarray(x), (4, 5)), pynn.Tensor)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda p: utils.load_img(p, "bgr"),
            ValueError,
            "load_img: color_mode must be 'rgb', 'rgba' or 'grayscale', got 'bgr'",
        ),
        (
            lambda p: utils.load_img(p, interpolation="cubic"),
            ValueError,
            "load_img: interpolation must be one of nearest, bilinear, bicubic, hamming, box, lanczos, got 'cubic'",
        ),
        (lambda p: utils.load_img(5), TypeError, "load_img: path must be a path or a BytesIO, got int"),
        (
            lambda p: utils.img_to_array(np.zeros(3)),
            ValueError,
            "img_to_array: expected a picture of 2 or 3 axes, got shape (3,)",
        ),
        (
            lambda p: utils.array_to_img(np.zeros((3, 3))),
            ValueError,
            "array_to_img: expected one picture of 3 axes, got shape (3, 3)",
        ),
        (
            lambda p: utils.array_to_img(np.zeros((3, 3, 2))),
            ValueError,
            "array_to_img: expected 1, 3 or 4 channels, got 2",
        ),
        (
            lambda p: pynn.preprocessing.image.smart_resize(np.zeros((3, 3)), (2, 2)),
            ValueError,
            "smart_resize: expected a picture of 3 axes or a batch of 4, got shape (3, 3)",
        ),
        (
            lambda p: pynn.preprocessing.image.smart_resize(np.zeros((3, 3, 1)), (2, 2), "bicubic"),
            ValueError,
            "smart_resize: interpolation must be 'bilinear' or 'nearest', got 'bicubic'",
        ),
    ],
)
def test_mistakes_are_named(picture, call, error, message):
    with raises(error, message):
        call(picture())


def test_damaged_and_missing_files(tmp_path, picture):
    (tmp_path / "text.png").write_text("hello")
    (tmp_path / "cut.png").write_bytes(picture().read_bytes()[:90])
    for name in ("text.png", "cut.png"):
        with pytest.raises(ValueError, match=rf"^load_img: .*{name} is no picture that Pillow can read \("):
            utils.load_img(tmp_path / name)
    with pytest.raises(FileNotFoundError):
        utils.load_img(tmp_path / "none.png")


def test_without_pillow_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    with raises(ImportError, "load_img needs Pillow: pip install 'pynn-core[images]'"):
        utils.load_img("a.png")
    with raises(ImportError, "image_dataset_from_directory needs Pillow: pip install 'pynn-core[images]'"):
        utils.image_dataset_from_directory(".")


# --- Folders ----------------------------------------------------------------------------------------


@pytest.fixture
def photos(picture, tmp_path):
    for label, count in (("cat", 5), ("dog", 3)):
        for number in range(count):
            picture(f"photos/{label}/{number}.png", size=(8 + number, 6))
    (tmp_path / "photos" / "cat" / "notes.txt").write_text("no picture")
    (tmp_path / "photos" / ".hidden").mkdir()
    return tmp_path / "photos"


def test_the_signature_of_folders_is_kerass(keras):
    for name in (
        "image_dataset_from_directory",
        "text_dataset_from_directory",
        "timeseries_dataset_from_array",
    ):
        ours, theirs = (inspect.signature(getattr(u, name)).parameters.values() for u in (utils, keras.utils))
        assert [(p.name, p.default) for p in ours] == [(p.name, p.default) for p in theirs]


def test_a_folder_of_pictures_is_a_dataset(photos, capsys):
    dataset = utils.image_dataset_from_directory(photos, image_size=(6, 8), batch_size=3, shuffle=False)
    assert capsys.readouterr().out == "Found 8 files belonging to 2 classes.\n"
    assert dataset.class_names == ["cat", "dog"]
    assert [path.rpartition("photos/")[2] for path in dataset.file_paths[3:6]] == [
        "cat/3.png",
        "cat/4.png",
        "dog/0.png",
    ]
    assert len(dataset) == 3
    x, y = next(iter(dataset))
    assert (x.shape, x.dtype, y.dtype, y.tolist()) == ((3, 6, 8, 3), pynn.float32, pynn.int32, [0, 0, 0])
    np.testing.assert_array_equal(x[0].numpy(), pixels(photos / "cat" / "0.png"))
    resized = pynn.layers.Resizing(6, 8)(pixels(photos / "cat" / "2.png").astype("float32")[None])
    np.testing.assert_allclose(x[2].numpy(), resized[0].numpy(), rtol=1e-6)
    assert [batch[1].tolist() for batch in dataset][1:] == [[0, 0, 1], [1, 1]]


@pytest.mark.parametrize("size", [(3, 4), (6, 8), (7, 5), (17, 30), (1, 1)], ids=str)
@pytest.mark.parametrize("interpolation", ["bilinear", "nearest"])
def test_pictures_are_resized_as_by_the_layer(picture, tmp_path, size, interpolation):
    image = pixels(picture("one/a/0.png", size=(8, 6))).astype("float32")
    expected = pynn.layers.Resizing(*size, interpolation=interpolation)(image[None])
    (x,) = utils.image_dataset_from_directory(
        tmp_path / "one", labels=None, image_size=size, interpolation=interpolation, verbose=False
    )
    np.testing.assert_allclose(x.numpy(), expected.numpy(), rtol=1e-5, atol=1e-3)


def test_shuffled_pictures_keep_their_labels(photos):
    plain = utils.image_dataset_from_directory(photos, image_size=(4, 4), shuffle=False, verbose=False)
    ((x, y),) = plain
    labels = {x[i].numpy().tobytes(): y[i].item() for i in range(8)}
    dataset = utils.image_dataset_from_directory(photos, image_size=4, seed=1, batch_size=2, verbose=False)
    orders = []
    for _ in range(2):
        seen = [(image.numpy().tobytes(), label.item()) for image, label in dataset.unbatch()]
        assert dict(seen) == labels
        orders.append([image for image, _ in seen])
    assert orders[0] != orders[1]


@pytest.mark.parametrize(
    ("options", "shape", "expected"),
    [
        ({"label_mode": "binary"}, (8, 1), [[0.0]] * 5 + [[1.0]] * 3),
        ({"label_mode": "categorical"}, (8, 2), [[1.0, 0.0]] * 5 + [[0.0, 1.0]] * 3),
        ({"class_names": ["dog", "cat"]}, (8,), [0] * 3 + [1] * 5),
        ({"labels": [3, 1, 1, 1, 1, 2, 2, 2]}, (8,), [3, 1, 1, 1, 1, 2, 2, 2]),
    ],
    ids=str,
)
def test_labels(photos, options, shape, expected):
    dataset = utils.image_dataset_from_directory(
        photos, image_size=(4, 4), shuffle=False, verbose=False, **options
    )
    ((_, y),) = dataset
    assert y.shape == shape
    assert y.tolist() == expected


@pytest.mark.parametrize("mode", [{"labels": None}, {"label_mode": None}])
def test_pictures_without_labels(photos, mode):
    dataset = utils.image_dataset_from_directory(
        photos, image_size=(4, 5), color_mode="grayscale", batch_size=None, verbose=False, **mode
    )
    assert dataset.class_names is None
    assert [x.shape for x in dataset] == [(4, 5, 1)] * 8


def test_training_and_validation_share_no_file(photos, capsys):
    options = {"image_size": (4, 4), "validation_split": 0.4, "seed": 5, "verbose": False}
    parts = [
        utils.image_dataset_from_directory(photos, subset=s, **options) for s in ("training", "validation")
    ]
    assert capsys.readouterr().out == "Using 5 files for training.\nUsing 3 files for validation.\n"
    assert [len(part.file_paths) for part in parts] == [5, 3]
    assert len({*parts[0].file_paths, *parts[1].file_paths}) == 8
    both = utils.image_dataset_from_directory(photos, subset="both", **options)
    assert [part.file_paths for part in both] == [part.file_paths for part in parts]


def test_the_files_are_those_that_keras_finds(keras, photos, tmp_path):
    from keras.src.utils.dataset_utils import index_directory

    (photos / "cat" / "more").mkdir()
    Image.new("RGB", (2, 2)).save(photos / "cat" / "more" / "X.JPG")
    formats = (".png", ".jpg")
    for options in ({"seed": 3}, {"shuffle": False}, {"seed": 3, "class_names": ["dog", "cat"]}):
        paths, labels, names = index_directory(str(photos), "inferred", formats, verbose=False, **options)
        found = utils.directories.index_directory(photos, "inferred", formats, verbose=False, **options)
        assert (found.paths, found.labels, found.class_names) == (paths, labels.tolist(), names)
    paths, _, _ = index_directory(str(photos), None, formats, seed=3, verbose=False)
    assert utils.directories.index_directory(photos, None, formats, seed=3, verbose=False).paths == paths


def test_aspect_ratios(picture, tmp_path):
    picture("wide/a/0.png", size=(8, 4))
    options = {"image_size": (4, 4), "label_mode": None, "verbose": False, "interpolation": "nearest"}
    image = pixels(tmp_path / "wide/a/0.png").astype("float32")
    (cropped,) = utils.image_dataset_from_directory(tmp_path / "wide", crop_to_aspect_ratio=True, **options)
    np.testing.assert_array_equal(cropped[0].numpy(), image[:, 2:6])
    (padded,) = utils.image_dataset_from_directory(tmp_path / "wide", pad_to_aspect_ratio=True, **options)
    assert not padded[0, [0, 3]].numpy().any()
    np.testing.assert_array_equal(padded[0, 1:3].numpy(), image[1::2, 1::2])
    (first,) = utils.image_dataset_from_directory(tmp_path / "wide", data_format="channels_first", **options)
    assert first.shape == (1, 3, 4, 4)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"color_mode": "bgr"}, "color_mode must be one of ('rgb', 'rgba', 'grayscale'), got 'bgr'"),
        ({"interpolation": "area"}, "pynn has interpolation 'bilinear' and 'nearest', got 'area'"),
        ({"image_size": (1, 2, 3)}, "image_size must be (height, width), got (1, 2, 3)"),
        ({"format": "grain"}, "pynn has only format='tf', its own Dataset; got 'grain'"),
        ({"labels": "guess"}, "labels must be 'inferred', None or a list, got 'guess'"),
        ({"labels": None, "class_names": ["a"]}, "class_names needs labels='inferred'"),
        (
            {"label_mode": "word"},
            "label_mode must be one of ('int', 'categorical', 'binary', None), got 'word'",
        ),
        ({"subset": "test"}, "subset must be one of ('training', 'validation', 'both', None), got 'test'"),
        ({"subset": "training"}, "give validation_split and subset together"),
        ({"validation_split": 0.5}, "give validation_split and subset together"),
        ({"validation_split": 2, "subset": "training"}, "validation_split must be in (0, 1), got 2"),
        (
            {"validation_split": 0.5, "subset": "training"},
            "give a seed, so that training and validation do not share files (or shuffle=False)",
        ),
        (
            {"crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True},
            "give only one of crop_to_aspect_ratio and pad_to_aspect_ratio",
        ),
    ],
    ids=str,
)
def test_arguments_that_have_no_meaning(photos, options, message):
    with raises(ValueError, f"image_dataset_from_directory: {message}"):
        utils.image_dataset_from_directory(photos, verbose=False, **options)


def test_folders_that_hold_nothing(tmp_path, photos):
    with raises(
        ValueError,
        f"image_dataset_from_directory: no pictures in {str(tmp_path / 'photos' / '.hidden')!r} "
        "(formats: .bmp, .gif, .jpeg, .jpg, .png)",
    ):
        utils.image_dataset_from_directory(photos / ".hidden", verbose=False)
    with pytest.raises(FileNotFoundError):
        utils.image_dataset_from_directory(tmp_path / "none", labels=None)
    with raises(ValueError, f"got 2 labels for 8 files in {str(photos)!r}"):
        utils.image_dataset_from_directory(photos, labels=[1, 2])
    with raises(ValueError, "class_names ['cow'] are not all among the folders ['cat', 'dog']"):
        utils.image_dataset_from_directory(photos, class_names=["cow"])


def test_a_network_trains_on_a_folder(photos):
    pynn.utils.set_random_seed(1)
    dataset = utils.image_dataset_from_directory(
        photos, image_size=(4, 4), batch_size=4, label_mode="binary", seed=1, verbose=False
    )
    model = pynn.Sequential([pynn.layers.Rescaling(1 / 255), pynn.layers.Flatten(), pynn.layers.Dense(1)])
    model.compile(loss="mse")
    history = model.fit(dataset.cache(), validation_data=dataset, epochs=20, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    assert model.predict(dataset, verbose=0).shape == (8, 1)
