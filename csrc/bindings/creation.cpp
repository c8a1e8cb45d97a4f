#include "ops/creation.h"

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

Tensor full(const Shape& shape, const Operand& value, const OptionalDtype& dtype) {
  const Tensor v = dtype && value.weak == Operand::Weak::integer ? value.tensor_beside("full", *dtype)
                   : dtype                                       ? ops::astype(value.tensor(), *dtype)
                                                                 : value.tensor();
  return ops::copy(ops::broadcast_to(v, shape));
}

Tensor zeros(const ShapeArgument& shape, Dtype dtype) { return Tensor(compute::zeros(shape.value, dtype)); }
Tensor ones(const ShapeArgument& shape, Dtype dtype) { return Tensor(compute::full(shape.value, int64_t{1}, dtype)); }
Tensor empty(const ShapeArgument& shape, Dtype dtype) { return Tensor(Array::empty(shape.value, dtype)); }

Tensor arange(const Operand& start, const std::optional<Operand>& stop, const Operand& step, const OptionalDtype& dtype) {
  const auto number = [](const Operand& o) { return o.weak == Operand::Weak::no ? o.tensor() : o.tensor(); };
  const bool whole = is_integer(number(start).dtype()) && (!stop || is_integer(number(*stop).dtype())) &&
                     is_integer(number(step).dtype());
  const auto real = [](const Operand& o) { return *compute::cast(o.tensor().array, Dtype::float64).as<double>(); };
  const auto integer = [](const Operand& o) { return *compute::cast(o.tensor().array, Dtype::int64).as<int64_t>(); };
  if (whole)
    return stop ? ops::arange(integer(start), integer(*stop), integer(step), dtype.value_or(kDefaultInteger))
                : ops::arange(int64_t{0}, integer(start), integer(step), dtype.value_or(kDefaultInteger));
  // A weak number keeps its double precision; float32 would miscount the steps of 0.1.
  const auto exact = [&](const Operand& o) { return o.weak == Operand::Weak::no ? real(o) : o.real; };
  return stop ? ops::arange(exact(start), exact(*stop), exact(step), dtype.value_or(kDefaultFloat))
              : ops::arange(0.0, exact(start), exact(step), dtype.value_or(kDefaultFloat));
}

Tensor as_tensor(py::handle object, const OptionalDtype& dtype, const std::optional<bool>& copy) {
  Tensor x = to_tensor(object, dtype, copy.value_or(false));
  if (copy && !*copy && !py::isinstance<Tensor>(object) && !py::hasattr(object, "__array__") &&
      !PyObject_CheckBuffer(object.ptr()))
    throw ValueError("asarray: this object cannot be shared without a copy");
  return x;
}

}  // namespace

void bind_creation(py::module_& m) {
  const py::str f32 = "float32";
  m.def("asarray", &as_tensor,
        "A tensor of the object's elements, sharing memory with a NumPy array where it can.\n\n"
        "Python floats become float32, integers int64; arrays keep their dtype.\n\n"
        "Args:\n    obj: a tensor, an array, a number or nested lists.\n    dtype: converted to this dtype.\n"
        "    copy: True always copies; False never, and is a ValueError where it would have to.",
        py::arg("obj"), py::pos_only(), py::kw_only(), py::arg("dtype") = py::none(), py::arg("copy") = py::none());
  m.def("array", [](py::handle object, const OptionalDtype& dtype) { return to_tensor(object, dtype, true); },
        "As asarray, but always a copy.", py::arg("obj"), py::pos_only(), py::arg("dtype") = py::none());
  m.def("tensor", [](py::handle object, const OptionalDtype& dtype, bool requires_grad) {
    py::object x = py::cast(Tensor(to_tensor(object, dtype, true).array));
    if (requires_grad) x.attr("requires_grad") = true;
    return x;
  }, "A copy of the object's elements; with requires_grad=True, a leaf whose gradient backward() leaves in `grad`.",
     py::arg("obj"), py::pos_only(), py::arg("dtype") = py::none(), py::arg("requires_grad") = false);
  m.def("zeros", &zeros, "All 0.", py::arg("shape"), py::kw_only(), py::arg("dtype") = f32);
  m.def("ones", &ones, "All 1.", py::arg("shape"), py::kw_only(), py::arg("dtype") = f32);
  m.def("empty", &empty, "Uninitialised memory.", py::arg("shape"), py::kw_only(), py::arg("dtype") = f32);
  m.def("full", [](const ShapeArgument& shape, const Operand& value, const OptionalDtype& dtype) {
    return full(shape.value, value, dtype);
  }, "All fill_value.", py::arg("shape"), py::arg("fill_value"), py::kw_only(), py::arg("dtype") = py::none());
  const auto like = [&m](const char* name, const char* doc, Tensor (*make)(const ShapeArgument&, Dtype)) {
    m.def(name, [make](const Operand& x0, const OptionalDtype& dtype) {
      const Tensor x = x0.tensor();
      return make({x.shape()}, dtype.value_or(x.dtype()));
    }, doc, py::arg("x"), py::pos_only(), py::kw_only(), py::arg("dtype") = py::none());
  };
  like("zeros_like", "All 0, of x's shape and dtype.", &zeros);
  like("ones_like", "All 1, of x's shape and dtype.", &ones);
  like("empty_like", "Uninitialised memory, of x's shape and dtype.", &empty);
  m.def("full_like", [](const Operand& x0, const Operand& value, const OptionalDtype& dtype) {
    const Tensor x = x0.tensor();
    return full(x.shape(), value, dtype.value_or(x.dtype()));
  }, "All fill_value, of x's shape and dtype.", py::arg("x"), py::pos_only(), py::arg("fill_value"), py::kw_only(),
     py::arg("dtype") = py::none());
  m.def("arange", &arange, "start, start + step, ... below stop; 0 to start if stop is not given.", py::arg("start"),
        py::pos_only(), py::arg("stop") = py::none(), py::arg("step") = 1, py::kw_only(), py::arg("dtype") = py::none());
  m.def("linspace", [](double start, double stop, int64_t num, Dtype dtype, bool endpoint) {
    return ops::linspace(start, stop, num, dtype, endpoint);
  }, "num evenly spaced numbers from start to stop.", py::arg("start"), py::arg("stop"), py::pos_only(), py::arg("num"),
     py::kw_only(), py::arg("dtype") = f32, py::arg("endpoint") = true);
  m.def("eye", [](int64_t rows, const std::optional<int64_t>& columns, int64_t k, Dtype dtype) {
    return ops::eye(rows, columns.value_or(rows), k, dtype);
  }, "1 on diagonal k, 0 elsewhere.", py::arg("n_rows"), py::arg("n_cols") = py::none(), py::pos_only(), py::kw_only(),
     py::arg("k") = 0, py::arg("dtype") = f32);
}

}  // namespace pynn
