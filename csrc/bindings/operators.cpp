// The operators of pynn.Tensor. An operand that no tensor can be made of gives Python its turn (NotImplemented).
#include "bindings/bindings.h"
#include "bindings/convert.h"
#include "ops/elementwise.h"
#include "ops/linear.h"

namespace pynn {
namespace {

using ops::binary;
namespace rows = ops::rows;
using Class = py::class_<Tensor>;

py::object not_implemented() { return py::reinterpret_borrow<py::object>(Py_NotImplemented); }

// self OP other, or other OP self where `reflected`.
Tensor apply(int id, const Tensor& self, const Operand& operand, bool reflected) {
  const char* name = ops::binary_rows()[static_cast<size_t>(id)].name;
  // x ** 2 as a square: one multiplication instead of a general power.
  if (id == rows::binary_id<rows::Power> && !reflected && operand.weak == Operand::Weak::integer &&
      operand.integer == 2 && self.dtype() != Dtype::boolean)
    return ops::unary<rows::Square>(self);
  auto [a, b] = resolve(name, Operand{self}, operand);
  if (reflected) std::swap(a, b);
  const Unlocked unlocked(self.size());
  return binary(id, a, b);
}

py::object apply(int id, const Tensor& self, py::handle other, bool reflected) {
  Operand operand;
  if (!to_operand(other, operand)) return not_implemented();
  return py::cast(apply(id, self, operand, reflected));
}

// ---- Slots ----------------------------------------------------------------------------------------------------------
//
// `a + b` calls the type's number slot, which Python fills with a search for the method __add__ and a call of it: more
// than the work itself where tensors are small. These slots compute at once where both operands are tensors or one is a
// Python number. Everything else, errors included, goes the long way.

// Null, with no error set, where the operands or the result are for the long way; with one where a device failed.
PyObject* quick(int id, PyObject* left, PyObject* right) noexcept {
  const Tensor *a = exact_tensor(left), *b = exact_tensor(right);
  try {
    if (a && b) {
      Tensor y;
      {
        const Unlocked unlocked(a->size() + b->size());
        y = binary(id, *a, *b);
      }
      return py::cast(std::move(y)).release().ptr();
    }
    PyObject* const number = a ? right : left;
    if (!(a || b) || !(PyFloat_CheckExact(number) || PyLong_CheckExact(number))) return nullptr;
    Operand operand;
    to_operand(number, operand);
    return py::cast(apply(id, a ? *a : *b, operand, !a)).release().ptr();
  } catch (const DeviceError& error) {
    set_error(error);
    return nullptr;
  } catch (...) {
    PyErr_Clear();
    return nullptr;
  }
}

// The methods, as Python's own slot would call them.
PyObject* by_method(PyObject* left, PyObject* right, PyObject* method, PyObject* reflected) {
  const auto is_tensor = [](PyObject* x) { return py::isinstance<Tensor>(py::handle(x)); };
  if (is_tensor(left)) {
    PyObject* const y = PyObject_CallMethodOneArg(left, method, right);
    if (y != Py_NotImplemented) return y;
    Py_DECREF(y);
  }
  if (is_tensor(right) && Py_TYPE(right) != Py_TYPE(left)) return PyObject_CallMethodOneArg(right, reflected, left);
  Py_RETURN_NOTIMPLEMENTED;
}

template <class Op>
struct Slot {
  static inline PyObject *method, *reflected;
  static PyObject* call(PyObject* left, PyObject* right) {
    PyObject* const y = quick(rows::binary_id<Op>, left, right);
    return y || PyErr_Occurred() ? y : by_method(left, right, method, reflected);
  }
  static void install(binaryfunc& slot, const char* method_name, const char* reflected_name) {
    method = PyUnicode_InternFromString(method_name);
    reflected = PyUnicode_InternFromString(reflected_name);
    slot = &call;
  }
};

// ---- Methods --------------------------------------------------------------------------------------------------------

// Comparisons with what is no number at all are plainly unequal, as everywhere in Python.
template <class Op>
void bind_binary(Class& c, const char* method, const char* reflected = nullptr) {
  constexpr int id = rows::binary_id<Op>;
  c.def(
      method, [](const Tensor& self, py::handle other) { return apply(id, self, other, false); }, Op::doc,
      py::arg("other"), py::pos_only());
  if (reflected)
    c.def(
        reflected, [](const Tensor& self, py::handle other) { return apply(id, self, other, true); }, Op::doc,
        py::arg("other"), py::pos_only());
}

template <class Op>
void bind_in_place(Class& c, const char* method) {
  constexpr int id = rows::binary_id<Op>;
  c.def(
      method,
      [](py::object self, py::handle other) {
        Operand operand;
        if (!to_operand(other, operand)) return not_implemented();
        auto& x = self.cast<Tensor&>();
        ops::binary_into(id, x, operand.beside(Op::name, x));
        return self;
      },
      py::arg("other"), py::pos_only());
}

template <class Op>
void bind_arithmetic(Class& c, const std::string& stem) {
  bind_binary<Op>(c, ("__" + stem + "__").c_str(), ("__r" + stem + "__").c_str());
  bind_in_place<Op>(c, ("__i" + stem + "__").c_str());
}

py::object matmul(const Tensor& self, py::handle other, bool reflected) {
  Operand operand;
  if (!to_operand(other, operand)) return not_implemented();
  const Tensor x = operand.tensor();
  Tensor y;
  {
    const Unlocked unlocked(self.size() + x.size());
    y = reflected ? ops::matmul(x, self) : ops::matmul(self, x);
  }
  return py::cast(std::move(y));
}

}  // namespace

void bind_operators(py::module_& m) {
  auto c = py::reinterpret_borrow<Class>(m.attr("Tensor"));
  bind_arithmetic<rows::Add>(c, "add");
  bind_arithmetic<rows::Subtract>(c, "sub");
  bind_arithmetic<rows::Multiply>(c, "mul");
  bind_arithmetic<rows::Divide>(c, "truediv");
  bind_arithmetic<rows::FloorDivide>(c, "floordiv");
  bind_arithmetic<rows::Remainder>(c, "mod");
  bind_arithmetic<rows::Power>(c, "pow");
  bind_arithmetic<rows::BitwiseAnd>(c, "and");
  bind_arithmetic<rows::BitwiseOr>(c, "or");
  bind_arithmetic<rows::BitwiseXor>(c, "xor");
  bind_arithmetic<rows::BitwiseLeftShift>(c, "lshift");
  bind_arithmetic<rows::BitwiseRightShift>(c, "rshift");
  bind_binary<rows::Equal>(c, "__eq__");
  bind_binary<rows::NotEqual>(c, "__ne__");
  bind_binary<rows::Less>(c, "__lt__");
  bind_binary<rows::LessEqual>(c, "__le__");
  bind_binary<rows::Greater>(c, "__gt__");
  bind_binary<rows::GreaterEqual>(c, "__ge__");
  c.def(
      "__matmul__", [](const Tensor& a, py::handle b) { return matmul(a, b, false); }, py::arg("other"),
      py::pos_only());
  c.def(
      "__rmatmul__", [](const Tensor& a, py::handle b) { return matmul(a, b, true); }, py::arg("other"),
      py::pos_only());
  PyNumberMethods& slots = *reinterpret_cast<PyTypeObject*>(c.ptr())->tp_as_number;
  Slot<rows::Add>::install(slots.nb_add, "__add__", "__radd__");
  Slot<rows::Subtract>::install(slots.nb_subtract, "__sub__", "__rsub__");
  Slot<rows::Multiply>::install(slots.nb_multiply, "__mul__", "__rmul__");
  Slot<rows::Divide>::install(slots.nb_true_divide, "__truediv__", "__rtruediv__");
  c.def("__neg__", [](const Tensor& x) { return ops::unary<rows::Negative>(x); });
  c.def("__pos__", [](const Tensor& x) { return x; });
  c.def("__abs__", [](const Tensor& x) { return ops::unary<rows::Abs>(x); });
  c.def("__invert__", [](const Tensor& x) { return ops::unary<rows::BitwiseInvert>(x); });
}

}  // namespace pynn
