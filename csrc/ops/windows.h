// How windows move over the spatial axes of a tensor (batch, spatial axes ..., channels): what convolution and pooling
// have in common.
#pragma once
#include "compute/conv.h"
#include "core/shape.h"

namespace pynn::ops {

// `same`: as TensorFlow has it, as many windows as ceil(size / stride), the larger half of the padding at the end.
struct Padding {
  enum Kind { valid, same, given } kind = valid;
  Dims low = {}, high = {};  // given: positions before and after each spatial axis
};

// One number a spatial axis; a single number is for all.
struct Moves {
  Dims stride, dilation;
  Padding padding;
};

// `name` of what the user called and, for messages, of what gives the windows their size.
struct Operation {
  const char *name, *window;
};

// Checked: as many numbers as axes, in range, no window larger than the input. Leading axes that are missing get
// size 1.
Windows windows_over(const Operation&, const Shape& x, const Dims& size, const Moves&);
// The input of windows whose output would be x: the geometry of the transposed operation. `extra` positions at the end,
// one number an axis, where given.
Windows windows_back(const Operation&, const Shape& x, const Dims& size, const Moves&, const Dims* extra);

// (batch, sizes of the spatial axes, channels): of the input, or of the output.
Shape input_shape(const Windows&, int axes, int64_t channels);
Shape output_shape(const Windows&, int axes, int64_t channels);

}  // namespace pynn::ops
