// Matrix products of every layout, against plain loops; the library that is found at run time, by one of our own.
#include "check.h"
#include "kernels/cuda/cublas.h"
#include "kernels/elementwise.h"

using namespace pynn;
using namespace check;

namespace {

struct Layout {
  const char* name;
  int64_t M, N, K;
  bool a_transposed, b_transposed;
  int64_t batches;
  bool b_shared;
};

template <class T>
void check_product(const Layout& s, bool bias, int activation, double slack = 1) {
  const Kernels& k = pynn::cuda::kernels();
  constexpr int t = index_of<T>;
  const auto a = noise<T>(s.batches * s.M * s.K), b = noise<T>(s.batches * s.K * s.N), c0 = noise<T>(s.N);
  Gemm g{};
  g.M = s.M, g.N = s.N, g.K = s.K;
  g.a = s.a_transposed ? Matrix{1, s.M} : Matrix{s.K, 1};
  g.b = s.b_transposed ? Matrix{1, s.K} : Matrix{s.N, 1};
  g.c_row = s.N;
  const Loop batch = nest({s.batches}, {{s.M * s.K}, {s.b_shared ? 0 : s.K * s.N}, {s.M * s.N}});
  Device<T> da(a), db(b), dbias(c0), c(s.batches * s.M * s.N);
  if (bias) g.bias = dbias.data();
  if (activation >= 0) g.activation = k.unary_row[activation][t];
  Device<char> workspace(static_cast<int64_t>(k.gemm_workspace[t](g, batch)));
  k.gemm[t](g, batch, da.data(), db.data(), c.data(), workspace.data());
  std::vector<T> expected;
  for (int64_t n = 0; n < s.batches; ++n)
    for (int64_t i = 0; i < s.M; ++i)
      for (int64_t j = 0; j < s.N; ++j) {
        double sum = bias ? static_cast<double>(c0[static_cast<size_t>(j)]) : 0;
        for (int64_t l = 0; l < s.K; ++l)
          sum += static_cast<double>(a[static_cast<size_t>(n * s.M * s.K + i * g.a.row + l * g.a.column)]) *
                 static_cast<double>(
                     b[static_cast<size_t>((s.b_shared ? 0 : n * s.K * s.N) + l * g.b.row + j * g.b.column)]);
        if (activation == cuda::unary_id<cuda::Relu>) sum = sum > 0 ? sum : 0;
        if (activation == cuda::unary_id<cuda::Exp>) sum = std::exp(sum);
        expected.push_back(static_cast<T>(sum));
      }
  expect_close(s.name, c.host(), expected, slack * 5 * tolerance<T>);
}

}  // namespace

CHECK_CASE(product) {
  check_product<float>({"one", 1, 1, 1, false, false, 1, false}, false, -1);
  check_product<float>({"vector", 1, 33, 40, false, false, 1, false}, true, -1);
  check_product<float>({"small", 7, 5, 19, false, true, 3, false}, true, cuda::unary_id<cuda::Relu>);
  check_product<double>({"shared b", 33, 31, 17, true, false, 3, true}, true, cuda::unary_id<cuda::Relu>);
  check_product<float>({"medium", 70, 66, 20, false, false, 2, false}, true, cuda::unary_id<cuda::Relu>);
  check_product<float>({"large", 130, 131, 9, true, true, 1, false}, true, -1);
  check_product<float>({"deep", 3, 5, 300, false, false, 1, false}, true, cuda::unary_id<cuda::Relu>);
  check_product<double>({"deep", 17, 4, 131, true, true, 2, false}, false, -1);
  check_product<float>({"no depth", 3, 4, 0, false, false, 1, false}, true, -1);
  check_product<float>({"a rare activation", 6, 5, 2, false, false, 2, false}, true, cuda::unary_id<cuda::Exp>, 100);
  check_product<int64_t>({"integers", 9, 35, 12, false, false, 1, false}, true, -1);
}

// With the library that PYNN_CUBLAS names, or with none.
CHECK_CASE(library) {
  const char* const wanted = std::getenv("PYNN_CUBLAS");
  const char* const name = cuda::cublas_name();
  if (wanted && *wanted && (!name || std::strcmp(name, wanted) != 0)) wrong("PYNN_CUBLAS is not used", -1, 0, 0);
  check_product<float>({"plain", 20, 17, 30, false, false, 1, false}, true, cuda::unary_id<cuda::Relu>);
  check_product<double>({"transposed", 19, 18, 21, true, true, 3, false}, false, -1);
  check_product<float>({"shared b", 20, 10, 30, false, true, 4, true}, true, cuda::unary_id<cuda::Exp>, 1000);
  check_product<float>({"a row", 1, 40, 50, true, false, 2, false}, false, -1);
}
