#include "compute/optimize.h"

#include <pybind11/stl.h>

#include <cmath>
#include <limits>

#include "bindings/bindings.h"
#include "bindings/convert.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"

namespace pynn {
namespace {

using State = std::optional<Tensor>;

const Array* array(const State& s) { return s ? &s->array : nullptr; }

constexpr double kInfinity = std::numeric_limits<double>::infinity();

double global_norm(const std::vector<Tensor>& xs) {
  const NoRecording off;
  double squares = 0;
  for (const Tensor& x : xs) {
    const Tensor n = ops::norm(x, 2, {}, false);
    const double v = *ops::astype(n, Dtype::float64).array.as<double>();
    squares += v * v;
  }
  return std::sqrt(squares);
}

}  // namespace

void bind_optimize(py::module_& m) {
  m.def(
      "sgd",
      [](const Tensor& w, const Tensor& g, const State& momenta, double learning_rate, double momentum, bool nesterov,
         double weight_decay, double clip_value, double scale) {
        compute::sgd({{learning_rate, weight_decay, scale, clip_value}, momentum, nesterov}, w.array, g.array,
                     array(momenta));
      },
      "One step of stochastic gradient descent, with momentum where its state m is given. In place.", py::arg("w"),
      py::arg("g"), py::arg("m"), py::kw_only(), py::arg("learning_rate"), py::arg("momentum") = 0.0,
      py::arg("nesterov") = false, py::arg("weight_decay") = 0.0, py::arg("clip_value") = kInfinity,
      py::arg("scale") = 1.0);
  m.def(
      "rmsprop",
      [](const Tensor& w, const Tensor& g, const Tensor& v, const State& momenta, const State& average,
         double learning_rate, double rho, double epsilon, double momentum, double weight_decay, double clip_value,
         double scale) {
        compute::rmsprop({{learning_rate, weight_decay, scale, clip_value}, rho, epsilon, momentum}, w.array, g.array,
                         v.array, array(momenta), array(average));
      },
      "One step of RMSprop (Hinton 2012), centered where the state avg is given. In place.", py::arg("w"), py::arg("g"),
      py::arg("v"), py::arg("m"), py::arg("avg"), py::kw_only(), py::arg("learning_rate"), py::arg("rho"),
      py::arg("epsilon"), py::arg("momentum") = 0.0, py::arg("weight_decay") = 0.0, py::arg("clip_value") = kInfinity,
      py::arg("scale") = 1.0);
  m.def(
      "adagrad",
      [](const Tensor& w, const Tensor& g, const Tensor& v, double learning_rate, double epsilon, double weight_decay,
         double clip_value, double scale) {
        compute::adagrad({{learning_rate, weight_decay, scale, clip_value}, epsilon}, w.array, g.array, v.array);
      },
      "One step of Adagrad (Duchi et al. 2011). In place.", py::arg("w"), py::arg("g"), py::arg("v"), py::kw_only(),
      py::arg("learning_rate"), py::arg("epsilon"), py::arg("weight_decay") = 0.0, py::arg("clip_value") = kInfinity,
      py::arg("scale") = 1.0);
  m.def(
      "adam",
      [](const Tensor& w, const Tensor& g, const Tensor& m1, const Tensor& v, const State& v_max, double learning_rate,
         double beta_1, double beta_2, double epsilon, int64_t step, double weight_decay, double clip_value,
         double scale) {
        compute::adam({{learning_rate, weight_decay, scale, clip_value}, beta_1, beta_2, epsilon, step}, w.array,
                      g.array, m1.array, v.array, array(v_max));
      },
      "One step of Adam (Kingma and Ba 2014), AMSGrad where the state vmax is given. `step` is 1 at the first. In "
      "place.",
      py::arg("w"), py::arg("g"), py::arg("m"), py::arg("v"), py::arg("vmax"), py::kw_only(), py::arg("learning_rate"),
      py::arg("beta_1"), py::arg("beta_2"), py::arg("epsilon"), py::arg("step"), py::arg("weight_decay") = 0.0,
      py::arg("clip_value") = kInfinity, py::arg("scale") = 1.0);
  m.def("global_norm", &global_norm, "The 2-norm of all tensors as if they were one.", py::arg("tensors"));
}

}  // namespace pynn
