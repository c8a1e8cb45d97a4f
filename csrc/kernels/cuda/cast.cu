// Conversions between all types, and the copy of a type to itself.
#include "kernels/cuda/fill.h"
#include "kernels/cuda/map.h"
#include "kernels/cuda/sample.h"
#include "kernels/cuda/transpose.h"

namespace pynn::cuda {
namespace {

template <class From, class To>
struct Cast : Function<To, From> {
  PYNN_FN To f(From x) { return convert<To>(x); }
};

template <class T>
void copy(const Loop& loop, void* const* operands) {
  Transpose t{};
  if (is_transpose(loop, t)) return transpose<T>(t, operands);
  map<Cast<T, T>>(loop, operands);
}

template <class From, class To>
LoopFn conversion() {
  if constexpr (std::is_same_v<From, To>)
    return copy<From>;
  else
    return map<Cast<From, To>>;
}

}  // namespace

void fill_cast(Kernels& k) {
  for_all_compiled_types([&](auto from) {
    for_all_compiled_types([&](auto to) {
      using From = decltype(from);
      using To = decltype(to);
      using Types = CastTypes<From, To>;
      k.cast[dtype_index<From>][dtype_index<To>] = conversion<typename Types::from, typename Types::to>();
    });
  });
}

}  // namespace pynn::cuda
