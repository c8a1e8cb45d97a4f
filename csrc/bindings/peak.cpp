#include "compute/peak.h"

#include "bindings/bindings.h"
#include "bindings/convert.h"

namespace pynn {

void bind_peak(py::module_& m) {
  m.def(
      "_fma",
      [](int64_t iterations, Dtype dtype) {
        const py::gil_scoped_release unlocked;
        return compute::fma_peak(iterations, dtype);
      },
      "Does multiply-adds in registers, on all threads, and returns how many operations that were, two for each.",
      py::arg("iterations"), py::arg("dtype"), py::pos_only());
  m.def(
      "_copy",
      [](const Tensor& x, const Tensor& y, int64_t repeats) {
        const py::gil_scoped_release unlocked;
        compute::copy_peak(x.array, y.array, repeats);
      },
      "Copies x into y over and over, each thread its own part: the bandwidth of that much memory.", py::arg("x"),
      py::arg("y"), py::arg("repeats"), py::pos_only());
}

}  // namespace pynn
