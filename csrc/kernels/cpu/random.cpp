// Random numbers: the loops around kernels/random.h.
//
// Every ISA level gives equal bits. GCC contracts a * b + c where the level has multiply-add instructions, so that is
// switched off for this file, before anything is included.
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
#pragma GCC optimize("fp-contract=off")
#endif
#include "kernels/random.h"

#include "kernels/cpu/fill.h"
#include "kernels/cpu/lanes.h"
#include "kernels/cpu/table.h"

namespace pynn::PYNN_ISA {
namespace {

constexpr int64_t kCounters = 64;  // blocks of the generator that are expanded at once, into 1 KiB

template <class T>
constexpr int64_t kPerCounter = 16 / sizeof(T);  // values that a counter gives: 4 of 4 bytes, 2 of 8
template <class T>
constexpr int64_t kChunk = kCounters * kPerCounter<T>;

// The random bits of one value.
template <int Bytes>
struct BitsType {
  using type = uint32_t;
};
template <>
struct BitsType<8> {
  using type = uint64_t;
};
template <class T>
using Bits = typename BitsType<sizeof(T)>::type;

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "two words are read as one number of 64 bits below");

template <class Bits>
PYNN_FN Bits bits_at(const uint32_t* words, int64_t i) {
  Bits bits;
  memcpy(&bits, reinterpret_cast<const char*>(words) + i * static_cast<int64_t>(sizeof bits), sizeof bits);
  return bits;
}

// 4 * kCounters words, those of a counter side by side. The generator's counter has 128 bits, of which the upper half
// is always zero here: 2**64 blocks for each key are enough.
PYNN_FN void fill_words(uint64_t key, uint64_t counter, uint32_t* words) {
  alignas(64) uint64_t low[kCounters], high[kCounters];
  Lanes at{};
  for (int64_t i = 0; i < kCounterLanes; ++i) at[i] = counter + static_cast<uint64_t>(i);
  for (int64_t i = 0; i < kCounters; i += kCounterLanes, at += kCounterLanes) {
    const philox::Block<Lanes> b = philox::words<Lanes>({at, at >> 32, Lanes{}, Lanes{}}, key, product);
    const Lanes l = (b.w0 & 0xffffffffu) | b.w1 << 32, h = (b.w2 & 0xffffffffu) | b.w3 << 32;
    memcpy(low + i, &l, sizeof l);
    memcpy(high + i, &h, sizeof h);
  }
  for (int64_t i = 0; i < kCounters; ++i) {
    memcpy(words + 4 * i, low + i, 8);
    memcpy(words + 4 * i + 2, high + i, 8);
  }
}

// y[0, n) by chunks: map(words, y) makes kChunk values, the last of them in a buffer if y ends before.
template <class T, class Map>
PYNN_FN void draw(const RandomDraw& d, int64_t n, T* y, Map map) {
  static_assert(kGrain % kChunk<T> == 0);
  ranges(n, kGrain, [&](int64_t begin, int64_t end) {
    alignas(64) uint32_t words[4 * kCounters];
    for (int64_t at = begin; at < end; at += kChunk<T>) {
      fill_words(d.key, d.counter + static_cast<uint64_t>(at / kPerCounter<T>), words);
      if (end - at >= kChunk<T>) {
        map(words, y + at);
      } else {
        alignas(64) T chunk[kChunk<T>];
        map(words, chunk);
        memcpy(y + at, chunk, static_cast<size_t>(end - at) * sizeof(T));
      }
    }
  });
}

// low + (high - low) * fraction may be rounded to high, which is outside: the number before it is given instead.
template <class T>
void uniform(const RandomDraw& d, int64_t n, void* y) {
  const T low = static_cast<T>(d.a), high = static_cast<T>(d.b), width = high - low;
  const T before = static_cast<T>(__is_same(T, float) ? ::nextafterf(high, low) : ::nextafter(high, low));
  draw(d, n, static_cast<T*>(y), [=](const uint32_t* words, T* chunk) {
#pragma omp simd
    for (int64_t i = 0; i < kChunk<T>; ++i) {
      const T x = low + width * philox::fraction(bits_at<Bits<T>>(words, i));
      chunk[i] = x < high ? x : before;
    }
  });
}

template <class T>
void normal(const RandomDraw& d, int64_t n, void* y) {
  const double mean = d.a, deviation = d.b;
  draw(d, n, static_cast<T*>(y), [=](const uint32_t* words, T* chunk) {
#pragma omp simd
    for (int64_t i = 0; i < kChunk<T>; i += 2) {
      const philox::Pair p = philox::normal(bits_at<Bits<T>>(words, i), bits_at<Bits<T>>(words, i + 1));
      chunk[i] = static_cast<T>(mean + deviation * p.x);
      chunk[i + 1] = static_cast<T>(mean + deviation * p.y);
    }
  });
}

template <class T>
void bernoulli(const RandomDraw& d, int64_t n, void* y) {
  const T probability = static_cast<T>(d.a);
  draw(d, n, static_cast<T*>(y), [=](const uint32_t* words, T* chunk) {
#pragma omp simd
    for (int64_t i = 0; i < kChunk<T>; ++i)
      chunk[i] = philox::fraction(bits_at<Bits<T>>(words, i)) < probability ? T(1) : T(0);
  });
}

void integers(const RandomDraw& d, int64_t low, uint64_t range, int64_t n, int64_t* y) {
  draw(d, n, y, [=](const uint32_t* words, int64_t* chunk) {
    for (int64_t i = 0; i < kChunk<int64_t>; ++i)
      chunk[i] = low + static_cast<int64_t>(philox::integer(bits_at<uint64_t>(words, i), range));
  });
}

template <class T>
PYNN_FN void fill_type(Kernels& k) {
  k.uniform[dtype_index<T>] = uniform<T>;
  k.normal[dtype_index<T>] = normal<T>;
  k.bernoulli[dtype_index<T>] = bernoulli<T>;
}

}  // namespace

void fill_random(Kernels& k) {
  fill_type<float>(k);
  fill_type<double>(k);
  k.integers = integers;
}

}  // namespace pynn::PYNN_ISA
