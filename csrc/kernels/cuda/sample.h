// Which rows and types are compiled. All, but for the checks under sanitizers (PYNN_CUDA_SAMPLE): there a few stand for
// the others, which differ in their formulas only.
#pragma once
#include "kernels/cuda/launch.h"
#include "kernels/cuda/same_bits.h"

namespace pynn::cuda {
namespace {

template <class Op>
constexpr bool is_compiled = !kSample || is_one_of<Op, Negative, Exp, Relu, Gelu, Softplus, Isnan, LogicalNot, Add,
                                                   FloorDivide, Huber, Less, LogicalXor, BitwiseLeftShift, Clip>();

template <class T>
constexpr bool is_compiled_type = !kSample || is_one_of<T, bool, int8_t, int64_t, Float16, float, double>();

// Calls f(T{}) for each C++ type of `Set` that is compiled.
template <Types Set, class F>
void for_compiled_types(F f) {
  for_types<Set>([&](auto t) {
    if constexpr (is_compiled_type<decltype(t)>) f(t);
  });
}
template <class F>
void for_all_compiled_types(F f) {
  for_all_types([&](auto t) {
    if constexpr (is_compiled_type<decltype(t)>) f(t);
  });
}

}  // namespace
}  // namespace pynn::cuda
