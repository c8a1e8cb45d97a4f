// Reading and writing by index: take, its gradient, and the order that sorts a row.
#include "kernels/cpu/fill.h"
#include "kernels/cpu/sort.h"
#include "kernels/cpu/table.h"

namespace pynn::PYNN_ISA {
namespace {

// ---- take -----------------------------------------------------------------------------------------------------------

constexpr int64_t kCopyBytes = 1 << 17;  // bytes that are no work for two threads, as many as kGrain floats have
constexpr int64_t kLargeBlock = 512;     // bytes

// y[i] = x[index[i]] for m blocks. Bytes is the size of a block where it is known here, so that a copy is one load and
// one store, and 0 where it is `block`. memcpy also because a block of 8 bytes may be two floats, aligned to 4.
template <int64_t Bytes>
PYNN_FN void copy_blocks(const char* x, const int64_t* index, char* y, int64_t m, int64_t block) {
  const int64_t size = Bytes ? Bytes : block;
  for (int64_t i = 0; i < m; ++i) memcpy(y + i * size, x + index[i] * size, static_cast<size_t>(size));
}

// The same for blocks of many lines of the cache. The processor foresees the lines of a block, but not which block is
// next: that is asked for meanwhile.
PYNN_FN void copy_large_blocks(const char* x, const int64_t* index, char* y, int64_t m, int64_t block) {
  constexpr int64_t kLine = 64;
  for (int64_t i = 0; i < m; ++i) {
    const char *const from = x + index[i] * block, *const next = x + index[i + 1 < m ? i + 1 : i] * block;
    char* const to = y + i * block;
    int64_t at = 0;
    for (; at + kLine <= block; at += kLine) {
      __builtin_prefetch(next + at);
      memcpy(to + at, from + at, kLine);
    }
    memcpy(to + at, from + at, static_cast<size_t>(block - at));
  }
}

// As TakeFn. The ranges that threads take count the blocks of all slices, so that short slices are taken many at once.
template <int64_t Bytes>
void take_blocks(int64_t outer, int64_t n, int64_t count, int64_t block, const char* x, const int64_t* index, char* y) {
  const int64_t all = outer * count, most = block < kCopyBytes ? kCopyBytes / block : 1;
  const int64_t parts = all > most ? (all + most - 1) / most * 2 : 1;  // an even number, nearly equal
  ranges(all, (all + parts - 1) / parts, [&](int64_t begin, int64_t end) {
    int64_t o = begin / count, i = begin % count;
    for (int64_t at = begin; at < end; ++o, i = 0) {
      const int64_t m = count - i < end - at ? count - i : end - at;
      if (Bytes == 0 && block >= kLargeBlock)
        copy_large_blocks(x + o * n * block, index + i, y + at * block, m, block);
      else
        copy_blocks<Bytes>(x + o * n * block, index + i, y + at * block, m, block);
      at += m;
    }
  });
}

void take(int64_t outer, int64_t n, int64_t count, int64_t block, const void* x, const int64_t* index, void* y) {
  if (outer == 0 || count == 0 || block == 0) return;
  auto run = [&](auto f) { f(outer, n, count, block, static_cast<const char*>(x), index, static_cast<char*>(y)); };
  switch (block) {
    case 1: return run(take_blocks<1>);
    case 2: return run(take_blocks<2>);
    case 4: return run(take_blocks<4>);
    case 8: return run(take_blocks<8>);
    case 16: return run(take_blocks<16>);
    default: return run(take_blocks<0>);
  }
}

// ---- take_grad ------------------------------------------------------------------------------------------------------

// Columns of a block that a thread takes at least: two lines of the cache, the pair that processors fetch together.
template <class T>
constexpr int64_t kColumns = 128 / sizeof(T);

// y[index[i]] += g[i] for one slice, of which g and y point to the first of `width` columns. Indices may repeat, so
// this loop is never cut: the order of the additions is that of i.
template <class T>
void add_slice(const T* g, const int64_t* index, T* y, int64_t count, int64_t block, int64_t width) {
  if (block == 1) {
    for (int64_t i = 0; i < count; ++i) y[index[i]] += g[i];
    return;
  }
  for (int64_t i = 0; i < count; ++i) {
    const T* const from = g + i * block;
    T* const to = y + index[i] * block;
#pragma omp simd
    for (int64_t j = 0; j < width; ++j) to[j] += from[j];
  }
}

// As TakeGradFn. Threads share the slices, and the columns of a slice where it is large.
template <class T>
void take_grad(int64_t outer, int64_t n, int64_t count, int64_t block, const void* g, const int64_t* index, void* y) {
  if (outer == 0 || count == 0 || block == 0) return;
  int64_t width = kGrain / count > kColumns<T> ? kGrain / count : kColumns<T>;
  if (width > block) width = block;
  const int64_t parts = (block + width - 1) / width, work = count * width;
  ranges(outer * parts, work < kGrain ? kGrain / work : 1, [&](int64_t begin, int64_t end) {
    for (int64_t k = begin; k < end; ++k) {
      const int64_t o = k / parts, column = k % parts * width;
      add_slice(static_cast<const T*>(g) + o * count * block + column, index,
                static_cast<T*>(y) + o * n * block + column, count, block,
                column + width < block ? width : block - column);
    }
  });
}

// ---- argsort --------------------------------------------------------------------------------------------------------

template <class T>
void argsort(int64_t rows, int64_t n, bool descending, const void* x, int64_t* order, int64_t* scratch) {
  if (rows == 0 || n == 0) return;
  const int64_t work = n * 16;  // an entry is looked at about this often
  ranges(rows, work < kGrain ? kGrain / work : 1, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r)
      sort_row(static_cast<const T*>(x) + r * n, reinterpret_cast<uint64_t*>(order + r * n),
               reinterpret_cast<uint64_t*>(scratch + r * n), n, descending);
  });
}

}  // namespace

void fill_index(Kernels& k) {
  k.take = take;
  k.take_grad[dtype_index<int32_t>] = take_grad<int32_t>;
  k.take_grad[dtype_index<int64_t>] = take_grad<int64_t>;
  k.take_grad[dtype_index<float>] = take_grad<float>;
  k.take_grad[dtype_index<double>] = take_grad<double>;
  for_types<kAll>([&](auto t) { k.argsort[dtype_index<decltype(t)>] = argsort<decltype(t)>; });
}

}  // namespace pynn::PYNN_ISA
