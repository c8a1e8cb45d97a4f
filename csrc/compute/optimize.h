// One step of an optimizer, in place, over flat arrays.
#pragma once
#include <initializer_list>

#include "compute/dispatch.h"
#include "core/array.h"
#include "kernels/kernels.h"

namespace pynn::compute {

// Throws unless every array has w's shape and type, lies in order and, but for the gradient, can be written.
void check_step(const char* op, const Array& w, const Array& g, std::initializer_list<const Array*> states);

// w, g and the states are contiguous, of one shape and one floating type. A null state switches its feature off.
template <class Options>
void step(const Options& options, const Array& w, const Array& g, std::initializer_list<const Array*> states) {
  check_step(Options::name, w, g, states);
  void* data[3] = {};
  int count = 0;
  for (const Array* state : states) data[count++] = state ? state->data() : nullptr;
  for (const Array* state : states)
    if (state) kernels(Options::name, w, *state);
  const OptimizerStep<Options>& steps = kernels(Options::name, w, g).steps;
  require(steps.by_type[static_cast<int>(w.dtype)], Options::name, w.dtype)(options, w.size(), w.data(), g.data(),
                                                                            data);
  finished(Options::name, w);
  w.storage->changed();
}

}  // namespace pynn::compute
