// One step of an optimizer over flat arrays, in one pass. The formulas are in kernels/optimize.h.
//
// Averages that decay towards zero would become denormal: they are flushed to zero.
#include "kernels/optimize.h"

#include "kernels/cpu/denormal.h"
#include "kernels/cpu/fill.h"
#include "kernels/cpu/table.h"

namespace pynn::PYNN_ISA {
namespace {

// The optimizer is taken by value: no store to an array can change it, so its members stay in registers.
template <class T, class Optimizer, class... States>
void step_range(const Optimizer o, int64_t begin, int64_t end, T* w, const T* g, States... states) {
#pragma omp simd
  for (int64_t i = begin; i < end; ++i) Optimizer::step(o, i, w, g, states...);
}

template <class T, class Options>
void step(const Options& options, int64_t n, void* w, const void* g, void* const* s) {
  optimizers::choose<T>(options, s, [&](auto optimizer, auto... states) {
    ranges(n, kGrain, [&](int64_t begin, int64_t end) {
      const FlushDenormals flush;
      step_range(optimizer, begin, end, static_cast<T*>(w), static_cast<const T*>(g), states...);
    });
  });
}

template <class... Options>
PYNN_FN void fill(StepTable<Options...>& table) {
  ((table.OptimizerStep<Options>::by_type[dtype_index<float>] = step<float, Options>), ...);
  ((table.OptimizerStep<Options>::by_type[dtype_index<double>] = step<double, Options>), ...);
}

}  // namespace

void fill_optimize(Kernels& k) { fill(k.steps); }

}  // namespace pynn::PYNN_ISA
