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
  named(py::register_exception<DtypeError>(m, "DtypeError", PyExc_TypeError),
        "A data type that an operation is not defined for. Also a TypeError.");
  named(py::register_exception<DeviceError>(m, "DeviceError", PyExc_RuntimeError),
        "A device that is missing, failed, or is not where the other operands are. Also a RuntimeError.");
  named(py::register_exception<GradientError>(m, "GradientError", PyExc_RuntimeError),
        "The tape cannot give the gradient that was asked for. Also a RuntimeError.");
}

}  // namespace pynn
