// From a row's set of types to code for each of them, for every backend.
#pragma once
#include "core/dtype.h"
#include "kernels/row.h"

namespace pynn::PYNN_ISA {
namespace {

template <class T>
constexpr Types type_bit() {
  if (__is_same(T, bool)) return kBoolean;
  if (__is_same(T, float) || __is_same(T, double)) return kFloats;
  return T(-1) < T(0) ? kSigned : kUnsigned;
}

// Calls f(T{}) for each C++ type of `Set`.
template <Types Set, class F>
inline __attribute__((always_inline)) void for_types(F f) {
  auto one = [&](auto t) {
    if constexpr ((type_bit<decltype(t)>() & Set) != 0) f(t);
  };
  one(bool{});
  one(int8_t{}), one(int16_t{}), one(int32_t{}), one(int64_t{});
  one(uint8_t{}), one(uint16_t{}), one(uint32_t{}), one(uint64_t{});
  one(float{}), one(double{});
}

template <class T>
static constexpr int dtype_index = static_cast<int>(DtypeOf<T>::value);

}  // namespace
}  // namespace pynn::PYNN_ISA
