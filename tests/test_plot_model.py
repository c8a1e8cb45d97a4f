"""plot_model: what is in the picture, in which direction, in which file."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest

import pynn
from pynn import layers
from pynn.utils import model_to_dot, plot_model

SVG = "{http://www.w3.org/2000/svg}"


def model():
    a, b = pynn.Input((4,), name="a"), pynn.Input((3,), name="b")
    inner_in = pynn.Input((7,), name="inner_in")
    inner = pynn.Model(inner_in, layers.Dense(5, activation="relu", name="inside")(inner_in), name="inner")
    dense = layers.Dense(5, name="dense")
    dense.trainable = False
    x = inner(layers.Concatenate(name="join")([a, b]))
    return pynn.Model([a, b], [dense(dense(x)) + 1, layers.Dropout(0.1, name="drop")(x)], name="net")


def picture(**options):
    root = ET.fromstring(plot_model(model(), to_file=None, **options).svg)
    texts = [text.text for text in root.iter(f"{SVG}text")]
    rects = [
        {key: float(rect.get(key)) for key in ("x", "y", "width", "height")}
        for rect in root.iter(f"{SVG}rect")
        if "%" not in rect.get("width")
    ]
    return texts, rects, [path for path in root.iter(f"{SVG}path") if path.get("stroke")]


def test_a_box_for_each_call_and_an_arrow_for_each_tensor():
    texts, rects, arrows = picture()
    assert sorted(texts) == sorted(
        ["InputLayer", "InputLayer", "Concatenate", "Functional", "Dense", "Dense, call 2", "Add", "Dropout"]
    )
    assert (len(rects), len(arrows)) == (8, 7)


def test_what_is_asked_for_is_written_into_the_boxes():
    texts, _, _ = picture(
        show_shapes=True,
        show_dtype=True,
        show_layer_names=True,
        show_layer_activations=True,
        show_trainable=True,
    )
    start = texts.index("join (Concatenate)")
    assert texts[start : start + 5] == [
        "join (Concatenate)",
        "dtype float32",
        "input  (None, 4)",
        "       (None, 3)",
        "output (None, 7)",
    ]
    start = texts.index("dense (Dense)")
    assert texts[start : start + 6] == [
        "dense (Dense)",
        "activation linear",
        "dtype float32",
        "input  (None, 5)",
        "output (None, 5)",
        "not trainable",
    ]


def test_a_nested_model_is_shown_in_a_frame():
    texts, rects, arrows = picture(expand_nested=True, show_layer_names=True)
    assert {"inner (Functional)", "inner_in (InputLayer)", "inside (Dense)"} <= set(texts)
    frame = max(rects, key=lambda rect: rect["width"] * rect["height"])
    inside = [r for r in rects if r is not frame and frame["y"] < r["y"] < frame["y"] + frame["height"]]
    assert len(inside) == 2
    assert len(arrows) == 8
    for rect in inside:
        assert frame["x"] <= rect["x"]
        assert rect["x"] + rect["width"] <= frame["x"] + frame["width"]


@pytest.mark.parametrize(
    ("rankdir", "axis", "forwards"),
    [("TB", "y", True), ("BT", "y", False), ("LR", "x", True), ("RL", "x", False)],
)
def test_arrows_point_where_they_are_told_to(rankdir, axis, forwards):
    texts, rects, _ = picture(rankdir=rankdir)
    first, last = rects[texts.index("InputLayer")][axis], rects[texts.index("Add")][axis]
    assert (first < last) == forwards


@pytest.mark.parametrize("rankdir", ["TB", "LR"])
def test_no_two_boxes_overlap_and_all_are_on_the_page(rankdir):
    _, rects, _ = picture(rankdir=rankdir, show_shapes=True)
    for i, a in enumerate(rects):
        assert min(a["x"], a["y"]) >= 0
        for b in rects[:i]:
            apart_x = a["x"] + a["width"] <= b["x"] or b["x"] + b["width"] <= a["x"]
            apart_y = a["y"] + a["height"] <= b["y"] or b["y"] + b["height"] <= a["y"]
            assert apart_x or apart_y


def test_files(tmp_path):
    plot_model(model(), tmp_path / "net.svg")
    assert ET.parse(tmp_path / "net.svg").getroot().tag == f"{SVG}svg"
    pytest.importorskip("matplotlib")
    plot_model(model(), tmp_path / "net.png", dpi=50)
    assert (tmp_path / "net.png").read_bytes().startswith(b"\x89PNG")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["net.png", "net.svg"]


def test_a_chain_and_a_subclass(tmp_path):
    chain = pynn.Sequential([layers.Dense(3), layers.Dense(2)])
    chain.build((None, 4))
    svg = plot_model(chain, to_file=None, show_shapes=True).svg
    assert (svg.count(">Dense<"), svg.count("input  (None, 4)"), svg.count("marker-end")) == (2, 1, 1)

    class Own(pynn.Model):
        def call(self, x):
            return x

    own = Own()
    own(np.ones((1, 2), "float32"))
    assert plot_model(own, to_file=None).svg.count(">Own<") == 1


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: plot_model(3), TypeError, "plot_model: model must be a model, got 3"),
        (
            lambda: plot_model(pynn.Sequential([layers.Dense(2)], name="s")),
            ValueError,
            "plot_model: Sequential 's' is not built, so its layers are not connected yet; call it on data, or "
            "build(input_shape), before",
        ),
        (
            lambda: plot_model(model(), rankdir="UP"),
            ValueError,
            "plot_model: rankdir must be one of TB, BT, LR, RL, got 'UP'",
        ),
        (
            lambda: plot_model(model(), "net"),
            ValueError,
            "plot_model: to_file must end in .svg, .png or .pdf, got 'net'",
        ),
        (lambda: plot_model(model(), color=1), TypeError, "plot_model: unknown arguments color"),
        (
            lambda: model_to_dot(model()),
            NotImplementedError,
            "model_to_dot: pynn draws models without Graphviz; plot_model(model, 'model.svg') writes the picture",
        ),
    ],
)
def test_errors(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message
