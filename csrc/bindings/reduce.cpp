#include "ops/reduce.h"

#include <pybind11/stl.h>

#include "bindings/bindings.h"
#include "bindings/convert.h"
#include "core/error.h"

namespace pynn {
namespace {

using Reduce = Tensor (*)(const Tensor&, const ops::AxesArgument&, bool);
using ArgReduce = Tensor (*)(const Tensor&, const std::optional<int64_t>&, bool);
using Class = py::class_<Tensor>;

template <Reduce F>
Tensor reduce(const Operand& x0, const AxesOption& axis, bool keepdims) {
  const Tensor x = x0.tensor();
  const Unlocked unlocked(x.size());
  return F(x, axis.value, keepdims);
}

template <Reduce F>
void bind_axes(py::module_& m, Class& c, const char* name, const char* doc) {
  m.def(name, &reduce<F>, doc, py::arg("x"), py::pos_only(), py::arg("axis") = py::none(), py::arg("keepdims") = false);
  c.def(name, &reduce<F>, doc, py::arg("axis") = py::none(), py::arg("keepdims") = false);
}

template <ArgReduce F>
void bind_arg(py::module_& m, Class& c, const char* name, const char* doc) {
  const auto f = [](const Operand& x0, const std::optional<int64_t>& axis, bool keepdims) {
    const Tensor x = x0.tensor();
    const Unlocked unlocked(x.size());
    return F(x, axis, keepdims);
  };
  m.def(name, f, doc, py::arg("x"), py::pos_only(), py::arg("axis") = py::none(), py::arg("keepdims") = false);
  c.def(name, f, doc, py::arg("axis") = py::none(), py::arg("keepdims") = false);
}

using Spread = Tensor (*)(const Tensor&, const ops::AxesArgument&, double, bool);
template <Spread F>
void bind_spread(py::module_& m, Class& c, const char* name, const char* doc) {
  const auto f = [](const Operand& x, const AxesOption& axis, double correction, bool keepdims) {
    return F(x.tensor(), axis.value, correction, keepdims);
  };
  m.def(name, f, doc, py::arg("x"), py::pos_only(), py::kw_only(), py::arg("axis") = py::none(),
        py::arg("correction") = 0.0, py::arg("keepdims") = false);
  c.def(name, f, doc, py::arg("axis") = py::none(), py::kw_only(), py::arg("correction") = 0.0,
        py::arg("keepdims") = false);
}

Tensor cumulative_sum(const Operand& x0, const std::optional<int64_t>& axis) {
  const Tensor x = x0.tensor();
  if (!axis && x.ndim() != 1) throw ShapeError("cumulative_sum: name an axis for a tensor of shape " + str(x.shape()));
  return ops::cumulative_sum(x, axis.value_or(0));
}

template <Tensor (*F)(const Tensor&, int64_t)>
void bind_rows(py::module_& m, const char* name, const char* doc) {
  m.def(
      name,
      [](const Operand& x0, int64_t axis) {
        const Tensor x = x0.tensor();
        const Unlocked unlocked(x.size());
        return F(x, axis);
      },
      doc, py::arg("x"), py::pos_only(), py::arg("axis") = -1);
}

template <Tensor (*F)(const Tensor&, int64_t, bool)>
void bind_sort(py::module_& m, const char* name, const char* doc) {
  m.def(
      name, [](const Operand& x, int64_t axis, bool descending) { return F(x.tensor(), axis, descending); }, doc,
      py::arg("x"), py::pos_only(), py::kw_only(), py::arg("axis") = -1, py::arg("descending") = false);
}

}  // namespace

void bind_reduce(py::module_& m) {
  auto c = py::reinterpret_borrow<Class>(m.attr("Tensor"));
  bind_axes<ops::sum>(m, c, "sum", "Sum over axes (an int, a tuple, or None for all). Integers add up as int64.");
  bind_axes<ops::prod>(m, c, "prod", "Product over axes (an int, a tuple, or None for all).");
  bind_axes<ops::mean>(m, c, "mean", "Arithmetic mean over axes. The mean of integers is float32.");
  bind_axes<ops::max>(m, c, "max", "Largest element over axes; NaN wins. Ties share the gradient evenly.");
  bind_axes<ops::min>(m, c, "min", "Smallest element over axes; NaN wins. Ties share the gradient evenly.");
  bind_axes<ops::all>(m, c, "all", "Whether every element over axes is true (not 0).");
  bind_axes<ops::any>(m, c, "any", "Whether any element over axes is true (not 0).");
  bind_spread<ops::var>(m, c, "var", "Variance over axes: sum((x - mean)**2) / (N - correction).");
  bind_spread<ops::std_dev>(m, c, "std", "Standard deviation over axes, the square root of var.");
  bind_arg<ops::argmax>(m, c, "argmax",
                        "Position (int64) of the first largest element, along an axis or in the flattened tensor.");
  bind_arg<ops::argmin>(m, c, "argmin",
                        "Position (int64) of the first smallest element, along an axis or in the flattened tensor.");
  m.def("logsumexp", &reduce<ops::logsumexp>, "log(sum(e**x)) over axes, without overflow.", py::arg("x"),
        py::pos_only(), py::arg("axis") = py::none(), py::arg("keepdims") = false);
  m.def(
      "norm",
      [](const Operand& x, double ord, const AxesOption& axis, bool keepdims) {
        return ops::norm(x.tensor(), ord, axis.value, keepdims);
      },
      "Vector norm over axes: sum(|x|**ord)**(1/ord); ord may be inf, -inf or 0 (the count of non-zeros).\n"
      "The gradient of the norm of a zero vector is 0.",
      py::arg("x"), py::pos_only(), py::kw_only(), py::arg("ord") = 2.0, py::arg("axis") = py::none(),
      py::arg("keepdims") = false);
  m.def("cumulative_sum", &cumulative_sum, "Running sum along an axis (which 1-d tensors need not name).", py::arg("x"),
        py::pos_only(), py::kw_only(), py::arg("axis") = py::none());
  bind_rows<ops::softmax>(m, "softmax", "e**x / sum(e**x) along an axis, shifted by the maximum against overflow.");
  bind_rows<ops::log_softmax>(m, "log_softmax", "log(softmax(x)) along an axis, without overflow.");
  bind_sort<ops::sort>(m, "sort", "Sorted along an axis, stably; NaN last.");
  bind_sort<ops::argsort>(m, "argsort", "The positions (int64) that sort along an axis, stably; NaN last.");
}

}  // namespace pynn
