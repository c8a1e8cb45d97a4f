#include "ops/linear.h"

#include <pybind11/stl.h>

#include "bindings/bindings.h"
#include "bindings/convert.h"
#include "core/error.h"

namespace pynn {
namespace {

Tensor tensordot(const Operand& x1, const Operand& x2, const py::object& axes) {
  const Tensor a = x1.tensor(), b = x2.tensor();
  if (PyLong_Check(axes.ptr())) {
    const auto n = axes.cast<int64_t>();
    if (n < 0 || n > a.ndim() || n > b.ndim())
      throw ShapeError("tensordot: cannot sum over " + std::to_string(n) + " axes of shapes " + str(a.shape()) +
                       " and " + str(b.shape()));
    Dims last, first;
    for (int64_t i = 0; i < n; ++i) {
      last.push_back(a.ndim() - n + i);
      first.push_back(i);
    }
    return ops::tensordot(a, b, last, first);
  }
  if (!(py::isinstance<py::tuple>(axes) || py::isinstance<py::list>(axes)) || py::len(axes) != 2)
    throw py::type_error("tensordot: axes is an integer, or the axes of x1 and those of x2, got " +
                         std::string(py::repr(axes)));
  const auto pair = axes.cast<py::sequence>();
  return ops::tensordot(a, b, to_shape(pair[0]), to_shape(pair[1]));
}

}  // namespace

void bind_linear(py::module_& m) {
  m.def(
      "matmul",
      [](const Operand& x1, const Operand& x2) {
        const Tensor a = x1.tensor(), b = x2.tensor();
        const Unlocked unlocked(a.size() + b.size());
        return ops::matmul(a, b);
      },
      "Matrix product of vectors, matrices, or stacks of matrices whose leading axes broadcast.", py::arg("x1"),
      py::arg("x2"), py::pos_only());
  m.def(
      "linear",
      [](const Operand& x0, const Operand& kernel0, const std::optional<Operand>& bias0,
         const std::optional<std::string>& activation) {
        const Tensor x = x0.tensor(), kernel = kernel0.tensor(), bias = bias0 ? bias0->tensor() : Tensor();
        const Unlocked unlocked(x.size() + kernel.size());
        return ops::linear(x, kernel, bias, activation.value_or(""));
      },
      "activation(x @ kernel + bias) in one pass.\n\nArgs:\n    x: shape (..., K).\n    kernel: shape (K, N).\n"
      "    bias: shape (N,), or None.\n    activation: the name of an element-wise function, 'softmax', or None.\n\n"
      "Returns:\n    Shape (..., N).",
      py::arg("x"), py::arg("kernel"), py::arg("bias") = py::none(), py::arg("activation") = py::none());
  m.def(
      "dot", [](const Operand& a, const Operand& b) { return ops::dot(a.tensor(), b.tensor()); },
      "Product over the last axis of x1 and the last but one of x2, as NumPy's dot.", py::arg("x1"), py::arg("x2"),
      py::pos_only());
  m.def("tensordot", &tensordot,
        "Sum of products over the last n axes of x1 and the first n of x2, or over named axes.", py::arg("x1"),
        py::arg("x2"), py::pos_only(), py::kw_only(), py::arg("axes") = 2);
  m.def(
      "vecdot",
      [](const Operand& a, const Operand& b, int64_t axis) { return ops::vecdot(a.tensor(), b.tensor(), axis); },
      "Sums of the products along an axis of x1 and x2; the other axes broadcast.", py::arg("x1"), py::arg("x2"),
      py::pos_only(), py::kw_only(), py::arg("axis") = -1);
  m.def(
      "cross",
      [](const Operand& a, const Operand& b, int64_t axis) { return ops::cross(a.tensor(), b.tensor(), axis); },
      "The vector products of vectors of three along an axis of x1 and x2; the other axes broadcast.", py::arg("x1"),
      py::arg("x2"), py::pos_only(), py::kw_only(), py::arg("axis") = -1);
  m.def(
      "outer", [](const Operand& a, const Operand& b) { return ops::outer(a.tensor(), b.tensor()); },
      "Every element of x1 times every element of x2, shape (x1.size, x2.size).", py::arg("x1"), py::arg("x2"),
      py::pos_only());
  m.def(
      "einsum",
      [](const std::string& subscripts, const py::args& operands) {
        std::vector<Tensor> xs;
        for (py::handle x : operands) xs.push_back(to_tensor(x, std::nullopt, false));
        return ops::einsum(subscripts, xs);
      },
      "Einstein summation: einsum('bij,bjk->bik', a, b). Axes are named by letters; those not in the output are "
      "summed.",
      py::arg("subscripts"), py::pos_only());
}

}  // namespace pynn
