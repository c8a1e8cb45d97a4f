// The derivative loops of the binary rows, one for each operand: d = da(g, a, b), d = db(g, a, b).
#include "kernels/cpu/fill.h"
#include "kernels/cpu/table.h"

namespace pynn::PYNN_ISA {
namespace {

template <class Op, class T, int Side>
void row(void* const* p, int64_t n) {
  const T *g = static_cast<const T*>(p[0]), *a = static_cast<const T*>(p[1]), *b = static_cast<const T*>(p[2]);
  T* d = static_cast<T*>(p[3]);
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) {
    if constexpr (Side == 0)
      d[i] = Op::da(g[i], a[i], b[i]);
    else
      d[i] = Op::db(g[i], a[i], b[i]);
  }
}

template <class Op, class T, int Side>
void loop(const Loop& l, void* const* operands) {
  rows<4>(l, row<Op, T, Side>, {sizeof(T), sizeof(T), sizeof(T), sizeof(T)}, operands);
}

template <class... Ops>
void fill_list(Kernels& k, List<Ops...>) {
  int id = 0;
  auto one = [&]<class Op>(Op) {
    if constexpr (Op::keeps != Keeps::never)
      for_types<Op::types & kFloats>([&](auto t) {
        using T = decltype(t);
        k.binary_grad[id][0][dtype_index<T>] = loop<Op, T, 0>;
        k.binary_grad[id][1][dtype_index<T>] = loop<Op, T, 1>;
      });
    ++id;
  };
  (one(Ops{}), ...);
}

}  // namespace

void fill_binary_grad(Kernels& k) { fill_list(k, BinaryOps{}); }

}  // namespace pynn::PYNN_ISA
