"""Programs of others that take arrays, given tensors: plots, tables, einops. The rows of docs/INTEROP.md."""

from __future__ import annotations

import subprocess
import sys
import warnings

import numpy as np
import pytest

import pynn


@pytest.fixture
def axes():
    pytest.importorskip("matplotlib")
    import matplotlib

    matplotlib.use("agg")
    from matplotlib.figure import Figure

    figure = Figure()
    axes = figure.subplots()
    yield axes
    figure.canvas.draw()  # what is drawn late must work too


# ---- matplotlib --------------------------------------------------------------------------------------------


def test_matplotlib_plots_lines_points_and_bars(axes):
    x, y = pynn.linspace(0, 1, 5), pynn.linspace(0, 1, 5) ** 2
    (line,) = axes.plot(x, y)
    assert line.get_xydata().tolist() == np.stack([x, y], axis=1).tolist()
    points = axes.scatter(x, y, c=y, s=y * 10)
    assert points.get_offsets().tolist() == line.get_xydata().tolist()
    bars = axes.bar(x, y)
    assert [bar.get_height() for bar in bars] == y.tolist()
    axes.errorbar(x, y, yerr=y / 10)
    axes.fill_between(x, y, y + 1)
    axes.axhline(y[2])
    axes.set_xlim(x[0], x[-1])


def test_matplotlib_shows_pictures(axes):
    picture = pynn.arange(12.0).reshape(3, 4)
    image = axes.imshow(picture)
    assert image.get_array().tolist() == picture.tolist()
    axes.contourf(picture)
    axes.pcolormesh(picture)
    axes.imshow(pynn.zeros((2, 2, 3), dtype="uint8"))


def test_matplotlib_counts(axes):
    counts, edges, _ = axes.hist(pynn.asarray([1.0, 2.0, 2.5, 9.0]), bins=pynn.linspace(0, 10, 3))
    assert (counts.tolist(), edges.tolist()) == ([3, 1], [0, 5, 10])
    axes.boxplot(pynn.asarray([1.0, 2.0, 9.0]))


def test_matplotlib_takes_tracked_tensors(axes):
    x = pynn.tensor([1.0, 2.0], requires_grad=True)
    (line,) = axes.plot(x * 2)
    assert line.get_ydata().tolist() == [2, 4]


# ---- pandas ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pandas():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("pandas")


def test_pandas_makes_tables_of_tensors_and_back(pandas):
    x = pynn.arange(6.0).reshape(2, 3)
    frame = pandas.DataFrame(x, columns=["a", "b", "c"])
    assert frame.to_numpy().tolist() == x.tolist()
    assert pandas.Series(x[0]).sum() == 3
    assert pandas.DataFrame({"a": x[:, 0], "b": x[:, 1]})["b"].tolist() == [1, 4]
    assert pynn.asarray(frame).tolist() == x.tolist()
    assert pynn.asarray(frame["c"]).tolist() == [2, 5]
    frame["d"] = pynn.asarray([7, 8])
    assert frame["d"].tolist() == [7, 8]


# ---- scikit-learn, which makes arrays of tensors -----------------------------------------------------------


@pytest.fixture(scope="module")
def sklearn():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("sklearn")


@pytest.fixture
def clouds(rng):
    """Two clouds of points and the cloud of each, as arrays."""
    labels = np.arange(40) % 2
    return (rng.normal(size=(40, 3)) + 5 * labels[:, None]).astype("float32"), labels


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("linear_model", "LogisticRegression"), ("linear_model", "Ridge"), ("svm", "SVC"),
        ("neighbors", "KNeighborsClassifier"), ("naive_bayes", "GaussianNB"), ("tree", "DecisionTreeClassifier"),
    ],
)  # fmt: skip
def test_scikit_learn_fits_and_predicts(module, name, sklearn, clouds):
    points, labels = clouds
    model = getattr(pytest.importorskip(f"sklearn.{module}"), name)
    of_tensors = model().fit(pynn.asarray(points), pynn.asarray(labels)).predict(pynn.asarray(points))
    np.testing.assert_array_equal(of_tensors, model().fit(points, labels).predict(points))


def test_scikit_learn_transforms_splits_and_scores(sklearn, clouds):
    from sklearn import metrics
    from sklearn.decomposition import PCA
    from sklearn.model_selection import cross_val_score, train_test_split
    from sklearn.naive_bayes import GaussianNB
    from sklearn.preprocessing import StandardScaler

    points, labels = clouds
    x, y = pynn.asarray(points), pynn.asarray(labels)
    for make in (StandardScaler, lambda: PCA(2)):
        np.testing.assert_array_equal(make().fit_transform(x), make().fit_transform(points))
    parts = train_test_split(x, y, test_size=0.25, random_state=0)
    for part, expected in zip(
        parts, train_test_split(points, labels, test_size=0.25, random_state=0), strict=True
    ):
        np.testing.assert_array_equal(part, expected)
    assert metrics.accuracy_score(y, pynn.flip(y, axis=0)) == metrics.accuracy_score(labels, labels[::-1])
    assert (
        cross_val_score(GaussianNB(), x, y).tolist() == cross_val_score(GaussianNB(), points, labels).tolist()
    )


# ---- einops ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def einops():
    return pytest.importorskip("einops")


CALLS = {
    "transpose": lambda e, x: e.rearrange(x, "a b c -> c (a b)"),
    "split an axis": lambda e, x: e.rearrange(x, "a (b d) c -> d a b c", d=3),
    "ellipsis": lambda e, x: e.rearrange(x, "... c -> c ..."),
    "new axes": lambda e, x: e.rearrange(x, "a b c -> a 1 b c 1"),
    "sum": lambda e, x: e.reduce(x, "a b c -> b", "sum"),
    "mean": lambda e, x: e.reduce(x, "a (b 3) c -> a b 1", "mean"),
    "max": lambda e, x: e.reduce(x, "a b c -> c a", "max"),
    "min": lambda e, x: e.reduce(x, "a b c -> ", "min"),
    "prod": lambda e, x: e.reduce(x, "a b c -> a", "prod"),
    "repeat": lambda e, x: e.repeat(x, "a b c -> a (b 2) c k", k=3),
    "einsum": lambda e, x: e.einsum(x, x, "a b c, d b c -> a d"),
    "pack": lambda e, x: e.pack([x, x[:, 0]], "a * c")[0],
    "unpack": lambda e, x: e.unpack(x, [(2,), (4,)], "a * c")[1],
    "list": lambda e, x: e.rearrange([x, x], "n a b c -> a (n b) c"),
    "asnumpy": lambda e, x: e.asnumpy(x),
}
each_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


@each_call
def test_einops_gives_what_it_gives_for_arrays(call, einops, rng):
    a = rng.normal(size=(4, 6, 5))
    of_tensor, of_array = call(einops, pynn.asarray(a)), call(einops, a)
    if call is not CALLS["asnumpy"]:
        assert type(of_tensor) is pynn.Tensor
    assert of_tensor.shape == of_array.shape
    np.testing.assert_allclose(np.asarray(of_tensor), of_array, rtol=1e-12, atol=1e-14)


@each_call
def test_einops_passes_gradients(call, einops, rng):
    torch = pytest.importorskip("torch")
    if call is CALLS["asnumpy"]:
        return
    a = rng.normal(size=(4, 6, 5))
    x, t = pynn.tensor(a, requires_grad=True), torch.tensor(a, requires_grad=True)
    (call(einops, x) ** 2).sum().backward()
    (call(einops, t) ** 2).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), t.grad.numpy(), rtol=1e-9, atol=1e-12)


def test_einops_any_and_all(einops):
    x = pynn.asarray([[True, False], [True, True]])
    assert einops.reduce(x, "a b -> a", "all").tolist() == [False, True]
    assert einops.reduce(x, "a b -> ", "any").item()


def test_einops_refuses_as_for_arrays(einops):
    with pytest.raises(NotImplementedError, match="reduce_mean is not available for non-floating tensors"):
        einops.reduce(pynn.arange(4), "a -> ", "mean")
    with pytest.raises(einops.EinopsError, match=r"can't divide axis of length 6 in chunks of 4"):
        einops.rearrange(pynn.zeros(6), "(a b) -> a b", b=4)


def test_einops_takes_variables(einops):
    v = pynn.Variable(pynn.ones((2, 3)))
    with pynn.GradientTape() as tape:
        y = einops.reduce(v * v, "a b -> b", "sum").sum()
    assert tape.gradient(y, v).tolist() == [[2, 2, 2], [2, 2, 2]]


@pytest.mark.parametrize("order", ["import einops, pynn", "import pynn, einops"])
def test_einops_finds_tensors_whichever_is_imported_first(order, einops):
    code = (
        f"{order}; import sys; print(einops.rearrange(pynn.arange(3), 'a -> a 1').shape);"
        "print(type(sys.modules['einops._backends'].__loader__).__name__, type(einops.__loader__).__name__)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "(3, 1)\nSourceFileLoader SourceFileLoader\n"


def test_pynn_imports_no_einops():
    code = "import sys, pynn; print([name for name in sys.modules if 'einops' in name])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"


def test_an_einops_without_what_our_backend_needs_works_without_it(tmp_path):
    package = tmp_path / "einops"
    package.mkdir()
    (package / "__init__.py").write_text("from . import _backends\nworks = True\n")
    (package / "_backends.py").write_text("")
    code = "import pynn, einops; print(einops.works)"
    run = subprocess.run([sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {code}"],
                         capture_output=True, text=True, check=True)  # fmt: skip
    assert run.stdout == "True\n"
