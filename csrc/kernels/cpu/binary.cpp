// The forward loops of the binary rows.
#include "kernels/cpu/fill.h"
#include "kernels/cpu/table.h"

namespace pynn::PYNN_ISA {
namespace {

template <class Op, class T>
void row(void* const* p, int64_t n) {
  using Y = decltype(Op::f(T{}, T{}));
  const T *a = static_cast<const T*>(p[0]), *b = static_cast<const T*>(p[1]);
  Y* y = static_cast<Y*>(p[2]);
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) y[i] = Op::f(a[i], b[i]);
}

template <class Op, class T>
void loop(const Loop& l, void* const* operands) {
  using Y = decltype(Op::f(T{}, T{}));
  rows<3>(l, row<Op, T>, {sizeof(T), sizeof(T), sizeof(Y)}, operands);
}

template <class... Ops>
void fill_list(Kernels& k, List<Ops...>) {
  static_assert(sizeof...(Ops) <= kBinaryRows);
  int id = 0;
  auto one = [&]<class Op>(Op) {
    for_types<Op::types>([&](auto t) { k.binary[id][dtype_index<decltype(t)>] = loop<Op, decltype(t)>; });
    ++id;
  };
  (one(Ops{}), ...);
}

}  // namespace

void fill_binary(Kernels& k) { fill_list(k, BinaryOps{}); }

}  // namespace pynn::PYNN_ISA
