// What the machine can do at most, with the kernels and threads that are set. For benchmarks.
#pragma once
#include "core/array.h"

namespace pynn::compute {

// Runs multiply-adds on registers, `iterations` rounds of them. Returns the number of operations, two for each.
double fma_peak(int64_t iterations, Dtype);

// Copies x into y `repeats` times, each thread its own part of them. Both contiguous, of one size and type.
void copy_peak(const Array& x, const Array& y, int64_t repeats);

}  // namespace pynn::compute
