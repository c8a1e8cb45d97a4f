// pynn.Dtype and its thirteen objects, pynn.float32 and its like.
#include "bindings/bindings.h"
#include "bindings/convert.h"
#include "core/error.h"

namespace pynn {
namespace {

struct DtypeObject {
  Dtype value;
};

PyObject* objects[kDtypes];

bool equal(const DtypeObject& self, py::handle other) {
  if (py::isinstance<DtypeObject>(other)) return other.cast<const DtypeObject&>().value == self.value;
  // "float32" and numpy.float32 too, but no error for what is no type at all.
  try {
    return !other.is_none() && to_dtype(other) == self.value;
  } catch (const std::exception&) {
    return false;
  }
}

const char* kind_name(Dtype t) {
  switch (kind(t)) {
    case Kind::boolean: return "bool";
    case Kind::signed_integer: return "signed integer";
    case Kind::unsigned_integer: return "unsigned integer";
    default: return "real floating";
  }
}

// A number's own type matters only where no tensor or dtype is of its kind or a higher one.
Dtype result_type(const py::args& arguments) {
  std::optional<Dtype> strong, weak;
  const auto join = [](std::optional<Dtype>& all, Dtype t) { all = all ? promote("result_type", *all, t) : t; };
  for (const py::handle argument : arguments) {
    Operand x;
    if (!py::isinstance<py::str>(argument) && to_operand(argument, x)) {
      const Dtype t = x.weak == Operand::Weak::boolean   ? Dtype::boolean
                      : x.weak == Operand::Weak::integer ? kDefaultInteger
                      : x.weak != Operand::Weak::no      ? kDefaultFloat
                                                         : x.x.dtype();
      join(x.weak == Operand::Weak::no ? strong : weak, t);
    } else {
      join(strong, to_dtype(argument));
    }
  }
  if (!strong && !weak) throw ValueError("result_type: needs at least one tensor, dtype or number");
  if (!strong || !weak) return strong ? *strong : *weak;
  const auto rank = [](Dtype t) { return is_floating(t) ? 2 : is_integer(t) ? 1 : 0; };
  return rank(*weak) > rank(*strong) ? *weak : *strong;
}

}  // namespace

py::handle dtype_object(Dtype t) { return objects[static_cast<int>(t)]; }

void bind_dtype(py::module_& m) {
  py::class_<DtypeObject>(m, "Dtype", "The type of a tensor's elements: pynn.float32, pynn.int64, ...")
      .def_property_readonly(
          "name", [](const DtypeObject& d) { return name(d.value); }, "The name: 'float32' and its like.")
      .def_property_readonly(
          "itemsize", [](const DtypeObject& d) { return itemsize(d.value); }, "Bytes an element.")
      .def_property_readonly(
          "kind", [](const DtypeObject& d) { return kind_name(d.value); },
          "'bool', 'signed integer', 'unsigned integer' or 'real floating'.")
      .def_property_readonly(
          "dtype", [](const DtypeObject& d) { return numpy_dtype(d.value); },
          "The NumPy dtype, so that NumPy accepts this object as one.")
      .def("__eq__", &equal, py::arg("other"), py::pos_only())
      .def(
          "__ne__", [](const DtypeObject& d, py::handle other) { return !equal(d, other); }, py::arg("other"),
          py::pos_only())
      .def("__hash__", [](const DtypeObject& d) { return py::hash(py::str(name(d.value))); })
      .def("__str__", [](const DtypeObject& d) { return name(d.value); })
      .def("__repr__", [](const DtypeObject& d) { return std::string("pynn.") + name(d.value); })
      .def("__reduce__", [](const DtypeObject& d) {
        return py::make_tuple(py::module_::import("pynn._core").attr("dtype"), py::make_tuple(name(d.value)));
      });
  for (int i = 0; i < kDtypes; ++i) {
    const auto t = static_cast<Dtype>(i);
    py::object o = py::cast(DtypeObject{t});
    m.attr(name(t)) = o;
    objects[i] = o.release().ptr();  // alive as long as the module, which is never unloaded
  }
  m.def(
      "dtype", [](py::handle x) { return to_dtype(x); }, "The pynn.Dtype that a name, a NumPy dtype or a type means.",
      py::arg("x"), py::pos_only());
  m.def("result_type", &result_type,
        "The dtype of an operation on these tensors, dtypes and Python numbers. A number takes the dtype of what it "
        "meets.");
}

}  // namespace pynn
