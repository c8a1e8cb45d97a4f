// pybind11 answers a call that fits no signature with the types of C++ and with the values of all arguments, which may
// be a page of numbers. A learner needs one line: which argument, what it must be, what it was. That line is found
// here, from the signature and the arguments, after the call has failed.
#include "bindings/calls.h"

#include <cctype>
#include <string>
#include <string_view>
#include <vector>

#include "bindings/convert.h"
#include "bindings/signature.h"
#include "core/closest.h"
#include "core/error.h"

namespace pynn {
namespace {

// ---- What is wrong --------------------------------------------------------------------------------------------------

std::string quoted(const std::string& name) { return "'" + name + "'"; }

std::string shown(py::handle value) {
  if (py::isinstance<Tensor>(value)) return "a tensor of shape " + str(value.cast<const Tensor&>().shape());
  const std::string type = py::str(py::type::handle_of(value).attr("__name__"));
  const std::string text = py::repr(value);
  return text.size() <= 40 && text.find('\n') == std::string::npos ? text : (type[0] == 'i' ? "an " : "a ") + type;
}

bool is_float(py::handle value) {
  return PyFloat_Check(value.ptr()) || PyIndex_Check(value.ptr()) || py::hasattr(value, "__float__");
}

// What a value of the parameter must be, or null where this one may be right.
const char* must_be(std::string_view type, py::handle value) {
  PyObject* p = value.ptr();
  if (type.ends_with(" | None")) {
    if (value.is_none()) return nullptr;
    type.remove_suffix(7);
  }
  if (type.find("SupportsInt") != std::string_view::npos) return PyIndex_Check(p) ? nullptr : "an integer";
  if (type.find("SupportsFloat") != std::string_view::npos) return is_float(value) ? nullptr : "a number";
  if (type == "int") return PyIndex_Check(p) ? nullptr : "an integer";
  if (type == "float") return is_float(value) ? nullptr : "a number";
  if (type == "bool") return PyBool_Check(p) ? nullptr : "True or False";
  if (type == "str") return PyUnicode_Check(p) ? nullptr : "a string";
  if (type.ends_with("Tensor")) return py::isinstance<Tensor>(value) ? nullptr : "a tensor";
  if (type.ends_with("Generator"))
    return type.ends_with(py::str(py::type::handle_of(value).attr("__name__")).cast<std::string>()) ? nullptr
                                                                                                    : "a Generator";
  if (type.starts_with("collections.abc.Iterable") || type.starts_with("collections.abc.Sequence") ||
      type.starts_with("list"))
    return PyList_Check(p) || PyTuple_Check(p) ? nullptr : "a list";
  return nullptr;
}

std::string unknown_name(const Signature& s, const std::string& name) {
  std::vector<std::string> names;
  for (const Parameter& p : s.parameters)
    if (p.by_name) names.push_back(p.name);
  std::string hint = did_you_mean(name, names);
  // Words of other libraries.
  for (const auto& [theirs, ours] :
       {std::pair{"dim", "axis"}, {"keepdim", "keepdims"}, {"dims", "axis"}, {"axes", "axis"}})
    for (const std::string& known : names)
      if (name == theirs && known == ours) hint = message("; write ", ours, "=");
  return message("there is no argument ", quoted(name), hint);
}

std::string too_many(const Signature& s, size_t given, size_t allowed, size_t self) {
  std::string named;
  for (const Parameter& p : s.parameters)
    if (!p.by_position) named += message(named.empty() ? "" : ", ", p.name, "=");
  return message("takes ", std::to_string(allowed - self), allowed - self == 1 ? " argument" : " arguments",
                 " by position, got ", std::to_string(given - self),
                 named.empty() ? "" : "; name the others: " + named);
}

// Nothing where the fault is not found.
std::string fault(const Signature& s, bool method, PyObject* const* arguments, size_t given, PyObject* names) {
  const size_t count = s.parameters.size(), self = method;
  size_t positions = 0;
  for (const Parameter& p : s.parameters) positions += p.by_position;
  if (given > positions && s.more_positions.empty()) return too_many(s, given, positions, self);
  std::vector<PyObject*> values(count);
  for (size_t i = 0; i < given && i < positions; ++i) values[i] = arguments[i];
  for (size_t k = 0; names && k < static_cast<size_t>(PyTuple_GET_SIZE(names)); ++k) {
    const std::string name = py::str(py::handle(PyTuple_GET_ITEM(names, static_cast<Py_ssize_t>(k))));
    size_t i = 0;
    while (i < count && s.parameters[i].name != name) ++i;
    if (i == count && !s.more_names.empty()) continue;
    if (i == count) return unknown_name(s, name);
    if (!s.parameters[i].by_name) return message(quoted(name), " is given by position, without its name");
    if (values[i]) return message(quoted(name), " is given twice");
    values[i] = arguments[given + k];
  }
  for (size_t i = self; i < count; ++i)
    if (!values[i] && s.parameters[i].default_value.empty()) return message("needs ", quoted(s.parameters[i].name));
  for (size_t i = self; i < count; ++i) {
    const char* wanted = values[i] ? must_be(s.parameters[i].type, values[i]) : nullptr;
    if (wanted) return message(s.parameters[i].name, " must be ", wanted, ", got ", shown(values[i]));
  }
  return "";
}

// ---- The errors -----------------------------------------------------------------------------------------------------

// Whether a message names the function, as a word of its own: "expected" is no exp.
bool mentions(const std::string& text, const std::string& name) {
  const auto in_word = [&](size_t i) {
    return i < text.size() && (std::isalnum(static_cast<unsigned char>(text[i])) || text[i] == '_');
  };
  for (size_t i = text.find(name); i != std::string::npos; i = text.find(name, i + 1))
    if ((i == 0 || !in_word(i - 1)) && !in_word(i + name.size())) return !text.starts_with("expected a");
  return false;
}

// The text without the name of another operation, which this one is built from: "dot: matmul: shapes ...".
std::string without_inner(const std::string& text) {
  const size_t colon = text.find(": ");
  if (colon == std::string::npos || text.find(' ') < colon) return text;
  const py::module_ core = py::module_::import("pynn._core");
  return py::hasattr(core, text.substr(0, colon).c_str()) ? text.substr(colon + 2) : text;
}

// Sets the error that was raised with another text. The class stays.
void raise_again(const py::object& type, const std::string& text) { PyErr_SetString(type.ptr(), text.c_str()); }

bool is_ours(const py::object& type) {
  const auto is = [&](PyObject* class_) { return type.ptr() == class_; };
  return is(PyExc_TypeError) || is(PyExc_ValueError) || is(PyExc_IndexError) || is(PyExc_MemoryError) ||
         type.attr("__module__").cast<std::string>() == "pynn";
}

// Called with a Python error set, which it may replace.
void explain(PyObject* self, PyObject* const* arguments, size_t given, PyObject* names) {
  const py::detail::function_record& record = *py::detail::function_record_ptr_from_PyObject(self);
  py::error_already_set raised;  // takes the error over
  // One that comes from Python code has been where the mistake was made.
  if (raised.trace() || !is_ours(raised.type())) return raised.restore();
  const std::string name = record.name, text = py::str(raised.value());
  if (text.starts_with(name + "(): incompatible function arguments")) {
    const std::string why =
        record.next ? "" : fault(parsed(record.signature), record.is_method, arguments, given, names);
    if (why.empty() && record.next) return raised.restore();
    return raise_again(raised.type(),
                       message(name, ": ", why.empty() ? std::string("takes ") + record.signature : why));
  }
  const bool special = name[0] == '_';  // what an operator or a constructor stands for, the user did not call by name
  const bool of_the_tape = raised.type().attr("__name__").cast<std::string>() == "GradientError";
  if (special || of_the_tape || mentions(text, name)) return raised.restore();
  raise_again(raised.type(), message(name, ": ", without_inner(text)));
}

using Fast = PyObject* (*)(PyObject*, PyObject* const*, Py_ssize_t, PyObject*);
using Plain = PyObject* (*)(PyObject*, PyObject*, PyObject*);
void (*dispatcher)();  // of pybind11, the same for all functions

PyObject* call_fast(PyObject* self, PyObject* const* arguments, Py_ssize_t given, PyObject* names) {
  PyObject* const y = reinterpret_cast<Fast>(dispatcher)(self, arguments, given, names);
  if (!y) explain(self, arguments, static_cast<size_t>(PyVectorcall_NARGS(static_cast<size_t>(given))), names);
  return y;
}

// As pybind11 called its functions before version 3.1.
PyObject* call_plain(PyObject* self, PyObject* arguments, PyObject* named) {
  PyObject* const y = reinterpret_cast<Plain>(dispatcher)(self, arguments, named);
  if (y) return y;
  std::vector<PyObject*> all;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(arguments); ++i) all.push_back(PyTuple_GET_ITEM(arguments, i));
  PyObject *type, *value, *trace;
  PyErr_Fetch(&type, &value, &trace);
  py::list names;
  if (named)
    for (const auto& [name, item] : py::reinterpret_borrow<py::dict>(named)) {
      names.append(name);
      all.push_back(item.ptr());
    }
  PyErr_Restore(type, value, trace);
  explain(self, all.data(), static_cast<size_t>(PyTuple_GET_SIZE(arguments)), py::tuple(names).ptr());
  return y;
}

}  // namespace

void explain_calls(py::handle function) {
  PyObject* f = function.ptr();
  if (PyInstanceMethod_Check(f)) f = PyInstanceMethod_Function(f);
  const py::object inside = PyObject_TypeCheck(f, &PyStaticMethod_Type) ? function.attr("__func__") : py::object();
  if (inside) f = inside.ptr();
  if (!PyCFunction_Check(f)) return;
  PyObject* const self = PyCFunction_GET_SELF(f);
  if (!self || !py::detail::function_record_ptr_from_PyObject(self)) return;
  PyMethodDef& definition = *reinterpret_cast<PyCFunctionObject*>(f)->m_ml;
  const auto usual = reinterpret_cast<void (*)()>(definition.ml_meth);
  if (!dispatcher) dispatcher = usual;
  if (usual != dispatcher) return;  // done before
  const bool fast = definition.ml_flags & METH_FASTCALL;
  const auto ours = fast ? reinterpret_cast<void (*)()>(&call_fast) : reinterpret_cast<void (*)()>(&call_plain);
  definition.ml_meth = reinterpret_cast<PyCFunction>(ours);
  sign(reinterpret_cast<PyCFunctionObject*>(f));
}

void explain_all_calls(py::module_& m) {
  for (const auto& [name, item] : py::dict(m.attr("__dict__"))) {
    explain_calls(item);
    if (!PyType_Check(item.ptr())) continue;
    for (py::handle member : py::dict(item.attr("__dict__")).attr("values")()) explain_calls(member);
    sign_class(reinterpret_cast<PyTypeObject*>(item.ptr()));
  }
}

}  // namespace pynn
