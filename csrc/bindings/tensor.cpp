// pynn.Tensor: what a tensor tells of itself, how it prints, and how it becomes other things.
#include <pybind11/complex.h>
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <algorithm>

#include "autograd/tape.h"
#include "bindings/bindings.h"
#include "bindings/convert.h"
#include "compute/elementwise.h"
#include "core/error.h"
#include "ops/elementwise.h"
#include "ops/index.h"
#include "ops/reduce.h"
#include "ops/shape.h"

namespace pynn {
namespace {

// The elements where Python can read them; other threads run while a device works.
Array on_host(const Tensor& x) {
  if (x.device().is_cpu()) return x.array;
  const py::gil_scoped_release release;
  return compute::on_host(x.array);
}

// The one element as a Python number.
py::object item(const Tensor& x) {
  if (x.size() != 1)
    throw ValueError("a tensor of shape " + str(x.shape()) + " is not one number; use tolist() or numpy()");
  const Array one = compute::cast(on_host(x), is_floating(x.dtype())        ? Dtype::float64
                                              : x.dtype() == Dtype::boolean ? Dtype::boolean
                                              : x.dtype() == Dtype::uint64  ? Dtype::uint64
                                                                            : Dtype::int64);
  switch (one.dtype) {
    case Dtype::float64: return py::float_(*one.as<double>());
    case Dtype::boolean: return py::bool_(*one.as<bool>());
    case Dtype::uint64: return py::int_(*one.as<uint64_t>());
    default: return py::int_(*one.as<int64_t>());
  }
}

bool truth(const Tensor& x) {
  if (x.size() != 1)
    throw ValueError("the truth value of a tensor of shape " + str(x.shape()) +
                     " is ambiguous; use pynn.any(x) or pynn.all(x)");
  return *compute::cast(on_host(x), Dtype::boolean).as<bool>();
}

py::object printable(const Tensor& x) {
  const Array host = on_host(x);
  return to_numpy(Tensor(host.dtype == Dtype::bfloat16 ? compute::cast(host, Dtype::float32) : host));
}

std::string repr(const py::object& self) {
  const auto& x = self.cast<const Tensor&>();
  const std::string head = py::str(py::type::of(self).attr("__name__"));
  const std::string values = py::str(py::module_::import("numpy").attr("array2string")(
      printable(x), py::arg("separator") = ", ", py::arg("prefix") = head + "(", py::arg("suffix") = ","));
  std::string s = head + "(" + values + ", shape=" + str(x.shape()) + ", dtype=" + name(x.dtype());
  if (!x.device().is_cpu()) s += ", device='" + str(x.device()) + "'";
  if (x.node) s += is_leaf(x) ? ", requires_grad=True" : std::string(", made_by='") + x.node->op + "'";
  return s + ")";
}

py::tuple byte_strides(const Tensor& x) {
  Dims s = x.array.strides;
  for (int64_t& v : s) v *= static_cast<int64_t>(itemsize(x.dtype()));
  return to_tuple(s);
}

Tensor transpose(const Tensor& x) {
  Dims order;
  for (int d = x.ndim() - 1; d >= 0; --d) order.push_back(d);
  return ops::permute_dims(x, order);
}

// reshape(2, 3) and reshape((2, 3)), as NumPy's method.
Shape shape_of(const py::args& args) { return args.size() == 1 ? to_shape(args[0]) : to_shape(args); }

NodeRef new_leaf(const Tensor& x, bool watched) {
  if (!is_floating(x.dtype()))
    throw DtypeError(std::string("only floating tensors have gradients, this one is ") + name(x.dtype()));
  return make_leaf(watched);
}

void set_requires_grad(Tensor& x, bool wanted) {
  if (!wanted)
    x.node = NodeRef();
  else if (!x.node || (is_leaf(x) && x.node->watched))
    x.node = new_leaf(x, false);
}

void rebind(Tensor& x, const Tensor& other) {
  if (x.shape() != other.shape() || x.dtype() != other.dtype())
    throw ShapeError("_rebind: shapes " + str(x.shape()) + " and " + str(other.shape()) + " or dtypes differ");
  x.array = other.array;
}

py::object gradient_of(const Tensor& x) {
  const Tensor g = leaf_gradient(x);
  return g.defined() ? py::cast(g) : py::none();
}

void set_gradient(const Tensor& x, const py::object& object) {
  if (object.is_none()) return set_leaf_gradient(x, Tensor());
  if (!py::isinstance<Tensor>(object))
    throw py::type_error("grad must be a tensor or None, got " +
                         std::string(py::str(py::type::of(object).attr("__name__"))));
  const auto& g = object.cast<const Tensor&>();
  if (!is_leaf(x)) throw GradientError("only a tensor made with requires_grad=True has a grad to set");
  if (g.shape() != x.shape()) throw ShapeError("grad has shape " + str(g.shape()) + ", its tensor " + str(x.shape()));
  if (g.dtype() != x.dtype())
    throw DtypeError(std::string("grad has dtype ") + name(g.dtype()) + ", its tensor " + name(x.dtype()));
  if (g.device() != x.device())
    throw DeviceError("grad is on " + str(g.device()) + ", its tensor on " + str(x.device()));
  set_leaf_gradient(x, g);
}

// What np.asarray(x, dtype, copy=copy) asks for: None copies where it must, False never, True always.
py::object to_array(const Tensor& x, const py::object& dtype, const std::optional<bool>& copy) {
  const bool widens = x.dtype() == Dtype::bfloat16 && !dtype.is_none();  // to whatever NumPy knows
  const py::object a = to_numpy(widens ? Tensor(compute::cast(x.array, Dtype::float32)) : x);
  const py::object wanted = dtype.is_none() ? py::object(a.attr("dtype")) : py::object(py::dtype::from_args(dtype));
  const bool cast = widens || !wanted.equal(py::object(a.attr("dtype")));
  if (cast && copy && !*copy) throw ValueError("a conversion of dtype cannot be had without a copy");
  return cast || copy.value_or(false) ? a.attr("astype")(wanted) : a;
}

// A value with NumPy arrays for the tensors in it, also in lists, tuples and dicts.
py::object with_arrays(const py::handle& value) {
  if (py::isinstance<Tensor>(value)) return value.attr("__array__")();
  if (py::isinstance<py::list>(value) || py::isinstance<py::tuple>(value)) {
    py::list items;
    for (const py::handle item : value) items.append(with_arrays(item));
    return py::isinstance<py::list>(value) ? py::object(items) : py::object(py::tuple(items));
  }
  if (py::isinstance<py::dict>(value)) {
    py::dict items;
    for (const auto& [key, item] : py::reinterpret_borrow<py::dict>(value)) items[key] = with_arrays(item);
    return items;
  }
  return py::reinterpret_borrow<py::object>(value);
}

// What `target` leaves open, device and dtype say.
Tensor to(const Tensor& x, const py::object& target, const DeviceArgument& device, const std::optional<Dtype>& dtype) {
  Device place = device.named.value_or(x.device());
  Dtype type = dtype.value_or(x.dtype());
  if (py::isinstance<Tensor>(target)) {
    place = target.cast<const Tensor&>().device();
    type = target.cast<const Tensor&>().dtype();
  } else if (PyUnicode_Check(target.ptr()) && names_device(target.cast<std::string>())) {
    place = to_device(target);
  } else if (!target.is_none()) {
    type = to_dtype(target);
  }
  const py::gil_scoped_release release;
  // Converted on the way to where the bytes are fewer.
  if (itemsize(type) <= itemsize(x.dtype())) return ops::to(ops::astype(x, type), place);
  return ops::astype(ops::to(x, place), type);
}

using Class = py::class_<Tensor>;

void bind_properties(Class& c) {
  c.def_property_readonly("dtype", [](const Tensor& x) { return x.dtype(); }, "The type of the elements.");
  c.def_property_readonly("shape", [](const Tensor& x) { return to_tuple(x.shape()); }, "The size of each axis.");
  c.def_property_readonly("strides", &byte_strides, "Bytes from one element to the next along each axis, as NumPy's.");
  c.def_property_readonly(
      "device", [](const Tensor& x) { return str(x.device()); },
      "Where the elements are: 'cpu', or 'cuda:0' and its like.");
  c.def_property_readonly("size", [](const Tensor& x) { return x.size(); }, "The number of elements.");
  c.def_property_readonly("ndim", [](const Tensor& x) { return x.ndim(); }, "The number of axes.");
  c.def_property_readonly("T", &transpose, "The axes in reverse order; a view.");
  c.def_property_readonly("mT", &ops::matrix_transpose, "The last two axes swapped; a view.");
  c.def_property(
      "requires_grad", [](const Tensor& x) { return static_cast<bool>(x.node); }, &set_requires_grad,
      "Whether operations on this tensor are recorded for the gradient.");
  c.def_property("grad", &gradient_of, &set_gradient,
                 "The gradient that backward() left here, or None. It adds up over calls until set to None.");
}

// The versions of the standard whose functions pynn has: each holds those before it.
constexpr const char* kVersions[] = {"2021.12", "2022.12", "2023.12", "2024.12"};

py::object array_namespace(const std::optional<std::string>& version) {
  if (version && std::find(std::begin(kVersions), std::end(kVersions), *version) == std::end(kVersions))
    throw ValueError("__array_namespace__: pynn follows version " + std::string(std::end(kVersions)[-1]) +
                     " of the array API standard and those before, not '" + *version + "'");
  return py::module_::import("pynn");
}

void bind_namespace(Class& c) {
  c.def(
      "__array_namespace__",
      [](const Tensor&, const std::optional<std::string>& version) { return array_namespace(version); },
      "The module with the functions of the array API standard, pynn.", py::pos_only(), py::kw_only(),
      py::arg("api_version") = py::none());
  c.def(
      "to_device",
      [](const Tensor& x, const DeviceArgument& device, const py::object& stream) {
        if (!stream.is_none())
          throw ValueError("to_device: each thread has one stream, got stream=" + std::string(py::repr(stream)));
        return ops::to(x, device.value());
      },
      "The tensor on another device; itself where it is there already.", py::arg("device"), py::pos_only(),
      py::kw_only(), py::arg("stream") = py::none());
}

void bind_conversions(Class& c) {
  c.def("item", &item, "The one element as a Python number.\n\nRaises:\n    ValueError: there is not exactly one.");
  c.def("numpy", &to_numpy, "The elements as a NumPy array that shares their memory.");
  c.def("tolist", [](const Tensor& x) { return printable(x).attr("tolist")(); }, "The elements as nested lists.");
  c.def("__array__", &to_array, py::arg("dtype") = py::none(), py::arg("copy") = py::none());
  c.attr("__array_priority__") = 1000;  // NumPy's operators leave the work to ours
  // NumPy's functions compute on arrays; without this they would call our methods of the same names, with arguments
  // that those do not take.
  c.def(
      "__array_function__",
      [](const py::object&, const py::object& function, const py::object&, const py::object& args,
         const py::object& kwargs) { return function(*py::tuple(with_arrays(args)), **py::dict(with_arrays(kwargs))); },
      py::arg("func"), py::arg("types"), py::arg("args"), py::arg("kwargs"));
  c.def(
      "astype",
      [](const Tensor& x, Dtype t, bool copy) { return copy && x.dtype() == t ? ops::copy(x) : ops::astype(x, t); },
      "The elements converted to another dtype.", py::arg("dtype"), py::pos_only(), py::kw_only(),
      py::arg("copy") = true);
  c.def("to", &to,
        "The tensor on another device, as another dtype, or both; itself where it is so already.\n\n"
        "The gradient comes back. A copy to a device does not wait for it; one to the host does.\n\n"
        "Args:\n    target: 'cpu', 'cuda', 'cuda:1', a dtype, or a tensor whose device and dtype are meant.\n"
        "    device, dtype: the same by name.\n\n"
        "Raises:\n    DeviceError: there is no such device.",
        py::arg("target") = py::none(), py::pos_only(), py::kw_only(), py::arg("device") = py::none(),
        py::arg("dtype") = py::none());
  c.def("detach", &ops::stop_gradient, "The same elements outside the tape; a view.");
  c.def("__bool__", &truth);
  c.def("__float__", [](const Tensor& x) { return py::float_(item(x)); });
  c.def("__complex__", [](const Tensor& x) { return std::complex<double>(item(x).cast<double>(), 0); });
  c.def("__int__", [](const Tensor& x) { return item(x).attr("__int__")(); });
  c.def(
      "__round__",
      [](const Tensor& x, const py::object& digits) {
        return py::module_::import("builtins").attr("round")(item(x), digits);
      },
      py::arg("ndigits") = py::none());
  c.def("__index__", [](const Tensor& x) {
    if (!is_integer(x.dtype()) || x.ndim() != 0)
      throw py::type_error("only a 0-d integer tensor can be an index, this one is " + std::string(name(x.dtype())) +
                           " " + str(x.shape()));
    return item(x);
  });
  c.def(
      "__format__",
      [](const py::object& self, const py::str& spec) {
        const auto& x = self.cast<const Tensor&>();
        const bool number = x.ndim() == 0 && py::len(spec) > 0;
        return py::module_::import("builtins").attr("format")(number ? item(x) : py::object(py::str(self)), spec);
      },
      py::arg("spec"));
  c.def("__repr__", &repr);
  c.def("__str__", [](const Tensor& x) { return py::str(printable(x)); });
}

void bind_container(Class& c) {
  c.def("__len__", [](const Tensor& x) {
    if (x.ndim() == 0) throw py::type_error("a 0-d tensor has no length");
    return x.shape()[0];
  });
  c.def("__iter__", [](const Tensor& x) {
    if (x.ndim() == 0) throw py::type_error("a 0-d tensor cannot be iterated over");
    py::list rows;
    for (int64_t i = 0; i < x.shape()[0]; ++i) rows.append(py::cast(ops::select(x, 0, i)));
    return py::iter(rows);
  });
  c.def("__hash__", [](const py::object& self) { return reinterpret_cast<intptr_t>(self.ptr()) >> 4; });
}

void bind_methods(Class& c) {
  c.def(
      "reshape", [](const Tensor& x, const py::args& shape) { return ops::reshape(x, shape_of(shape)); },
      "The elements in another shape; one size may be -1.");
  c.def(
      "transpose",
      [](const Tensor& x, const py::args& axes) {
        return axes.empty() ? transpose(x) : ops::permute_dims(x, shape_of(axes));
      },
      "The axes in another order, reversed without arguments; a view.");
  c.def("flatten", [](const Tensor& x) { return ops::reshape(x, {-1}); }, "One axis.");
  c.def(
      "squeeze",
      [](const Tensor& x, const AxesOption& axis) {
        Dims ones;
        for (int d = 0; d < x.ndim(); ++d)
          if (x.shape()[d] == 1) ones.push_back(d);
        return ops::squeeze(x, axis.value.value_or(ones));
      },
      "Without axes of size 1.", py::arg("axis") = py::none());
}

void bind_leaf(Class& c) {
  c.def(
      "_watch", [](Tensor& x) { x.node = new_leaf(x, true); }, "Makes this a leaf that records inside a GradientTape.");
  c.def("_unwatch", [](Tensor& x) { x.node = NodeRef(); });
  c.def("_rebind", &rebind, "Makes this a view of other's memory.", py::arg("other"));
  c.def(
      "_adopt", [](Tensor& x, const Tensor& other) { x = other; },
      "Makes this a view of other's memory with other's place on the tape.", py::arg("other"));
  c.def(
      "_assign",
      [](Tensor& x, const Operand& value) {
        const NoRecording off;
        ops::assign("assign", x, value.beside("assign", x));
      },
      "Copies value into this tensor's memory, broadcast and converted.", py::arg("value"));
  c.def(
      "backward",
      [](const Tensor& x, const std::optional<Tensor>& seed, bool create_graph) {
        if (!seed && x.size() != 1)
          throw GradientError("backward() starts from one number, this tensor has shape " + str(x.shape()) +
                              "; reduce it first (loss.mean().backward()) or pass a seed of its shape");
        if (seed && seed->shape() != x.shape())
          throw ShapeError("backward: the seed has shape " + str(seed->shape()) + ", the tensor " + str(x.shape()));
        const Tensor start =
            seed ? ops::astype(*seed, x.dtype()) : Tensor(compute::full(x.shape(), 1.0, x.dtype(), x.device()));
        backward(x, start, create_graph);
      },
      "Adds the gradient of this tensor to `grad` of every leaf that it was made from.\n\n"
      "Args:\n    seed: the gradient coming in, of this tensor's shape; 1 for a single number.\n"
      "    create_graph: record the gradients too, so that they can be differentiated.",
      py::arg("seed") = py::none(), py::kw_only(), py::arg("create_graph") = false);
}

}  // namespace

void bind_tensor(py::module_& m) {
  Class c(m, "Tensor",
          "An n-dimensional array that can remember how it was made, for the gradient.\n\n"
          "Made by pynn.asarray, pynn.zeros and their like. Follows the Python array API standard.");
  c.def(py::init([](py::handle value, const std::optional<Dtype>& dtype) {
          Tensor x = to_tensor(value, dtype, false);
          x.node = NodeRef();
          return x;
        }),
        py::arg("value"), py::arg("dtype") = py::none());
  bind_properties(c);
  bind_conversions(c);
  bind_namespace(c);
  bind_container(c);
  bind_methods(c);
  bind_leaf(c);
}

}  // namespace pynn
