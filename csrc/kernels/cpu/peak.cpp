// What the machine can do at most: the two numbers that every other kernel is measured against.
#include "kernels/cpu/rows.h"
#include "kernels/cpu/table.h"

namespace pynn::PYNN_ISA {
namespace {

// Independent sums: at least the latency of a multiply-add (4 to 5 cycles) times the units that do them (2), and with
// the two constants no more than the 16 registers of AVX2.
constexpr int kChains = 12;
constexpr int kBlocksPerThread = 4;  // so that a thread that starts late takes fewer

template <class T>
T multiply_add(int64_t iterations) {
  using V = Vector<T>;
  const V scale = V{} + T(0.5), step = V{} + T(1);
  V sum[kChains];
  for (int i = 0; i < kChains; ++i) sum[i] = V{} + T(i + 3);  // not 2, which stays 2: the compiler would see it
  for (int64_t n = 0; n < iterations; ++n)
#pragma GCC unroll 12
    for (int i = 0; i < kChains; ++i) sum[i] = sum[i] * scale + step;  // one instruction where there is one
  V total = sum[0];
  for (int i = 1; i < kChains; ++i) total += sum[i];
  return total[0];
}

template <class T>
double fma_peak(int64_t iterations) {
  const int64_t n = int64_t{kBlocksPerThread} * num_threads();
  T seen = 0;  // written, so that the compiler keeps the work
  blocks(n, [&](int64_t) {
    T result = multiply_add<T>(iterations);
    __atomic_store(&seen, &result, __ATOMIC_RELAXED);
  });
  return 2.0 * static_cast<double>(n * iterations * kChains * kLanes<T>);
}

constexpr int64_t kStreaming = 1 << 20;  // bytes from which memcpy is at least as fast as any loop

// Within the caches memcpy may be a single instruction of the processor, which is 20 times slower where x and y lie
// alike in their pages (seen on Zen 3).
void copy(int64_t bytes, const char* x, char* y) {
  constexpr int64_t step = 4 * kVectorBytes;
  if (bytes >= kStreaming) {
    memcpy(y, x, static_cast<size_t>(bytes));
    return;
  }
  for (; bytes >= step; bytes -= step, x += step, y += step) {
    // All loaded before the first is stored, or the compiler makes a memcpy of the loop.
    const Vector<char> a = load(x), b = load(x + kVectorBytes), c = load(x + 2 * kVectorBytes);
    const Vector<char> d = load(x + 3 * kVectorBytes);
    store(y, a);
    store(y + kVectorBytes, b);
    store(y + 2 * kVectorBytes, c);
    store(y + 3 * kVectorBytes, d);
  }
  for (; bytes > 0; --bytes) *y++ = *x++;
}

void copy_peak(int64_t bytes, int64_t repeats, const void* x, void* y) {
  const int64_t threads = num_threads(), part = (bytes + threads - 1) / threads;
  ranges(bytes, part, [&](int64_t begin, int64_t end) {
    for (int64_t i = 0; i < repeats; ++i) {
      copy(end - begin, static_cast<const char*>(x) + begin, static_cast<char*>(y) + begin);
      asm volatile("" ::: "memory");  // each copy counts
    }
  });
}

}  // namespace

void fill_peak(Kernels& k) {
  k.fma_peak[dtype_index<float>] = fma_peak<float>;
  k.fma_peak[dtype_index<double>] = fma_peak<double>;
  k.copy_peak = copy_peak;
}

}  // namespace pynn::PYNN_ISA
