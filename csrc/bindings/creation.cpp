#include "ops/creation.h"

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include "bindings/bindings.h"
#include "bindings/convert.h"
#include "compute/elementwise.h"
#include "core/error.h"
#include "ops/elementwise.h"
#include "ops/shape.h"

namespace pynn {
namespace {

using OptionalDtype = std::optional<Dtype>;

Tensor full(const Shape& shape, const Operand& value, const OptionalDtype& dtype, Device device) {
  const WithDevice there(device);
  return ops::copy(ops::broadcast_to(ops::to(value.as("full", dtype), device), shape));
}

Tensor zeros(const ShapeArgument& shape, const OptionalDtype& dtype, const DeviceArgument& device) {
  return Tensor(compute::zeros(shape.value, dtype.value_or(kDefaultFloat), device.value()));
}
Tensor ones(const ShapeArgument& shape, const OptionalDtype& dtype, const DeviceArgument& device) {
  return Tensor(compute::full(shape.value, int64_t{1}, dtype.value_or(kDefaultFloat), device.value()));
}
Tensor empty(const ShapeArgument& shape, const OptionalDtype& dtype, const DeviceArgument& device) {
  return Tensor(Array::empty(shape.value, dtype.value_or(kDefaultFloat), device.value()));
}

// The one number that an argument of arange is; Python floats in float64, since float32 would miscount steps of 0.1.
Tensor number(const Operand& o) {
  const Tensor x = o.weak == Operand::Weak::real ? o.as("arange", Dtype::float64) : o.tensor();
  if (x.size() != 1) throw ShapeError("arange: expected a number, got a tensor of shape " + str(x.shape()));
  return x;
}
int64_t integer(const Tensor& x) { return *compute::cast(compute::on_host(x.array), Dtype::int64).as<int64_t>(); }
double real(const Tensor& x) { return compute::number(x.array); }

Tensor arange(const Operand& start0, const std::optional<Operand>& stop0, const Operand& step0,
              const OptionalDtype& dtype, const DeviceArgument& device) {
  const Tensor first = number(start0), step = number(step0);
  const Tensor start = stop0 ? first : Tensor(compute::full({}, int64_t{0}, kDefaultInteger));
  const Tensor stop = stop0 ? number(*stop0) : first;
  if (is_integer(start.dtype()) && is_integer(stop.dtype()) && is_integer(step.dtype()))
    return ops::arange(integer(start), integer(stop), integer(step), dtype.value_or(kDefaultInteger), device.value());
  return ops::arange(real(start), real(stop), real(step), dtype.value_or(kDefaultFloat), device.value());
}

Tensor as_tensor(py::handle object, const OptionalDtype& dtype, const DeviceArgument& device,
                 const std::optional<bool>& copy) {
  const WithDevice there(device.value());
  Tensor x = to_tensor(object, dtype, copy.value_or(false));
  if (device.named) x = ops::to(x, *device.named);
  // Where the object's memory is shared, a second look at it finds the same address; a copy is somewhere else.
  if (copy && !*copy && x.array.data() != to_tensor(object, std::nullopt, false).array.data())
    throw ValueError("asarray: copy=False, but " + std::string(py::str(py::type::handle_of(object).attr("__name__"))) +
                     " needs a copy to become a tensor of " + name(x.dtype()));
  return x;
}

}  // namespace

void bind_creation(py::module_& m) {
  m.def("asarray", &as_tensor,
        "A tensor of the object's elements, sharing memory with a NumPy array where it can.\n\n"
        "Python floats become float32, integers int64; arrays keep their dtype.\n\n"
        "Args:\n    obj: a tensor, an array, a number or nested lists.\n    dtype: converted to this dtype.\n"
        "    copy: True always copies; False never, and is a ValueError where it would have to.",
        py::arg("obj"), py::pos_only(), py::kw_only(), py::arg("dtype") = py::none(), py::arg("device") = py::none(),
        py::arg("copy") = py::none());
  m.def(
      "array", [](py::handle object, const OptionalDtype& dtype) { return to_tensor(object, dtype, true); },
      "As asarray, but always a copy.", py::arg("obj"), py::pos_only(), py::arg("dtype") = py::none());
  m.def(
      "tensor",
      [](py::handle object, const OptionalDtype& dtype, bool requires_grad, const DeviceArgument& device) {
        const WithDevice there(device.value());
        const Tensor made = to_tensor(object, dtype, true);
        py::object x = py::cast(Tensor(device.named ? compute::to(made.array, *device.named) : made.array));
        if (requires_grad) x.attr("requires_grad") = true;
        return x;
      },
      "A copy of the object's elements; with requires_grad=True, a leaf whose gradient backward() leaves in `grad`.",
      py::arg("obj"), py::pos_only(), py::arg("dtype") = py::none(), py::arg("requires_grad") = false, py::kw_only(),
      py::arg("device") = py::none());
  m.def("zeros", &zeros, "All 0.", py::arg("shape"), py::kw_only(), py::arg("dtype") = py::none(),
        py::arg("device") = py::none());
  m.def("ones", &ones, "All 1.", py::arg("shape"), py::kw_only(), py::arg("dtype") = py::none(),
        py::arg("device") = py::none());
  m.def("empty", &empty, "Uninitialised memory.", py::arg("shape"), py::kw_only(), py::arg("dtype") = py::none(),
        py::arg("device") = py::none());
  m.def(
      "full",
      [](const ShapeArgument& shape, const Operand& value, const OptionalDtype& dtype, const DeviceArgument& device) {
        return full(shape.value, value, dtype, device.value());
      },
      "All fill_value.", py::arg("shape"), py::arg("fill_value"), py::kw_only(), py::arg("dtype") = py::none(),
      py::arg("device") = py::none());
  const auto like = [&m](const char* name, const char* doc,
                         Tensor (*make)(const ShapeArgument&, const OptionalDtype&, const DeviceArgument&)) {
    m.def(
        name,
        [make](const Operand& x0, const OptionalDtype& dtype, const DeviceArgument& device) {
          const Tensor x = x0.tensor();
          return make({x.shape()}, dtype.value_or(x.dtype()), {device.named.value_or(x.device())});
        },
        doc, py::arg("x"), py::pos_only(), py::kw_only(), py::arg("dtype") = py::none(),
        py::arg("device") = py::none());
  };
  like("zeros_like", "All 0, of x's shape and dtype.", &zeros);
  like("ones_like", "All 1, of x's shape and dtype.", &ones);
  like("empty_like", "Uninitialised memory, of x's shape and dtype.", &empty);
  m.def(
      "full_like",
      [](const Operand& x0, const Operand& value, const OptionalDtype& dtype, const DeviceArgument& device) {
        const Tensor x = x0.tensor();
        return full(x.shape(), value, dtype.value_or(x.dtype()), device.named.value_or(x.device()));
      },
      "All fill_value, of x's shape and dtype.", py::arg("x"), py::pos_only(), py::arg("fill_value"), py::kw_only(),
      py::arg("dtype") = py::none(), py::arg("device") = py::none());
  m.def("arange", &arange, "start, start + step, ... below stop; 0 to start if stop is not given.", py::arg("start"),
        py::pos_only(), py::arg("stop") = py::none(), py::arg("step") = 1, py::kw_only(), py::arg("dtype") = py::none(),
        py::arg("device") = py::none());
  m.def(
      "linspace",
      [](double start, double stop, int64_t num, const OptionalDtype& dtype, const DeviceArgument& device,
         bool endpoint) {
        return ops::linspace(start, stop, num, dtype.value_or(kDefaultFloat), endpoint, device.value());
      },
      "num evenly spaced numbers from start to stop.", py::arg("start"), py::arg("stop"), py::pos_only(),
      py::arg("num"), py::kw_only(), py::arg("dtype") = py::none(), py::arg("device") = py::none(),
      py::arg("endpoint") = true);
  m.def(
      "eye",
      [](int64_t rows, const std::optional<int64_t>& columns, int64_t k, const OptionalDtype& dtype,
         const DeviceArgument& device) {
        return ops::eye(rows, columns.value_or(rows), k, dtype.value_or(kDefaultFloat), device.value());
      },
      "1 on diagonal k, 0 elsewhere.", py::arg("n_rows"), py::arg("n_cols") = py::none(), py::pos_only(), py::kw_only(),
      py::arg("k") = 0, py::arg("dtype") = py::none(), py::arg("device") = py::none());
}

}  // namespace pynn
