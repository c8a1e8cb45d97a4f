// What sorts compare: one unsigned integer for a value of any type, for every backend.
#pragma once
#include "kernels/types.h"

namespace pynn::PYNN_ISA {
namespace {

// Values are compared as keys: unsigned integers of the same size, at least 32 bits, in the order that is asked for.
template <int Bytes>
struct KeyType {
  using type = uint32_t;
};
template <>
struct KeyType<8> {
  using type = uint64_t;
};
template <class T>
using Key = typename KeyType<sizeof(T)>::type;

template <class T>
PYNN_FN Key<T> key(T x, bool descending) {
  using U = Key<T>;
  constexpr U sign = U(1) << (8 * sizeof(U) - 1);
  U k;
  if constexpr ((type_bit<T>() & kFloats) != 0) {
    // Read as integers, positive floats are in order, and negative ones in reverse. -0 and 0 are equal, NaN is last.
    memcpy(&k, &x, sizeof x);
    k = x == T(0) ? sign : ((k & sign) != 0 ? ~k : k | sign);
    if (x != x) return ~U(0);
  } else {
    k = T(-1) < T(0) ? static_cast<U>(x) ^ sign : static_cast<U>(x);
  }
  return descending ? ~k : k;
}

}  // namespace
}  // namespace pynn::PYNN_ISA
