#include <pybind11/stl.h>

#include "autograd/tape.h"
#include "bindings/bindings.h"
#include "bindings/convert.h"
#include "compute/elementwise.h"
#include "core/error.h"
#include "ops/elementwise.h"

namespace pynn {
namespace {

py::list gradients_of(const Tensor& target, const std::vector<Tensor>& sources, const std::optional<Tensor>& seed,
                      bool create_graph) {
  if (seed && seed->shape() != target.shape())
    throw ShapeError("gradients: the seed has shape " + str(seed->shape()) + ", the target " + str(target.shape()));
  const Tensor start =
      seed ? ops::astype(*seed, target.dtype()) : Tensor(compute::full(target.shape(), 1.0, target.dtype()));
  std::vector<Tensor> found;
  {
    const py::gil_scoped_release release;
    found = gradients(target, sources, start, create_graph);
  }
  py::list l;
  for (Tensor& g : found) l.append(g.defined() ? py::cast(std::move(g)) : py::none());
  return l;
}

}  // namespace

void bind_autograd(py::module_& m) {
  m.def("gradients", &gradients_of,
        "The gradients of <target, seed> with respect to each source; None where the target does not depend on it.\n\n"
        "Args:\n    seed: of target's shape; ones if None.\n"
        "    create_graph: record the gradients too, so that they can be differentiated.",
        py::arg("target"), py::arg("sources"), py::arg("seed") = py::none(), py::arg("create_graph") = false);
  m.def("set_recording", &set_recording, "Turns the tape on or off for this thread; returns what it was.",
        py::arg("on"), py::pos_only());
  m.def("recording", &recording, "Whether the tape is on for this thread.");
  m.def("tracked", &tracked, "Whether an operation on x would be recorded now.", py::arg("x"), py::pos_only());
  m.def("tape_depth", &open_tapes, "Adds to the number of open GradientTapes of this thread and returns it.",
        py::arg("change"), py::pos_only());
  m.def(
      "stop_gradient", [](const Operand& x) { return ops::stop_gradient(x.tensor()); },
      "The same values, through which no gradient flows.", py::arg("x"), py::pos_only());
}

}  // namespace pynn
