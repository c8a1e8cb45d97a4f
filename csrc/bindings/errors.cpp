#include "bindings/bindings.h"
#include "core/error.h"

namespace pynn {

namespace py = pybind11;

void bind_errors(py::module_& m) {
  const auto named = [](const py::object& error, const char* doc) {
    error.attr("__module__") = "pynn";
    error.attr("__doc__") = doc;
  };
  named(py::register_exception<ShapeError>(m, "ShapeError", PyExc_ValueError),
        "Shapes that do not fit together. Also a ValueError.");
  // After its base, since the newest is asked first whether it knows an exception.
  const py::object bases = py::make_tuple(m.attr("ShapeError"), py::reinterpret_borrow<py::object>(PyExc_IndexError));
  named(py::register_exception<AxisError>(m, "AxisError", bases),
        "An axis that a tensor does not have. Also a ShapeError and an IndexError.");
  named(py::register_exception<DtypeError>(m, "DtypeError", PyExc_TypeError),
        "A data type that an operation is not defined for. Also a TypeError.");
  named(py::register_exception<DeviceError>(m, "DeviceError", PyExc_RuntimeError),
        "A device that is missing, failed, or is not where the other operands are. Also a RuntimeError.");
  named(py::register_exception<GradientError>(m, "GradientError", PyExc_RuntimeError),
        "The tape cannot give the gradient that was asked for. Also a RuntimeError.");
}

}  // namespace pynn
