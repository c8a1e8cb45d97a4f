// Folding a contiguous row into one value with vectors: what reductions and softmax are made of.
//
// An operation has a type T, an identity and combine(a, x), one text for scalars and vectors. A row is folded in
// several vectors at once, so in no particular order. Sums of floats are folded in blocks of kFoldBlock elements, where
// rounding stays small; the blocks' sums go into totals that are wider (totals.h).
#pragma once
#include "kernels/cpu/table.h"

namespace pynn::PYNN_ISA {
namespace {

template <class T>
static constexpr bool kIsFloat = type_bit<T>() == kFloats;

// The largest and the smallest value of a type, infinities included.
template <class T>
constexpr T highest() {
  if constexpr (kIsFloat<T>)
    return T(__builtin_inff());
  else
    return T(-1) < T(0) ? T((uint64_t{1} << (8 * sizeof(T) - 1)) - 1) : T(-1);
}
template <class T>
constexpr T lowest() {
  if constexpr (kIsFloat<T>)
    return T(-__builtin_inff());
  else
    return T(~highest<T>());
}

template <class Type>
struct Sum {
  using T = Type;
  static constexpr T identity = 0;
  template <class V> PYNN_FN V combine(V a, V x) { return a + x; }
};

template <class Type>
struct Prod {
  using T = Type;
  static constexpr T identity = 1;
  template <class V> PYNN_FN V combine(V a, V x) { return a * x; }
};

// NaN wins: it is taken when it comes (x != x), and no comparison takes it away. That is so many instructions for each
// vector that the processor looks less far ahead in memory than it does for a sum. `better` alone is one instruction:
// the better of two numbers, y where one of them is NaN.
template <class Type>
struct Max {
  using T = Type;
  static constexpr T identity = lowest<T>();
  template <class V> PYNN_FN V better(V x, V y) { return x > y ? x : y; }
  template <class V> PYNN_FN V combine(V a, V x) {
    const V y = better(x, a);
    if constexpr (kIsFloat<T>)
      return x != x ? x : y;
    else
      return y;
  }
};
template <class Type>
struct Min {
  using T = Type;
  static constexpr T identity = highest<T>();
  template <class V> PYNN_FN V better(V x, V y) { return x < y ? x : y; }
  template <class V> PYNN_FN V combine(V a, V x) {
    const V y = better(x, a);
    if constexpr (kIsFloat<T>)
      return x != x ? x : y;
    else
      return y;
  }
};

// Booleans are bytes of 0 and 1.
struct Any {
  using T = uint8_t;
  static constexpr T identity = 0;
  template <class V> PYNN_FN V combine(V a, V x) { return a | x; }
};
struct All {
  using T = uint8_t;
  static constexpr T identity = 1;
  template <class V> PYNN_FN V combine(V a, V x) { return a & x; }
};

// Bytes that a row is asked for ahead of where it is folded.
template <class Op>
static constexpr int64_t kAhead = 0;
template <class T>
static constexpr int64_t kAhead<Max<T>> = 4096;
template <class T>
static constexpr int64_t kAhead<Min<T>> = 4096;

// Elements that a sum adds in its own type before the block's sum goes into a wider total: 4 KiB. In the four vectors
// of fold_row that is a chain of 16 to 64 additions, as in NumPy's pairwise sums.
template <class T>
static constexpr int64_t kFoldBlock = 4096 / sizeof(T);

// The lanes of v, halves folded onto each other.
template <class Op>
PYNN_FN typename Op::T fold_lanes(Vector<typename Op::T> v) {
  using T = typename Op::T;
  T lane[kLanes<T>];
  memcpy(lane, &v, sizeof v);
  for (int64_t half = kLanes<T> / 2; half > 0; half /= 2)
    for (int64_t i = 0; i < half; ++i) lane[i] = Op::template combine<T>(lane[i], lane[i + half]);
  return lane[0];
}

// All of a contiguous row. Four vectors, because a chain of one would wait for its own latency.
template <class Op>
typename Op::T fold_row(const typename Op::T* x, int64_t n) {
  using T = typename Op::T;
  constexpr int64_t L = kLanes<T>;
  T y = Op::identity;
  int64_t i = 0;
  if (n >= L) {
    Vector<T> a = splat<T>(Op::identity);
    if (n >= 4 * L) {
      Vector<T> b = a, c = a, d = a;
      for (; i + 4 * L <= n; i += 4 * L) {
        if constexpr (kAhead<Op> > 0) prefetch(reinterpret_cast<const char*>(x + i) + kAhead<Op>, 4 * kVectorBytes);
        a = Op::combine(a, load(x + i));
        b = Op::combine(b, load(x + i + L));
        c = Op::combine(c, load(x + i + 2 * L));
        d = Op::combine(d, load(x + i + 3 * L));
      }
      a = Op::combine(Op::combine(a, b), Op::combine(c, d));
    }
    for (; i + L <= n; i += L) a = Op::combine(a, load(x + i));
    y = fold_lanes<Op>(a);
  }
  for (; i < n; ++i) y = Op::template combine<T>(y, x[i]);
  return y;
}

template <class Op>
static constexpr bool kLooksForNan = false;
template <class T>
static constexpr bool kLooksForNan<Max<T>> = kIsFloat<T>;
template <class T>
static constexpr bool kLooksForNan<Min<T>> = kIsFloat<T>;

// Four elements more. Extremes look for NaN in two of them at once.
template <class Op, class V>
PYNN_FN V fold_five(V acc, V a, V b, V c, V d) {
  if constexpr (kLooksForNan<Op>) {
    const V y = Op::better(Op::better(Op::better(a, b), Op::better(c, d)), acc);
    return (unordered(a, b) | unordered(c, d)) ? V{} + typename Op::T(__builtin_nanf("")) : y;
  } else {
    return Op::combine(acc, Op::combine(Op::combine(a, b), Op::combine(c, d)));
  }
}

// Rows of `width` columns, `step` apart, folded onto a row of accumulators; four rows at once, so that an accumulator
// is loaded and stored once for four elements. Where the processor looks less far ahead, it is asked for the next four.
template <class Op>
void fold_columns(typename Op::T* acc, const typename Op::T* x, int64_t step, int64_t rows, int64_t width) {
  using T = typename Op::T;
  constexpr int64_t L = kLanes<T>;
  for (; rows >= 4; rows -= 4, x += 4 * step) {
    const T *a = x, *b = x + step, *c = x + 2 * step, *d = x + 3 * step;
    int64_t i = 0;
    if constexpr (kAhead<Op> > 0)
      for (constexpr int64_t line = 64 / sizeof(T); rows >= 8 && i + line <= width; i += line) {
        for (int64_t r = 4; r < 8; ++r) __builtin_prefetch(x + r * step + i);
        for (int64_t j = i; j < i + line; j += L)
          store(acc + j, fold_five<Op>(load(acc + j), load(a + j), load(b + j), load(c + j), load(d + j)));
      }
    for (; i + L <= width; i += L)
      store(acc + i, fold_five<Op>(load(acc + i), load(a + i), load(b + i), load(c + i), load(d + i)));
    for (; i < width; ++i) acc[i] = fold_five<Op>(acc[i], a[i], b[i], c[i], d[i]);
  }
  for (; rows > 0; --rows, x += step) {
    int64_t i = 0;
    for (; i + L <= width; i += L) store(acc + i, Op::combine(load(acc + i), load(x + i)));
    for (; i < width; ++i) acc[i] = Op::combine(acc[i], x[i]);
  }
}

}  // namespace
}  // namespace pynn::PYNN_ISA
