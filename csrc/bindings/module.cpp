#include "bindings/bindings.h"

PYBIND11_MODULE(_core, m) {
  using namespace pynn;
  m.doc() = "Tensors, operations and the tape of pynn, in C++.";
  bind_errors(m);
  bind_dtype(m);
  bind_tensor(m);
  bind_operators(m);
  bind_creation(m);
  bind_elementwise(m);
  bind_reduce(m);
  bind_shape(m);
  bind_index(m);
  bind_linear(m);
  bind_loss(m);
  bind_random(m);
  bind_autograd(m);
  bind_optimize(m);
  bind_config(m);
}
