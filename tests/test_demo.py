"""The command line: the demo learns, draws, saves and loads; every mistake is one line before any work."""

import gzip
import re
import struct
import subprocess
import sys

import numpy as np
import pytest

from pynn import demo
from pynn.__main__ import main
from pynn.viz.text import draw


def write_idx(path, array):
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    path.write_bytes(gzip.compress(header + array.tobytes()))


def make_digits(folder, size=8):
    """Digits that are easy: the class is the row that holds ink. One test label in ten is false."""
    generator = np.random.default_rng(3)
    for prefix, count in (("train", 300), ("t10k", 60)):
        labels = generator.integers(0, size, count).astype(np.uint8)
        images = generator.integers(0, 40, (count, size, size)).astype(np.uint8)
        images[np.arange(count), labels] = 255
        if prefix == "t10k":
            labels[::10] = (labels[::10] + 1) % size
        write_idx(folder / f"{prefix}-images-idx3-ubyte.gz", images)
        write_idx(folder / f"{prefix}-labels-idx1-ubyte.gz", labels)
    return folder


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    return make_digits(tmp_path_factory.mktemp("digits"))


@pytest.fixture
def train(digits):
    """Trains a small network; extra options come last, so they win."""

    def train(*extra):
        options = ["--data", digits, "--units", "16", "--batch-size", "10", "--epochs", "4", *extra]
        return main(["mnist", *map(str, options)])

    return train


def last_accuracy(output):
    line = next(line for line in output.splitlines() if line.startswith("test loss"))
    return float(line.split()[-1])


# --- What it does ------------------------------------------------------------------------------------


def test_the_course_network_learns_the_real_digits(capsys):
    assert main(["mnist", "--epochs", "2", "--quiet"]) == 0
    assert last_accuracy(capsys.readouterr().out) >= 0.965


def test_it_shows_what_it_got_right_and_wrong(train, capsys):
    assert train() == 0
    output = capsys.readouterr().out
    assert 0.8 <= last_accuracy(output) <= 0.9
    right, wrong = output.split(" right\n")[1].split(" wrong\n")
    assert all(label == says for label, says in re.findall(r"(\d): says (\d)", right))
    assert all(label != says for label, says in re.findall(r"(\d): says (\d)", wrong))
    assert "++" in right
    assert "++" in wrong


def test_quiet_prints_the_result_only(train, capsys):
    train("--quiet")
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_the_same_seed_gives_the_same_run(train, capsys):
    outputs = []
    for seed in (1, 1, 2):
        train("--quiet", "--seed", seed, "--epochs", 1)
        outputs.append(capsys.readouterr().out)
    assert outputs[0] == outputs[1] != outputs[2]


def test_saved_weights_load_again(train, tmp_path, capsys):
    path = tmp_path / "net.safetensors"
    train("--save", path, "--quiet")
    first = capsys.readouterr().out
    train("--load", path, "--epochs", "0", "--quiet", "--seed", "9")
    assert capsys.readouterr().out == first


@pytest.mark.parametrize("name", ["adam", "sgd", "adagrad"])
def test_other_optimizers_and_rates(train, name, capsys):
    train("--optimizer", name, "--learning-rate", "0.05", "--epochs", "6", "--quiet")
    assert last_accuracy(capsys.readouterr().out) >= 0.8


def test_plot_writes_pictures(train, tmp_path, capsys):
    pytest.importorskip("matplotlib")
    train("--plot", tmp_path / "new" / "folder")
    names = ["confusion.png", "curves.png", "mistakes.png", "weights.png"]
    assert sorted(file.name for file in (tmp_path / "new" / "folder").iterdir()) == names
    for name in names:
        assert (tmp_path / "new" / "folder" / name).read_bytes().startswith(b"\x89PNG")
    assert "drawn in" in capsys.readouterr().out


def test_without_training_there_are_no_curves_to_plot(train, tmp_path):
    pytest.importorskip("matplotlib")
    train("--plot", tmp_path, "--epochs", 0)
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "confusion.png",
        "mistakes.png",
        "weights.png",
    ]


# --- The convolutional network -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def large_digits(tmp_path_factory):
    return make_digits(tmp_path_factory.mktemp("large"), size=20)


def convolve(folder, *extra):
    options = ["--model", "cnn", "--data", folder, "--batch-size", "20", "--epochs", "2", *extra]
    return main(["mnist", *map(str, options)])


def test_the_convolutional_network_learns_saves_and_loads(large_digits, tmp_path, capsys):
    path = tmp_path / "net.safetensors"
    assert convolve(large_digits, "--epochs", 12, "--learning-rate", 0.003, "--save", path, "--quiet") == 0
    first = capsys.readouterr().out
    assert last_accuracy(first) >= 0.7
    convolve(large_digits, "--load", path, "--epochs", 0, "--quiet")
    assert capsys.readouterr().out == first


def test_the_convolutional_network_draws_filters_and_feature_maps(large_digits, tmp_path):
    pytest.importorskip("matplotlib")
    convolve(large_digits, "--epochs", 1, "--plot", tmp_path)
    names = ["confusion.png", "curves.png", "feature_maps.png", "filters.png", "mistakes.png"]
    assert sorted(file.name for file in tmp_path.iterdir()) == names


def test_it_is_the_network_of_the_course(large_digits, monkeypatch):
    seen = []
    monkeypatch.setattr(demo.Training, "run", lambda self: seen.append(self.model))
    convolve(large_digits)
    (model,) = seen
    names = [type(layer).__name__ for layer in model.layers]
    assert names == ["Conv2D", "MaxPooling2D", "Conv2D", "MaxPooling2D", "Conv2D", "Flatten", "Dense"]
    assert [layer.filters for layer in model.layers[0:5:2]] == [32, 64, 128]


def test_ctrl_c_ends_without_a_traceback(train, monkeypatch):
    def interrupted(self):
        raise KeyboardInterrupt

    monkeypatch.setattr(demo.Training, "run", interrupted)
    assert train() == 130


def run_module(*arguments, cwd):
    command = [sys.executable, "-m", "pynn", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


def test_info_tells_the_configuration(tmp_path):
    result = run_module("info", cwd=tmp_path)
    assert result.returncode == 0
    assert "threads" in result.stdout.lower()


def test_a_mistake_leaves_the_process_with_code_2(tmp_path):
    result = run_module("mnist", "--epochs", "many", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == (
        "pynn mnist: argument --epochs: expected a whole number from 0 to 2147483647, got 'many'\n"
    )


# --- What it refuses ---------------------------------------------------------------------------------


@pytest.fixture
def refused(train, capsys, monkeypatch):
    """Runs with bad options; returns the one line on stderr. Any training would fail the test."""

    def untouched(self):
        pytest.fail("the network was trained before the options were checked")

    monkeypatch.setattr(demo.Training, "run", untouched)

    def refused(*extra):
        with pytest.raises(SystemExit) as error:
            train(*extra)
        output = capsys.readouterr()
        assert (error.value.code, output.out) == (2, "")
        assert output.err.count("\n") == 1
        return output.err.removesuffix("\n")

    return refused


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--epochs", "-1"], "argument --epochs: expected a whole number from 0 to 2147483647, got '-1'"),
        (["--epochs", "1.5"], "argument --epochs: expected a whole number from 0 to 2147483647, got '1.5'"),
        (
            ["--batch-size", "0"],
            "argument --batch-size: expected a whole number from 1 to 2147483647, got '0'",
        ),
        (["--units", "²"], "argument --units: expected a whole number from 1 to 2147483647, got '²'"),
        (["--threads", "0"], "argument --threads: expected a whole number from 1 to 1024, got '0'"),
        (
            ["--threads", "9" * 20],
            f"argument --threads: expected a whole number from 1 to 1024, got '{'9' * 20}'",
        ),
        (["--learning-rate", "nan"], "argument --learning-rate: expected a number above 0, got 'nan'"),
        (["--learning-rate", "fast"], "argument --learning-rate: expected a number above 0, got 'fast'"),
        (
            ["--seed", "4294967296"],
            "argument --seed: expected a whole number from 0 to 4294967295, got '4294967296'",
        ),
        (
            ["--save", "w.h6"],
            "save_weights: the file name must end in .weights.h5 or .safetensors, got 'w.h6'",
        ),
        (["--save", "no/w.safetensors"], "save_weights: there is no folder 'no'"),
        (
            ["--load", "w.h6"],
            "load_weights: the file name must end in .weights.h5, .keras or .safetensors, got 'w.h6'",
        ),
    ],
)
def test_a_bad_option_is_one_line(refused, options, message):
    assert refused(*options) == f"pynn mnist: {message}"


def test_an_unknown_optimizer_gets_a_hint(refused):
    line = refused("--optimizer", "rmsporp")
    assert line == "pynn mnist: unknown optimizer 'rmsporp'; did you mean 'rmsprop'?"


def test_the_convolutional_network_has_no_units(refused):
    line = refused("--model", "cnn")  # the fixture gives --units
    assert line == "pynn mnist: --units is the size of the mlp's hidden layer; --model cnn has none"


def test_images_too_small_for_convolutions_are_one_line(digits, monkeypatch, capsys):
    monkeypatch.setattr(demo.Training, "run", lambda self: pytest.fail("trained"))
    with pytest.raises(SystemExit) as error:
        main(["mnist", "--model", "cnn", "--data", str(digits)])
    assert error.value.code == 2
    assert capsys.readouterr().err == (
        "pynn mnist: --model cnn needs images of 18 x 18 or more, these are 8 x 8\n"
    )


def test_an_unknown_model_is_one_line(refused):
    assert refused("--model", "rnn").startswith("pynn mnist: argument --model: invalid choice: 'rnn'")


def test_an_unknown_option_is_one_line(refused):
    assert refused("--epoch", "3") == "pynn: unrecognized arguments: --epoch 3"


def test_a_save_path_that_is_a_folder_is_one_line(refused, tmp_path):
    path = tmp_path / "w.safetensors"
    path.mkdir()
    assert refused("--save", path) == f"pynn mnist: save_weights: '{path}' is a folder"


def test_a_missing_or_foreign_weights_file_is_one_line(refused, tmp_path):
    path = tmp_path / "w.safetensors"
    assert refused("--load", path) == f"pynn mnist: [Errno 2] No such file or directory: '{path}'"
    path.write_bytes(b"something else entirely")
    assert refused("--load", path).startswith(
        "pynn mnist: load_weights: 'w.safetensors' is damaged or no safetensors file ("
    )


def test_weights_of_another_network_are_one_line(digits, tmp_path, capsys):
    path = tmp_path / "w.safetensors"
    options = ["mnist", "--data", str(digits), "--epochs", "0", "--quiet"]
    main([*options, "--units", "3", "--save", str(path)])
    capsys.readouterr()
    with pytest.raises(SystemExit) as error:
        main([*options, "--units", "4", "--load", str(path)])
    assert error.value.code == 2
    assert capsys.readouterr().err == (
        "pynn mnist: load_weights: 'w.safetensors' does not fit model 'digits' "
        "shape: dense/kernel (64, 3) in the file, (64, 4) in the model, "
        "dense/bias (3,) in the file, (4,) in the model, "
        "dense_1/kernel (3, 8) in the file, (4, 8) in the model\n"
    )


def test_broken_data_is_one_line(refused, tmp_path):
    assert refused("--data", tmp_path / "no") == (
        f"pynn mnist: mnist.load_data: path='{tmp_path / 'no'}' is neither a folder of IDX files nor an .npz file "
        "(nothing is downloaded or cached; leave path out for the built-in digits)"
    )
    make_digits(tmp_path)
    labels = tmp_path / "t10k-labels-idx1-ubyte.gz"
    labels.write_bytes(labels.read_bytes()[:-3])
    assert refused("--data", tmp_path) == (
        "pynn mnist: load_idx: 't10k-labels-idx1-ubyte.gz' is compressed, but damaged or cut short "
        "(Compressed file ended before the end-of-stream marker was reached)"
    )


def test_data_that_does_not_fit_together_is_one_line(refused, tmp_path):
    make_digits(tmp_path)
    write_idx(tmp_path / "t10k-images-idx3-ubyte.gz", np.zeros((60, 5, 5), np.uint8))
    assert refused("--data", tmp_path) == (
        "pynn mnist: --data: training and test images differ in size: 8 x 8 and 5 x 5"
    )
    write_idx(tmp_path / "t10k-images-idx3-ubyte.gz", np.zeros((0, 8, 8), np.uint8))
    write_idx(tmp_path / "t10k-labels-idx1-ubyte.gz", np.zeros(0, np.uint8))
    assert refused("--data", tmp_path) == f"pynn mnist: --data: '{tmp_path}' holds no images"


def test_a_plot_folder_that_is_a_file_is_one_line(refused, tmp_path):
    (tmp_path / "file").write_text("")
    assert (
        refused("--plot", tmp_path / "file") == f"pynn mnist: [Errno 17] File exists: '{tmp_path / 'file'}'"
    )


def test_a_missing_command_is_one_line(capsys):
    with pytest.raises(SystemExit) as error:
        main([])
    assert error.value.code == 2
    assert capsys.readouterr().err == "pynn: the following arguments are required: command\n"


# --- Digits as text ----------------------------------------------------------------------------------


def test_draw_shows_two_pixels_in_a_character_without_margins():
    image = np.zeros((6, 5), np.uint8)
    image[1:4, 2] = 255
    image[2, 3] = 255
    assert draw(np.stack([image, image]), ["one", "two"]) == "one  two\n@=   @=\n=    ="


def test_draw_takes_no_more_than_fits_the_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "25")
    images = np.full((9, 10, 10), 255, np.uint8)
    assert draw(images, ["x"] * 9).splitlines()[0].split() == ["x", "x"]


def test_draw_of_nothing_and_of_blank_paper():
    assert draw(np.zeros((0, 4, 4), np.uint8), []) == ""
    assert draw(np.zeros((1, 2, 4), np.uint8), ["blank"]) == "blank\n"
