// Reading and writing at positions: slices, integer arrays, boolean masks.
#pragma once
#include <vector>

#include "autograd/tape.h"

namespace pynn::ops {

// One item between the brackets of x[...].
struct IndexItem {
  enum Kind { integer, slice, new_axis, ellipsis, array, mask } kind;
  int64_t value = 0;                                        // integer
  std::optional<int64_t> start = {}, stop = {}, step = {};  // slice, as written
  Tensor tensor = {};                                       // array (integers) or mask (booleans)
};
using Index = std::vector<IndexItem>;

// NumPy's rules: slices make views, arrays and masks copies. Errors name the axis, the index and the size.
Tensor get_item(const Tensor& x, const Index& index);
void set_item(const Tensor& x, const Index& index, const Tensor& value);

// The slices of x along `axis` at `indices` (integers of any shape, which takes the place of the axis).
Tensor take(const Tensor& x, const Tensor& indices, int64_t axis);
// Slice i of x along `axis` as often as counts[i] says; a single count is for all.
Tensor repeat(const Tensor& x, const Tensor& counts, int64_t axis);
// y[..., i, ...] = x[..., indices[..., i, ...], ...] along the axis; the other axes broadcast.
Tensor take_along_axis(const Tensor& x, const Tensor& indices, int64_t axis);
// For each of `values`, how many elements of the sorted vector are below it; with `right`, not above it. int64. NaN is
// above all numbers.
Tensor searchsorted(const Tensor& sorted, const Tensor& values, bool right);
// The positions of elements that are not 0, one int64 tensor an axis.
std::vector<Tensor> nonzero(const Tensor& x);
// 1 at the label, 0 elsewhere, along a new last axis.
Tensor one_hot(const Tensor& labels, int64_t classes, Dtype dtype);

}  // namespace pynn::ops
