// THE CONTRACT between a backend and the floor above: what a backend (CPU per ISA, CUDA) has to fill in.
// Kernels see plain pointers and loop descriptions. They never allocate, throw, or meet a shape they must check.
#pragma once
#include <cstddef>
#include <cstdint>

#include "core/dtype.h"

namespace pynn {

static constexpr int kLoopDims = 12;  // after axes that are one have been joined
static constexpr int kOperands = 5;   // inputs and the output of an element-wise loop at most

// A nest of loops over operands of one shape, outermost first. Strides are in elements of the operand's own type.
// The nest is minimal: no axis of size 1, no two axes that could be one.
struct Loop {
  int ndim;
  int64_t shape[kLoopDims];
  int64_t stride[kOperands][kLoopDims];
};

// operands: the inputs, then the output.
using LoopFn = void (*)(const Loop&, void* const* operands);

// One row of n contiguous elements; the same operands. Also the form of an epilogue of gemm.
using RowFn = void (*)(void* const* operands, int64_t n);

// kept: the loop over the results (operand 0 is x, 1 is y). reduced: the loop over what each result combines (0 is x).
using ReduceFn = void (*)(const Loop& kept, const Loop& reduced, const void* x, void* y);
enum class Reduction { sum, prod, max, min, argmax, argmin, any, all };
static constexpr int kReductions = 8;

// Running sums or products along one axis of n elements: kept as above, step_x and step_y along the axis.
using ScanFn = void (*)(const Loop& kept, int64_t n, int64_t step_x, int64_t step_y, const void* x, void* y);

// Rows of n contiguous elements.
using RowsFn = void (*)(int64_t rows, int64_t n, const void* x, void* y);
// d = y * (g - sum(g * y)) for softmax, d = g - exp(y) * sum(g) for log_softmax.
using RowsGradFn = void (*)(int64_t rows, int64_t n, const void* g, const void* y, void* d);

// loss[r] = logsumexp(x[r]) - x[r][label[r]], and, where d is not null, d[r] = softmax(x[r]) - one_hot(label[r]).
using SparseCrossEntropyFn = void (*)(int64_t rows, int64_t n, const void* x, const int64_t* label, void* loss,
                                      void* d);
// loss[r] = sum(t[r]) * logsumexp(x[r]) - t[r] . x[r]; d[r] = sum(t[r]) * softmax(x[r]) - t[r].
using DenseCrossEntropyFn = void (*)(int64_t rows, int64_t n, const void* x, const void* t, void* loss, void* d);

// One matrix: element (i, j) at data[i * row + j * column].
struct Matrix {
  int64_t row, column;
};
// c (M, N) = a (M, K) b (K, N), then bias (N contiguous, or null) is added to each row, then `activation` (or null)
// maps it in place; c's columns are contiguous. `batch` loops over operands a, b, c.
struct Gemm {
  int64_t M, N, K;
  Matrix a, b;
  int64_t c_row;
  const void* bias;
  RowFn activation;
};
using GemmFn = void (*)(const Gemm&, const Loop& batch, const void* a, const void* b, void* c, void* workspace);
using GemmWorkspaceFn = size_t (*)(const Gemm&, const Loop& batch);  // bytes

// Where the windows of a convolution or a pooling stand. Axis 0 is the batch, whose windows have size 1; then come
// three spatial axes, the first of which have size 1 where there are fewer. Along an axis, window i begins at i *
// stride - low and takes `size` positions, `dilation` apart; positions outside of [0, in) are padding.
static constexpr int kWindowAxes = 4;
struct Windows {
  int64_t in[kWindowAxes], out[kWindowAxes], size[kWindowAxes], stride[kWindowAxes], dilation[kWindowAxes],
      low[kWindowAxes];
};
// x (in, channels), kernel (size, channels / groups, filters), y (out, filters), all row-major. Group i takes the i-th
// part of the channels to the i-th part of the filters. Padding counts as 0.
struct Conv {
  Windows windows;
  int64_t channels, filters, groups;
};
// y = activation(conv(x, kernel) + bias); bias and activation may be null.
using ConvFn = void (*)(const Conv&, const void* x, const void* kernel, const void* bias, RowFn activation, void* y,
                        void* workspace);
// d (as x or as kernel), of which `operand` is the other one.
using ConvGradFn = void (*)(const Conv&, const void* g, const void* operand, void* d, void* workspace);
using ConvWorkspaceFn = size_t (*)(const Conv&);  // bytes

// The three products of a convolution, each with its workspace.
struct ConvKernels {
  ConvFn forward;
  ConvGradFn input_grad, kernel_grad;
  ConvWorkspaceFn forward_workspace, input_grad_workspace, kernel_grad_workspace;
};

// Pooling of x (in, channels) to y (out, channels). An index is the position of an element in its window, counted
// row-major: int32 where windows are `wide`, that is of more than 256 positions, else uint8.
struct Pool {
  Windows windows;
  int64_t channels;
  bool wide;
};
// y = the largest of each window, the first of equals; a NaN wins. Padding is never the largest.
using MaxPoolFn = void (*)(const Pool&, const void* x, void* y, void* index);
// y = what stands in each window of x at the position `index`; and, for x's gradient, d (in, channels) from g: the
// sum of the g whose index names the element.
using PoolIndexFn = void (*)(const Pool&, const void* x, const void* index, void* y);
// y = the mean of each window's positions inside of x; and, for x's gradient, d from g.
using AveragePoolFn = void (*)(const Pool&, const void* x, void* y);

// y[i, ...] = x[index[i], ...]: `outer` slices of x, each of `count` blocks of `block` contiguous bytes.
// x has `n` blocks a slice. Indices are in range.
using TakeFn = void (*)(int64_t outer, int64_t n, int64_t count, int64_t block, const void* x, const int64_t* index,
                        void* y);
// y[index[i]] += g[i], in the order of i; block counts elements. For int32, int64, float32 and float64.
using TakeGradFn = void (*)(int64_t outer, int64_t n, int64_t count, int64_t block, const void* g, const int64_t* index,
                            void* y);

// order = the permutation that sorts each row of n, stably, NaN last, also when descending. scratch is as large as
// order: rows * n.
using ArgsortFn = void (*)(int64_t rows, int64_t n, bool descending, const void* x, int64_t* order, int64_t* scratch);

// Counter-based random numbers (Philox4x32-10): element i of a draw depends on key, counter and i alone, so that
// threads, ISA levels and devices give equal bits. A counter value gives 16 bytes of output: a draw of n consumes (n +
// 3) / 4 values for float32 and (n + 1) / 2 for float64 and integers, whatever the distribution. The next draw with the
// same key starts there.
struct RandomDraw {
  uint64_t key;
  uint64_t counter;
  double a, b;  // low and high, mean and standard deviation, or probability of 1
};
// uniform: in [a, b), both rounded to the type of y; b - a must be finite. bernoulli: 1 or 0 in the type of y, with the
// probability rounded up to a multiple of 2**-24 (float32) or 2**-52.
using RandomFn = void (*)(const RandomDraw&, int64_t n, void* y);
// Integers in [low, low + range), range = 0 standing for 2**64. Bias below 2**-64 for each.
using RandomIntegersFn = void (*)(const RandomDraw&, int64_t low, uint64_t range, int64_t n, int64_t* y);

// What every optimizer step shares. The gradient that is used is clip(g * scale, -clip_value, clip_value);
// an infinite clip_value clips nothing. Before the step, w -= w * weight_decay * learning_rate. Formulas as in Keras 3.
struct StepOptions {
  double learning_rate, weight_decay, scale, clip_value;
};
struct SgdOptions : StepOptions {
  static constexpr auto name = "sgd";
  double momentum;
  bool nesterov;
};
struct RmspropOptions : StepOptions {
  static constexpr auto name = "rmsprop";
  double rho, epsilon, momentum;
};
struct AdagradOptions : StepOptions {
  static constexpr auto name = "adagrad";
  double epsilon;
};
struct AdadeltaOptions : StepOptions {
  static constexpr auto name = "adadelta";
  double rho, epsilon;
};
struct AdamOptions : StepOptions {
  static constexpr auto name = "adam";
  double beta_1, beta_2, epsilon;
  int64_t step;  // 1 at the first step
};
struct AdamaxOptions : StepOptions {
  static constexpr auto name = "adamax";
  double beta_1, beta_2, epsilon;
  int64_t step;
};
struct NadamOptions : StepOptions {
  static constexpr auto name = "nadam";
  double beta_1, beta_2, epsilon;
  double momentum, next_momentum, product;  // that of this step, that of the next, product of all up to this step
  int64_t step;
};
struct FtrlOptions : StepOptions {
  static constexpr auto name = "ftrl";
  double power, l1, l2, l2_shrinkage;  // the accumulator is raised to -power
};
struct LionOptions : StepOptions {
  static constexpr auto name = "lion";
  double beta_1, beta_2;
};
// Contiguous arrays of n; states in the order that cpu/optimize.cpp reads them. A null state switches its feature off.
template <class Options>
using StepFn = void (*)(const Options&, int64_t n, void* w, const void* g, void* const* states);
template <class Options>
struct OptimizerStep {
  StepFn<Options> by_type[kDtypes];
};
template <class... Options>
struct StepTable : OptimizerStep<Options>... {};
using Steps = StepTable<SgdOptions, RmspropOptions, AdagradOptions, AdadeltaOptions, AdamOptions, AdamaxOptions,
                        NadamOptions, FtrlOptions, LionOptions>;

// What the machine can do at most, on all threads. The first returns the operations done, two for each multiply-add on
// registers; the second copies `bytes` from x to y `repeats` times, each thread its own part.
using FmaPeakFn = double (*)(int64_t iterations);
using CopyPeakFn = void (*)(int64_t bytes, int64_t repeats, const void* x, void* y);

// Room for the rows of the table (kernels/elementwise.h asserts that it suffices).
static constexpr int kUnaryRows = 80;
static constexpr int kBinaryRows = 64;
static constexpr int kTernaryRows = 8;

// The functions of one backend. A null entry: this type has no such operation. [dtype] is the type of the inputs.
struct Kernels {
  const char* isa;

  RowFn unary_row[kUnaryRows][kDtypes];
  LoopFn unary[kUnaryRows][kDtypes];
  LoopFn unary_grad[kUnaryRows][kDtypes];  // g, kept -> d
  LoopFn binary[kBinaryRows][kDtypes];
  LoopFn binary_grad[kBinaryRows][2][kDtypes];  // g, a, b -> d
  LoopFn ternary[kTernaryRows][kDtypes];
  LoopFn ternary_grad[kTernaryRows][3][kDtypes];  // g, a, b, c -> d
  LoopFn where[kDtypes];                          // condition (bool), a, b
  LoopFn cast[kDtypes][kDtypes];                  // [from][to]; [t][t] copies

  ReduceFn reduce[kReductions][kDtypes];
  ScanFn cumulative_sum[kDtypes], cumulative_prod[kDtypes];
  RowsFn softmax[kDtypes], log_softmax[kDtypes];
  RowsGradFn softmax_grad[kDtypes], log_softmax_grad[kDtypes];
  SparseCrossEntropyFn sparse_cross_entropy[kDtypes];
  DenseCrossEntropyFn dense_cross_entropy[kDtypes];
  // Of probabilities that are scaled to sum to 1 and clipped, instead of logits.
  SparseCrossEntropyFn sparse_probability_cross_entropy[kDtypes];
  DenseCrossEntropyFn dense_probability_cross_entropy[kDtypes];

  GemmFn gemm[kDtypes];
  GemmWorkspaceFn gemm_workspace[kDtypes];

  ConvKernels conv[kDtypes], depthwise[kDtypes];  // depthwise: as many groups as channels
  MaxPoolFn max_pool[kDtypes];
  PoolIndexFn pool_pick[kDtypes], pool_place[kDtypes];
  AveragePoolFn average_pool[kDtypes], average_pool_grad[kDtypes];

  TakeFn take;
  TakeGradFn take_grad[kDtypes];
  ArgsortFn argsort[kDtypes];

  RandomFn uniform[kDtypes], normal[kDtypes], bernoulli[kDtypes];
  RandomIntegersFn integers;

  Steps steps;

  FmaPeakFn fma_peak[kDtypes];
  CopyPeakFn copy_peak;
};

// The CPU table of the chosen ISA level.
const Kernels& cpu_kernels();
// Chooses a level by name. False where this machine or this build does not have it.
bool use_isa(const char* name);
// The names of the levels that this machine runs, best first, null-terminated.
const char* const* runnable_isas();

}  // namespace pynn
