// The forward loops of the unary rows.
#include "kernels/cpu/fill.h"
#include "kernels/cpu/table.h"

namespace pynn::PYNN_ISA {
namespace {

template <class Op, class T>
void row(void* const* p, int64_t n) {
  using Y = decltype(Op::f(T{}));
  const T* x = static_cast<const T*>(p[0]);
  Y* y = static_cast<Y*>(p[1]);
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) y[i] = Op::f(x[i]);
}

template <class Op, class T>
void loop(const Loop& l, void* const* operands) {
  using Y = decltype(Op::f(T{}));
  rows<2>(l, row<Op, T>, {sizeof(T), sizeof(Y)}, operands);
}

template <class... Ops>
void fill_list(Kernels& k, List<Ops...>) {
  static_assert(sizeof...(Ops) <= kUnaryRows);
  int id = 0;
  auto one = [&]<class Op>(Op) {
    for_types<Op::types>([&](auto t) {
      using T = decltype(t);
      k.unary_row[id][dtype_index<T>] = row<Op, T>;
      k.unary[id][dtype_index<T>] = loop<Op, T>;
    });
    ++id;
  };
  (one(Ops{}), ...);
}

}  // namespace

void fill_unary(Kernels& k) { fill_list(k, UnaryOps{}); }

}  // namespace pynn::PYNN_ISA
