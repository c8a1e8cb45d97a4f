"""Drawings of computations: the values and gradients in them are those of the tape, and nothing overlaps."""

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

import pynn
from pynn import viz
from pynn.viz.layered import Box, place
from pynn.viz.tape import steps

SVG = "{http://www.w3.org/2000/svg}"


def boxes(drawing):
    """The lines of text of each box, by the first line; and the rectangles."""
    found = {}
    for group in ElementTree.fromstring(drawing.svg).iter(f"{SVG}g"):
        lines = [text.text for text in group.findall(f"{SVG}text")]
        if lines:
            found.setdefault(lines[0], []).append(lines[1:])
    return found


def example():
    x = pynn.tensor(3.0)
    w = pynn.tensor(2.0, requires_grad=True)
    b = pynn.tensor(-1.0, requires_grad=True)
    z = w * x + b
    return x, w, b, z, pynn.relu(z) ** 2


def test_every_box_shows_its_value_and_its_gradient():
    x, w, b, z, y = example()
    assert boxes(viz.graph(y, x=x, w=w, b=b, z=z)) == {
        "x": [["3"]],
        "w": [["2", "grad 30"]],
        "×": [["6", "grad 10"]],
        "b": [["-1", "grad 10"]],
        "z = +": [["5", "grad 10"]],
        "relu": [["5", "grad 10"]],
        "square": [["25", "grad 1"]],
    }


def test_drawing_leaves_gradients_alone():
    _, w, _, _, y = example()
    y.backward()
    viz.graph(y)
    assert w.grad.item() == 30


def test_steps_know_where_they_came_from():
    x, w, b, z, y = example()
    found = steps(y, {"x": x, "w": w, "b": b, "z": z})
    by_name = {step.name: step for step in found if step.name}
    product = found[by_name["z"].sources[0]]
    assert [found[i].name for i in product.sources] == ["w", "x"]
    assert found[by_name["z"].sources[1]] is by_name["b"]
    assert found[-1].operation == "square"
    assert all(source < place for place, step in enumerate(found) for source in step.sources)


def test_gradients_are_those_of_the_tape(rng):
    w = pynn.tensor(rng.normal(size=(3, 2)), requires_grad=True)
    x = pynn.asarray(rng.normal(size=(2, 3)))
    h = pynn.tanh(x @ w)
    loss = pynn.mean(h * h)
    found = {step.name: step for step in steps(loss, {"w": w, "h": h})}
    expected_w, expected_h = pynn._core.gradients(loss, [w, h])
    np.testing.assert_array_equal(found["w"].gradient, expected_w)
    np.testing.assert_array_equal(found["h"].gradient, expected_h)
    np.testing.assert_array_equal(found["w"].value, w.detach())
    np.testing.assert_array_equal(found["h"].value, h.detach())


def test_a_tensor_used_twice_is_one_box_with_two_arrows():
    x = pynn.tensor(4.0, requires_grad=True)
    drawing = viz.graph(x * x, x=x)
    assert boxes(drawing) == {"x": [["4", "grad 8"]], "×": [["16", "grad 1"]]}
    arrows = {path.get("d") for path in ElementTree.fromstring(drawing.svg).iter(f"{SVG}path")}
    assert len(arrows) == 2 + 1  # and the tip


def test_a_named_constant_used_twice_is_one_box():
    x, w = pynn.tensor(4.0), pynn.tensor(1.0, requires_grad=True)
    found = boxes(viz.graph((w * x + x) * 2.0, x=x))
    assert (found["x"], found["constant"]) == ([["4"]], [["2"]])


def test_values_are_as_they_were_when_the_operation_ran():
    x = pynn.tensor([1.0, 2.0])
    w = pynn.tensor([3.0, 4.0], requires_grad=True)
    y = w + x
    x += 10.0
    assert boxes(viz.graph(y))["constant"] == [["[1 2]"]]


def test_views_are_read_in_order():
    x = pynn.arange(6.0).reshape(2, 3).T[::-1]
    y = pynn.tensor(np.ones((3, 2)), requires_grad=True) * x
    assert boxes(viz.graph(y))["constant"] == [["[2 5]", "[1 4]", "[0 3]"]]


def test_matrices_are_drawn_row_by_row():
    w = pynn.tensor([[1.0, -20.5], [3.0, 4.0]], requires_grad=True)
    assert boxes(viz.graph(w.sum(), w=w))["w"] == [
        ["[    1 -20.5]", "[    3     4]", "grad [1 1]", "     [1 1]"]
    ]


def test_of_large_tensors_the_shape_is_shown():
    w = pynn.tensor(np.ones((10, 10)), requires_grad=True)
    assert boxes(viz.graph((w * 2.0).sum(), w=w))["w"] == [["shape (10, 10)", "grad norm 20"]]


def test_what_a_layer_never_stored_is_not_shown():
    layer = pynn.layers.Dense(1, activation="relu")
    layer.build((None, 1))
    layer.set_weights([np.array([[-2.0]]), np.array([1.0])])
    with pynn.GradientTape():
        y = layer(np.array([[3.0]], "float32"))
    found = boxes(viz.graph(y, kernel=layer.kernel, bias=layer.bias))
    assert found["linear"] == [["shape (1, 1)", "grad [0]"]]
    assert found["relu"] == [["[0]", "grad [1]"]]
    assert found["kernel"] == [["[-2]", "grad [0]"]]
    assert found["constant"] == [["[3]"]]


def test_a_layer_without_bias_has_two_operands():
    w = pynn.Variable(np.array([[2.0]], "float32"))
    with pynn.GradientTape():
        y = pynn.linear(pynn.tensor([[3.0]]), w)
    assert boxes(viz.graph(y, w=w)) == {
        "w": [["[2]", "grad [3]"]],
        "constant": [["[3]"]],
        "linear": [["[6]", "grad [1]"]],
    }


def test_operations_of_many_inputs():
    parts = [pynn.tensor(float(i), requires_grad=True) for i in range(40)]
    found = boxes(viz.graph(pynn.stack(parts).sum()))
    assert sorted(int(value) for value, _ in found["input"]) == list(range(40))


def test_a_leaf_alone_is_drawn():
    assert boxes(viz.graph(pynn.tensor(1.5, requires_grad=True))) == {"input": [["1.5", "grad 1"]]}


def test_names_are_escaped():
    x = pynn.tensor(1.0, requires_grad=True)
    assert "<&" in boxes(viz.graph(x * 1.0, **{"<&": x}))


def test_no_boxes_overlap():
    x = pynn.tensor([[0.5, -1.0, 2.0]])
    y, inputs = x, []
    for units in (2, 3, 2):
        inputs.append(pynn.tensor(np.ones((y.shape[1], units)), dtype="float32", requires_grad=True))
        y = pynn.tanh(y @ inputs[-1]) + y.sum()
    root = ElementTree.fromstring(viz.graph((y * y).mean()).svg)
    rectangles = [
        [float(group.find(f"{SVG}rect").get(side)) for side in ("x", "y", "width", "height")]
        for group in root.iter(f"{SVG}g")
        if group.find(f"{SVG}title") is not None
    ]
    assert len(rectangles) > 15
    width, height = float(root.get("width")), float(root.get("height"))
    for i, (x1, y1, w1, h1) in enumerate(rectangles):
        assert x1 >= 0
        assert y1 >= 0
        assert x1 + w1 <= width
        assert y1 + h1 <= height
        for x2, y2, w2, h2 in rectangles[:i]:
            assert x1 + w1 <= x2 or x2 + w2 <= x1 or y1 + h1 <= y2 or y2 + h2 <= y1


def test_arrows_point_right_and_long_ones_pass_between():
    nodes = [Box(40, 20), Box(40, 20, [0]), Box(40, 20, [1]), Box(40, 20, [2, 0])]
    layout = place(nodes)
    assert [box.x for box in nodes] == sorted({box.x for box in nodes})
    (near, far) = layout.routes[3]
    assert near == []
    assert len(far) == 2
    for left, right, y in far:
        box = next(box for box in nodes if box.x <= left and right <= box.x + box.width)
        assert abs(y - box.y) >= box.height / 2


def test_a_deep_graph_does_not_recurse():
    y = pynn.tensor(1.0, requires_grad=True)
    for _ in range(250):
        y = pynn.tanh(y)
    assert len(boxes(viz.graph(y))["tanh"]) == 250


def test_a_drawing_shows_in_notebooks_and_saves(tmp_path):
    drawing = viz.graph(example()[-1])
    assert drawing._repr_svg_() == drawing.svg
    drawing.save(tmp_path / "graph.svg")
    assert (tmp_path / "graph.svg").read_text(encoding="utf-8") == drawing.svg
    assert [path.name for path in tmp_path.iterdir()] == ["graph.svg"]


def test_a_drawing_needs_no_matplotlib(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert viz.graph(example()[-1]).svg.startswith("<svg")


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: viz.graph(3.0), TypeError, "viz.graph: tensor must be a pynn tensor, got float"),
        (
            lambda: viz.graph(example()[-1], x=3.0),
            TypeError,
            "viz.graph: x must be a pynn tensor, got float",
        ),
        (
            lambda: viz.graph(pynn.tensor(3.0)),
            pynn.GradientError,
            "this tensor was not recorded: compute it inside `with pynn.GradientTape()`, or from a tensor made with "
            "requires_grad=True",
        ),
        (
            lambda: viz.graph(sum(pynn.tensor(0.0, requires_grad=True) for _ in range(200))),
            ValueError,
            "viz.graph: 401 boxes are too many to draw (at most 300); draw a smaller part",
        ),
        (
            lambda: viz.graph(example()[-1]).save("graph.png"),
            ValueError,
            "Drawing.save: 'graph.png' must end in .svg",
        ),
    ],
)
def test_graph_says_what_does_not_fit(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message


def test_what_changed_in_place_since_has_no_gradient():
    w = pynn.Variable(np.float32(2.0))
    with pynn.GradientTape():
        y = w * w
    w.assign(3.0)
    with pytest.raises(
        pynn.GradientError, match=re.escape("the gradient of multiply: a tensor that it needs")
    ):
        viz.graph(y)
