// Operations that only rearrange: views where strides allow it, copies where not. Derivatives rearrange back.
#pragma once
#include <vector>

#include "autograd/tape.h"

namespace pynn::ops {

// `shape` may hold one -1, which stands for what is left. A view where strides allow it.
Tensor reshape(const Tensor& x, const Shape& shape);
Tensor permute_dims(const Tensor& x, const Dims& order);   // a view
Tensor swap_axes(const Tensor& x, int64_t a, int64_t b);   // a view
Tensor matrix_transpose(const Tensor& x);                  // the last two axes swapped; a view
Tensor expand_dims(const Tensor& x, int64_t axis);         // a view
Tensor squeeze(const Tensor& x, const Dims& axes);         // a view
Tensor broadcast_to(const Tensor& x, const Shape& shape);  // a view
// Elements start, start + step, ... of an axis, `count` of them, all in range. A view.
Tensor slice(const Tensor& x, int axis, int64_t start, int64_t step, int64_t count);
Tensor select(const Tensor& x, int axis, int64_t i);            // element i of an axis, which goes; a view
Tensor flip(const Tensor& x, const std::optional<Dims>& axes);  // a view

// Elements (i, i + k) of the matrices in the last two axes, as a new last axis. A view.
Tensor diagonal(const Tensor& x, int64_t k);

Tensor contiguous(const Tensor& x);  // x itself where it already is row-major
Tensor copy(const Tensor& x);
Tensor concat(const std::vector<Tensor>& xs, int64_t axis);
Tensor stack(const std::vector<Tensor>& xs, int64_t axis);
std::vector<Tensor> split(const Tensor& x, const std::vector<int64_t>& sizes, int64_t axis);  // views
Tensor tile(const Tensor& x, const Dims& repetitions);
Tensor repeat(const Tensor& x, int64_t times, int64_t axis);  // each slice; ops/index.h has a count for each
Tensor roll(const Tensor& x, const Dims& shifts, const Dims& axes);
Tensor tril(const Tensor& x, int64_t k);  // zero above diagonal k
Tensor triu(const Tensor& x, int64_t k);  // zero below diagonal k

// Zeros of `shape` with g in the place of slice(x, axis, start, step, ...): the derivative of slice.
Tensor unslice(const Tensor& g, const Shape& shape, int axis, int64_t start, int64_t step);

}  // namespace pynn::ops
