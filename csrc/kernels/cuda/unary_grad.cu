// The derivative loops of the unary rows: d = df(g, kept) in one pass.
#include "kernels/cuda/fill.h"
#include "kernels/cuda/map.h"
#include "kernels/cuda/sample.h"

namespace pynn::cuda {
namespace {

template <class Op, class T>
struct Derivative : Function<T, T, T> {
  PYNN_FN T f(T g, T kept) { return Op::df(g, kept); }
};

template <class... Ops>
void fill_list(Kernels& k, List<Ops...>) {
  int id = 0;
  auto one = [&]<class Op>(Op) {
    if constexpr (Op::keeps != Keeps::never && is_compiled<Op>)
      for_compiled_types<Op::types & kFloats>([&](auto t) {
        using T = decltype(t);
        k.unary_grad[id][dtype_index<T>] = map<Derivative<Op, T>>;
      });
    ++id;
  };
  (one(Ops{}), ...);
}

}  // namespace

void fill_unary_grad(Kernels& k) { fill_list(k, UnaryOps{}); }

}  // namespace pynn::cuda
