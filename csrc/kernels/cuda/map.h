// Element-wise kernels: one function of elements over contiguous operands, in accesses of up to 16 bytes, or over any
// loop nest. A function is a struct that derives from Function and has f(elements...).
#pragma once
#include <utility>

#include "kernels/cuda/nest.h"
#include "kernels/types.h"

namespace pynn::cuda {
namespace {

template <class... Types>
constexpr int largest_size() {
  int most = 0;
  ((most = static_cast<int>(sizeof(Types)) > most ? static_cast<int>(sizeof(Types)) : most), ...);
  return most;
}

template <class Result, class... Inputs>
struct Function {
  using Signature = Function;
  static constexpr int operands = sizeof...(Inputs) + 1;
  static constexpr int size[operands] = {sizeof(Inputs)..., sizeof(Result)};
  // Elements that a thread takes at once. One of 8 bytes: two would gain nothing, and spill in long functions.
  static constexpr int largest = largest_size<Result, Inputs...>();
  static constexpr int width = largest == 8 ? 1 : 16 / largest;
};

// Inputs, then the output. Not typed: a launch is instantiated once for each number of operands.
template <int N>
struct Operands {
  void* p[N];
  uint64_t scalars;  // bit k: operand k is one element for all
};

template <class T, int Width>
struct alignas(Width * sizeof(T)) Pack {
  T at[Width];
};

template <class T, int Width>
__device__ __forceinline__ Pack<T, Width> load_pack(const void* p, int64_t i, bool scalar) {
  if (!scalar) return static_cast<const Pack<T, Width>*>(p)[i];
  Pack<T, Width> x;
  const T value = *static_cast<const T*>(p);
#pragma unroll
  for (int j = 0; j < Width; ++j) x.at[j] = value;
  return x;
}

template <class F, class Out, int Width, class... Packs>
__device__ __forceinline__ Pack<Out, Width> map_pack(const Packs&... x) {
  Pack<Out, Width> y;
#pragma unroll
  for (int j = 0; j < Width; ++j) y.at[j] = F::f(x.at[j]...);
  return y;
}

template <class F, class Out, class... In, size_t... K>
__device__ __forceinline__ void contiguous_body(Function<Out, In...>, std::index_sequence<K...>, int64_t n,
                                                const Operands<sizeof...(In) + 1>& o) {
  constexpr int N = sizeof...(In), width = F::width;
  const int64_t packs = n / width;
  for (int64_t i = thread_index(); i < packs; i += grid_threads())
    static_cast<Pack<Out, width>*>(o.p[N])[i] =
        map_pack<F, Out, width>(load_pack<In, width>(o.p[K], i, o.scalars >> K & 1)...);
  if constexpr (width > 1) {
    const int64_t i = packs * width + thread_index();
    if (i < n) static_cast<Out*>(o.p[N])[i] = F::f(static_cast<const In*>(o.p[K])[o.scalars >> K & 1 ? 0 : i]...);
  }
}

template <class F>
__global__ void __launch_bounds__(kThreads) map_contiguous(int64_t n, Operands<F::operands> o) {
  contiguous_body<F>(typename F::Signature{}, std::make_index_sequence<F::operands - 1>{}, n, o);
}

template <class F, class Out, class... In, size_t... K>
__device__ __forceinline__ void strided_body(Function<Out, In...>, std::index_sequence<K...>,
                                             const Nest<sizeof...(In) + 1>& nest,
                                             const Operands<sizeof...(In) + 1>& o) {
  constexpr int N = sizeof...(In);
  for (int64_t i = thread_index(); i < nest.size; i += grid_threads()) {
    int64_t at[N + 1];
    offsets<N + 1>(nest, i, at);
    static_cast<Out*>(o.p[N])[at[N]] = F::f(static_cast<const In*>(o.p[K])[at[K]]...);
  }
}

template <class F>
__global__ void __launch_bounds__(kThreads)
    map_strided(const __grid_constant__ Nest<F::operands> nest, Operands<F::operands> o) {
  strided_body<F>(typename F::Signature{}, std::make_index_sequence<F::operands - 1>{}, nest, o);
}

// ---- The host's side ------------------------------------------------------------------------------------------------

template <int N>
Operands<N> operands_of(void* const* p) {
  Operands<N> o{};
  for (int k = 0; k < N; ++k) o.p[k] = p[k];
  return o;
}

// Whether the nest is one contiguous row with operands that can be read in packs; notes which of them are scalars.
template <int N>
bool is_contiguous(const Loop& l, const int (&size)[N], int width, Operands<N>& o) {
  if (l.ndim > 1) return false;
  for (int k = 0; k < N; ++k) {
    const int64_t stride = l.ndim ? l.stride[k][0] : 1;
    const bool scalar = stride == 0 && k < N - 1;
    if (!scalar && stride != 1) return false;
    if (!scalar && reinterpret_cast<uintptr_t>(o.p[k]) % static_cast<unsigned>(width * size[k]) != 0) return false;
    if (scalar) o.scalars |= uint64_t{1} << k;
  }
  return true;
}

// F over a nest. As LoopFn.
template <class F>
void map(const Loop& loop, void* const* operands) {
  constexpr int N = F::operands;
  parts_of<N>(loop, F::size, operands, [](const Loop& part, void* const* p) {
    Operands<N> o = operands_of<N>(p);
    const int64_t n = size_of(part);
    if (is_contiguous<N>(part, F::size, F::width, o))
      launch(blocks_for(ceil_div(n, F::width)), kThreads, map_contiguous<F>, n, o);
    else
      launch(blocks_for(n), kThreads, map_strided<F>, nest_of<N>(part), o);
  });
}

// F over n contiguous elements. As RowFn.
template <class F>
void map_row(void* const* operands, int64_t n) {
  Loop l;
  l.ndim = 1;
  l.shape[0] = n;
  for (int k = 0; k < F::operands; ++k) l.stride[k][0] = 1;
  map<F>(l, operands);
}

}  // namespace
}  // namespace pynn::cuda
