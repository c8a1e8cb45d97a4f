// What follows a product while its results are in registers: the bias and a frequent activation. Others are maps of
// their own, over the results in memory.
#pragma once
#include "kernels/cuda/launch.h"
#include "kernels/elementwise.h"
#include "kernels/types.h"

namespace pynn::cuda {
namespace {

enum class Fused : int64_t { none, relu, sigmoid, tanh, silu, gelu };

template <class T>
struct Epilogue {
  const T* bias;  // or null
  Fused fused;

  __device__ __forceinline__ T apply(T sum, int64_t column) const {
    if (bias) sum += bias[column];
    if constexpr (type_bit<T>() == kFloats) {
      switch (fused) {
        case Fused::none: break;
        case Fused::relu: return Relu::f(sum);
        case Fused::sigmoid: return Sigmoid::f(sum);
        case Fused::tanh: return Tanh::f(sum);
        case Fused::silu: return Silu::f(sum);
        case Fused::gelu: return Gelu::f(sum);
      }
    }
    return sum;
  }
};

// An activation is an entry of unary_row; those that are fused are known by it.
template <class T>
Fused fused_of(RowFn activation) {
  const auto is = [&](int id) { return activation == kernels().unary_row[id][dtype_index<T>]; };
  if (!activation) return Fused::none;
  if (is(unary_id<Relu>)) return Fused::relu;
  if (is(unary_id<Sigmoid>)) return Fused::sigmoid;
  if (is(unary_id<Tanh>)) return Fused::tanh;
  if (is(unary_id<Silu>)) return Fused::silu;
  if (is(unary_id<Gelu>)) return Fused::gelu;
  return Fused::none;
}

template <class T>
Epilogue<T> epilogue_of(const void* bias, RowFn activation) {
  return {static_cast<const T*>(bias), type_bit<T>() == kFloats ? fused_of<T>(activation) : Fused::none};
}

// Maps n contiguous results where the activation was not fused.
template <class T>
void finish(const Epilogue<T>& epilogue, RowFn activation, T* y, int64_t n) {
  void* const operands[] = {y, y};
  if (activation && epilogue.fused == Fused::none && n > 0) activation(operands, n);
}

}  // namespace
}  // namespace pynn::cuda
