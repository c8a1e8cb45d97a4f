// Totals: what the folded blocks of a reduction are added into, in the order of the blocks. A total has
//   Fold              how elements become a block's value
//   Result            the type of the reduction's result
//   kRows             how many rows a reduction over columns folds into one block
//   start()           nothing was added yet
//   add(x, at)        one block's value, and the position of its first element
//   merge(next)       the total of the positions that follow
//   result(x, row)    the reduction's value; where one axis is reduced, it is `row` and starts at x
// No constructors: arrays of them stand on the stack without being initialised.
#pragma once
#include "kernels/cpu/fold.h"

namespace pynn::PYNN_ISA {
namespace {

// An axis of n steps.
struct Axis {
  int64_t n, step_x, step_y;
};

// For sums a chain of 32 additions, since fold_columns takes four rows at once.
constexpr int64_t kSumRows = 128;

// For operations that a longer chain does not harm.
template <class Op>
struct PlainTotal {
  using Fold = Op;
  using T = typename Op::T;
  using Result = T;
  static constexpr int64_t kRows = kSumRows;
  T value;

  void start() { value = Op::identity; }
  void add(T x, int64_t) { value = Op::template combine<T>(value, x); }
  void merge(const PlainTotal& next) { add(next.value, 0); }
  T result(const T*, const Axis&) const { return value; }
};

// float32: blocks are added in double.
struct WideTotal {
  using Fold = Sum<float>;
  using Result = float;
  static constexpr int64_t kRows = kSumRows;
  double value;

  void start() { value = 0; }
  void add(float x, int64_t) { value += static_cast<double>(x); }
  void merge(const WideTotal& next) { value += next.value; }
  float result(const float*, const Axis&) const { return static_cast<float>(value); }
};

// float64: blocks are added with compensation. What an addition rounds away is known exactly (Knuth's two-sum) and is
// summed beside the sum.
struct CompensatedTotal {
  using Fold = Sum<double>;
  using Result = double;
  static constexpr int64_t kRows = kSumRows;
  double value, lost;

  void start() { value = lost = 0; }
  void add(double x, int64_t) {
    const double sum = value + x, added = sum - value;
    lost += (value - (sum - added)) + (x - added);
    value = sum;
  }
  void merge(const CompensatedTotal& next) {
    add(next.value, 0);
    lost += next.lost;
  }
  // Beside an infinite sum there is nothing to make good: what was lost is then NaN.
  double result(const double*, const Axis&) const { return value - value == 0 ? value + lost : value; }
};

template <class T>
struct SumTotalOf {
  using type = PlainTotal<Sum<T>>;
};
template <>
struct SumTotalOf<float> {
  using type = WideTotal;
};
template <>
struct SumTotalOf<double> {
  using type = CompensatedTotal;
};
template <class T>
using SumTotal = typename SumTotalOf<T>::type;

// argmax and argmin: the extreme value (Op is Max or Min) and the block where it stood first; only that block is
// searched for the place. Keeping an index for every element would cost as much again as comparing it.
template <class Op>
struct PlaceTotal {
  using Fold = Op;
  using T = typename Op::T;
  using Result = int64_t;
  static constexpr int64_t kRows = 32;  // the search jumps from row to row, a cache line each, so blocks are short
  T value;
  int64_t block;  // -1 before the first

  void start() { block = -1; }
  // Equal values leave the earlier place, and NaN, which no comparison beats, the first NaN.
  void add(T x, int64_t at) {
    const bool wins = Op::template combine<T>(value, x) != value && value == value;
    if (block < 0 || wins) value = x, block = at;
  }
  void merge(const PlaceTotal& next) { add(next.value, next.block); }
  int64_t result(const T* x, const Axis& row) const {
    int64_t i = block;
    if (value != value) {
      while (x[i * row.step_x] == x[i * row.step_x]) ++i;
      return i;
    }
    if (row.step_x == 1) i = skip(x, i, row.n);
    while (x[i * row.step_x] != value) ++i;
    return i;
  }

  // Past those elements from i on that vectors show not to be the value, four vectors at a time.
  int64_t skip(const T* x, int64_t i, int64_t n) const {
    constexpr int64_t L = kLanes<T>;
    const Vector<T> v = splat(value);
    for (; i + 4 * L <= n; i += 4 * L) {
      const T* at = x + i;
      const auto found = (load(at) == v) | (load(at + L) == v) | (load(at + 2 * L) == v) | (load(at + 3 * L) == v);
      if (any(found)) break;
    }
    return i;
  }

  // Whether any lane of a mask is set.
  template <class V>
  PYNN_FN bool any(V mask) {
    uint64_t word[sizeof(V) / 8], set = 0;
    memcpy(word, &mask, sizeof mask);
    for (uint64_t w : word) set |= w;
    return set != 0;
  }
};

}  // namespace
}  // namespace pynn::PYNN_ISA
