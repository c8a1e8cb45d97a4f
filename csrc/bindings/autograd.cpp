#include <pybind11/stl.h>

#include <memory>

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
  const Tensor start = seed ? ops::astype(*seed, target.dtype())
                            : Tensor(compute::full(target.shape(), 1.0, target.dtype(), target.device()));
  std::vector<Tensor> found;
  {
    const py::gil_scoped_release release;
    found = gradients(target, sources, start, create_graph);
  }
  py::list l;
  for (Tensor& g : found) l.append(g.defined() ? py::cast(std::move(g)) : py::none());
  return l;
}

// What a Python function says of the gradients of an operation. It returns those of all inputs at once, the walk asks
// for them one by one, in order: it is called where the order starts anew.
class Derivatives {
 public:
  explicit Derivatives(py::object f) : f_(std::move(f)) {}
  ~Derivatives() {
    const py::gil_scoped_acquire acquire;
    f_ = py::object();
    found_ = py::tuple();
  }
  Derivatives(const Derivatives&) = delete;
  Derivatives& operator=(const Derivatives&) = delete;

  Tensor operator()(const Tensor& g, int i, const Shape& shape, Dtype dtype, Device device) {
    const py::gil_scoped_acquire acquire;
    if (i <= last_) found_ = gradients(g);
    last_ = i;
    if (static_cast<size_t>(i) >= found_.size())
      throw ValueError("custom_gradient: the gradient function returned " + std::to_string(found_.size()) +
                       " gradients, the function has more arguments");
    if (found_[i].is_none()) return Tensor(compute::full(shape, 0.0, dtype, device));
    Tensor d = to_tensor(found_[i], std::nullopt, false);
    if (d.shape() != shape)
      throw ShapeError("custom_gradient: a gradient has shape " + str(d.shape()) + ", its argument " + str(shape));
    return ops::astype(d, dtype);
  }

 private:
  py::tuple gradients(const Tensor& g) const {
    const py::object found = f_(g);
    if (py::isinstance<py::tuple>(found) || py::isinstance<py::list>(found)) return py::tuple(found);
    return py::make_tuple(found);
  }
  py::object f_;
  py::tuple found_;
  int last_ = 1 << 30;  // above any input, so that the first question calls
};

Tensor with_gradient(const Tensor& value, const std::vector<Tensor>& inputs, const py::object& f) {
  const auto derivatives = std::make_shared<Derivatives>(f);
  std::vector<std::tuple<Shape, Dtype, Device>> kinds;
  for (const Tensor& x : inputs) kinds.emplace_back(x.shape(), x.dtype(), x.device());
  return record_many("custom_gradient", value.array, inputs, [derivatives, kinds](const Tensor& g, int i) {
    const auto& [shape, dtype, device] = kinds[static_cast<size_t>(i)];
    return (*derivatives)(g, i, shape, dtype, device);
  });
}

// The glimpses of one operation's operands, each with the address of its elements; None where there is none.
py::list operands_of(const Node& n) {
  py::list l;
  for (size_t i = 0; i < n.inputs().size(); ++i) l.append(py::none());
  for (const Glimpse* seen = n.operands.get(); seen; seen = seen->next.get())
    l[static_cast<size_t>(seen->operand)] =
        py::make_tuple(Tensor(seen->array()), reinterpret_cast<uintptr_t>(seen->address));
  return l;
}

py::list tape_of(const Tensor& target) {
  py::list l;
  for (Station& s : stations(target, Tensor(compute::full(target.shape(), 1.0, target.dtype(), target.device())))) {
    py::list inputs;
    for (const NodeRef& from : s.node->inputs()) inputs.append(from ? py::cast(from->id) : py::none());
    l.append(py::make_tuple(s.node->id, s.node->op, inputs, operands_of(*s.node.get()), std::move(s.gradient)));
  }
  return l;
}

}  // namespace

void bind_autograd(py::module_& m) {
  m.def("gradients", &gradients_of,
        "The gradients of <target, seed> with respect to each source; None where the target does not depend on it.\n\n"
        "Args:\n    seed: of target's shape; ones if None.\n"
        "    create_graph: record the gradients too, so that they can be differentiated.",
        py::arg("target"), py::arg("sources"), py::arg("seed") = py::none(), py::arg("create_graph") = false);
  m.def("with_gradient", &with_gradient,
        "The values, as a function of the inputs whose gradients are what f returns for the gradient of the value.\n\n"
        "Args:\n    value: computed outside the tape.\n    inputs: the tensors that it depends on.\n"
        "    f: takes the gradient of value; returns that of the input, or a list of one for each; None is 0.",
        py::arg("value"), py::arg("inputs"), py::arg("f"));
  m.def("tape", &tape_of,
        "What the tape holds of the target, latest first: one tuple for each leaf and operation, of its number, its\n"
        "name, the numbers of its inputs (None: a constant), its operands and the gradient of the target's sum.\n\n"
        "An operand is the tensor as it was and the address of its elements, or None where it was large.",
        py::arg("target"), py::pos_only());
  m.def(
      "node_number", [](const Tensor& x) { return x.node ? x.node->id : 0; },
      "The number of the tape's record of x; 0 where x is untracked.", py::arg("x"), py::pos_only());
  m.def(
      "address", [](const Tensor& x) { return reinterpret_cast<uintptr_t>(x.array.data()); },
      "Where the elements of x begin in memory.", py::arg("x"), py::pos_only());
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
