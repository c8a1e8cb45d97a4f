#include "ops/random.h"

#include <pybind11/stl.h>

#include <random>

#include "bindings/bindings.h"
#include "bindings/convert.h"
#include "core/error.h"
#include "ops/index.h"

namespace pynn {
namespace {

uint64_t to_seed(const py::object& object) {
  const py::object index = py::reinterpret_steal<py::object>(PyNumber_Index(object.ptr()));
  const uint64_t seed = index ? PyLong_AsUnsignedLongLong(index.ptr()) : 0;
  if (!PyErr_Occurred()) return seed;
  PyErr_Clear();
  throw ValueError("a seed is an integer from 0 to 2**64 - 1, got " + std::string(py::repr(object)));
}

uint64_t fresh_seed() {
  std::random_device device;
  return uint64_t{device()} << 32 | device();
}

ops::Generator& default_generator() {
  static ops::Generator g(fresh_seed());
  return g;
}

// [low, high) of Python integers, as low and the last one: high may be 2**63, which no int64 holds.
Tensor integers(ops::Generator& g, const py::int_& low, const std::optional<py::int_>& high, const ShapeArgument& shape,
                Dtype dtype, const DeviceArgument& device) {
  const auto narrow = [](const py::int_& value) {
    int overflow = 0;
    const int64_t n = PyLong_AsLongLongAndOverflow(value.ptr(), &overflow);
    if (overflow) throw ValueError("integers: " + std::string(py::str(value)) + " does not fit 64 bits");
    return n;
  };
  const py::int_ zero(0), one(1);
  return g.integers(shape.value, narrow(high ? low : zero), narrow(py::int_((high ? *high : low) - one)), dtype,
                    device.value());
}

Tensor permutation(ops::Generator& g, const Operand& x0) {
  if (x0.weak == Operand::Weak::integer) return g.permutation(x0.integer, default_device());
  const Tensor x = x0.tensor();
  if (x.ndim() == 0 && !is_integer(x.dtype()))
    throw py::type_error(std::string("permutation: needs an integer or a tensor with an axis, got a 0-d ") +
                         name(x.dtype()));
  if (x.ndim() == 0) return g.permutation(py::cast(x).attr("item")().cast<int64_t>(), default_device());
  return ops::take(x, g.permutation(x.shape()[0]), 0);
}

}  // namespace

void bind_random(py::module_& m) {
  using ops::Generator;
  const py::str f32 = "float32";
  const py::tuple scalar_shape;
  py::class_<Generator>(
      m, "Generator",
      "A counter-based generator (Philox4x32-10, Salmon et al. 2011). Equal seeds give equal numbers, "
      "whatever the number of threads or the processor.")
      .def(
          py::init([](const py::object& seed) { return new Generator(seed.is_none() ? fresh_seed() : to_seed(seed)); }),
          py::arg("seed") = py::none())
      .def(
          "seed", [](Generator& g, const py::object& seed) { g.reseed(to_seed(seed)); }, "Starts anew from a seed.",
          py::arg("seed"))
      .def_property(
          "state", [](const Generator& g) { return py::make_tuple(g.seed(), g.counter()); },
          [](Generator& g, const std::pair<uint64_t, uint64_t>& s) {
            g.reseed(s.first);
            g.set_counter(s.second);
          },
          "Seed and position: assigning an earlier value repeats what followed it.")
      .def(
          "uniform",
          [](Generator& g, const ShapeArgument& shape, double low, double high, Dtype dtype,
             const DeviceArgument& device) { return g.uniform(shape.value, low, high, dtype, device.value()); },
          "Uniform in [low, high).", py::arg("shape") = scalar_shape, py::arg("low") = 0.0, py::arg("high") = 1.0,
          py::arg("dtype") = f32, py::arg("device") = py::none())
      .def(
          "normal",
          [](Generator& g, const ShapeArgument& shape, double mean, double std, Dtype dtype,
             const DeviceArgument& device) { return g.normal(shape.value, mean, std, dtype, device.value()); },
          "Normal with this mean and standard deviation.", py::arg("shape") = scalar_shape, py::arg("mean") = 0.0,
          py::arg("std") = 1.0, py::arg("dtype") = f32, py::arg("device") = py::none())
      .def("integers", &integers, "Integers in [low, high), or in [0, low) without high.", py::arg("low"),
           py::arg("high") = py::none(), py::arg("shape") = scalar_shape, py::arg("dtype") = py::str("int64"),
           py::arg("device") = py::none())
      .def("permutation", &permutation, "0..n-1 in random order, or a tensor's slices along its first axis.",
           py::arg("x"))
      .def(
          "bernoulli",
          [](Generator& g, double p, const ShapeArgument& shape, Dtype dtype, const DeviceArgument& device) {
            return g.bernoulli(shape.value, p, dtype, device.value());
          },
          "1 with probability p, else 0.", py::arg("p"), py::arg("shape") = scalar_shape, py::arg("dtype") = f32,
          py::arg("device") = py::none());
  m.attr("_default_generator") = py::cast(&default_generator(), py::return_value_policy::reference);
  m.def(
      "dropout",
      [](const Operand& x, double rate, Generator* generator) {
        return ops::dropout(x.tensor(), rate, generator ? *generator : default_generator());
      },
      "x with a fraction `rate` of its elements at 0 and the others divided by 1 - rate (Srivastava et al. 2014).",
      py::arg("x"), py::arg("rate"), py::pos_only(), py::arg("generator") = py::none());
}

}  // namespace pynn
