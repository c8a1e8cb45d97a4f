// Conversions between all types, and the copy of a type to itself.
#include "kernels/cuda/fill.h"
#include "kernels/cuda/map.h"
#include "kernels/cuda/sample.h"

namespace pynn::cuda {
namespace {

template <class From, class To>
struct Cast : Function<To, From> {
  PYNN_FN To f(From x) { return convert<To>(x); }
};

}  // namespace

void fill_cast(Kernels& k) {
  for_all_compiled_types([&](auto from) {
    for_all_compiled_types([&](auto to) {
      using From = decltype(from);
      using To = decltype(to);
      using Types = CastTypes<From, To>;
      k.cast[dtype_index<From>][dtype_index<To>] = map<Cast<typename Types::from, typename Types::to>>;
    });
  });
}

}  // namespace pynn::cuda
