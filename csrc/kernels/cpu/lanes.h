// Vectors of 64-bit lanes with the product of two 32-bit numbers: the one instruction that Philox lives on. From a
// plain loop GCC makes it with ten shuffles around it, and the generator runs at less than half the speed.
#pragma once
#include "kernels/cpu/vector.h"
#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace pynn::PYNN_ISA {
namespace {

constexpr int64_t kCounterLanes = kLanes<uint64_t>;
using Lanes = Vector<uint64_t>;

// In each lane the product of the lower 32 bits of a and b. The upper bits may be anything.
PYNN_FN Lanes product(Lanes a, Lanes b) {
#if PYNN_VECTOR_BYTES > PYNN_REGISTER_BYTES
  return (a & 0xffffffffu) * (b & 0xffffffffu);
#elif defined(__AVX512F__)
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
