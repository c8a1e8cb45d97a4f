// Random numbers: a thread for each counter of the generator in kernels/random.h. Equal bits as on the CPU: compiled
// without contraction into multiply-add (nvcc: -fmad=false; g++: -ffp-contract=off).
#include "kernels/cuda/fill.h"
#include "kernels/cuda/launch.h"
#include "kernels/random.h"
#include "kernels/types.h"

namespace pynn::cuda {
namespace {

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
template <class T>
constexpr int kPerCounter = 16 / sizeof(T);

// What a counter gives: four words of 32 bits, or two of 64. Its upper half is always zero.
template <class T>
__device__ __forceinline__ void expand(uint64_t key, uint64_t counter, Bits<T> (&bits)[kPerCounter<T>]) {
  const auto product = [](uint64_t a, uint64_t b) { return (a & 0xffffffffu) * (b & 0xffffffffu); };
  const philox::Block<uint64_t> b = philox::words<uint64_t>({counter, counter >> 32, 0, 0}, key, product);
  if constexpr (sizeof(T) == 8) {
    bits[0] = (b.w0 & 0xffffffffu) | b.w1 << 32, bits[1] = (b.w2 & 0xffffffffu) | b.w3 << 32;
  } else {
    bits[0] = static_cast<uint32_t>(b.w0), bits[1] = static_cast<uint32_t>(b.w1);
    bits[2] = static_cast<uint32_t>(b.w2), bits[3] = static_cast<uint32_t>(b.w3);
  }
}

// map(bits, values) makes the values of one counter.
template <class T, class Map>
__global__ void __launch_bounds__(kThreads) draw(uint64_t key, uint64_t counter, int64_t n, Map map, T* y) {
  constexpr int per_counter = kPerCounter<T>;
  for (int64_t i = thread_index(); i * per_counter < n; i += grid_threads()) {
    Bits<T> bits[per_counter];
    T values[per_counter];
    expand<T>(key, counter + static_cast<uint64_t>(i), bits);
    map(bits, values);
#pragma unroll
    for (int k = 0; k < per_counter; ++k)
      if (i * per_counter + k < n) y[i * per_counter + k] = values[k];
  }
}

template <class T, class Map>
void launch_draw(const RandomDraw& d, int64_t n, void* y, Map map) {
  if (n > 0)
    launch(blocks_for(ceil_div(n, kPerCounter<T>)), kThreads, draw<T, Map>, d.key, d.counter, n, map,
           static_cast<T*>(y));
}

// low + (high - low) * fraction may be rounded to high, which is outside: the number before it is given instead.
template <class T>
struct Uniform {
  T low, high, width, before;
  __device__ void operator()(const Bits<T> (&bits)[kPerCounter<T>], T (&values)[kPerCounter<T>]) const {
#pragma unroll
    for (int i = 0; i < kPerCounter<T>; ++i) {
      const T x = low + width * philox::fraction(bits[i]);
      values[i] = x < high ? x : before;
    }
  }
};

template <class T>
struct Normal {
  double mean, deviation;
  __device__ void operator()(const Bits<T> (&bits)[kPerCounter<T>], T (&values)[kPerCounter<T>]) const {
#pragma unroll
    for (int i = 0; i < kPerCounter<T>; i += 2) {
      const philox::Pair p = philox::normal(bits[i], bits[i + 1]);
      values[i] = static_cast<T>(mean + deviation * p.x);
      values[i + 1] = static_cast<T>(mean + deviation * p.y);
    }
  }
};

template <class T>
struct Bernoulli {
  T probability;
  __device__ void operator()(const Bits<T> (&bits)[kPerCounter<T>], T (&values)[kPerCounter<T>]) const {
#pragma unroll
    for (int i = 0; i < kPerCounter<T>; ++i) values[i] = philox::fraction(bits[i]) < probability ? T(1) : T(0);
  }
};

struct Integers {
  int64_t low;
  uint64_t range;
  __device__ void operator()(const uint64_t (&bits)[2], int64_t (&values)[2]) const {
#pragma unroll
    for (int i = 0; i < 2; ++i)
      values[i] = static_cast<int64_t>(static_cast<uint64_t>(low) + philox::integer(bits[i], range));
  }
};

template <class T>
void uniform(const RandomDraw& d, int64_t n, void* y) {
  const T low = static_cast<T>(d.a), high = static_cast<T>(d.b);
  const T before = static_cast<T>(sizeof(T) == 4 ? ::nextafterf(static_cast<float>(high), static_cast<float>(low))
                                                 : ::nextafter(static_cast<double>(high), static_cast<double>(low)));
  launch_draw<T>(d, n, y, Uniform<T>{low, high, high - low, before});
}

template <class T>
void normal(const RandomDraw& d, int64_t n, void* y) {
  launch_draw<T>(d, n, y, Normal<T>{d.a, d.b});
}

template <class T>
void bernoulli(const RandomDraw& d, int64_t n, void* y) {
  launch_draw<T>(d, n, y, Bernoulli<T>{static_cast<T>(d.a)});
}

void integers(const RandomDraw& d, int64_t low, uint64_t range, int64_t n, int64_t* y) {
  launch_draw<int64_t>(d, n, y, Integers{low, range});
}

template <class T>
void fill_type(Kernels& k) {
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

}  // namespace pynn::cuda
