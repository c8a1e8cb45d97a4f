// The forward loops of the binary rows.
#include "kernels/cuda/fill.h"
#include "kernels/cuda/map.h"
#include "kernels/cuda/sample.h"

namespace pynn::cuda {
namespace {

template <class Op, class T>
struct Forward : Function<decltype(Op::f(T{}, T{})), T, T> {
  PYNN_FN auto f(T a, T b) { return Op::f(a, b); }
};

template <class... Ops>
void fill_list(Kernels& k, List<Ops...>) {
  int id = 0;
  auto one = [&]<class Op>(Op) {
    for_compiled_types<is_compiled<Op> ? Op::types : 0>([&](auto t) {
      using T = decltype(t);
      k.binary[id][dtype_index<T>] = map<Forward<Op, RowType<Op, T>>>;
    });
    ++id;
  };
  (one(Ops{}), ...);
}

}  // namespace

void fill_binary(Kernels& k) { fill_list(k, BinaryOps{}); }

}  // namespace pynn::cuda
