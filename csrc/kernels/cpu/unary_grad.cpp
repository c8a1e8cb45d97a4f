// The derivative loops of the unary rows: d = df(g, kept) in one pass.
#include "kernels/cpu/fill.h"
#include "kernels/cpu/table.h"

namespace pynn::PYNN_ISA {
namespace {

template <class Op, class T>
void row(void* const* p, int64_t n) {
  const T *g = static_cast<const T*>(p[0]), *kept = static_cast<const T*>(p[1]);
  T* d = static_cast<T*>(p[2]);
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) d[i] = Op::df(g[i], kept[i]);
}

template <class Op, class T>
void loop(const Loop& l, void* const* operands) {
  rows<3>(l, row<Op, T>, {sizeof(T), sizeof(T), sizeof(T)}, operands);
}

template <class... Ops>
void fill_list(Kernels& k, List<Ops...>) {
  int id = 0;
  auto one = [&]<class Op>(Op) {
    if constexpr (Op::keeps != Keeps::never)
      for_types<Op::types & kFloats>([&](auto t) {
        using T = decltype(t);
        k.unary_grad[id][dtype_index<T>] = loop<Op, T>;
      });
    ++id;
  };
  (one(Ops{}), ...);
}

}  // namespace

void fill_unary_grad(Kernels& k) { fill_list(k, UnaryOps{}); }

}  // namespace pynn::PYNN_ISA
