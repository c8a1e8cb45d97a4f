// What the Python side of a training step does between its large calls, each in one small call.
#include <pybind11/stl.h>
#include <pybind11/typing.h>

#include "bindings/bindings.h"
#include "bindings/convert.h"
#include "compute/elementwise.h"
#include "core/error.h"
#include "ops/chain.h"
#include "ops/elementwise.h"
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
    ops::assign("zero_each", x, Tensor(compute::full({}, 0.0, x.dtype(), x.array.device())));
}

// A chain's layers as Python has them: variables may be moved in memory, so they are asked anew at every step.
class Chain {
 public:
  using Layers = py::typing::List<py::typing::Tuple<py::object, py::object, std::string>>;

  Chain(const Layers& layers, const py::typing::List<Tensor>& sources, bool from_logits)
      : sources_(sources), from_logits_(from_logits) {
    for (const py::handle layer : layers) {
      const auto parts = py::reinterpret_borrow<py::tuple>(layer);
      layers_.push_back({parts[0], parts[1], parts[2].cast<std::string>()});
    }
  }

  py::object operator()(const Tensor& x, const Tensor& y) const {
    std::vector<ops::ChainLayer> layers;
    layers.reserve(layers_.size());
    for (const Layer& layer : layers_) layers.push_back({tensor(layer.kernel), tensor(layer.bias), layer.activation});
    std::vector<Tensor> sources;
    sources.reserve(sources_.size());
    for (const py::handle source : sources_) sources.push_back(tensor(source));
    std::optional<ops::Learnt> learnt;
    {
      const py::gil_scoped_release release;
      learnt = ops::learn(layers, sources, x, y, from_logits_);
    }
    if (!learnt) return py::none();
    py::list gradients;
    for (Tensor& g : learnt->gradients) gradients.append(g.defined() ? py::cast(std::move(g)) : py::none());
    return py::make_tuple(Tensor(learnt->output.array), Tensor(learnt->loss.array), gradients);
  }

 private:
  struct Layer {
    py::object kernel, bias;
    std::string activation;
  };
  static Tensor tensor(py::handle x) { return x.is_none() ? Tensor() : x.cast<const Tensor&>(); }

  std::vector<Layer> layers_;
  py::list sources_;
  bool from_logits_;
};

}  // namespace

void bind_training(py::module_& m) {
  py::class_<Chain>(
      m, "Chain",
      "Linear layers one after the other, and a training step of them up to its gradients in one call.\n\n"
      "Args:\n    layers: (kernel, bias or None, activation) as `linear` takes them; a kernel of None\n"
      "        flattens all axes but the first.\n"
      "    sources: the tensors whose gradients are wanted.\n"
      "    from_logits: as for `softmax_cross_entropy`.")
      .def(py::init<const Chain::Layers&, const py::typing::List<Tensor>&, bool>(), py::arg("layers"),
           py::arg("sources"), py::arg("from_logits"), py::pos_only())
      .def("__call__", &Chain::operator(),
           "Return the output for x, its mean cross-entropy with y, and the gradients of that.\n\n"
           "None, and nothing is done, unless x has the kernels' dtype and the first one's number of features, and\n"
           "y holds an integer for each row or a distribution in the output's shape and dtype.\n\n"
           "Raises:\n    ValueError: a label lies outside [0, C).",
           py::arg("x"), py::arg("y"), py::pos_only());
  m.def("alike", &alike, "Whether there are as many xs as ys, all tensors, each of its y's shape and dtype.",
        py::arg("xs"), py::arg("ys"), py::pos_only());
  m.def("assign_each", &assign_each, "Copies each value into its target's memory, broadcast and converted.",
        py::arg("targets"), py::arg("values"), py::pos_only());
  m.def("zero_each", &zero_each, "Sets every element of every target to 0.", py::arg("targets"), py::pos_only());
  m.def("accumulate_mean", &ops::accumulate_mean,
        "Adds the values of a batch, whose first axis is the samples, to a running mean. In place.\n\n"
        "Args:\n    total, count: 0-d floats.\n    values: any dtype; each sample counts as the mean of its values.\n"
        "    weight: counts the batch as one value of this weight.",
        py::arg("total"), py::arg("count"), py::arg("values"), py::arg("weight") = py::none(), py::pos_only());
  m.def("running_mean", &ops::running_mean, "total / count, or 0 where the count is 0.", py::arg("total"),
        py::arg("count"), py::pos_only());
  m.def("are_classes", &ops::are_classes, "Whether every element is a whole number in [0, classes).", py::arg("labels"),
        py::arg("classes"), py::pos_only());
}

}  // namespace pynn
