// The order of one row: a stable sort of indices by the values that they point to, ascending or descending, NaN last.
// Long rows are sorted by radix, short ones by merging.
#pragma once
#include "kernels/cpu/table.h"
#include "kernels/sort_key.h"

namespace pynn::PYNN_ISA {
namespace {

// An entry of the sorts below is 32 bits of a key above an index of 32 bits, so that sorting seldom looks at x.
constexpr int64_t kPackedRow = int64_t{1} << 32;  // longer rows do not fit that
PYNN_FN uint64_t entry(uint32_t part, uint64_t index) { return uint64_t{part} << 32 | index; }
PYNN_FN uint64_t index_of(uint64_t entry) { return entry & 0xffffffffu; }

// ---- Radix sort -----------------------------------------------------------------------------------------------------

constexpr int kDigits = 4;  // of 8 bits, in the upper half of an entry
constexpr int64_t kBuckets = 256;
constexpr int64_t kRadixRow = 128;  // shorter rows are sorted faster by merging than the buckets are counted

PYNN_FN int64_t digit(uint64_t entry, int d) { return static_cast<int64_t>(entry >> (32 + 8 * d) & (kBuckets - 1)); }

// Moves the entries in `from` to `to` in the order of digit d, stably. count: how many entries have each digit.
void radix_pass(const uint64_t* from, uint64_t* to, int64_t n, int d, const int64_t* count) {
  int64_t place[kBuckets], at = 0;
  for (int64_t b = 0; b < kBuckets; ++b) {
    place[b] = at;
    at += count[b];
  }
  for (int64_t i = 0; i < n; ++i) to[place[digit(from[i], d)]++] = from[i];
}

// Sorts entries by their upper halves, least significant digit first. Both buffers are used; returns the sorted one.
uint64_t* radix_sort(uint64_t* from, uint64_t* to, int64_t n) {
  int64_t count[kDigits][kBuckets] = {};
  for (int64_t i = 0; i < n; ++i)
    for (int d = 0; d < kDigits; ++d) ++count[d][digit(from[i], d)];
  for (int d = 0; d < kDigits; ++d) {
    if (count[d][digit(from[0], d)] == n) continue;  // all are equal there, as in small integers
    radix_pass(from, to, n, d, count[d]);
    uint64_t* const sorted = to;
    to = from;
    from = sorted;
  }
  return from;
}

// Keys of 64 bits are sorted by their lower halves, and then, stably, by their upper ones.
template <class T>
void sort_long_row(const T* x, uint64_t* order, uint64_t* scratch, int64_t n, bool descending) {
  for (int64_t i = 0; i < n; ++i)
    order[i] = entry(static_cast<uint32_t>(key(x[i], descending)), static_cast<uint64_t>(i));
  uint64_t* sorted = radix_sort(order, scratch, n);
  if constexpr (sizeof(Key<T>) == 8) {
    for (int64_t i = 0; i < n; ++i) {
      const uint64_t index = index_of(sorted[i]);
      sorted[i] = entry(static_cast<uint32_t>(key(x[index], descending) >> 32), index);
    }
    sorted = radix_sort(sorted, sorted == order ? scratch : order, n);
  }
  for (int64_t i = 0; i < n; ++i) order[i] = index_of(sorted[i]);
}

// ---- Merge sort -----------------------------------------------------------------------------------------------------

constexpr int64_t kRun = 16;  // rows, and parts of rows, that insertion sorts faster than merging does

// Sorts n entries in place. before(a, b): a must stand before b.
template <class Before>
PYNN_FN void insertion_sort(uint64_t* entry, int64_t n, Before before) {
  for (int64_t i = 1; i < n; ++i) {
    const uint64_t e = entry[i];
    int64_t j = i;
    for (; j > 0 && before(e, entry[j - 1]); --j) entry[j] = entry[j - 1];
    entry[j] = e;
  }
}

// Merges the sorted [a, b) and [b, end) into y. The choice is arithmetic, since a branch would be guessed wrong half
// of the time. Of equals, those of the first part come first.
template <class Before>
PYNN_FN void merge(const uint64_t* a, const uint64_t* b, const uint64_t* end, uint64_t* y, Before before) {
  const uint64_t* const a_end = b;
  if (a < a_end && b < end && before(*b, *(a_end - 1))) {  // else they are in order as they stand
    while (a < a_end && b < end) {
      const bool second = before(*b, *a);
      *y++ = second ? *b : *a;
      a += !second;
      b += second;
    }
  }
  memcpy(y, a, static_cast<size_t>(a_end - a) * sizeof *y);
  y += a_end - a;
  memcpy(y, b, static_cast<size_t>(end - b) * sizeof *y);
}

// From the bottom, between two buffers of n. Starts in the one that makes it end in `order`: make(i) is entry i.
template <class Make, class Before>
PYNN_FN void merge_sort(uint64_t* order, uint64_t* scratch, int64_t n, Make make, Before before) {
  bool swapped = false;
  for (int64_t width = kRun; width < n; width *= 2) swapped = !swapped;
  uint64_t *from = swapped ? scratch : order, *to = swapped ? order : scratch;
  for (int64_t i = 0; i < n; ++i) from[i] = make(i);
  auto least = [n](int64_t i) { return i < n ? i : n; };
  for (int64_t i = 0; i < n; i += kRun) insertion_sort(from + i, least(i + kRun) - i, before);
  for (int64_t width = kRun; width < n; width *= 2) {
    for (int64_t i = 0; i < n; i += 2 * width)
      merge(from + i, from + least(i + width), from + least(i + 2 * width), to + i, before);
    uint64_t* const sorted = to;
    to = from;
    from = sorted;
  }
}

// Where the whole key fits, entries are compared as numbers: no two are equal, and the index makes the sort stable.
template <class T>
void sort_short_row(const T* x, uint64_t* order, uint64_t* scratch, int64_t n, bool descending) {
  merge_sort(
      order, scratch, n, [&](int64_t i) { return entry(key(x[i], descending), static_cast<uint64_t>(i)); },
      [](uint64_t a, uint64_t b) { return a < b; });
  for (int64_t i = 0; i < n; ++i) order[i] = index_of(order[i]);
}

// Rows of any length and keys of any size: an entry is an index.
template <class T>
void sort_indirect(const T* x, uint64_t* order, uint64_t* scratch, int64_t n, bool descending) {
  merge_sort(
      order, scratch, n, [](int64_t i) { return static_cast<uint64_t>(i); },
      [&](uint64_t a, uint64_t b) { return key(x[a], descending) < key(x[b], descending); });
}

template <class T>
PYNN_FN void sort_row(const T* x, uint64_t* order, uint64_t* scratch, int64_t n, bool descending) {
  if (n > kPackedRow) return sort_indirect(x, order, scratch, n, descending);
  if (n >= kRadixRow) return sort_long_row(x, order, scratch, n, descending);
  if constexpr (sizeof(Key<T>) == 4)
    sort_short_row(x, order, scratch, n, descending);
  else
    sort_indirect(x, order, scratch, n, descending);
}

}  // namespace
}  // namespace pynn::PYNN_ISA
