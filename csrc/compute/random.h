// Random arrays: functions of a key and a counter.
#pragma once
#include "core/array.h"
#include "kernels/kernels.h"

namespace pynn::compute {

enum class Distribution { uniform, normal, bernoulli };

// draw.a and draw.b as RandomDraw says for each distribution; dtype float32 or float64.
Array random(Distribution, const RandomDraw&, const Shape&, Dtype, Device = {});
// int64 in [low, low + range); range 0 stands for 2**64.
Array random_integers(const RandomDraw&, int64_t low, uint64_t range, const Shape&, Device = {});
// How many counter values a draw of n elements uses up.
uint64_t counters_used(int64_t n, Dtype);

}  // namespace pynn::compute
