#include "compute/optimize.h"

#include <pybind11/stl.h>

#include <cmath>
#include <limits>

#include "bindings/bindings.h"
#include "bindings/convert.h"
#include "compute/elementwise.h"
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
    double v = compute::number(ops::norm(x, 2, {}, false).array);
    // Squares of float32 beyond 1e19 overflow in its own type, where the norm does not.
    if (std::isinf(v))
      v = compute::number(ops::norm(Tensor(compute::cast(x.array, Dtype::float64)), 2, {}, false).array);
    squares += v * v;
  }
  return std::sqrt(squares);
}

// A step's name, then the arguments that all steps have last.
template <class Options, class F, class... Arguments>
void def_step(py::module_& m, F f, const char* doc, const Arguments&... arguments) {
  m.def(Options::name, f, doc, arguments..., py::arg("weight_decay") = 0.0, py::arg("clip_value") = kInfinity,
        py::arg("scale") = 1.0);
}

}  // namespace

void bind_optimize(py::module_& m) {
  def_step<SgdOptions>(
      m,
      [](const Tensor& w, const Tensor& g, const State& momenta, double rate, double momentum, bool nesterov,
         double decay, double clip, double scale) {
        compute::step(SgdOptions{{rate, decay, scale, clip}, momentum, nesterov}, w.array, g.array, {array(momenta)});
      },
      "One step of stochastic gradient descent, with momentum where its state m is given. In place.", py::arg("w"),
      py::arg("g"), py::arg("m"), py::kw_only(), py::arg("learning_rate"), py::arg("momentum") = 0.0,
      py::arg("nesterov") = false);
  def_step<RmspropOptions>(
      m,
      [](const Tensor& w, const Tensor& g, const Tensor& v, const State& momenta, const State& average, double rate,
         double rho, double epsilon, double momentum, double decay, double clip, double scale) {
        compute::step(RmspropOptions{{rate, decay, scale, clip}, rho, epsilon, momentum}, w.array, g.array,
                      {&v.array, array(momenta), array(average)});
      },
      "One step of RMSprop (Hinton 2012), centered where the state avg is given. In place.", py::arg("w"), py::arg("g"),
      py::arg("v"), py::arg("m"), py::arg("avg"), py::kw_only(), py::arg("learning_rate"), py::arg("rho"),
      py::arg("epsilon"), py::arg("momentum") = 0.0);
  def_step<AdagradOptions>(
      m,
      [](const Tensor& w, const Tensor& g, const Tensor& v, double rate, double epsilon, double decay, double clip,
         double scale) {
        compute::step(AdagradOptions{{rate, decay, scale, clip}, epsilon}, w.array, g.array, {&v.array});
      },
      "One step of Adagrad (Duchi et al. 2011). In place.", py::arg("w"), py::arg("g"), py::arg("v"), py::kw_only(),
      py::arg("learning_rate"), py::arg("epsilon"));
  def_step<AdadeltaOptions>(
      m,
      [](const Tensor& w, const Tensor& g, const Tensor& v, const Tensor& d, double rate, double rho, double epsilon,
         double decay, double clip, double scale) {
        compute::step(AdadeltaOptions{{rate, decay, scale, clip}, rho, epsilon}, w.array, g.array,
                      {&v.array, &d.array});
      },
      "One step of Adadelta (Zeiler 2012). In place.", py::arg("w"), py::arg("g"), py::arg("v"), py::arg("d"),
      py::kw_only(), py::arg("learning_rate"), py::arg("rho"), py::arg("epsilon"));
  def_step<AdamOptions>(
      m,
      [](const Tensor& w, const Tensor& g, const Tensor& m1, const Tensor& v, const State& v_max, double rate,
         double beta_1, double beta_2, double epsilon, int64_t step, double decay, double clip, double scale) {
        compute::step(AdamOptions{{rate, decay, scale, clip}, beta_1, beta_2, epsilon, step}, w.array, g.array,
                      {&m1.array, &v.array, array(v_max)});
      },
      "One step of Adam (Kingma and Ba 2014), AMSGrad where the state vmax is given. `step` is 1 at the first. In "
      "place.",
      py::arg("w"), py::arg("g"), py::arg("m"), py::arg("v"), py::arg("vmax"), py::kw_only(), py::arg("learning_rate"),
      py::arg("beta_1"), py::arg("beta_2"), py::arg("epsilon"), py::arg("step"));
  def_step<AdamaxOptions>(
      m,
      [](const Tensor& w, const Tensor& g, const Tensor& m1, const Tensor& u, double rate, double beta_1, double beta_2,
         double epsilon, int64_t step, double decay, double clip, double scale) {
        compute::step(AdamaxOptions{{rate, decay, scale, clip}, beta_1, beta_2, epsilon, step}, w.array, g.array,
                      {&m1.array, &u.array});
      },
      "One step of Adamax (Kingma and Ba 2014). `step` is 1 at the first. In place.", py::arg("w"), py::arg("g"),
      py::arg("m"), py::arg("u"), py::kw_only(), py::arg("learning_rate"), py::arg("beta_1"), py::arg("beta_2"),
      py::arg("epsilon"), py::arg("step"));
  def_step<NadamOptions>(
      m,
      [](const Tensor& w, const Tensor& g, const Tensor& m1, const Tensor& v, double rate, double beta_1, double beta_2,
         double epsilon, double momentum, double next_momentum, double product, int64_t step, double decay, double clip,
         double scale) {
        compute::step(
            NadamOptions{{rate, decay, scale, clip}, beta_1, beta_2, epsilon, momentum, next_momentum, product, step},
            w.array, g.array, {&m1.array, &v.array});
      },
      "One step of Nadam (Dozat 2016). `product` is that of the momenta up to this `step`, 1 at the first. In place.",
      py::arg("w"), py::arg("g"), py::arg("m"), py::arg("v"), py::kw_only(), py::arg("learning_rate"),
      py::arg("beta_1"), py::arg("beta_2"), py::arg("epsilon"), py::arg("momentum"), py::arg("next_momentum"),
      py::arg("product"), py::arg("step"));
  def_step<FtrlOptions>(
      m,
      [](const Tensor& w, const Tensor& g, const Tensor& v, const Tensor& z, double rate, double power, double l1,
         double l2, double l2_shrinkage, double decay, double clip, double scale) {
        compute::step(FtrlOptions{{rate, decay, scale, clip}, power, l1, l2, l2_shrinkage}, w.array, g.array,
                      {&v.array, &z.array});
      },
      "One step of FTRL (McMahan et al. 2013). In place.", py::arg("w"), py::arg("g"), py::arg("v"), py::arg("z"),
      py::kw_only(), py::arg("learning_rate"), py::arg("power") = -0.5, py::arg("l1") = 0.0, py::arg("l2") = 0.0,
      py::arg("l2_shrinkage") = 0.0);
  def_step<LionOptions>(
      m,
      [](const Tensor& w, const Tensor& g, const Tensor& m1, double rate, double beta_1, double beta_2, double decay,
         double clip, double scale) {
        compute::step(LionOptions{{rate, decay, scale, clip}, beta_1, beta_2}, w.array, g.array, {&m1.array});
      },
      "One step of Lion (Chen et al. 2023). In place.", py::arg("w"), py::arg("g"), py::arg("m"), py::kw_only(),
      py::arg("learning_rate"), py::arg("beta_1"), py::arg("beta_2"));
  m.def("global_norm", &global_norm, "The 2-norm of all tensors as if they were one.", py::arg("tensors"));
}

}  // namespace pynn
