// Running sums and products along one axis of any layout.
//
// Along an axis that lies in memory the results of a row are made one after the other. Across such an axis whole rows
// are taken into a row of accumulators. Results in float32 are made in double.
#include "kernels/cpu/fill.h"
#include "kernels/cpu/table.h"

namespace pynn::PYNN_ISA {
namespace {

constexpr int64_t kColumns = 512;  // accumulators at once: 4 KiB
constexpr int64_t kNarrow = 64;    // columns at least where there are so many: memory is read in pieces of that width

template <class T>
struct WideOf {
  using type = T;
};
template <>
struct WideOf<float> {
  using type = double;
};

struct Plus {
  static constexpr int start = 0;
  template <class T>
  PYNN_FN void take(T& total, T x) {
    total += x;
  }
};
struct Times {
  static constexpr int start = 1;
  template <class T>
  PYNN_FN void take(T& total, T x) {
    total *= x;
  }
};

template <class Op, class T>
void scan_row(const T* x, int64_t step_x, T* y, int64_t step_y, int64_t n) {
  using Wide = typename WideOf<T>::type;
  Wide total = Op::start;
  for (int64_t i = 0; i < n; ++i) {
    Op::take(total, static_cast<Wide>(x[i * step_x]));
    y[i * step_y] = static_cast<T>(total);
  }
}

// `width` neighbouring columns, contiguous in x and y.
template <class Op, class T>
void scan_columns(const T* x, int64_t step_x, T* y, int64_t step_y, int64_t n, int64_t width) {
  using Wide = typename WideOf<T>::type;
  Wide total[kColumns];
  for (int64_t c = 0; c < width; ++c) total[c] = Op::start;
  for (int64_t i = 0; i < n; ++i, x += step_x, y += step_y) {
#pragma omp simd
    for (int64_t c = 0; c < width; ++c) {
      Op::take(total[c], static_cast<Wide>(x[c]));
      y[c] = static_cast<T>(total[c]);
    }
  }
}

// Blocks of neighbouring results, of about kGrain elements where that leaves them wide enough.
template <class Op, class T>
void scan(const Loop& kept, int64_t n, int64_t step_x, int64_t step_y, const void* x, void* y) {
  const int inner = kept.ndim - 1;
  const int64_t columns = kept.ndim ? kept.shape[inner] : 1;
  const int64_t column_x = kept.ndim ? kept.stride[0][inner] : 1, column_y = kept.ndim ? kept.stride[1][inner] : 1;
  int64_t outer = 1;
  for (int d = 0; d < inner; ++d) outer *= kept.shape[d];
  if (outer == 0 || columns == 0 || n == 0) return;
  const bool across = column_x == 1 && column_y == 1 && columns > 1;
  const int64_t narrow = across ? kNarrow : 1;
  int64_t width = kGrain / n < narrow ? narrow : kGrain / n;
  width = width < kColumns ? width : kColumns;
  const int64_t per_row = (columns + width - 1) / width;
  blocks(outer * per_row, [&](int64_t i) {
    const int64_t from = i % per_row * width, to = from + width < columns ? from + width : columns;
    int64_t at[2] = {0, 0};
    if (kept.ndim > 1) offsets<2>(kept, inner, i / per_row, at);
    const T* block_x = static_cast<const T*>(x) + at[0];
    T* block_y = static_cast<T*>(y) + at[1];
    if (across)
      scan_columns<Op>(block_x + from, step_x, block_y + from, step_y, n, to - from);
    else
      for (int64_t c = from; c < to; ++c)
        scan_row<Op>(block_x + c * column_x, step_x, block_y + c * column_y, step_y, n);
  });
}

template <class T>
void fill_scan_of(Kernels& k) {
  k.cumulative_sum[dtype_index<T>] = scan<Plus, T>;
  k.cumulative_prod[dtype_index<T>] = scan<Times, T>;
}

}  // namespace

void fill_scan(Kernels& k) {
  fill_scan_of<int64_t>(k), fill_scan_of<uint64_t>(k), fill_scan_of<float>(k), fill_scan_of<double>(k);
}

}  // namespace pynn::PYNN_ISA
