// Conversions between all types, and the copy of a type to itself.
#include "kernels/convert.h"
#include "kernels/cpu/fill.h"
#include "kernels/cpu/table.h"

namespace pynn::PYNN_ISA {
namespace {

template <class From, class To>
void row(void* const* p, int64_t n) {
  const From* x = static_cast<const From*>(p[0]);
  To* y = static_cast<To*>(p[1]);
#pragma omp simd
  for (int64_t i = 0; i < n; ++i) y[i] = convert<To>(x[i]);
}

template <class From, class To>
void loop(const Loop& l, void* const* operands) {
  rows<2>(l, row<From, To>, {sizeof(From), sizeof(To)}, operands);
}

}  // namespace

void fill_cast(Kernels& k) {
  for_all_types([&](auto from) {
    for_all_types([&](auto to) {
      using From = decltype(from);
      using To = decltype(to);
      k.cast[dtype_index<From>][dtype_index<To>] = loop<From, To>;
    });
  });
}

}  // namespace pynn::PYNN_ISA
