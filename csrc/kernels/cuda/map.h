// Element-wise kernels: one function of elements over any loop nest, in accesses of up to 16 bytes where operands are
// contiguous. A function is a struct that derives from Function and has f(elements...).
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
  // Elements that a thread takes at once: 4, 8 or 16, or one of 8 bytes (two would gain nothing, and spill in long
  // functions).
  static constexpr int largest = largest_size<Result, Inputs...>();
  static constexpr int width = largest == 8 ? 1 : 16 / largest;
};

// Inputs, then the output. Not typed: a launch is instantiated once for each number of operands.
template <int N>
struct Operands {
  void* p[N];
  uint64_t scalars;  // bit k: operand k is one element for all
  int64_t packs;     // of the first elements, that are contiguous and aligned; what follows is visited one by one
};

// Elements in words, so that the loop of map_pack moves whole registers.
template <class T, int Width>
struct alignas(Width * sizeof(T)) Pack {
  static constexpr int words = Width * static_cast<int>(sizeof(T)) / 4, step = static_cast<int>(sizeof(T));
  uint32_t word[words];
};
template <class T>
struct Four {
  T at[4];
};

template <class T, int Width>
__device__ __forceinline__ Pack<T, Width> load_pack(const void* p, int64_t i, bool scalar) {
  using P = Pack<T, Width>;
  if (!scalar) return static_cast<const P*>(p)[i];
  const T value = *static_cast<const T*>(p);
  const Four<T> four{value, value, value, value};
  P x;
#pragma unroll
  for (int g = 0; g < P::words; g += P::step) memcpy(&x.word[g], &four, sizeof four);
  return x;
}

// The first four elements; the others move to the front.
template <class T, int Width>
__device__ __forceinline__ Four<T> take_four(Pack<T, Width>& x) {
  using P = Pack<T, Width>;
  Four<T> four;
  memcpy(&four, x.word, sizeof four);
#pragma unroll
  for (int w = 0; w + P::step < P::words; ++w) x.word[w] = x.word[w + P::step];
  return four;
}

// Puts four elements at the end; the others move to the front.
template <class T, int Width>
__device__ __forceinline__ void put_four(Pack<T, Width>& x, const Four<T>& four) {
  using P = Pack<T, Width>;
#pragma unroll
  for (int w = 0; w + P::step < P::words; ++w) x.word[w] = x.word[w + P::step];
  memcpy(&x.word[P::words - P::step], &four, sizeof four);
}

template <class F, class Out, class... In>
__device__ __forceinline__ Four<Out> map_four(const Four<In>&... x) {
  Four<Out> y;
#pragma unroll
  for (int j = 0; j < 4; ++j) y.at[j] = F::f(x.at[j]...);
  return y;
}

// Four functions at a time stand in the code, also for small types: the time of nvcc goes with their number.
template <class F, class Out, int Width, class... In>
__device__ __forceinline__ Pack<Out, Width> map_pack(Pack<In, Width>... x) {
  Pack<Out, Width> y{};
#pragma unroll 1
  for (int g = 0; g < Width; g += 4) put_four(y, map_four<F, Out, In...>(take_four(x)...));
  return y;
}

template <class F, class Out, class... In, size_t... K>
__device__ __forceinline__ void map_body(Function<Out, In...>, std::index_sequence<K...>,
                                         const Nest<sizeof...(In) + 1>& nest, const Operands<sizeof...(In) + 1>& o) {
  constexpr int N = sizeof...(In), width = F::width;
  int64_t i = thread_index();
  if constexpr (width > 1) {
    for (; i < o.packs; i += grid_threads())
      static_cast<Pack<Out, width>*>(o.p[N])[i] =
          map_pack<F, Out, width>(load_pack<In, width>(o.p[K], i, o.scalars >> K & 1)...);
    i = o.packs * width + thread_index();
  }
  for (; i < nest.size; i += grid_threads()) {
    int64_t at[N + 1];
    offsets<N + 1>(nest, i, at);
    static_cast<Out*>(o.p[N])[at[N]] = F::f(static_cast<const In*>(o.p[K])[at[K]]...);
  }
}

template <class F>
__global__ void __launch_bounds__(kThreads)
    map_kernel(const __grid_constant__ Nest<F::operands> nest, Operands<F::operands> o) {
  map_body<F>(typename F::Signature{}, std::make_index_sequence<F::operands - 1>{}, nest, o);
}

// ---- The host's side ------------------------------------------------------------------------------------------------

// What the host must know of a function: with it, the code here exists once for each number of operands.
template <int N>
struct Map {
  void (*kernel)(Nest<N>, Operands<N>);
  int width, size[N];
};

// Whether the nest is one contiguous row with operands that can be read in packs; notes which of them are scalars.
template <int N>
bool is_contiguous(const Loop& l, const Map<N>& map, Operands<N>& o) {
  if (l.ndim > 1) return false;
  for (int k = 0; k < N; ++k) {
    const int64_t stride = l.ndim ? l.stride[k][0] : 1;
    const bool scalar = stride == 0 && k < N - 1;
    if (!scalar && stride != 1) return false;
    if (!scalar && reinterpret_cast<uintptr_t>(o.p[k]) % static_cast<unsigned>(map.width * map.size[k]) != 0)
      return false;
    if (scalar) o.scalars |= uint64_t{1} << k;
  }
  return true;
}

template <int N>
void run_map(const Map<N>& map, const Loop& loop, void* const* operands) {
  parts_of<N>(loop, map.size, operands, [&](const Loop& part, void* const* p) {
    Operands<N> o{};
    for (int k = 0; k < N; ++k) o.p[k] = p[k];
    const int64_t n = size_of(part);
    if (map.width > 1 && is_contiguous<N>(part, map, o)) o.packs = n / map.width;
    launch(blocks_for(o.packs ? ceil_div(n, map.width) : n), kThreads, map.kernel, nest_of<N>(part), o);
  });
}

template <class F, size_t... K>
constexpr Map<F::operands> map_of(std::index_sequence<K...>) {
  return {map_kernel<F>, F::width, {F::size[K]...}};
}

// F over a nest. As LoopFn.
template <class F>
void map(const Loop& loop, void* const* operands) {
  static constexpr Map<F::operands> entry = map_of<F>(std::make_index_sequence<F::operands>{});
  run_map<F::operands>(entry, loop, operands);
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
