// The derivative loops of the binary rows, one for each operand: d = da(g, a, b), d = db(g, a, b).
#include "kernels/cuda/fill.h"
#include "kernels/cuda/map.h"
#include "kernels/cuda/sample.h"

namespace pynn::cuda {
namespace {

template <class Op, class T, int Side>
struct Derivative : Function<T, T, T, T> {
  PYNN_FN T f(T g, T a, T b) {
    if constexpr (Side == 0)
      return Op::da(g, a, b);
    else
      return Op::db(g, a, b);
  }
};

template <class... Ops>
void fill_list(Kernels& k, List<Ops...>) {
  int id = 0;
  auto one = [&]<class Op>(Op) {
    if constexpr (Op::keeps != Keeps::never && is_compiled<Op>)
      for_compiled_types<Op::types & kFloats>([&](auto t) {
        using T = decltype(t);
        k.binary_grad[id][0][dtype_index<T>] = map<Derivative<Op, T, 0>>;
        k.binary_grad[id][1][dtype_index<T>] = map<Derivative<Op, T, 1>>;
      });
    ++id;
  };
  (one(Ops{}), ...);
}

}  // namespace

void fill_binary_grad(Kernels& k) { fill_list(k, BinaryOps{}); }

}  // namespace pynn::cuda
