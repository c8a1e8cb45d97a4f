// The conversion of one element from any type to any other, for every backend.
#pragma once
#include "kernels/types.h"

namespace pynn::PYNN_ISA {
namespace {

// Half-precision formats are read and written through float32, rounding to nearest even.
PYNN_FN float widen(BFloat16 x) { return math::from_bits(static_cast<int32_t>(uint32_t{x.bits} << 16)); }
PYNN_FN float widen(Float16 x) {
  const uint32_t magnitude = x.bits & 0x7fff, sign = uint32_t{x.bits & 0x8000u} << 16;
  // The exponent of a normal number moves by 112; that of inf and NaN to the top; a subnormal is an integer / 2**24.
  const float normal = math::from_bits(static_cast<int32_t>((magnitude << 13) + (112u << 23)));
  const float special = math::from_bits(static_cast<int32_t>((magnitude << 13) | 0x7f800000u));
  const float subnormal = static_cast<float>(static_cast<int32_t>(magnitude)) * 5.9604644775390625e-8f;
  const float y = magnitude >= 0x7c00 ? special : (magnitude < 0x0400 ? subnormal : normal);
  return math::from_bits(math::to_bits(y) | static_cast<int32_t>(sign));
}
template <class T>
PYNN_FN T widen(T x) {
  return x;
}

PYNN_FN BFloat16 narrow_bfloat16(float x) {
  const uint32_t bits = static_cast<uint32_t>(math::to_bits(x));
  const uint32_t rounded = bits + 0x7fff + ((bits >> 16) & 1);
  return {static_cast<uint16_t>((x != x ? bits | 0x00400000u : rounded) >> 16)};
}
PYNN_FN Float16 narrow_float16(float x) {
  const uint32_t bits = static_cast<uint32_t>(math::to_bits(x)), sign = (bits >> 16) & 0x8000u, a = bits & 0x7fffffffu;
  // Normal result: the exponent moves by 112 and the mantissa is rounded at bit 13. Subnormal result: adding 1/2
  // leaves the mantissa, rounded by the addition itself, in the low bits. 65520 and above round to infinity.
  const uint32_t normal = (a - (112u << 23) + 0x0fff + ((a >> 13) & 1)) >> 13;
  const uint32_t subnormal =
      static_cast<uint32_t>(math::to_bits(math::from_bits(static_cast<int32_t>(a)) + 0.5f)) - 0x3f000000u;
  const uint32_t finite = a < 0x38800000u ? subnormal : normal;
  const uint32_t y = a > 0x7f800000u ? 0x7e00u : (a >= 0x477ff000u ? 0x7c00u : finite);
  return {static_cast<uint16_t>(y | sign)};
}

// To an integer type from a float: toward zero; what does not fit saturates, NaN becomes 0 (C++ leaves both undefined).
template <class To, class From>
PYNN_FN To to_integer(From x) {
  constexpr bool is_signed = To(-1) < To(0);
  constexpr int bits = 8 * sizeof(To);
  constexpr To most = is_signed ? To((uint64_t{1} << (bits - 1)) - 1) : To(-1);
  constexpr To least = is_signed ? To(~most) : To(0);
  // 2**(bits - 1) or 2**bits: exact in either float, and the first value that does not fit.
  constexpr From end = From(uint64_t{1} << (bits - 1)) * From(is_signed ? 1 : 2);
  const bool above = x >= end, below = x <= (is_signed ? -end : From(-1)), nan = x != x;
  const To y = static_cast<To>(above || below || nan ? From(0) : x);
  return above ? most : (below ? least : y);
}

template <class To, class From>
PYNN_FN To convert(From from) {
  const auto x = widen(from);
  using X = decltype(widen(from));
  if constexpr (__is_same(To, From))
    return from;
  else if constexpr (__is_same(To, bool))
    return x != X(0);
  else if constexpr (__is_same(To, BFloat16))
    return narrow_bfloat16(static_cast<float>(x));
  else if constexpr (__is_same(To, Float16))
    return narrow_float16(static_cast<float>(x));
  else if constexpr ((type_bit<To>() & kIntegers) && (type_bit<X>() & kFloats))
    return to_integer<To>(x);
  else
    return static_cast<To>(x);
}

// Calls f(T{}) for every type that a tensor can have.
template <class F>
inline __attribute__((always_inline)) void for_all_types(F f) {
  for_types<kAll>(f);
  f(Float16{}), f(BFloat16{});
}

}  // namespace
}  // namespace pynn::PYNN_ISA
