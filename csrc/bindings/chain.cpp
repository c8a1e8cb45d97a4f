// A chain of linear layers for Python: its gradients in one call, or all of its training step but for the optimizer.
#include "ops/chain.h"

#include <pybind11/stl.h>
#include <pybind11/typing.h>

#include <cmath>

#include "bindings/bindings.h"
#include "bindings/convert.h"
#include "bindings/update.h"
#include "compute/elementwise.h"
#include "core/error.h"
#include "ops/metric.h"

namespace pynn {
namespace {

// Variables may be moved in memory, so they are asked anew at every step.
Tensor tensor(py::handle x) { return x.is_none() ? Tensor() : x.cast<const Tensor&>(); }

std::vector<Tensor> tensors(const py::list& xs) {
  std::vector<Tensor> found;
  found.reserve(xs.size());
  for (const py::handle x : xs) found.push_back(tensor(x));
  return found;
}

class Chain {
 public:
  using Layers = py::typing::List<py::typing::Tuple<py::object, py::object, std::string>>;

  Chain(const Layers& layers, const py::typing::List<Tensor>& sources, bool sparse, bool from_logits)
      : sources_(sources), sparse_(sparse), from_logits_(from_logits) {
    for (const py::handle layer : layers) {
      const auto parts = py::reinterpret_borrow<py::tuple>(layer);
      layers_.push_back({parts[0], parts[1], parts[2].cast<std::string>()});
    }
  }

  std::optional<ops::Learnt> learn(const Tensor& x, const Tensor& y, const std::vector<Tensor>* places) const {
    if (is_floating(y.dtype()) == sparse_) return std::nullopt;
    std::vector<ops::ChainLayer> layers;
    layers.reserve(layers_.size());
    for (const Layer& layer : layers_) layers.push_back({tensor(layer.kernel), tensor(layer.bias), layer.activation});
    const std::vector<Tensor> sources = tensors(sources_);
    const py::gil_scoped_release release;
    return ops::learn(layers, sources, x, y, from_logits_, places);
  }

  py::object operator()(const Tensor& x, const Tensor& y) const {
    std::optional<ops::Learnt> learnt = learn(x, y, nullptr);
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
  std::vector<Layer> layers_;
  py::list sources_;
  bool sparse_, from_logits_;
};

// A whole step, in two halves: what was learnt is kept in between.
class ChainStep {
 public:
  using Places = py::typing::List<Tensor>;
  using Updates = py::typing::List<Update>;
  using Means = py::typing::List<py::typing::Tuple<Tensor, Tensor>>;
  using Sample = std::optional<std::vector<int64_t>>;

  ChainStep(const Chain& chain, const Places& places, const Updates& updates, py::object iterations, const Means& means,
            const Sample& sample)
      : chain_(chain), places_(places), updates_(updates), iterations_(std::move(iterations)), sample_(sample) {
    for (const py::handle mean : means) {
      const auto parts = py::reinterpret_borrow<py::tuple>(mean);
      means_.push_back({parts[0], parts[1]});
    }
  }

  bool learn(py::handle x, py::handle y) {
    const std::optional<Tensor> inputs = plain_tensor(x), targets = plain_tensor(y);
    if (!inputs || !targets || !takes(*inputs) || !targets->device().is_cpu() || !recording() || open_tapes(0) > 0)
      return false;
    const std::vector<Tensor> places = tensors(places_);
    learnt_ = chain_.learn(*inputs, *targets, &places);
    y_ = *targets;
    return learnt_.has_value();
  }

  std::vector<double> finish(py::handle learning_rate, bool anew) {
    if (!learnt_) throw ValueError("finish: nothing was learnt");
    const ops::Learnt learnt = *std::exchange(learnt_, std::nullopt);
    const Tensor y = std::exchange(y_, Tensor()), iterations = tensor(iterations_);
    std::vector<double> results = counted(learnt, y, anew);
    const bool known = py::isinstance<Tensor>(learning_rate);
    const double rate = known ? compute::number(tensor(learning_rate).array) : learning_rate().cast<double>();
    const auto step = static_cast<int64_t>(compute::number(iterations.array)) + 1;
    for (const py::handle update : updates_) {
      const auto& made = update.cast<const Update&>();
      const py::gil_scoped_release release;
      made.make(rate, step);
    }
    ops::put(iterations, static_cast<double>(step));
    return results;
  }

 private:
  struct Mean {
    py::object total, count;
  };

  bool takes(const Tensor& x) const {
    if (!x.device().is_cpu()) return false;
    if (!sample_) return true;
    if (x.ndim() != static_cast<int>(sample_->size()) + 1) return false;
    int d = 1;
    for (const int64_t size : *sample_)
      if (const int64_t given = x.shape()[d++]; size >= 0 && size != given) return false;
    return true;
  }

  std::vector<double> counted(const ops::Learnt& learnt, const Tensor& y, bool anew) const {
    const NoRecording off;
    const Tensor output(learnt.output.array), loss(learnt.loss.array);
    std::vector<double> results;
    for (size_t i = 0; i < means_.size(); ++i) {
      const Tensor total = tensor(means_[i].total), count = tensor(means_[i].count);
      if (anew) {
        ops::put(total, 0);
        ops::put(count, 0);
      }
      if (i == 0)
        ops::accumulate_mean(total, count, loss, static_cast<double>(output.shape()[0]));
      else
        ops::accumulate_mean(total, count, ops::class_matches(y, output), std::nullopt);
      results.push_back(compute::number(ops::running_mean(total, count).array));
    }
    return results;
  }

  Chain chain_;
  py::list places_, updates_;
  py::object iterations_;
  std::vector<Mean> means_;
  Sample sample_;  // sizes of x's axes but the first, -1 for any
  std::optional<ops::Learnt> learnt_;
  Tensor y_;
};

}  // namespace

void bind_chain(py::module_& m) {
  py::class_<Chain>(
      m, "Chain",
      "Linear layers one after the other, and a training step of them up to its gradients in one call.\n\n"
      "Args:\n    layers: (kernel, bias or None, activation) as `linear` takes them; a kernel of None\n"
      "        flattens all axes but the first.\n"
      "    sources: the tensors whose gradients are wanted.\n"
      "    sparse: whether targets are integers, one for each row, or distributions.\n"
      "    from_logits: as for `softmax_cross_entropy`.")
      .def(py::init<const Chain::Layers&, const py::typing::List<Tensor>&, bool, bool>(), py::arg("layers"),
           py::arg("sources"), py::arg("sparse"), py::arg("from_logits"), py::pos_only())
      .def("__call__", &Chain::operator(),
           "Return the output for x, its mean cross-entropy with y, and the gradients of that.\n\n"
           "None, and nothing is done, unless x has the kernels' dtype and the first one's number of features, and\n"
           "y holds an integer for each row or a distribution in the output's shape and dtype.\n\n"
           "Raises:\n    ValueError: a label lies outside [0, C).",
           py::arg("x"), py::arg("y"), py::pos_only());
  py::class_<ChainStep>(m, "ChainStep",
                        "A training step of a chain in two calls: learning, and changing what changes.\n\n"
                        "Args:\n    chain: what learns.\n"
                        "    places: for each source the memory that its gradient is written to.\n"
                        "    updates: the optimizer's, which read from there.\n"
                        "    iterations: the number of steps done.\n"
                        "    means: (total, count) of the running mean of the loss, then those of accuracies.\n"
                        "    sample: the shape of a sample of x, -1 for any size; None where the kernels say enough.")
      .def(py::init<const Chain&, const ChainStep::Places&, const ChainStep::Updates&, const py::object&,
                    const ChainStep::Means&, const ChainStep::Sample&>(),
           py::arg("chain"), py::arg("places"), py::arg("updates"), py::arg("iterations"), py::arg("means"),
           py::arg("sample"), py::pos_only())
      .def(
          "learn", &ChainStep::learn,
          "Compute the gradients of the loss of a batch.\n\n"
          "Args:\n    x, y: tensors or NumPy arrays.\n\n"
          "Returns:\n    False, with nothing done, where the chain would return None or raise, y holds NaN, or a tape\n"
          "    is open.",
          py::arg("x"), py::arg("y"), py::pos_only())
      .def("finish", &ChainStep::finish,
           "Add the batch to the means, update the weights, count the step.\n\n"
           "Args:\n    learning_rate: a 0-d tensor, or a function that computes it.\n    anew: whether the means begin "
           "anew.\n\n"
           "Returns:\n    The means' values.",
           py::arg("learning_rate"), py::arg("anew"), py::pos_only());
}

}  // namespace pynn
