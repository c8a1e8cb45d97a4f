#include "compute/optimize.h"

#include <pybind11/stl.h>

#include <array>
#include <cmath>
#include <limits>

#include "bindings/bindings.h"
#include "bindings/convert.h"
#include "bindings/update.h"
#include "compute/elementwise.h"
#include "ops/elementwise.h"
#include "ops/reduce.h"

namespace pynn {
namespace {

using State = std::optional<Tensor>;

const Array* array(const State& s) { return s ? &s->array : nullptr; }

using Rate = std::optional<double>;

template <class Options>
int64_t number_of(const Options& options) {
  if constexpr (requires { options.step; })
    return options.step;
  else
    return 0;
}

// Makes a step; or, without a learning rate, returns it as one to be made later.
template <class Options>
std::optional<Update> made(const Options& options, Rate rate, const Tensor& w, const Tensor& g,
                           const std::array<State, 3>& states) {
  const auto step = [options, w, g, states](double learning_rate, int64_t number) {
    Options now = options;
    now.learning_rate = learning_rate;
    if constexpr (requires { now.step; }) now.step = number;
    compute::step(now, w.array, g.array, {array(states[0]), array(states[1]), array(states[2])});
  };
  if (!rate) return Update{step};
  step(*rate, number_of(options));
  return std::nullopt;
}

constexpr double kInfinity = std::numeric_limits<double>::infinity();

double global_norm(const std::vector<Tensor>& xs) {
  const NoRecording off;
  double squares = 0;
  for (const Tensor& x : xs) {
    double v = compute::number(ops::norm(x, 2, {}, false).array);
    // Squares of float32 beyond 1e19 overflow in its own type, where the norm does not.
    if (std::isinf(v))
      v = compute::number(ops::norm(Tensor(compute::cast(x.array, Dtype::float64)), 2, {}, false).array);
    squares += v * v;
  }
  return std::sqrt(squares);
}

// A step's name, then the arguments that all steps have last. Without a learning rate they return an Update.
template <class Options, class F, class... Arguments>
void def_step(py::module_& m, F f, const char* doc, const Arguments&... arguments) {
  m.def(Options::name, f, doc, arguments..., py::arg("weight_decay") = 0.0, py::arg("clip_value") = kInfinity,
        py::arg("scale") = 1.0);
}

}  // namespace

void bind_optimize(py::module_& m) {
  py::class_<Update>(m, "Update",
                     "A step of an optimizer that can be made again and again, with what its gradient's memory holds.")
      .def(
          "__call__",
          [](const Update& update, double learning_rate, int64_t step) { update.make(learning_rate, step); },
          "Make it; `step` is 1 at the first.", py::arg("learning_rate"), py::arg("step"), py::pos_only());
  def_step<SgdOptions>(
      m,
      [](const Tensor& w, const Tensor& g, const State& momenta, Rate rate, double momentum, bool nesterov,
         double decay, double clip, double scale) {
        return made(SgdOptions{{rate.value_or(0), decay, scale, clip}, momentum, nesterov}, rate, w, g, {momenta});
      },
      "One step of stochastic gradient descent, with momentum where its state m is given. In place.", py::arg("w"),
      py::arg("g"), py::arg("m"), py::kw_only(), py::arg("learning_rate"), py::arg("momentum") = 0.0,
      py::arg("nesterov") = false);
  def_step<RmspropOptions>(
      m,
      [](const Tensor& w, const Tensor& g, const Tensor& v, const State& momenta, const State& average, Rate rate,
         double rho, double epsilon, double momentum, double decay, double clip, double scale) {
        return made(RmspropOptions{{rate.value_or(0), decay, scale, clip}, rho, epsilon, momentum}, rate, w, g,
                    {v, momenta, average});
      },
      "One step of RMSprop (Hinton 2012), centered where the state avg is given. In place.", py::arg("w"), py::arg("g"),
      py::arg("v"), py::arg("m"), py::arg("avg"), py::kw_only(), py::arg("learning_rate"), py::arg("rho"),
      py::arg("epsilon"), py::arg("momentum") = 0.0);
  def_step<AdagradOptions>(
      m,
      [](const Tensor& w, const Tensor& g, const Tensor& v, Rate rate, double epsilon, double decay, double clip,
         double scale) {
        return made(AdagradOptions{{rate.value_or(0), decay, scale, clip}, epsilon}, rate, w, g, {v});
      },
      "One step of Adagrad (Duchi et al. 2011). In place.", py::arg("w"), py::arg("g"), py::arg("v"), py::kw_only(),
      py::arg("learning_rate"), py::arg("epsilon"));
  def_step<AdadeltaOptions>(
      m,
      [](const Tensor& w, const Tensor& g, const Tensor& v, const Tensor& d, Rate rate, double rho, double epsilon,
         double decay, double clip, double scale) {
        return made(AdadeltaOptions{{rate.value_or(0), decay, scale, clip}, rho, epsilon}, rate, w, g, {v, d});
      },
      "One step of Adadelta (Zeiler 2012). In place.", py::arg("w"), py::arg("g"), py::arg("v"), py::arg("d"),
      py::kw_only(), py::arg("learning_rate"), py::arg("rho"), py::arg("epsilon"));
  def_step<AdamOptions>(
      m,
      [](const Tensor& w, const Tensor& g, const Tensor& m1, const Tensor& v, const State& v_max, Rate rate,
         double beta_1, double beta_2, double epsilon, int64_t step, double decay, double clip, double scale) {
        return made(AdamOptions{{rate.value_or(0), decay, scale, clip}, beta_1, beta_2, epsilon, step}, rate, w, g,
                    {m1, v, v_max});
      },
      "One step of Adam (Kingma and Ba 2014), AMSGrad where the state vmax is given. `step` is 1 at the first. In "
      "place.",
      py::arg("w"), py::arg("g"), py::arg("m"), py::arg("v"), py::arg("vmax"), py::kw_only(), py::arg("learning_rate"),
      py::arg("beta_1"), py::arg("beta_2"), py::arg("epsilon"), py::arg("step"));
  def_step<AdamaxOptions>(
      m,
      [](const Tensor& w, const Tensor& g, const Tensor& m1, const Tensor& u, Rate rate, double beta_1, double beta_2,
         double epsilon, int64_t step, double decay, double clip, double scale) {
        return made(AdamaxOptions{{rate.value_or(0), decay, scale, clip}, beta_1, beta_2, epsilon, step}, rate, w, g,
                    {m1, u});
      },
      "One step of Adamax (Kingma and Ba 2014). `step` is 1 at the first. In place.", py::arg("w"), py::arg("g"),
      py::arg("m"), py::arg("u"), py::kw_only(), py::arg("learning_rate"), py::arg("beta_1"), py::arg("beta_2"),
      py::arg("epsilon"), py::arg("step"));
  def_step<NadamOptions>(
      m,
      [](const Tensor& w, const Tensor& g, const Tensor& m1, const Tensor& v, Rate rate, double beta_1, double beta_2,
         double epsilon, double momentum, double next_momentum, double product, int64_t step, double decay, double clip,
         double scale) {
        return made(NadamOptions{{rate.value_or(0), decay, scale, clip},
                                 beta_1,
                                 beta_2,
                                 epsilon,
                                 momentum,
                                 next_momentum,
                                 product,
                                 step},
                    rate, w, g, {m1, v});
      },
      "One step of Nadam (Dozat 2016). `product` is that of the momenta up to this `step`, 1 at the first. In place.",
      py::arg("w"), py::arg("g"), py::arg("m"), py::arg("v"), py::kw_only(), py::arg("learning_rate"),
      py::arg("beta_1"), py::arg("beta_2"), py::arg("epsilon"), py::arg("momentum"), py::arg("next_momentum"),
      py::arg("product"), py::arg("step"));
  def_step<FtrlOptions>(
      m,
      [](const Tensor& w, const Tensor& g, const Tensor& v, const Tensor& z, Rate rate, double power, double l1,
         double l2, double l2_shrinkage, double decay, double clip, double scale) {
        return made(FtrlOptions{{rate.value_or(0), decay, scale, clip}, power, l1, l2, l2_shrinkage}, rate, w, g,
                    {v, z});
      },
      "One step of FTRL (McMahan et al. 2013). In place.", py::arg("w"), py::arg("g"), py::arg("v"), py::arg("z"),
      py::kw_only(), py::arg("learning_rate"), py::arg("power") = -0.5, py::arg("l1") = 0.0, py::arg("l2") = 0.0,
      py::arg("l2_shrinkage") = 0.0);
  def_step<LionOptions>(
      m,
      [](const Tensor& w, const Tensor& g, const Tensor& m1, Rate rate, double beta_1, double beta_2, double decay,
         double clip, double scale) {
        return made(LionOptions{{rate.value_or(0), decay, scale, clip}, beta_1, beta_2}, rate, w, g, {m1});
      },
      "One step of Lion (Chen et al. 2023). In place.", py::arg("w"), py::arg("g"), py::arg("m"), py::kw_only(),
      py::arg("learning_rate"), py::arg("beta_1"), py::arg("beta_2"));
  m.def("global_norm", &global_norm, "The 2-norm of all tensors as if they were one.", py::arg("tensors"));
}

}  // namespace pynn
