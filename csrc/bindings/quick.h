// Calls of functions of one tensor that take less time than pybind11's dispatcher.
//
// Each function or method that pybind11 has made is replaced by one of Python's own kind, which computes at once where
// the only argument is a tensor. Everything else, errors included, goes to pybind11's.
#pragma once
#include <vector>

#include "bindings/calls.h"
#include "bindings/convert.h"
#include "bindings/signature.h"
#include "core/error.h"

namespace pynn {

// F of the object; null where it is for the long way, which a failure of a device is not: its error is set.
template <Tensor (*F)(const Tensor&)>
PyObject* quick_result(PyObject* object) noexcept {
  const Tensor* const x = exact_tensor(object);
  if (!x) return nullptr;
  try {
    Tensor y;
    {
      const Unlocked unlocked(x->size());
      y = F(*x);
    }
    return py::cast(std::move(y)).release().ptr();
  } catch (const DeviceError& error) {
    set_error(error);
    return nullptr;
  } catch (...) {
    PyErr_Clear();
    return nullptr;
  }
}

using QuickCall = PyObject* (*)(PyObject*, PyObject* const*, Py_ssize_t, PyObject*);

// What pybind11 made, under its name, with another body.
inline PyMethodDef redefined(PyObject* usual, QuickCall call, const char* doc) {
  return {reinterpret_cast<PyCFunctionObject*>(usual)->m_ml->ml_name,
          reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(call)), METH_FASTCALL | METH_KEYWORDS, doc};
}

template <Tensor (*F)(const Tensor&)>
struct QuickFunction {
  static inline PyObject* usual;
  static inline PyMethodDef definition;

  static PyObject* call(PyObject*, PyObject* const* arguments, Py_ssize_t count, PyObject* keywords) {
    PyObject* const y = count == 1 && !keywords ? quick_result<F>(arguments[0]) : nullptr;
    if (y || PyErr_Occurred()) return y;
    return PyObject_Vectorcall(usual, arguments, static_cast<size_t>(count), keywords);
  }

  static void install(py::module_& m, const char* name) {
    usual = py::object(m.attr(name)).release().ptr();
    explain_calls(usual);
    definition = redefined(usual, &call, reinterpret_cast<PyCFunctionObject*>(usual)->m_ml->ml_doc);
    const py::object module_name = m.attr("__name__");
    m.attr(name) = py::reinterpret_steal<py::object>(PyCFunction_NewEx(&definition, m.ptr(), module_name.ptr()));
  }
};

template <Tensor (*F)(const Tensor&)>
struct QuickMethod {
  static inline PyObject* usual;
  static inline PyMethodDef definition;

  static PyObject* call(PyObject* self, PyObject* const* arguments, Py_ssize_t count, PyObject* keywords) {
    PyObject* const y = count == 0 && !keywords ? quick_result<F>(self) : nullptr;
    if (y || PyErr_Occurred()) return y;
    std::vector<PyObject*> all{self};  // as pybind11's takes it: the tensor is the first argument
    all.insert(all.end(), arguments, arguments + count + (keywords ? PyTuple_GET_SIZE(keywords) : 0));
    return PyObject_Vectorcall(usual, all.data(), static_cast<size_t>(count + 1), keywords);
  }

  static void install(py::class_<Tensor>& c, const char* name) {
    const py::object method = c.attr(name);  // in the wrapping that pybind11's metaclass keeps on
    usual = PyInstanceMethod_Check(method.ptr()) ? PyInstanceMethod_GET_FUNCTION(method.ptr()) : method.ptr();
    Py_INCREF(usual);
    explain_calls(usual);
    definition = redefined(usual, &call, signed_method(reinterpret_cast<PyCFunctionObject*>(usual)));
    c.attr(name) =
        py::reinterpret_steal<py::object>(PyDescr_NewMethod(reinterpret_cast<PyTypeObject*>(c.ptr()), &definition));
  }
};

}  // namespace pynn
