// The loops of the ternary rows and their derivatives, and of `where`, whose first operand has a type of its own.
#include "kernels/cuda/fill.h"
#include "kernels/cuda/map.h"
#include "kernels/cuda/sample.h"

namespace pynn::cuda {
namespace {

template <class Op, class T>
struct Forward : Function<T, T, T, T> {
  PYNN_FN T f(T a, T b, T c) { return Op::f(a, b, c); }
};

template <class Op, class T, int Side>
struct Derivative : Function<T, T, T, T, T> {
  PYNN_FN T f(T g, T a, T b, T c) {
    if constexpr (Side == 0)
      return Op::da(g, a, b, c);
    else if constexpr (Side == 1)
      return Op::db(g, a, b, c);
    else
      return Op::dc(g, a, b, c);
  }
};

template <class... Ops>
void fill_list(Kernels& k, List<Ops...>) {
  int id = 0;
  auto one = [&]<class Op>(Op) {
    for_compiled_types<Op::types>([&](auto t) {
      using T = decltype(t);
      k.ternary[id][dtype_index<T>] = map<Forward<Op, T>>;
    });
    for_compiled_types<Op::types & kFloats>([&](auto t) {
      using T = decltype(t);
      k.ternary_grad[id][0][dtype_index<T>] = map<Derivative<Op, T, 0>>;
      k.ternary_grad[id][1][dtype_index<T>] = map<Derivative<Op, T, 1>>;
      k.ternary_grad[id][2][dtype_index<T>] = map<Derivative<Op, T, 2>>;
    });
    ++id;
  };
  (one(Ops{}), ...);
}

// Choosing does not care what the bits mean: one kernel a size. The condition is read as its byte.
template <class T>
struct Where : Function<T, uint8_t, T, T> {
  PYNN_FN T f(uint8_t condition, T a, T b) { return condition ? a : b; }
};

}  // namespace

void fill_ternary(Kernels& k) {
  fill_list(k, TernaryOps{});
  for_all_compiled_types([&](auto t) { k.where[dtype_index<decltype(t)>] = map<Where<Bits<sizeof t>>>; });
}

}  // namespace pynn::cuda
