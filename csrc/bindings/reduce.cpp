#include "ops/reduce.h"

#include <pybind11/stl.h>

#include "bindings/bindings.h"
#include "bindings/convert.h"
#include "bindings/quick.h"
#include "compute/elementwise.h"
#include "core/error.h"
#include "ops/elementwise.h"
#include "ops/shape.h"

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

// Of all elements, as x.sum() is called most.
template <Reduce F>
Tensor of_all(const Tensor& x) {
  return F(x, std::nullopt, false);
}

template <Reduce F>
void install_quick(py::module_& m, Class& c, const char* name) {
  QuickFunction<of_all<F>>::install(m, name);
  QuickMethod<of_all<F>>::install(c, name);
}

template <Reduce F>
void bind_axes(py::module_& m, Class& c, const char* name, const char* doc) {
  m.def(name, &reduce<F>, doc, py::arg("x"), py::pos_only(), py::arg("axis") = py::none(), py::arg("keepdims") = false);
  c.def(name, &reduce<F>, doc, py::arg("axis") = py::none(), py::arg("keepdims") = false);
  install_quick<F>(m, c, name);
}

// Sums and products, which can be made in another type.
template <Reduce F>
Tensor total(const Operand& x0, const AxesOption& axis, bool keepdims, const std::optional<Dtype>& dtype) {
  const Tensor x = dtype ? ops::astype(x0.tensor(), *dtype) : x0.tensor();
  const Unlocked unlocked(x.size());
  const Tensor y = F(x, axis.value, keepdims);
  return dtype ? ops::astype(y, *dtype) : y;
}

template <Reduce F>
void bind_total(py::module_& m, Class& c, const char* name, const char* doc) {
  m.def(name, &total<F>, doc, py::arg("x"), py::pos_only(), py::arg("axis") = py::none(), py::arg("keepdims") = false,
        py::kw_only(), py::arg("dtype") = py::none());
  c.def(name, &total<F>, doc, py::arg("axis") = py::none(), py::arg("keepdims") = false, py::kw_only(),
        py::arg("dtype") = py::none());
  install_quick<F>(m, c, name);
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

// Running sums or products, `start` before them if they are to include it.
template <Tensor (*F)(const Tensor&, int64_t)>
Tensor running(const char* op, int64_t start, const Operand& x0, const std::optional<int64_t>& axis0,
               const std::optional<Dtype>& dtype, bool include_initial) {
  const Tensor x = dtype ? ops::astype(x0.tensor(), *dtype) : x0.tensor();
  if (x.ndim() == 0) throw ShapeError(std::string(op) + ": needs at least 1 dimension, got a 0-d tensor");
  if (!axis0 && x.ndim() != 1)
    throw ShapeError(std::string(op) + ": name an axis for a tensor of shape " + str(x.shape()));
  const int axis = normalize_axis(op, axis0.value_or(0), x.ndim());
  Tensor y = F(x, axis);
  if (dtype) y = ops::astype(y, *dtype);
  if (!include_initial) return y;
  Shape first = y.shape();
  first[axis] = 1;
  return ops::concat({Tensor(compute::full(first, start, y.dtype(), y.device())), y}, axis);
}

template <Tensor (*F)(const Tensor&, int64_t)>
void bind_running(py::module_& m, const char* name, int64_t start, const char* doc) {
  m.def(
      name,
      [name, start](const Operand& x, const std::optional<int64_t>& axis, const std::optional<Dtype>& dtype,
                    bool include_initial) { return running<F>(name, start, x, axis, dtype, include_initial); },
      doc, py::arg("x"), py::pos_only(), py::kw_only(), py::arg("axis") = py::none(), py::arg("dtype") = py::none(),
      py::arg("include_initial") = false);
}

Tensor diff(const Operand& x0, int64_t axis, int64_t n, const std::optional<Operand>& prepend,
            const std::optional<Operand>& append) {
  std::vector<Tensor> parts;
  if (prepend) parts.push_back(prepend->tensor());
  parts.push_back(x0.tensor());
  if (append) parts.push_back(append->tensor());
  return ops::diff(parts.size() == 1 ? parts[0] : ops::concat(parts, axis), axis, n);
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
      name, [](const Operand& x, int64_t axis, bool descending, bool) { return F(x.tensor(), axis, descending); }, doc,
      py::arg("x"), py::pos_only(), py::kw_only(), py::arg("axis") = -1, py::arg("descending") = false,
      py::arg("stable") = true);
}

}  // namespace

void bind_reduce(py::module_& m) {
  auto c = py::reinterpret_borrow<Class>(m.attr("Tensor"));
  bind_total<ops::sum>(
      m, c, "sum",
      "Sum over axes (an int, a tuple, or None for all). Integers add up as int64, unless `dtype` says "
      "in which type.");
  bind_total<ops::prod>(m, c, "prod",
                        "Product over axes (an int, a tuple, or None for all). Integers multiply as int64, unless "
                        "`dtype` says in which type.");
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
  m.def("count_nonzero", &reduce<ops::count_nonzero>, "How many elements over axes are not 0 (int64).", py::arg("x"),
        py::pos_only(), py::kw_only(), py::arg("axis") = py::none(), py::arg("keepdims") = false);
  bind_running<ops::cumulative_sum>(
      m, "cumulative_sum", 0,
      "Running sum along an axis (which 1-d tensors need not name), with a 0 in front if include_initial.");
  bind_running<ops::cumulative_prod>(
      m, "cumulative_prod", 1,
      "Running product along an axis (which 1-d tensors need not name), with a 1 in front if include_initial.");
  m.def("diff", &diff,
        "The differences of neighbours along an axis, n times over.\n\n"
        "Args:\n    prepend, append: put before and after x along the axis first.",
        py::arg("x"), py::pos_only(), py::kw_only(), py::arg("axis") = -1, py::arg("n") = 1,
        py::arg("prepend") = py::none(), py::arg("append") = py::none());
  bind_rows<ops::softmax>(m, "softmax", "e**x / sum(e**x) along an axis, shifted by the maximum against overflow.");
  bind_rows<ops::log_softmax>(m, "log_softmax", "log(softmax(x)) along an axis, without overflow.");
  bind_sort<ops::sort>(m, "sort", "Sorted along an axis, NaN last; always stably, whatever `stable` says.");
  bind_sort<ops::argsort>(
      m, "argsort", "The positions (int64) that sort along an axis, NaN last; always stably, whatever `stable` says.");
}

}  // namespace pynn
