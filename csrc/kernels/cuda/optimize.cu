// One step of an optimizer over flat arrays, in one launch. The formulas are in kernels/optimize.h.
#include "kernels/cuda/fill.h"
#include "kernels/cuda/launch.h"
#include "kernels/optimize.h"
#include "kernels/types.h"

namespace pynn::cuda {
namespace {

template <class T, class Optimizer, class... States>
__global__ void __launch_bounds__(kThreads, kResident)
    step_each(int64_t n, Optimizer optimizer, T* w, const T* g, States... states) {
  for (int64_t i = thread_index(); i < n; i += grid_threads()) Optimizer::step(optimizer, i, w, g, states...);
}

template <class T, class Options>
void step(const Options& options, int64_t n, void* w, const void* g, void* const* s) {
  if (n == 0) return;
  optimizers::choose<T>(options, s, [&](auto optimizer, auto... states) {
    launch(blocks_for(n), kThreads, step_each<T, decltype(optimizer), decltype(states)...>, n, optimizer,
           static_cast<T*>(w), static_cast<const T*>(g), states...);
  });
}

template <class... Options>
void fill(StepTable<Options...>& table) {
  ((table.OptimizerStep<Options>::by_type[dtype_index<float>] = step<float, Options>), ...);
  ((table.OptimizerStep<Options>::by_type[dtype_index<double>] = step<double, Options>), ...);
}

}  // namespace

void fill_optimize(Kernels& k) { fill(k.steps); }

}  // namespace pynn::cuda
