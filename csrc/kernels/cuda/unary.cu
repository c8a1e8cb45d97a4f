// The forward loops of the unary rows.
#include "kernels/cuda/fill.h"
#include "kernels/cuda/map.h"
#include "kernels/cuda/sample.h"

namespace pynn::cuda {
namespace {

template <class Op, class T>
struct Forward : Function<decltype(Op::f(T{})), T> {
  PYNN_FN auto f(T x) { return Op::f(x); }
};

template <class... Ops>
void fill_list(Kernels& k, List<Ops...>) {
  int id = 0;
  auto one = [&]<class Op>(Op) {
    for_compiled_types<is_compiled<Op> ? Op::types : 0>([&](auto t) {
      using T = decltype(t);
      using F = Forward<Op, RowType<Op, T>>;
      k.unary_row[id][dtype_index<T>] = map_row<F>;
      k.unary[id][dtype_index<T>] = map<F>;
    });
    ++id;
  };
  (one(Ops{}), ...);
}

}  // namespace

void fill_unary(Kernels& k) { fill_list(k, UnaryOps{}); }

}  // namespace pynn::cuda
