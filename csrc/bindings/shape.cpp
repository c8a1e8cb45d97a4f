#include "ops/shape.h"

#include <pybind11/stl.h>

#include "bindings/bindings.h"
#include "bindings/convert.h"
#include "core/error.h"
#include "ops/creation.h"
#include "ops/elementwise.h"
#include "ops/index.h"

namespace pynn {
namespace {

std::vector<Tensor> to_tensors(const py::iterable& xs) {
  std::vector<Tensor> all;
  for (py::handle x : xs) all.push_back(to_tensor(x, std::nullopt, false));
  return all;
}

Tensor concat(const py::iterable& xs, const std::optional<int64_t>& axis) {
  std::vector<Tensor> all = to_tensors(xs);
  if (!axis)
    for (Tensor& x : all) x = ops::reshape(x, {-1});
  return ops::concat(all, axis.value_or(0));
}

// Into n equal parts, or at the given positions, as NumPy's split.
py::list split(const Operand& x0, const Operand& parts, int64_t axis0) {
  const Tensor x = x0.tensor();
  const int axis = normalize_axis("split", axis0, x.ndim());
  const int64_t n = x.shape()[axis];
  if (parts.weak == Operand::Weak::integer) {
    const int64_t count = parts.integer;
    if (count < 1 || n % count != 0)
      throw ShapeError("split: axis " + std::to_string(axis) + " of size " + std::to_string(n) +
                       " does not divide into " + std::to_string(count) + " equal parts");
    return to_list(ops::split(x, std::vector<int64_t>(static_cast<size_t>(count), n / count), axis));
  }
  const Tensor positions = ops::to(parts.as("split", Dtype::int64), Device{});
  if (positions.ndim() != 1 || (positions.size() > 0 && !is_integer(parts.tensor().dtype())))
    throw py::type_error("split: expected a number of parts or a list of integer positions");
  std::vector<int64_t> sizes;
  int64_t start = 0;
  for (int64_t i = 0; i < positions.size(); ++i) {
    const int64_t stop = positions.array.as<int64_t>()[i * positions.array.strides[0]];
    if (stop < start || stop > n)
      throw ValueError("split: positions must rise from 0 to " + std::to_string(n) + ", got " + std::to_string(stop) +
                       " after " + std::to_string(start));
    sizes.push_back(stop - start);
    start = stop;
  }
  sizes.push_back(n - start);
  return to_list(ops::split(x, sizes, axis));
}

Tensor moveaxis(const Tensor& x, const Dims& source, const Dims& destination) {
  if (source.size() != destination.size())
    throw ShapeError("moveaxis: moves " + std::to_string(source.size()) + " axes to " +
                     std::to_string(destination.size()) + " places");
  const Axes gone = normalize_axes("moveaxis", source, x.ndim());
  normalize_axes("moveaxis", destination, x.ndim());  // a place named twice
  Dims order(x.ndim(), -1);
  for (int i = 0; i < source.size(); ++i)
    order[normalize_axis("moveaxis", destination[i], x.ndim())] = normalize_axis("moveaxis", source[i], x.ndim());
  for (int d = 0, place = 0, next = 0; d < x.ndim(); ++d) {
    if (next < gone.size() && gone[next] == d) {
      ++next;
      continue;
    }
    while (order[place] >= 0) ++place;
    order[place] = d;
  }
  return ops::permute_dims(x, order);
}

Tensor roll(const Operand& x0, const ShapeArgument& shift, const AxesOption& axis) {
  const Tensor x = x0.tensor();
  if (!axis.value) {
    if (shift.value.size() != 1) throw ShapeError("roll: several shifts need as many axes");
    return ops::reshape(ops::roll(ops::reshape(x, {-1}), shift.value, Dims{0}), x.shape());
  }
  Dims shifts = shift.value;
  while (shifts.size() < axis.value->size() && shift.value.size() == 1) shifts.push_back(shift.value[0]);
  if (shifts.size() != axis.value->size()) throw ShapeError("roll: shift and axis need equal lengths");
  return ops::roll(x, shifts, *axis.value);
}

Tensor repeat(const Operand& x0, const Operand& repeats, const std::optional<int64_t>& axis) {
  const Tensor x = axis ? x0.tensor() : ops::reshape(x0.tensor(), {-1});
  return ops::repeat(x, repeats.tensor(), axis.value_or(0));
}

}  // namespace

void bind_shape(py::module_& m) {
  m.def(
      "reshape",
      [](const Operand& x0, const ShapeArgument& shape, const std::optional<bool>& copy) {
        const Tensor x = x0.tensor(), y = ops::reshape(x, shape.value);
        const bool shared = y.array.storage == x.array.storage;
        if (!copy || *copy != shared) return y;
        if (!*copy) throw ValueError("reshape: copy=False, but the strides of x allow no view of this shape");
        return ops::copy(y);
      },
      "The elements of x in another shape, in row-major order; one size may be -1. A view where possible, unless "
      "`copy` "
      "is True; with False an error where it is not.",
      py::arg("x"), py::pos_only(), py::arg("shape"), py::kw_only(), py::arg("copy") = py::none());
  m.def(
      "permute_dims",
      [](const Operand& x, const ShapeArgument& axes) { return ops::permute_dims(x.tensor(), axes.value); },
      "The axes of x in another order; a view.", py::arg("x"), py::pos_only(), py::arg("axes"));
  m.def(
      "matrix_transpose", [](const Operand& x) { return ops::matrix_transpose(x.tensor()); },
      "The last two axes swapped; a view.", py::arg("x"), py::pos_only());
  m.def(
      "moveaxis",
      [](const Operand& x, const ShapeArgument& source, const ShapeArgument& destination) {
        return moveaxis(x.tensor(), source.value, destination.value);
      },
      "Axes moved to other places, the others keep their order; a view.", py::arg("x"), py::arg("source"),
      py::arg("destination"), py::pos_only());
  m.def(
      "expand_dims",
      [](const Operand& x, const ShapeArgument& axis) {
        Tensor y = x.tensor();
        for (int64_t a : normalize_axes("expand_dims", axis.value, y.ndim() + axis.value.size()))
          y = ops::expand_dims(y, a);
        return y;
      },
      "A new axis of size 1 at each position in axis; a view.", py::arg("x"), py::pos_only(), py::arg("axis") = 0);
  m.def(
      "squeeze", [](const Operand& x, const ShapeArgument& axis) { return ops::squeeze(x.tensor(), axis.value); },
      "x without the named axes, which must have size 1; a view.", py::arg("x"), py::pos_only(), py::arg("axis"));
  m.def(
      "broadcast_to",
      [](const Operand& x, const ShapeArgument& shape) { return ops::broadcast_to(x.tensor(), shape.value); },
      "x repeated to a shape that it broadcasts to; a view.", py::arg("x"), py::pos_only(), py::arg("shape"));
  m.def(
      "broadcast_arrays",
      [](const py::args& xs) {
        std::vector<Tensor> all = to_tensors(xs);
        Shape shape;
        for (const Tensor& x : all) shape = broadcast("broadcast_arrays", shape, x.shape());
        for (Tensor& x : all) x = ops::broadcast_to(x, shape);
        return to_list(all);
      },
      "All broadcast to their common shape; views.");
  m.def(
      "flip", [](const Operand& x, const AxesOption& axis) { return ops::flip(x.tensor(), axis.value); },
      "The order of elements reversed along axes; a view.", py::arg("x"), py::pos_only(), py::kw_only(),
      py::arg("axis") = py::none());
  m.def("concat", &concat, "Tensors joined along an existing axis; flattened first if axis is None.", py::arg("arrays"),
        py::pos_only(), py::arg("axis") = 0);
  m.def(
      "stack", [](const py::iterable& xs, int64_t axis) { return ops::stack(to_tensors(xs), axis); },
      "Tensors of one shape joined along a new axis.", py::arg("arrays"), py::pos_only(), py::arg("axis") = 0);
  m.def(
      "unstack",
      [](const Operand& x0, int64_t axis0) {
        const Tensor x = x0.tensor();
        const int axis = normalize_axis("unstack", axis0, x.ndim());
        std::vector<Tensor> parts;
        for (int64_t i = 0; i < x.shape()[axis]; ++i) parts.push_back(ops::select(x, axis, i));
        return py::tuple(to_list(parts));
      },
      "The slices of x along an axis, which goes, as a tuple; views.", py::arg("x"), py::pos_only(), py::kw_only(),
      py::arg("axis") = 0);
  m.def(
      "diagonal", [](const Operand& x, int64_t offset) { return ops::diagonal(x.tensor(), offset); },
      "Diagonal `offset` of the matrices in the last two axes, as a new last axis; a view.", py::arg("x"),
      py::pos_only(), py::kw_only(), py::arg("offset") = 0);
  m.def("split", &split, "A list of views: n equal parts of an axis, or parts that end at the given positions.",
        py::arg("x"), py::arg("parts"), py::pos_only(), py::arg("axis") = 0);
  m.def(
      "tile",
      [](const Operand& x, const ShapeArgument& repetitions) { return ops::tile(x.tensor(), repetitions.value); },
      "x repeated as a whole along each axis.", py::arg("x"), py::arg("repetitions"), py::pos_only());
  m.def("repeat", &repeat, "Each element repeated, along an axis or flattened first.", py::arg("x"), py::arg("repeats"),
        py::pos_only(), py::arg("axis") = py::none());
  m.def("roll", &roll, "Elements shifted along axes; what leaves at one end comes in at the other.", py::arg("x"),
        py::pos_only(), py::arg("shift"), py::kw_only(), py::arg("axis") = py::none());
  m.def(
      "tril", [](const Operand& x, int64_t k) { return ops::tril(x.tensor(), k); },
      "Matrices with zeros above diagonal k.", py::arg("x"), py::pos_only(), py::kw_only(), py::arg("k") = 0);
  m.def(
      "triu", [](const Operand& x, int64_t k) { return ops::triu(x.tensor(), k); },
      "Matrices with zeros below diagonal k.", py::arg("x"), py::pos_only(), py::kw_only(), py::arg("k") = 0);
  m.def(
      "meshgrid",
      [](const py::args& xs, const std::string& indexing) {
        if (indexing != "xy" && indexing != "ij")
          throw ValueError("meshgrid: indexing is 'xy' or 'ij', got '" + indexing + "'");
        return to_list(ops::meshgrid(to_tensors(xs), indexing == "ij"));
      },
      "Coordinates of every point of the grid that the 1-d inputs span.", py::kw_only(), py::arg("indexing") = "xy");
}

}  // namespace pynn
