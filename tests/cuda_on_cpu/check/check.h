// What the checks of the CUDA kernels share: cases with names, arrays on the emulated device, and comparisons. A wrong
// result ends the process, as a fault that the emulation or a sanitizer finds does.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <type_traits>
#include <vector>

#include "kernels/cuda/runtime.h"

namespace check {

using pynn::Kernels;
using pynn::Loop;

// Registers a case: run with no argument, or with its name as the program's.
struct Case {
  Case(const char* name, void (*run)());
};
#define CHECK_CASE(name)                                   \
  static void run_##name();                                \
  static const check::Case case_##name(#name, run_##name); \
  static void run_##name()

[[noreturn]] void wrong(const char* what, int64_t at, double got, double expected);
cudaStream_t stream();
void must(cudaError_t);
std::mt19937_64& generator();

template <class T>
std::vector<T> noise(int64_t n, double low = -3, double high = 3) {
  std::vector<T> v(static_cast<size_t>(n));
  std::uniform_real_distribution<double> d(low, high);
  for (size_t i = 0; i < v.size(); ++i) v[i] = static_cast<T>(d(generator()));
  return v;
}
// bool has no contiguous vector.
using Byte = uint8_t;
template <class T>
using Stored = std::conditional_t<std::is_same_v<T, bool>, Byte, T>;

template <class T>
class Device {
 public:
  explicit Device(int64_t n) : size_(n) {
    must(cudaMallocAsync(reinterpret_cast<void**>(&data_), static_cast<size_t>(n) * sizeof(T), stream()));
  }
  explicit Device(const std::vector<T>& v) : Device(static_cast<int64_t>(v.size())) {
    must(cudaMemcpyAsync(data_, v.data(), v.size() * sizeof(T), cudaMemcpyHostToDevice, stream()));
  }
  ~Device() { must(cudaFreeAsync(data_, stream())); }
  Device(const Device&) = delete;
  T* data() { return data_; }
  std::vector<T> host() {
    std::vector<T> v(static_cast<size_t>(size_));
    must(cudaMemcpyAsync(v.data(), data_, v.size() * sizeof(T), cudaMemcpyDeviceToHost, stream()));
    must(cudaStreamSynchronize(stream()));
    return v;
  }

 private:
  T* data_ = nullptr;
  int64_t size_;
};

template <class A, class B>
void expect_close(const char* what, const std::vector<A>& got, const std::vector<B>& expected, double tolerance) {
  if (got.size() != expected.size())
    wrong(what, -1, static_cast<double>(got.size()), static_cast<double>(expected.size()));
  for (size_t i = 0; i < got.size(); ++i) {
    const auto a = static_cast<double>(got[i]), b = static_cast<double>(expected[i]);
    const bool same = a == b || (a != a && b != b);
    if (!same && !(std::fabs(a - b) <= tolerance * (1 + std::fabs(b)))) wrong(what, static_cast<int64_t>(i), a, b);
  }
}
template <class A, class B>
void expect_equal(const char* what, const std::vector<A>& got, const std::vector<B>& expected) {
  expect_close(what, got, expected, 0);
}

template <class T>
constexpr double tolerance = sizeof(T) == 4 ? 2e-5 : 1e-12;

template <class T>
constexpr int index_of = static_cast<int>(pynn::DtypeOf<T>::value);

// A minimal nest, as compute/ makes them: axes of 1 dropped, axes merged that can be one.
Loop nest(const std::vector<int64_t>& shape, const std::vector<std::vector<int64_t>>& strides);
int64_t size_of(const Loop&);
// The offset of operand k at element i (row-major).
int64_t offset(const Loop&, int k, int64_t i);

}  // namespace check
