#include "bindings/lists.h"

#include <string>

#include "bindings/convert.h"
#include "core/error.h"

namespace pynn {
namespace {

bool is_list(py::handle object) { return PyList_Check(object.ptr()) || PyTuple_Check(object.ptr()); }

std::string at(const std::string& path, size_t i) { return message(path, "[", std::to_string(i), "]"); }

std::string described(const std::string& path, const Dims& shape) {
  if (shape.size() == 0) return path + " is a number";
  if (shape.size() == 1)
    return message(path, " has ", std::to_string(shape[0]), shape[0] == 1 ? " element" : " elements");
  return message(path, " has shape ", str(shape));
}

// The shape of what stands at `path`.
Dims measured(py::handle object, const std::string& path) {
  if (!is_list(object)) {
    if (py::hasattr(object, "shape")) return to_shape(object.attr("shape"));
    return {};
  }
  Dims first;
  size_t i = 0;
  for (py::handle item : object) {
    const Dims shape = measured(item, at(path, i));
    if (i == 0) first = shape;
    if (shape != first)
      throw ShapeError(message("the nested lists are ragged: ", described(at(path, 0), first), ", ",
                               described(at(path, i), shape), "; every list of one depth needs the same length"));
    ++i;
  }
  first.insert(0, static_cast<int64_t>(i));
  return first;
}

void check(py::handle object, const std::string& path) {
  if (is_list(object)) {
    size_t i = 0;
    for (py::handle item : object) check(item, at(path, i++));
    return;
  }
  PyObject* p = object.ptr();
  if (PyFloat_Check(p) || py::hasattr(object, "dtype")) return;
  std::string shown = py::repr(object);
  if (shown.size() > 40) shown = shown.substr(0, 40) + "...";
  if (PyLong_Check(p)) {
    PyLong_AsUnsignedLongLong(p);
    const bool beyond = PyErr_Occurred() && PyObject_RichCompareBool(p, py::int_(0).ptr(), Py_GT) == 1;
    PyErr_Clear();
    int overflow = 0;
    PyLong_AsLongLongAndOverflow(p, &overflow);
    if (beyond || overflow < 0)
      throw ValueError(message("no integer type holds ", shown, ", which is at ", path, "; write it as a float"));
    return;
  }
  throw DtypeError(
      message("a tensor holds real numbers and booleans, but ", path, " is ", shown,
              PyUnicode_Check(p) ? "; number the names: numpy.unique(names, return_inverse=True)[1]" : ""));
}

}  // namespace

void ragged(py::handle lists) {
  measured(lists, "");
  throw ShapeError("the nested lists are ragged: every list of one depth needs the same length");
}

void check_elements(py::handle lists) { check(lists, ""); }

}  // namespace pynn
