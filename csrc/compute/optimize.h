// One step of an optimizer, in place, over flat arrays.
#pragma once
#include "core/array.h"
#include "kernels/kernels.h"

namespace pynn::compute {

// w, g and the states are contiguous, of one shape and one floating type. A null state switches its feature off.
void sgd(const SgdOptions&, const Array& w, const Array& g, const Array* m);
void rmsprop(const RmspropOptions&, const Array& w, const Array& g, const Array& v, const Array* m,
             const Array* average);
void adagrad(const AdagradOptions&, const Array& w, const Array& g, const Array& v);
void adam(const AdamOptions&, const Array& w, const Array& g, const Array& m, const Array& v, const Array* v_max);

}  // namespace pynn::compute
