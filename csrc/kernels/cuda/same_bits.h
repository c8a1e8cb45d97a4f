// Which functions need not know a type, only its size: integers with and without a sign are added, multiplied and
// compared for equality by the same kernels, and copies move bits of any meaning. nvcc's time goes with the number of
// kernels.
#pragma once
#include <type_traits>

#include "kernels/convert.h"
#include "kernels/elementwise.h"

namespace pynn::cuda {
namespace {

template <class T>
constexpr bool is_integer = std::is_integral_v<T> && !std::is_same_v<T, bool>;

// Of a size in bytes.
template <int Bytes>
using Bits =
    std::conditional_t<Bytes == 1, uint8_t,
                       std::conditional_t<Bytes == 2, uint16_t, std::conditional_t<Bytes == 4, uint32_t, uint64_t>>>;

template <class T>
using WithoutSign = std::conditional_t<is_integer<T>, Bits<sizeof(T)>, T>;

template <class Op, class... Some>
constexpr bool is_one_of() {
  return (__is_same(Op, Some) || ...);
}

// Rows whose integers give the same bits with and without a sign.
template <class Op>
constexpr bool ignores_sign = is_one_of<Op, Negative, Square, Add, Subtract, Multiply, SquaredDifference, Equal,
                                        NotEqual, BitwiseInvert, BitwiseAnd, BitwiseOr, BitwiseXor, BitwiseLeftShift>();

// The type with which a row is compiled for T.
template <class Op, class T>
using RowType = std::conditional_t<ignores_sign<Op>, WithoutSign<T>, T>;

// The types with which a conversion is compiled. Of an integer's low bits its sign has no part; it decides those that a
// wider type adds.
template <class From, class To>
struct CastTypes {
  static constexpr bool same = std::is_same_v<From, To>;
  static constexpr bool narrows = is_integer<From> && is_integer<To> && sizeof(To) <= sizeof(From);
  using from = std::conditional_t<same, Bits<sizeof(From)>, std::conditional_t<narrows, WithoutSign<From>, From>>;
  using to =
      std::conditional_t<same, Bits<sizeof(To)>, std::conditional_t<std::is_integral_v<From>, WithoutSign<To>, To>>;
};

}  // namespace
}  // namespace pynn::cuda
