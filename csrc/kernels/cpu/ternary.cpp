// The loops of the ternary rows and their derivatives, and of `where`, whose first operand has a type of its own.
#include "kernels/cpu/fill.h"
#include "kernels/cpu/table.h"

namespace pynn::PYNN_ISA {
namespace {

template <class Op, class T>
void row(void* const* p, int64_t n) {
  const T *a = static_cast<const T*>(p[0]), *b = static_cast<const T*>(p[1]), *c = static_cast<const T*>(p[2]);
  T* y = static_cast<T*>(p[3]);
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) y[i] = Op::f(a[i], b[i], c[i]);
}

template <class Op, class T, int Side>
void grad_row(void* const* p, int64_t n) {
  const T *g = static_cast<const T*>(p[0]), *a = static_cast<const T*>(p[1]), *b = static_cast<const T*>(p[2]),
          *c = static_cast<const T*>(p[3]);
  T* d = static_cast<T*>(p[4]);
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) {
    if constexpr (Side == 0)
      d[i] = Op::da(g[i], a[i], b[i], c[i]);
    else if constexpr (Side == 1)
      d[i] = Op::db(g[i], a[i], b[i], c[i]);
    else
      d[i] = Op::dc(g[i], a[i], b[i], c[i]);
  }
}

template <class Op, class T>
void loop(const Loop& l, void* const* operands) {
  rows<4>(l, row<Op, T>, {sizeof(T), sizeof(T), sizeof(T), sizeof(T)}, operands);
}

template <class Op, class T, int Side>
void grad_loop(const Loop& l, void* const* operands) {
  rows<5>(l, grad_row<Op, T, Side>, {sizeof(T), sizeof(T), sizeof(T), sizeof(T), sizeof(T)}, operands);
}

template <class... Ops>
void fill_list(Kernels& k, List<Ops...>) {
  static_assert(sizeof...(Ops) <= kTernaryRows);
  int id = 0;
  auto one = [&]<class Op>(Op) {
    for_types<Op::types>([&](auto t) { k.ternary[id][dtype_index<decltype(t)>] = loop<Op, decltype(t)>; });
    for_types<Op::types & kFloats>([&](auto t) {
      using T = decltype(t);
      k.ternary_grad[id][0][dtype_index<T>] = grad_loop<Op, T, 0>;
      k.ternary_grad[id][1][dtype_index<T>] = grad_loop<Op, T, 1>;
      k.ternary_grad[id][2][dtype_index<T>] = grad_loop<Op, T, 2>;
    });
    ++id;
  };
  (one(Ops{}), ...);
}

// Choosing does not care what the bits mean: one loop a size.
template <class Bits>
void where_row(void* const* p, int64_t n) {
  const uint8_t* c = static_cast<const uint8_t*>(p[0]);
  const Bits *a = static_cast<const Bits*>(p[1]), *b = static_cast<const Bits*>(p[2]);
  Bits* y = static_cast<Bits*>(p[3]);
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) y[i] = c[i] ? a[i] : b[i];
}

template <class Bits>
void where_loop(const Loop& l, void* const* operands) {
  rows<4>(l, where_row<Bits>, {1, sizeof(Bits), sizeof(Bits), sizeof(Bits)}, operands);
}

}  // namespace

void fill_ternary(Kernels& k) {
  fill_list(k, TernaryOps{});
  for_types<kAll>([&](auto t) {
    with_size(sizeof t, [&](auto bits) { k.where[dtype_index<decltype(t)>] = where_loop<decltype(bits)>; });
  });
  k.where[dtype_index<Float16>] = k.where[dtype_index<BFloat16>] = where_loop<uint16_t>;
}

}  // namespace pynn::PYNN_ISA
