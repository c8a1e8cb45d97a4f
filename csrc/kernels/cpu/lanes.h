// Vectors of 64-bit lanes with the product of two 32-bit numbers: the one instruction that Philox lives on. From a
// plain loop GCC makes it with ten shuffles around it, and the generator runs at less than half the speed.
#pragma once
#include "kernels/math.h"
#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace pynn::PYNN_ISA {
namespace {

#if defined(__AVX512F__)
constexpr int64_t kLaneBytes = 64;
#elif defined(__AVX2__)
constexpr int64_t kLaneBytes = 32;
#else
constexpr int64_t kLaneBytes = 16;
#endif
constexpr int64_t kCounterLanes = kLaneBytes / 8;
using Lanes = uint64_t __attribute__((vector_size(kLaneBytes)));

// In each lane the product of the lower 32 bits of a and b. The upper bits may be anything.
PYNN_FN Lanes product(Lanes a, Lanes b) {
#if defined(__AVX512F__)
  // The form without a mask makes GCC 12 warn of a value that is not initialised. A mask of ones costs nothing.
  return reinterpret_cast<Lanes>(
      _mm512_maskz_mul_epu32(0xff, reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(b)));
#elif defined(__AVX2__)
  return reinterpret_cast<Lanes>(_mm256_mul_epu32(reinterpret_cast<__m256i>(a), reinterpret_cast<__m256i>(b)));
#elif defined(__SSE2__)
  return reinterpret_cast<Lanes>(_mm_mul_epu32(reinterpret_cast<__m128i>(a), reinterpret_cast<__m128i>(b)));
#else
  return (a & 0xffffffffu) * (b & 0xffffffffu);
#endif
}

}  // namespace
}  // namespace pynn::PYNN_ISA
