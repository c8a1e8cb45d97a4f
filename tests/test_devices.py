"""Devices, on two fake ones whose memory the host cannot touch: moving, meeting, training, and what can fail."""

import copy
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import pynn
from pynn import _core, layers

if _core._backend() in (None, "fake"):
    from fake_cuda import two_devices
else:
    pytest.skip("another backend is registered", allow_module_level=True)


@pytest.fixture(scope="module", autouse=True)
def fake() -> Iterator[Any]:
    """The library of the fake devices; the other tests see none of them."""
    with two_devices() as library:
        yield library


def host(x: pynn.Tensor) -> np.ndarray:
    return x.detach().to("cpu").numpy()


# Moving -----------------------------------------------------------------------------------------------------


def test_to_and_back() -> None:
    x = pynn.asarray(np.arange(6.0, dtype=np.float32).reshape(2, 3))
    y = x.to("cuda")
    assert (x.device, y.device, y.to("cuda:1").device) == ("cpu", "cuda:0", "cuda:1")
    assert y.to("cuda") is not None
    assert_array_equal(host(y.to("cuda:1")), x.numpy())
    assert_array_equal(host(y.T.to("cuda:1")), x.numpy().T)
    assert y.to("cpu").device == "cpu"


def test_to_a_dtype_and_like_a_tensor() -> None:
    x = pynn.asarray([1.5, 2.5])
    assert (x.to("int32").device, x.to("int32").dtype) == ("cpu", pynn.int32)
    y = x.to("cuda:1", dtype="float64")
    assert (y.device, y.dtype) == ("cuda:1", pynn.float64)
    z = pynn.asarray([1]).to(y)
    assert (z.device, z.dtype) == ("cuda:1", pynn.float64)


def test_a_gradient_comes_back() -> None:
    x = pynn.tensor([1.0, 2.0], requires_grad=True)
    (x.to("cuda") ** 2).sum().backward()
    assert x.grad.device == "cpu"
    assert_array_equal(x.grad.numpy(), [2, 4])


def test_creation() -> None:
    made = [
        pynn.zeros((2,), device="cuda"), pynn.ones((2,), device="cuda"), pynn.empty((2,), device="cuda"),
        pynn.full((2,), 3, device="cuda"), pynn.arange(4, device="cuda"), pynn.eye(3, device="cuda"),
        pynn.linspace(0, 1, 5, device="cuda"), pynn.asarray([1.0], device="cuda"),
        pynn.asarray(np.ones(3), device="cuda"), pynn.tensor([1.0], device="cuda"),
        pynn.random.default_generator.uniform((3,), device="cuda"),
    ]  # fmt: skip
    assert {x.device for x in made} == {"cuda:0"}
    assert_array_equal(host(made[3]), [3, 3])
    assert_array_equal(host(made[4]), range(4))
    assert_array_equal(host(made[5]), np.eye(3))
    assert {f(made[0]).device for f in (pynn.zeros_like, pynn.ones_like, pynn.empty_like)} == {"cuda:0"}
    assert pynn.zeros_like(made[0], device="cpu").device == "cpu"


def test_the_default_device() -> None:
    with pynn.device("cuda:1") as place:
        assert place == "cuda:1"
        made = [pynn.zeros(3), pynn.asarray([1, 2]), pynn.asarray(np.ones(2)), pynn.random.uniform((2,))]
        with pynn.device("cpu"):
            assert pynn.zeros(3).device == "cpu"
        assert pynn.sin(0.5).device == "cuda:1"
    assert {x.device for x in made} == {"cuda:1"}
    assert pynn.zeros(3).device == "cpu"


def test_the_default_device_is_of_the_thread() -> None:
    found = []
    with pynn.device("cuda"):
        thread = threading.Thread(target=lambda: found.append(pynn.zeros(2).device))
        thread.start()
        thread.join()
    assert found == ["cpu"]


def test_random_numbers_are_those_of_the_cpu() -> None:
    draw = pynn.random.Generator(3).normal
    assert_array_equal(host(pynn.random.Generator(3).normal((50,), device="cuda")), draw((50,)).numpy())


def test_reading() -> None:
    x = pynn.asarray([[1.0, 2.0]], device="cuda")
    assert x[0, 1].item() == 2.0
    assert float(x[0, 0]) == 1.0
    assert bool(x[0, 0] > 0)
    assert x.tolist() == [[1.0, 2.0]]
    assert repr(x) == "Tensor([[1., 2.]], shape=(1, 2), dtype=float32, device='cuda:0')"
    assert f"{x[0, 1]:.2f}" == "2.00"
    assert host(copy.deepcopy(x)).tolist() == [[1.0, 2.0]]
    assert copy.deepcopy(x).device == "cuda:0"


def test_numpy_is_refused() -> None:
    x = pynn.zeros(2, device="cuda")
    for read in (lambda: x.numpy(), lambda: np.asarray(x)):
        with pytest.raises(TypeError) as error:
            read()
        assert str(error.value) == (
            "a tensor on cuda:0 has no NumPy array: copy it to the host first, x.to('cpu').numpy()"
        )


# Meeting ----------------------------------------------------------------------------------------------------


def test_numbers_and_constants_follow() -> None:
    x = pynn.asarray([1.0, 2.0], device="cuda")
    constant = pynn.asarray(3.0)
    for y in (
        x + 1,
        2 - x,
        x * constant,
        constant * x,
        x > 1,
        pynn.maximum(x, constant),
        pynn.add(x, [1.0, 1.0]),
    ):
        assert y.device == "cuda:0"
    assert_array_equal(host(pynn.where(x > 1, x, 0.0)), [0, 2])
    assert_array_equal(host(pynn.clip(x, 1.5, None)), [1.5, 2])
    assert_array_equal(host(x + np.array([1, 2], np.float32)), [2, 4])
    x += 1
    x *= pynn.asarray(2.0)
    assert_array_equal(host(x), [4, 6])


def test_mixed_devices() -> None:
    a, b = pynn.zeros((2, 3), device="cuda"), pynn.zeros((2, 3))
    with pytest.raises(pynn.DeviceError) as error:
        a + b
    assert str(error.value) == (
        "add: operands on different devices: float32 (2, 3) on cuda:0, float32 (2, 3) on cpu; "
        "move one with x.to('cuda:0')"
    )
    assert isinstance(error.value, RuntimeError)
    c = pynn.zeros((3, 2), device="cuda:1")
    for call in (
        lambda: a @ c, lambda: pynn.concat([a, b]), lambda: pynn.where(a > 0, a, b), lambda: pynn.stack([b, a]),
        lambda: pynn.linear(a, c), lambda: pynn.clip(a, b, None),
        lambda: pynn.softmax_cross_entropy(a, pynn.asarray([0, 1])),
        lambda: pynn.conv(pynn.zeros((1, 3, 1), device="cuda"), pynn.zeros((2, 1, 1))),
    ):  # fmt: skip
        with pytest.raises(pynn.DeviceError, match="different devices"):
            call()


def test_values_of_another_device_can_be_assigned() -> None:
    x = pynn.zeros((2, 2), device="cuda")
    x[0] = np.array([1, 2])
    x[1, 0] = pynn.asarray(5.0, device="cuda:1")
    assert_array_equal(host(x), [[1, 2], [5, 0]])


def test_indexing() -> None:
    a = np.arange(24.0, dtype=np.float32).reshape(2, 3, 4)
    x = pynn.asarray(a, device="cuda")
    index = np.array([[2, 0], [1, -1]])
    for places in (index, pynn.asarray(index), pynn.asarray(index, device="cuda"), index.tolist()):
        assert_array_equal(host(x[:, places]), a[:, index])
    assert_array_equal(host(x[x > 3.0]), a[a > 3])
    assert_array_equal(host(pynn.take(x, pynn.asarray([1], device="cuda"), axis=0)), a[[1]])
    for key in (
        np.s_[:, [0, 2]],
        np.s_[1, :, 1::2],
        np.s_[a > 7],
        np.s_[:, ::-1, [1, 1]],
        np.s_[[1, 0], :, [2, 3]],
    ):
        b, y = a.copy(), x.copy()
        b[key] = -1
        y[key] = -1
        assert_array_equal(host(y), b)
    y = x.copy()
    y[:, [0, 2]] = np.ones((2, 2, 4), np.float32) * 9
    assert host(y)[:, [0, 2]].min() == 9
    with pytest.raises(IndexError, match="index 3 is out of range for axis 1 with size 3"):
        x[:, pynn.asarray([3], device="cuda")]
    assert [p.device for p in pynn.nonzero(x)] == ["cuda:0"] * 3
    assert_array_equal(host(pynn.one_hot(pynn.asarray([1, 0], device="cuda"), 3)), np.eye(3)[[1, 0]])


def test_labels_from_the_host_are_checked_without_asking_the_device(fake: Any) -> None:
    x = pynn.zeros((2, 3), device="cuda")
    labels = pynn.asarray(np.array([0, 2], np.int32)).to("cuda")
    before = fake.fake_copies_to_host()
    pynn.softmax_cross_entropy(x, labels)
    pynn.one_hot(labels.astype("int64"), 3)
    pynn.take(x, pynn.asarray([0, 1]).to("cuda"), axis=0)
    assert fake.fake_copies_to_host() == before
    with pytest.raises(ValueError, match=r"labels contain 3 but there are 3 classes \(valid 0..2\)"):
        pynn.softmax_cross_entropy(x, labels + 1)


# Models -----------------------------------------------------------------------------------------------------


def small_model() -> pynn.Sequential:
    pynn.random.seed(7)
    model = pynn.Sequential(
        [
            layers.Dense(8, activation="relu", input_shape=(5,)),
            layers.BatchNormalization(),
            layers.Dropout(0.3, seed=1),
            layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def batches() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.normal(size=(40, 5)).astype(np.float32), rng.integers(0, 3, 40)


def test_training_gives_the_numbers_of_the_cpu() -> None:
    x, y = batches()
    there, here = small_model().to("cuda"), small_model()
    found = []
    for model in (here, there):
        pynn.random.seed(5)
        history = model.fit(x, y, epochs=2, batch_size=16, verbose=0)
        found.append((history.history, model.evaluate(x, y, verbose=0), model.predict(x, verbose=0)))
    assert {w.device for w in there.weights} == {"cuda:0"}
    for name, values in found[0][0].items():
        assert_allclose(found[1][0][name], values, rtol=1e-5)
    assert_allclose(found[1][1], found[0][1], rtol=1e-5)
    assert_allclose(found[1][2], found[0][2], rtol=1e-4, atol=1e-6)
    for a, b in zip(here.get_weights(), there.get_weights(), strict=True):
        assert_allclose(b, a, rtol=1e-4, atol=1e-5)


def test_a_model_moves_in_the_middle_of_training() -> None:
    x, y = batches()
    moved, stays = small_model(), small_model()
    for model, places in ((stays, ("cpu", "cpu", "cpu")), (moved, ("cuda", "cuda:1", "cpu"))):
        for epoch, place in enumerate(places):
            model.to(place)
            pynn.random.seed(epoch)
            model.fit(x, y, batch_size=16, verbose=0, shuffle=False)
    for a, b in zip(stays.get_weights(), moved.get_weights(), strict=True):
        assert_allclose(b, a, rtol=1e-4, atol=1e-5)
    state = [v.numpy() for v in stays.optimizer.variables]
    for a, v in zip(state, moved.optimizer.variables, strict=True):
        assert_allclose(v.numpy(), a, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "optimizer",
    [
        pynn.optimizers.RMSprop(),
        pynn.optimizers.SGD(clipnorm=0.1),
        pynn.optimizers.Adam(global_clipnorm=0.1),
        pynn.optimizers.Lamb(),
    ],
    ids=["plain", "clipnorm", "global_clipnorm", "lamb"],
)
def test_a_step_reads_nothing_back(fake: Any, optimizer: pynn.optimizers.Optimizer) -> None:
    x, y = batches()
    model = small_model().to("cuda")
    model.compile(optimizer, model.loss)
    model.fit(x, y, batch_size=8, verbose=0)
    before = fake.fake_copies_to_host()
    model.fit(x, y, batch_size=8, verbose=0)
    assert fake.fake_copies_to_host() - before <= 5  # the results of the epoch, and one look for NaN


@pytest.mark.parametrize(
    "name",
    ["sgd", "rmsprop", "adagrad", "adadelta", "adam", "adamw", "adamax", "nadam", "ftrl", "lion", "lamb"],
)
def test_optimizers(name: str) -> None:
    values = []
    for place in ("cpu", "cuda"):
        with pynn.device(place):
            w = pynn.Variable(np.linspace(-1, 1, 6, dtype=np.float32))
            b = pynn.Variable(np.ones(2, np.float32))
            optimizer = pynn.optimizers.get(name)
            optimizer.clipnorm = 1.0
            for _ in range(3):
                with pynn.GradientTape() as tape:
                    loss = pynn.sum(w**2) + pynn.sum(b * 3)
                optimizer.apply(tape.gradient(loss, [w, b]), [w, b])
            assert w.device == ("cpu" if place == "cpu" else "cuda:0")
            values.append(np.concatenate([w.numpy(), b.numpy()]))
    assert_allclose(values[1], values[0], rtol=1e-6)


@pytest.mark.parametrize("option", ["clipnorm", "global_clipnorm"])
@pytest.mark.parametrize("values", [[3e30, 4e30], [0.0, 0.0], [np.inf, 1.0], [np.nan, 1.0]])
def test_clipping_by_norm_is_the_cpus(option: str, values: list[float]) -> None:
    weights = []
    for place in ("cpu", "cuda"):
        with pynn.device(place):
            w = pynn.Variable(np.ones(2, np.float32))
            optimizer = pynn.optimizers.SGD(0.5, **{option: 2.0})
            optimizer.apply([pynn.asarray(np.array(values, np.float32))], [w])
            weights.append(w.numpy())
    assert_allclose(weights[1], weights[0], rtol=1e-6)


def test_weights_built_later_and_layers_alone() -> None:
    layer = layers.Dense(2).to("cuda")
    y = layer(np.ones((1, 3), np.float32))
    assert y.device == "cuda:0"
    assert layer.kernel.device == "cuda:0"
    model = pynn.Sequential([layers.Dense(2)]).to("cuda")
    model.build((None, 3))
    assert {w.device for w in model.weights} == {"cuda:0"}
    assert model.predict(np.ones((1, 3), np.float32), verbose=0).shape == (1, 2)
    with pytest.raises(pynn.DeviceError, match="different devices"):
        layer(pynn.ones((1, 3)))


def test_saving_and_loading(tmp_path: Any) -> None:
    x, y = batches()
    model = small_model().to("cuda")
    model.fit(x, y, verbose=0)
    model.save_weights(tmp_path / "w.safetensors")
    other = small_model().to("cuda:1")
    other.load_weights(tmp_path / "w.safetensors")
    assert {w.device for w in other.weights} == {"cuda:1"}
    assert_allclose(other.predict(x, verbose=0), model.predict(x, verbose=0), rtol=1e-6)


# What can fail ----------------------------------------------------------------------------------------------


def test_names() -> None:
    for name in ("gpu", "cuda:x", "cuda:", "cuda:-1", "cpu:0", ""):
        with pytest.raises((ValueError, TypeError)):
            pynn.zeros(2, device=name)
    with pytest.raises(pynn.DeviceError) as error:
        pynn.zeros(2, device="cuda:2")
    assert str(error.value) == "zeros: there is no device cuda:2: there are cuda:0 to cuda:1"


def test_no_device(fake: Any) -> None:
    assert pynn.cuda.is_available()
    assert pynn.cuda.why_not() is None
    assert pynn.cuda.device_count() == 2
    fake.fake_set_devices(0)
    try:
        assert not pynn.cuda.is_available()
        assert pynn.cuda.device_count() == 0
        assert pynn.cuda.why_not() == "no NVIDIA driver was found (libcuda.so.1)"
        with pytest.raises(pynn.DeviceError) as error:
            pynn.device("cuda")
        assert str(error.value) == "there is no CUDA device: no NVIDIA driver was found (libcuda.so.1)"
    finally:
        fake.fake_set_devices(2)


@pytest.mark.parametrize(
    "ask",
    [pynn.cuda.device_count, pynn.__array_namespace_info__().devices, pynn._core.release_cache],
    ids=["count", "namespace", "release"],
)
def test_a_reason_that_nobody_asked_for_is_no_later_failure(fake: Any, ask: Any) -> None:
    x = pynn.ones(3, device="cuda")
    fake.fake_set_devices(0)
    try:
        ask()
    finally:
        fake.fake_set_devices(2)
    assert_array_equal(host(x + 1), [2, 2, 2])


def test_built_without_cuda() -> None:
    code = (
        "import pynn, sys; sys.modules['pynn._cuda'] = None\n"
        "assert not pynn.cuda.is_available() and pynn.cuda.device_count() == 0\n"
        "try: pynn.zeros(2, device='cuda')\n"
        "except pynn.DeviceError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == (
        "zeros: this pynn was built without CUDA; build it with: pip install . -C cmake.define.PYNN_CUDA=ON"
    )


def test_out_of_memory(fake: Any) -> None:
    held = pynn.zeros((1 << 18,), device="cuda:1")
    fake.fake_set_limit(fake.fake_used(1) + (1 << 20))
    try:
        with pytest.raises(MemoryError) as error:
            pynn.zeros((1 << 20,), device="cuda:1")
        text = str(error.value)
        assert text.startswith(
            "zeros: no memory for a tensor of 4.0 MiB on cuda:1 (out of memory): 1.0 MiB of "
        )
        assert "pynn holds" in text
        assert "of it in tensors; use a smaller batch" in text
        pynn.zeros((1 << 10,), device="cuda:1")
    finally:
        fake.fake_set_limit(1 << 30)
    assert held.device == "cuda:1"


def test_out_of_memory_in_a_step_undoes_it(fake: Any) -> None:
    x, y = batches()
    model = small_model().to("cuda")
    model.fit(x, y, batch_size=4, verbose=0)
    big = np.repeat(x, 200, axis=0), np.repeat(y, 200)
    for room in range(0, 20_000_000, 400_000):
        before = [v.numpy() for v in (*model.weights, *model.optimizer.variables)]
        fake.fake_set_limit(fake.fake_used(0) + room)
        try:
            model.train_on_batch(*big)
            break
        except MemoryError:
            fake.fake_set_limit(1 << 30)
            after = [v.numpy() for v in (*model.weights, *model.optimizer.variables)]
            for a, b in zip(before, after, strict=True):
                assert_array_equal(a, b)
        finally:
            fake.fake_set_limit(1 << 30)
    else:
        pytest.fail("no step ever had room")
    assert room > 1_000_000  # some of them failed in the middle


def test_a_fault_names_the_operation(fake: Any) -> None:
    x = pynn.zeros(3, device="cuda")
    fake.fake_fail_after(0)
    with pytest.raises(pynn.DeviceError) as error:
        pynn.tanh(x)
    assert str(error.value) == (
        "tanh on cuda:0: an illegal memory access was encountered "
        "(set PYNN_CUDA_BLOCKING=1 to see which operation it was)"
    )
    assert host(pynn.tanh(x)).tolist() == [0, 0, 0]


def test_the_memory_comes_back(fake: Any) -> None:
    before = fake.fake_used(0)
    x = pynn.zeros((1000,), device="cuda")
    info = pynn.cuda.memory_info()
    assert info.total == 1 << 30
    assert info.tensors >= 4000
    assert info.held >= info.tensors
    del x
    assert fake.fake_used(0) == before
    pynn.cuda.synchronize()


def test_the_host_cannot_touch_the_memory() -> None:
    code = (
        "import sys, ctypes; sys.path.insert(0, sys.argv[1])\n"
        "from fake_cuda import load; load()\n"
        "import pynn; x = pynn.zeros(3, device='cuda')\n"
        "ctypes.string_at(pynn._core.address(x), 4)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, __file__.rpartition("/")[0]], capture_output=True, text=True
    )
    assert done.returncode < 0
    assert "the host touched memory of a device" in done.stderr
