// Vectors of the ISA, for what plain loops do not reach: loading, storing, and transposing squares in registers.
//
// Compiled once per ISA. No std templates here: an inline symbol with wide instructions could win at link time.
#pragma once
#include <cstdint>
#include <cstring>

#include "kernels/math.h"

// What a register of the ISA holds, and what the kernels take for a vector: the same, unless the build says otherwise.
// GCC makes two halves of a vector that is wider than a register (`wide` in cmake/isa.cmake).
#if defined(__AVX512F__)
#define PYNN_REGISTER_BYTES 64
#elif defined(__AVX2__)
#define PYNN_REGISTER_BYTES 32
#else
#define PYNN_REGISTER_BYTES 16
#endif
#ifndef PYNN_VECTOR_BYTES
#define PYNN_VECTOR_BYTES PYNN_REGISTER_BYTES
#endif

namespace pynn::PYNN_ISA {
namespace {

constexpr int kVectorBytes = PYNN_VECTOR_BYTES;

template <class T>
struct VectorOf {
  typedef T type __attribute__((vector_size(kVectorBytes)));
};
template <class T>
using Vector = typename VectorOf<T>::type;
template <class T>
static constexpr int64_t kLanes = kVectorBytes / sizeof(T);

template <class T>
PYNN_FN Vector<T> load(const T* x) {
  Vector<T> v;
  memcpy(&v, x, sizeof v);
  return v;
}

template <class T>
PYNN_FN void store(T* y, Vector<T> v) {
  memcpy(y, &v, sizeof v);
}

// The same for a V that is a vector or a single number.
template <class V, class T>
PYNN_FN V load_as(const T* x) {
  V v;
  memcpy(&v, x, sizeof v);
  return v;
}

template <class V, class T>
PYNN_FN void store_as(T* y, V v) {
  memcpy(y, &v, sizeof v);
}

template <class T>
PYNN_FN Vector<T> splat(T x) {
  Vector<T> v;
  for (int64_t i = 0; i < kLanes<T>; ++i) v[i] = x;
  return v;
}

// Where a or b is NaN, for a V that is a vector or a single number: one comparison, which GCC does not find by itself.
template <class V>
PYNN_FN auto unordered(V a, V b) {
#if defined(__AVX2__) && PYNN_VECTOR_BYTES == 32
  if constexpr (__is_same(V, Vector<float>))
    return reinterpret_cast<Vector<int32_t>>(__builtin_ia32_cmpps256(a, b, 3));
  else if constexpr (__is_same(V, Vector<double>))
    return reinterpret_cast<Vector<int64_t>>(__builtin_ia32_cmppd256(a, b, 3));
  else
#endif
    return (a != a) | (b != b);
}

// Asks for n bytes at x, which need not exist.
PYNN_FN void prefetch(const void* x, int64_t n) {
  for (int64_t i = 0; i < n; i += 64) __builtin_prefetch(static_cast<const char*>(x) + i);
}

// Writes n elements, a multiple of a vector, past the caches: for results too large to be found there again. y is
// aligned to a vector.
template <class T>
PYNN_FN void stream(const T* x, T* y, int64_t n) {
#if defined(__SSE2__)
  using Register __attribute__((vector_size(PYNN_REGISTER_BYTES))) = float;
  for (int64_t i = 0; i < n; i += PYNN_REGISTER_BYTES / static_cast<int64_t>(sizeof(T))) {
    Register v;
    memcpy(&v, x + i, sizeof v);
    float* const to = reinterpret_cast<float*>(y + i);
#if PYNN_REGISTER_BYTES == 64
    __builtin_ia32_movntps512(to, v);
#elif PYNN_REGISTER_BYTES == 32
    __builtin_ia32_movntps256(to, v);
#else
    __builtin_ia32_movntps(to, v);
#endif
  }
#else
  memcpy(y, x, static_cast<size_t>(n) * sizeof(T));
#endif
}

// To be called after stream() by the thread that called it.
PYNN_FN void end_stream() {
#if defined(__SSE2__)
  __builtin_ia32_sfence();
#endif
}

// Range<0, 0, 1, ..., n - 1> is a base of Range<n>: how a function gets the lanes of a vector as constants.
template <int n, int... I>
struct Range : Range<n - 1, n - 1, I...> {};
template <int... I>
struct Range<0, I...> {};

// Of two rows of a square, `step` apart: exchanges the lanes of x whose number has the bit `step` with those of y that
// have not.
template <int step, class V, int... I>
PYNN_FN void exchange(V& x, V& y, Range<0, I...>) {
  constexpr int lanes = sizeof...(I);
  const V a = x, b = y;
  x = __builtin_shufflevector(a, b, ((I & step) ? lanes + I - step : I)...);
  y = __builtin_shufflevector(a, b, ((I & step) ? lanes + I : I + step)...);
}

// Transposes a square in registers: off-diagonal quarters change places, then those of each quarter.
template <int lanes, int step = lanes / 2, class V>
PYNN_FN void transpose(V (&x)[lanes]) {
#pragma GCC unroll 16
  for (int i = 0; i < lanes; ++i)
    if ((i & step) == 0) exchange<step>(x[i], x[i + step], Range<lanes>{});
  if constexpr (step > 1) transpose<lanes, step / 2>(x);
}

}  // namespace
}  // namespace pynn::PYNN_ISA
