// What the Python side of a training step does between its large calls, each in one small call.
#include <pybind11/stl.h>
#include <pybind11/typing.h>

#include "bindings/bindings.h"
#include "bindings/convert.h"
#include "compute/elementwise.h"
#include "core/error.h"
#include "ops/elementwise.h"
#include "ops/index.h"
#include "ops/metric.h"

namespace pynn {
namespace {

bool alike(const py::typing::List<py::object>& xs, const py::typing::List<py::object>& ys) {
  if (xs.size() != ys.size()) return false;
  for (size_t i = 0; i < xs.size(); ++i) {
    if (!py::isinstance<Tensor>(xs[i]) || !py::isinstance<Tensor>(ys[i])) return false;
    const auto &x = xs[i].cast<const Tensor&>(), &y = ys[i].cast<const Tensor&>();
    if (x.shape() != y.shape() || x.dtype() != y.dtype()) return false;
  }
  return true;
}

void assign_each(const std::vector<Tensor>& targets, const std::vector<Tensor>& values) {
  if (targets.size() != values.size()) throw ValueError("assign_each: needs one value for each target");
  const NoRecording off;
  for (size_t i = 0; i < targets.size(); ++i) ops::assign("assign_each", targets[i], values[i]);
}

void zero_each(const std::vector<Tensor>& targets) {
  const NoRecording off;
  for (const Tensor& x : targets)
    if (x.ndim() == 0)
      ops::put(x, 0);
    else
      ops::assign("zero_each", x, Tensor(compute::full({}, 0.0, x.dtype(), x.array.device())));
}

using Tensors = py::typing::Tuple<Tensor, py::ellipsis>;

Tensors take_rows(const Tensors& xs, const Tensor& order, int64_t start, int64_t stop) {
  const int64_t n = order.ndim() == 1 ? order.size() : -1;
  if (start < 0 || start > stop || stop > n)
    throw ValueError(message("take_rows: ", std::to_string(start), " to ", std::to_string(stop),
                             " is no part of an order of shape ", str(order.shape())));
  const Tensor rows(sliced(order.array, 0, start, 1, stop - start));
  Tensors taken(xs.size());
  for (size_t i = 0; i < xs.size(); ++i) taken[i] = py::cast(ops::take(xs[i].cast<const Tensor&>(), rows, 0));
  return taken;
}

}  // namespace

void bind_training(py::module_& m) {
  m.def("alike", &alike, "Whether there are as many xs as ys, all tensors, each of its y's shape and dtype.",
        py::arg("xs"), py::arg("ys"), py::pos_only());
  m.def("assign_each", &assign_each, "Copies each value into its target's memory, broadcast and converted.",
        py::arg("targets"), py::arg("values"), py::pos_only());
  m.def("zero_each", &zero_each, "Sets every element of every target to 0.", py::arg("targets"), py::pos_only());
  m.def("take_rows", &take_rows, "The rows of each tensor at positions start to stop of the integers in `order`.",
        py::arg("xs"), py::arg("order"), py::arg("start"), py::arg("stop"), py::pos_only());
  m.def("accumulate_mean", &ops::accumulate_mean,
        "Adds the values of a batch, whose first axis is the samples, to a running mean. In place.\n\n"
        "Args:\n    total, count: 0-d floats.\n    values: any dtype; each sample counts as the mean of its values.\n"
        "    weight: counts the batch as one value of this weight.",
        py::arg("total"), py::arg("count"), py::arg("values"), py::arg("weight") = py::none(), py::pos_only());
  m.def("running_mean", &ops::running_mean, "total / count, or 0 where the count is 0.", py::arg("total"),
        py::arg("count"), py::pos_only());
  m.def("class_matches", &ops::class_matches,
        "Whether the highest of the scores (..., C) is that of the class.\n\n"
        "Args:\n    y: labels (...), or one-hot rows (..., C).\n    scores: any real dtype.",
        py::arg("y"), py::arg("scores"), py::pos_only());
  m.def("are_classes", &ops::are_classes, "Whether every element is a whole number in [0, classes).", py::arg("labels"),
        py::arg("classes"), py::pos_only());
}

}  // namespace pynn
