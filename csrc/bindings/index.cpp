// x[...] and its relatives.
#include "ops/index.h"

#include <pybind11/stl.h>

#include "bindings/bindings.h"
#include "bindings/convert.h"
#include "core/error.h"

namespace pynn {
namespace {

std::optional<int64_t> bound(PyObject* o) {
  if (o == Py_None) return std::nullopt;
  if (!PyIndex_Check(o))
    throw py::type_error("the bounds of a slice are integers or None, got " + std::string(py::repr(o)) +
                         "; write int(...)");
  const py::object index = py::reinterpret_steal<py::object>(PyNumber_Index(o));
  if (!index) throw py::error_already_set();
  return PyNumber_AsSsize_t(index.ptr(), nullptr);  // beyond 64 bits it saturates, as for lists
}

// Of an int, which no axis has beyond 64 bits.
int64_t position(PyObject* o) {
  int overflow = 0;
  const int64_t value = PyLong_AsLongLongAndOverflow(o, &overflow);
  if (overflow)
    throw IndexError(message("index ", std::string(py::str(py::handle(o))), " is out of range: no axis is as long"));
  return value;
}

ops::IndexItem to_item(py::handle object) {
  using Item = ops::IndexItem;
  PyObject* p = object.ptr();
  if (p == Py_None) return {Item::new_axis};
  if (p == Py_Ellipsis) return {Item::ellipsis};
  if (PySlice_Check(p)) {
    const auto* s = reinterpret_cast<PySliceObject*>(p);
    return {Item::slice, 0, bound(s->start), bound(s->stop), bound(s->step)};
  }
  if (PyLong_Check(p) && !PyBool_Check(p)) {
    return {Item::integer, position(p)};
  }
  Operand operand;
  if (!to_operand(object, operand))
    throw py::type_error("a tensor is indexed by integers, slices, None, ... and integer or boolean arrays, not by " +
                         std::string(py::str(py::type::handle_of(object).attr("__name__"))));
  Tensor x = operand.tensor();
  if (x.size() == 0 && !py::isinstance<Tensor>(object) && !py::hasattr(object, "dtype"))
    x = to_tensor(object, Dtype::int64, false);  // x[[]]: an empty list has no type of its own
  if (x.dtype() == Dtype::boolean) return {Item::mask, 0, {}, {}, {}, x};
  if (!is_integer(x.dtype()))
    throw IndexError(std::string("a tensor is indexed by integers or booleans, not by ") + name(x.dtype()) +
                     (PyFloat_Check(p) ? "; write int(...)" : "; convert: i.astype('int64'), or compare: i > 0"));
  if (x.ndim() == 0) {
    const py::object value = py::cast(x).attr("item")();
    return {Item::integer, position(value.ptr())};
  }
  return {Item::array, 0, {}, {}, {}, x};
}

ops::Index to_index(py::handle object) {
  ops::Index index;
  if (PyTuple_Check(object.ptr())) {
    for (py::handle item : object) index.push_back(to_item(item));
  } else {
    index.push_back(to_item(object));
  }
  return index;
}

void set_item(const Tensor& x, py::handle index, const Operand& value) {
  ops::set_item(x, to_index(index), value.into("assignment", x));
}

}  // namespace

void bind_index(py::module_& m) {
  auto c = py::reinterpret_borrow<py::class_<Tensor>>(m.attr("Tensor"));
  c.def(
      "__getitem__", [](const Tensor& x, py::handle index) { return ops::get_item(x, to_index(index)); },
      py::arg("index"), py::pos_only());
  c.def("__setitem__", &set_item, py::arg("index"), py::arg("value"), py::pos_only());
  c.def(
      "__delitem__",
      [](const Tensor&, py::handle) {
        throw py::type_error(
            "elements of a tensor cannot be deleted; join the others: pynn.concat([x[:i], x[i + 1:]])");
      },
      py::arg("index"), py::pos_only());
  m.def(
      "take",
      [](const Operand& x0, const Operand& indices, const std::optional<int64_t>& axis) {
        const Tensor x = x0.tensor();
        if (!axis && x.ndim() != 1) throw ShapeError("take: name an axis for a tensor of shape " + str(x.shape()));
        return ops::take(x, indices.tensor(), axis.value_or(0));
      },
      "The slices of x at integer positions along an axis (which 1-d tensors need not name).", py::arg("x"),
      py::arg("indices"), py::pos_only(), py::arg("axis") = py::none());
  m.def(
      "take_along_axis",
      [](const Operand& x, const Operand& indices, int64_t axis) {
        return ops::take_along_axis(x.tensor(), indices.tensor(), axis);
      },
      "For each position, the element of x at the index given there, along an axis.", py::arg("x"), py::arg("indices"),
      py::pos_only(), py::arg("axis") = -1);
  m.def(
      "searchsorted",
      [](const Operand& x1, const Operand& x2, const std::string& side, const std::optional<Operand>& sorter) {
        if (side != "left" && side != "right")
          throw ValueError("searchsorted: side is 'left' or 'right', got '" + side + "'");
        const auto [a, b] = resolve("searchsorted", x1, x2);
        return ops::searchsorted(sorter ? ops::take(a, sorter->tensor(), 0) : a, b, side == "right");
      },
      "Where each of x2 belongs in the sorted vector x1: the first place (int64), or the last with side='right'.\n\n"
      "Args:\n    sorter: positions that sort x1, as argsort gives them.",
      py::arg("x1"), py::arg("x2"), py::pos_only(), py::kw_only(), py::arg("side") = "left",
      py::arg("sorter") = py::none());
  m.def(
      "nonzero", [](const Operand& x) { return py::tuple(to_list(ops::nonzero(x.tensor()))); },
      "The positions of elements that are not 0: a tuple of int64 tensors, one an axis.", py::arg("x"), py::pos_only());
  m.def(
      "one_hot",
      [](const Operand& labels, int64_t num_classes, Dtype dtype) {
        return ops::one_hot(labels.tensor(), num_classes, dtype);
      },
      "1 at the label and 0 elsewhere, along a new last axis; all 0 for a label outside [0, num_classes).",
      py::arg("labels"), py::arg("num_classes"), py::arg("dtype") = "float32");
}

}  // namespace pynn
