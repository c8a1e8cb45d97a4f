"""A program that uses most of the API, for type checkers: tests/test_typing.py runs mypy --strict on it, and runs it.

Lines that end in `# type: ignore[...]` are mistakes that a type checker must find; were one accepted, mypy would say
that its comment is unused. They stand in functions that are never called.
"""

from __future__ import annotations

import numpy as np

import pynn
from pynn import Tensor, layers, losses, metrics, ops, optimizers
from pynn.callbacks import EarlyStopping, LambdaCallback


def making() -> list[Tensor]:
    """Tensors of everything that tensors are made of."""
    array = np.arange(6, dtype="float32").reshape(2, 3)
    return [
        pynn.asarray(1.5),
        pynn.asarray([1, 2, 3]),
        pynn.asarray([[1.0, 2.0], (3.0, 4.0)]),
        pynn.asarray([[[1], [2]], [[3], [4]]], dtype="int8"),
        pynn.asarray(array),
        pynn.asarray(np.float64(2.0), dtype=pynn.float32, copy=True),
        pynn.asarray([pynn.zeros(2), pynn.ones(2)]),
        pynn.asarray(memoryview(b"12")),
        pynn.tensor([1.0, 2.0], requires_grad=True),
        pynn.zeros((2, 3), dtype=np.float64),
        pynn.ones(3, dtype=float),
        pynn.full((2, 2), True),
        pynn.full((int(array.shape[0]), array.shape[1]), 0.5, dtype=array.dtype),
        pynn.arange(10),
        pynn.linspace(0, 1, 5),
        pynn.eye(3, k=1),
        pynn.random.normal((2, 3), seed=1),
    ]


def arithmetic(x: Tensor, y: Tensor) -> Tensor:
    """Operators with tensors, numbers and arrays on either side."""
    z: Tensor = x + y * 2 - 1 / (x * x + 1)
    z = 2**x + z // 3 + z % 2
    z = np.float32(2.0) * z + z * np.ones(3, "float32") + [1.0, 2.0, 3.0]
    z += 1
    mask: Tensor = (z > 0) & ~(z >= 5) | (x == y)
    chosen: Tensor = pynn.where(mask, z, 0.0)
    return -abs(chosen) @ chosen.T


def asking(x: Tensor) -> tuple[int, float, tuple[int, ...], str]:
    """What a tensor says of itself."""
    shape: tuple[int, ...] = x.shape
    kind: pynn.Dtype = x.dtype
    array: np.ndarray[tuple[int, ...], np.dtype[np.float32]] = x.numpy()
    assert array.shape == shape
    rows: list[Tensor] = list(x)
    return len(rows), float(x.sum()), shape, f"{kind.name} {x.ndim} {x.size} {x.device}"


def indexing(x: Tensor) -> Tensor:
    """All that may stand between brackets."""
    x[0] = 1.0
    x[x > 2] = 0
    x[..., 1:] = pynn.zeros(2)
    picked = x[:, None, [0, 2]][..., ::-1]
    return picked[np.array([0, 1])] + x[(0, 1), :2][pynn.asarray([True, False])]


def shapes(x: Tensor) -> Tensor:
    """Other shapes of the same elements."""
    y = pynn.concat([x.reshape(3, 2), pynn.reshape(x, (-1, 2))], axis=0)
    parts: list[Tensor] = pynn.split(y, 2)
    y = pynn.stack(parts, axis=1).transpose(1, 0, 2)
    y = pynn.expand_dims(pynn.squeeze(y[:, :1], axis=1), axis=(0, 1))
    return pynn.permute_dims(pynn.broadcast_to(y, (2, *y.shape[1:])), (0, 1, 3, 2)).sum(
        axis=(0, 1), keepdims=True
    )


def gradients() -> tuple[Tensor, Tensor | None]:
    """The three ways to a gradient."""
    w = pynn.tensor([1.0, 2.0], requires_grad=True)
    (w * w).sum().backward()
    left: Tensor | None = w.grad
    value, slope = pynn.value_and_grad(lambda x: pynn.sum(x**3))(pynn.asarray([1.0, 2.0]))
    v = pynn.Variable([3.0], name="v")
    with pynn.GradientTape() as tape:
        y = v * v
    v.assign_sub(0.1 * tape.gradient(y, v))
    with pynn.no_grad():
        w += slope
    return value, left


class Scale(layers.Layer):
    """A layer of one's own."""

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.factor = self.add_weight((), "ones", name="factor")

    def call(self, inputs: Tensor) -> Tensor:
        return inputs * self.factor


def training() -> dict[str, list[float]]:
    """A model from layers to predictions."""
    x, y = pynn.random.normal((16, 4), seed=1), pynn.asarray([0, 1] * 8)
    model = pynn.Sequential(
        [
            pynn.Input((4,)),
            layers.Dense(8, activation="relu", kernel_regularizer=pynn.regularizers.L2(1e-4)),
            Scale(),
            layers.Dropout(0.1),
            layers.Dense(2, activation="softmax"),
        ]
    )
    model.compile(
        optimizers.Adam(learning_rate=1e-2),
        losses.SparseCategoricalCrossentropy(),
        metrics=["accuracy", metrics.SparseCategoricalAccuracy(name="again")],
    )
    stop = EarlyStopping(monitor="loss", patience=2)
    told = LambdaCallback(on_epoch_end=lambda epoch, logs: None)
    history = model.fit(x, y, epochs=2, batch_size=8, verbose=0, callbacks=[stop, told])
    model.evaluate(x, y, verbose=0)
    model.predict(x[:2], verbose=0)
    curves: dict[str, list[float]] = history.history
    return curves


def functional() -> pynn.Model:
    """Branches that meet again."""
    inputs = pynn.Input((8, 8, 1), name="pictures")
    a = layers.Conv2D(4, 3, padding="same", activation="relu")(inputs)
    b = layers.MaxPooling2D(2)(layers.Add()([a, layers.Conv2D(4, (1, 1))(inputs)]))
    return pynn.Model(inputs, layers.Dense(1)(layers.Flatten()(b)), name="branches")


def printing(x: Tensor) -> str:
    """Options of printing."""
    pynn.set_printoptions(precision=4)
    with pynn.printoptions(precision=2, suppress=True, sign="+") as options:
        text = f"{x} {x.sum():.3f} {options['precision']}"
    pynn.set_printoptions(precision=8)
    return text + str(pynn.get_printoptions()["edgeitems"])


def names() -> Tensor:
    """The names of keras.ops."""
    return ops.relu(ops.matmul(ops.ones((2, 3)), ops.ones((3, 2))))


def mistakes(x: Tensor) -> None:
    """What no type checker may accept."""
    x + "1"  # type: ignore[operator]
    x + None  # type: ignore[operator]
    x @ {"a": 1}  # type: ignore[operator]
    x["a"]  # type: ignore[index]
    x[1.5]  # type: ignore[index]
    x[0] = "text"  # type: ignore[assignment]
    x.shape = (3, 2)  # type: ignore[misc]
    x.dtype = "int8"  # type: ignore[misc, assignment]
    x.reshape(2.0, 3)  # type: ignore[arg-type]
    x.sum(axis="rows")  # type: ignore[arg-type]
    x.sum(dim=0)  # type: ignore[call-arg]
    x.mean(keepdims="yes")  # type: ignore[arg-type]
    x.view(3, 2)  # type: ignore[attr-defined]
    x.grad.sum()  # type: ignore[union-attr]
    x.grad = 0  # type: ignore[assignment]
    x.backward(create_graph=1)  # type: ignore[arg-type]
    pynn.asarray("5")  # type: ignore[arg-type]
    names = ["cat", "dog"]
    pynn.asarray(names)  # type: ignore[arg-type]
    pynn.asarray({1, 2})  # type: ignore[arg-type]
    pynn.asarray(None)  # type: ignore[arg-type]
    pynn.asarray(1j)  # type: ignore[arg-type]
    pynn.zeros((2, 3.0))  # type: ignore[arg-type]
    pynn.zeros(2, 3)  # type: ignore[call-arg, arg-type]
    pynn.zeros(2, dtype=3)  # type: ignore[arg-type]
    pynn.eye(2.5)  # type: ignore[arg-type]
    pynn.linspace(0, 1, 5.5)  # type: ignore[arg-type]
    pynn.one_hot([0, 1])  # type: ignore[call-arg]
    pynn.sqrt("4")  # type: ignore[arg-type]
    pynn.concat(5)  # type: ignore[arg-type]
    pynn.einsum(x, "ij->ji")  # type: ignore[arg-type]
    print(pynn.flaot32)  # type: ignore[attr-defined]
    pynn.set_printoptions(sign="plus")  # type: ignore[arg-type]
    layers.Dens(5)  # type: ignore[attr-defined]
    layers.Dense()  # type: ignore[call-arg]
    layers.Dense("10")  # type: ignore[arg-type]
    pynn.Sequential([]).fit(x, x, nb_epoch=3)  # type: ignore[call-arg]
    length: str = x.shape  # type: ignore[assignment]
    number: int = pynn.sum(x)  # type: ignore[assignment]
    print(length, number)


def main() -> None:
    """Use all but the mistakes."""
    x = pynn.asarray(np.arange(6, dtype="float32").reshape(2, 3))
    assert len(making()) > 10
    for used in (arithmetic(x, x), indexing(x.copy()), shapes(x), names()):
        assert isinstance(used, Tensor)
    assert asking(x)[0] == 2
    assert gradients()[1] is not None
    assert len(training()["loss"]) == 2
    assert functional().count_params() > 0
    assert "+" in printing(x)


if __name__ == "__main__":
    main()
