#include <set>
#include <string>

#include "bindings/bindings.h"
#include "bindings/calls.h"

namespace {

// What `from pynn._core import *` gives: all but the machinery that the Python floors stand on.
void name_public(pybind11::module_& m) {
  const std::set<std::string> machinery = {
      "Chain",       "ChainStep",     "Update",      "Generator",   "cross",     "diagonal",     "accumulate_mean",
      "adadelta",    "adagrad",       "adam",        "adamax",      "address",   "alike",        "are_classes",
      "assign_each", "class_matches", "ftrl",        "global_norm", "gradients", "isa",          "isas",
      "lion",        "nadam",         "node_number", "recording",   "rmsprop",   "running_mean", "set_recording",
      "sgd",         "tape",          "tape_depth",  "tracked",     "use_isa",   "take_rows",    "zero_each"};
  pybind11::list names;
  for (pybind11::handle item : m.attr("__dict__")) {
    const std::string name = pybind11::str(item);
    if (name[0] != '_' && !machinery.contains(name)) names.append(name);
  }
  m.attr("__all__") = names;
}

}  // namespace

PYBIND11_MODULE(_core, m) {
  using namespace pynn;
  m.doc() = "Tensors, operations and the tape of pynn, in C++.";
  bind_errors(m);
  bind_dtype(m);
  bind_tensor(m);
  bind_copying(m);
  bind_buffer(m);
  bind_dlpack(m);
  bind_printing(m);
  bind_operators(m);
  bind_creation(m);
  bind_elementwise(m);
  bind_reduce(m);
  bind_shape(m);
  bind_index(m);
  bind_linear(m);
  bind_conv(m);
  bind_loss(m);
  bind_training(m);
  bind_random(m);
  bind_autograd(m);
  bind_optimize(m);
  bind_chain(m);
  bind_peak(m);
  bind_config(m);
  bind_device(m);
  explain_all_calls(m);
  name_public(m);
}
