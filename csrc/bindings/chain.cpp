// A chain of linear layers for Python: its gradients in one call, or all of its training step.
#include "ops/chain.h"

#include <pybind11/stl.h>
#include <pybind11/typing.h>

#include <atomic>

#include "bindings/bindings.h"
#include "bindings/convert.h"
#include "bindings/update.h"
#include "compute/elementwise.h"
#include "core/error.h"
#include "ops/metric.h"

namespace pynn {
namespace {

// The tensor in a Python object, or none. A variable may be moved in memory, so it is read anew at every step.
class Held {
 public:
  explicit Held(py::handle x)
      : object_(py::reinterpret_borrow<py::object>(x)), tensor_(x.is_none() ? nullptr : &x.cast<const Tensor&>()) {}
  Tensor now() const { return tensor_ ? *tensor_ : Tensor(); }

 private:
  py::object object_;
  const Tensor* tensor_;
};

std::vector<Held> held(const py::list& xs) { return {xs.begin(), xs.end()}; }

std::vector<Tensor> now(const std::vector<Held>& xs) {
  std::vector<Tensor> found;
  found.reserve(xs.size());
  for (const Held& x : xs) found.push_back(x.now());
  return found;
}

class Chain {
 public:
  using Layers = py::typing::List<py::typing::Tuple<py::object, py::object, std::string>>;

  Chain(const Layers& layers, const py::typing::List<Tensor>& sources, bool sparse, bool from_logits)
      : sources_(held(sources)), sparse_(sparse), from_logits_(from_logits) {
    for (const py::handle layer : layers) {
      const auto parts = py::reinterpret_borrow<py::tuple>(layer);
      layers_.push_back({Held(parts[0]), Held(parts[1]), ops::find_activation("linear", parts[2].cast<std::string>())});
    }
  }

  std::optional<ops::Learnt> learn(const Tensor& x, const Tensor& y, const std::vector<Tensor>* places) const {
    if (is_floating(y.dtype()) == sparse_) return std::nullopt;
    const std::vector<ops::ChainLayer> layers = layers_now();
    const std::vector<Tensor> sources = now(sources_);
    const py::gil_scoped_release release;
    return ops::learn(layers, sources, x, y, from_logits_, places);
  }

  std::optional<ops::Learnt> measure(const Tensor& x, const Tensor& y) const {
    if (is_floating(y.dtype()) == sparse_) return std::nullopt;
    const std::vector<ops::ChainLayer> layers = layers_now();
    const py::gil_scoped_release release;
    return ops::measure(layers, x, y, from_logits_);
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
    Held kernel, bias;
    ops::Activation activation;
  };

  std::vector<ops::ChainLayer> layers_now() const {
    std::vector<ops::ChainLayer> layers;
    layers.reserve(layers_.size());
    for (const Layer& layer : layers_) layers.push_back({layer.kernel.now(), layer.bias.now(), layer.activation});
    return layers;
  }

  std::vector<Layer> layers_;
  std::vector<Held> sources_;
  bool sparse_, from_logits_;
};

class ChainStep {
 public:
  using Places = py::typing::List<Tensor>;
  using Updates = py::typing::List<Update>;
  using Means = py::typing::List<py::typing::Tuple<py::str, Tensor, Tensor>>;
  using Sample = std::optional<std::vector<int64_t>>;
  using Logs = py::typing::Dict<py::str, py::float_>;

  ChainStep(const Chain& chain, const Places& places, const Updates& updates, const py::object& iterations,
            const Means& means, const Sample& sample)
      : chain_(chain), places_(held(places)), iterations_(iterations), sample_(sample) {
    for (const py::handle update : updates) updates_.push_back(update.cast<const Update&>());
    for (const py::handle mean : means) {
      const auto parts = py::reinterpret_borrow<py::tuple>(mean);
      means_.push_back({parts[0], Held(parts[1]), Held(parts[2])});
    }
  }

  std::optional<Logs> operator()(py::handle x, py::handle y, bool anew, py::handle learning_rate) {
    if (busy_.exchange(true)) return std::nullopt;
    const Free free{busy_};
    const std::optional<Tensor> inputs = plain_tensor(x), targets = plain_tensor(y);
    if (!inputs || !targets || !takes(*inputs, *targets)) return std::nullopt;
    const std::vector<Tensor> places = now(places_);
    const std::optional<ops::Learnt> learnt = chain_.learn(*inputs, *targets, &places);
    if (!learnt) return std::nullopt;
    Logs logs = counted(*learnt, *targets, anew);
    const bool known = py::isinstance<Tensor>(learning_rate);
    const double rate =
        known ? compute::number(learning_rate.cast<const Tensor&>().array) : learning_rate().cast<double>();
    update(rate);
    return logs;
  }

  std::optional<Logs> measure(py::handle x, py::handle y, bool anew) const {
    const std::optional<Tensor> inputs = plain_tensor(x), targets = plain_tensor(y);
    if (!inputs || !targets || !takes(*inputs, *targets)) return std::nullopt;
    const std::optional<ops::Learnt> measured = chain_.measure(*inputs, *targets);
    if (!measured) return std::nullopt;
    return counted(*measured, *targets, anew);
  }

 private:
  struct Mean {
    py::object name;
    Held total, count;
  };
  struct Free {
    std::atomic<bool>& busy;
    ~Free() { busy = false; }
  };

  bool takes(const Tensor& x, const Tensor& y) const {
    if (!x.device().is_cpu() || !y.device().is_cpu() || !recording() || open_tapes(0) > 0) return false;
    if (!sample_) return true;
    if (x.ndim() != static_cast<int>(sample_->size()) + 1) return false;
    int d = 1;
    for (const int64_t size : *sample_)
      if (const int64_t given = x.shape()[d++]; size >= 0 && size != given) return false;
    return true;
  }

  Logs counted(const ops::Learnt& learnt, const Tensor& y, bool anew) const {
    const NoRecording off;
    const Tensor output(learnt.output.array), loss(learnt.loss.array);
    Logs logs;
    for (size_t i = 0; i < means_.size(); ++i) {
      const Tensor total = means_[i].total.now(), count = means_[i].count.now();
      if (anew) {
        ops::put(total, 0);
        ops::put(count, 0);
      }
      if (i == 0)
        ops::accumulate_mean(total, count, loss, static_cast<double>(output.shape()[0]));
      else
        ops::accumulate_mean(total, count, ops::class_matches(y, output), std::nullopt);
      logs[means_[i].name] = compute::number(ops::running_mean(total, count).array);
    }
    return logs;
  }

  void update(double rate) const {
    const Tensor iterations = iterations_.now();
    const auto step = static_cast<int64_t>(compute::number(iterations.array)) + 1;
    const py::gil_scoped_release release;
    for (const Update& each : updates_) each.make(rate, step);
    ops::put(iterations, static_cast<double>(step));
  }

  Chain chain_;
  std::vector<Held> places_;
  std::vector<Update> updates_;
  Held iterations_;
  std::vector<Mean> means_;
  Sample sample_;                  // sizes of x's axes but the first, -1 for any
  std::atomic<bool> busy_{false};  // there is one place for each gradient
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
                        "A whole training step of a chain: learning, and changing what changes.\n\n"
                        "Args:\n    chain: what learns.\n"
                        "    places: for each source the memory that its gradient is written to.\n"
                        "    updates: the optimizer's, which read from there.\n"
                        "    iterations: the number of steps done.\n"
                        "    means: (name, total, count) of the running mean of the loss, then of accuracies.\n"
                        "    sample: the shape of a sample of x, -1 for any size; None where the kernels say enough.")
      .def(py::init<const Chain&, const ChainStep::Places&, const ChainStep::Updates&, const py::object&,
                    const ChainStep::Means&, const ChainStep::Sample&>(),
           py::arg("chain"), py::arg("places"), py::arg("updates"), py::arg("iterations"), py::arg("means"),
           py::arg("sample"), py::pos_only())
      .def("__call__", &ChainStep::operator(),
           "Learn from a batch: compute the gradients, add it to the means, update the weights, count the step.\n\n"
           "Args:\n    x, y: tensors or NumPy arrays.\n"
           "    anew: whether the means begin anew.\n"
           "    learning_rate: a 0-d tensor, or a function that computes it.\n\n"
           "Returns:\n    The means' values by name. None, with nothing done, where the chain would return None or\n"
           "    raise, y holds NaN, a tape is open, or another step has not come to its end.",
           py::arg("x"), py::arg("y"), py::arg("anew"), py::arg("learning_rate"), py::pos_only())
      .def("measure", &ChainStep::measure,
           "Add a batch to the means, and learn nothing.\n\n"
           "Returns:\n    The means' values by name; None as for a step.",
           py::arg("x"), py::arg("y"), py::arg("anew"), py::pos_only());
}

}  // namespace pynn
