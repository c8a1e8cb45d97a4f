// What the files of this folder put into the table of kernels, a function each.
#pragma once
#include "kernels/kernels.h"

namespace pynn::cuda {

void fill_unary(Kernels&);
void fill_unary_grad(Kernels&);
void fill_binary(Kernels&);
void fill_binary_grad(Kernels&);
void fill_ternary(Kernels&);
void fill_cast(Kernels&);
void fill_reduce(Kernels&);
void fill_scan(Kernels&);
void fill_softmax(Kernels&);
void fill_gemm(Kernels&);
void fill_conv(Kernels&);
void fill_depthwise(Kernels&);
void fill_pool(Kernels&);
void fill_index(Kernels&);
void fill_sort(Kernels&);
void fill_random(Kernels&);
void fill_optimize(Kernels&);
void fill_peak(Kernels&);

}  // namespace pynn::cuda
