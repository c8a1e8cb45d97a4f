// Copies and pickles of tensors. Leaves stay leaves; what was computed from them becomes plain values.
#include "autograd/tape.h"
#include "bindings/bindings.h"
#include "bindings/convert.h"
#include "compute/elementwise.h"
#include "core/error.h"
#include "ops/shape.h"

namespace pynn {
namespace {

bool is_exact(const py::object& self) { return exact_tensor(self.ptr()) != nullptr; }

// An instance of a class of tensors, without a call of its own __init__.
py::object instance(const py::object& type, const Tensor& value) {
  const py::object base = py::type::of<Tensor>();
  if (type.is(base)) return py::cast(value);
  py::object made = type.attr("__new__")(type);
  base.attr("__init__")(made, Tensor(value.array));
  made.cast<Tensor&>().node = value.node;
  return made;
}

py::object attributes(const py::object& self) { return py::getattr(self, "__dict__", py::none()); }

// The same leaf again, over values of its own.
Tensor twin(const Tensor& x) {
  Tensor y(compute::copy(x.array));
  if (is_leaf(x)) y.node = make_leaf(x.node->watched);
  return y;
}

py::object copied(const py::object& self) {
  const auto& x = self.cast<const Tensor&>();
  if (is_exact(self)) return py::cast(ops::copy(x));
  py::object made = instance(py::type::of(self), ops::copy(x));
  const py::object state = attributes(self);
  if (!state.is_none()) made.attr("__dict__").attr("update")(state);
  return made;
}

py::object deep_copied(const py::object& self, const py::dict& memo) {
  const Tensor value = twin(self.cast<const Tensor&>());
  if (is_exact(self)) return py::cast(value);
  py::object made = instance(py::type::of(self), value);
  memo[py::module_::import("builtins").attr("id")(self)] = made;  // before the attributes, which may hold self
  const py::object state = attributes(self);
  if (!state.is_none()) made.attr("__dict__").attr("update")(py::module_::import("copy").attr("deepcopy")(state, memo));
  return made;
}

// The elements as a NumPy array, bfloat16 as its bits: NumPy has no name for it.
py::object bits(const Tensor& x) {
  Array a = compute::on_host(x.array);  // of a device, a copy: it comes back on the host
  if (a.dtype == Dtype::bfloat16) a.dtype = Dtype::uint16;
  return to_numpy(Tensor(std::move(a)));
}

// A NumPy array carries the elements: pickle's protocol 5 takes its memory out of band.
py::tuple reduced(const py::object& self) {
  const auto& x = self.cast<const Tensor&>();
  const bool leaf = is_leaf(x) && !x.node->watched;
  return py::make_tuple(py::module_::import("pynn._core").attr("_from_bits"),
                        py::make_tuple(py::type::of(self), bits(x), name(x.dtype()), leaf), attributes(self));
}

py::object from_bits(const py::object& type, const py::object& array, Dtype dtype, bool requires_grad) {
  Tensor x(to_tensor(array, std::nullopt, false).array);
  if (dtype == Dtype::bfloat16 && x.dtype() == Dtype::uint16) x.array.dtype = dtype;
  if (x.dtype() != dtype)
    throw DtypeError(message("the pickle of a tensor of ", name(dtype), " holds numbers of ", name(x.dtype())));
  if (requires_grad && is_floating(dtype)) x.node = make_leaf(false);
  return instance(type, x);
}

}  // namespace

void bind_copying(py::module_& m) {
  auto c = py::reinterpret_borrow<py::class_<Tensor>>(m.attr("Tensor"));
  c.def("copy", &ops::copy, "A row-major copy.");
  c.def("__copy__", &copied);
  c.def("__deepcopy__", &deep_copied, py::arg("memo"));
  c.def("__reduce__", &reduced);
  m.def("_bits", &bits, "The elements as a NumPy array that shares their memory, bfloat16 as uint16.", py::arg("x"),
        py::pos_only());
  m.def("_from_bits", &from_bits, "A tensor of what _bits gave, sharing its memory; how pickles are read.",
        py::arg("type"), py::arg("array"), py::arg("dtype"), py::arg("requires_grad") = false);
}

}  // namespace pynn
