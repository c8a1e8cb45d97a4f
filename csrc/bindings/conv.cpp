#include "ops/conv.h"

#include <pybind11/stl.h>

#include <variant>
#include <vector>

#include "bindings/bindings.h"
#include "bindings/convert.h"

namespace pynn {
namespace {

using Pairs = std::vector<std::pair<int64_t, int64_t>>;
using PaddingArgument = std::variant<std::string, Pairs>;

ops::Padding to_padding(const char* op, const PaddingArgument& padding) {
  if (const auto* name = std::get_if<std::string>(&padding)) {
    if (*name == "valid") return {ops::Padding::valid};
    if (*name == "same") return {ops::Padding::same};
    throw ValueError(
        message(op, ": padding must be 'valid', 'same' or a pair of sizes for each spatial axis, got '", *name, "'"));
  }
  ops::Padding given{ops::Padding::given};
  for (const auto& [low, high] : std::get<Pairs>(padding)) {
    given.low.push_back(low);
    given.high.push_back(high);
  }
  return given;
}

ops::Moves to_moves(const char* op, const ShapeArgument& strides, const PaddingArgument& padding,
                    const ShapeArgument& dilation) {
  return {strides.value, dilation.value, to_padding(op, padding)};
}

using PoolOp = Tensor (*)(const Tensor&, const Dims&, const Dims&, const ops::Padding&);

void bind_pool(py::module_& m, const char* name, PoolOp op, const char* doc) {
  m.def(
      name,
      [name, op](const Operand& x0, const ShapeArgument& pool_size, const std::optional<ShapeArgument>& strides,
                 const PaddingArgument& padding) {
        const Tensor x = x0.tensor();
        const ops::Padding moves = to_padding(name, padding);
        const Unlocked unlocked(x.size());
        return op(x, pool_size.value, strides ? strides->value : pool_size.value, moves);
      },
      doc, py::arg("x"), py::arg("pool_size"), py::arg("strides") = py::none(), py::arg("padding") = "valid");
}

}  // namespace

void bind_conv(py::module_& m) {
  m.def(
      "conv",
      [](const Operand& x0, const Operand& kernel0, const std::optional<Operand>& bias0,
         const std::optional<std::string>& activation, const ShapeArgument& strides, const PaddingArgument& padding,
         const ShapeArgument& dilation) {
        const Tensor x = x0.tensor(), kernel = kernel0.tensor(), bias = bias0 ? bias0->tensor() : Tensor();
        const ops::Moves moves = to_moves("conv", strides, padding, dilation);
        const Unlocked unlocked(x.size() + kernel.size());
        return ops::conv(x, kernel, bias, activation.value_or(""), moves);
      },
      "activation(conv(x, kernel) + bias) in one pass. Positions outside of x count as 0.\n\nArgs:\n"
      "    x: shape (batch, 1 to 3 spatial axes, channels).\n"
      "    kernel: shape (a size for each spatial axis, channels / groups, filters).\n"
      "    bias: shape (filters,), or None.\n"
      "    activation: the name of an element-wise function, 'softmax', or None.\n"
      "    strides, dilation_rate: a number, or one for each spatial axis.\n"
      "    padding: 'valid', 'same', or (before, after) for each spatial axis.\n\n"
      "Returns:\n    Shape (batch, spatial axes, filters).",
      py::arg("x"), py::arg("kernel"), py::arg("bias") = py::none(), py::arg("activation") = py::none(), py::kw_only(),
      py::arg("strides") = 1, py::arg("padding") = "valid", py::arg("dilation_rate") = 1);
  m.def(
      "depthwise_conv",
      [](const Operand& x0, const Operand& kernel0, const ShapeArgument& strides, const PaddingArgument& padding,
         const ShapeArgument& dilation) {
        const Tensor x = x0.tensor(), kernel = kernel0.tensor();
        const ops::Moves moves = to_moves("depthwise_conv", strides, padding, dilation);
        const Unlocked unlocked(x.size() + kernel.size());
        return ops::depthwise_conv(x, kernel, moves);
      },
      "Convolution of each channel by itself, with one or several filters each.\n\nArgs:\n"
      "    x: shape (batch, 1 to 3 spatial axes, channels).\n"
      "    kernel: shape (a size for each spatial axis, channels, filters of each).\n"
      "    strides, padding, dilation_rate: as for conv.\n\n"
      "Returns:\n    Shape (batch, spatial axes, channels * filters of each).",
      py::arg("x"), py::arg("kernel"), py::kw_only(), py::arg("strides") = 1, py::arg("padding") = "valid",
      py::arg("dilation_rate") = 1);
  m.def(
      "conv_transpose",
      [](const Operand& x0, const Operand& kernel0, const ShapeArgument& strides, const PaddingArgument& padding,
         const std::optional<ShapeArgument>& output_padding, const ShapeArgument& dilation) {
        const Tensor x = x0.tensor(), kernel = kernel0.tensor();
        const ops::Moves moves = to_moves("conv_transpose", strides, padding, dilation);
        const Unlocked unlocked(x.size() + kernel.size());
        return ops::conv_transpose(x, kernel, moves, output_padding ? &output_padding->value : nullptr);
      },
      "Transposed convolution: what the gradient of conv with respect to its input computes.\n\nArgs:\n"
      "    x: shape (batch, 1 to 3 spatial axes, channels).\n"
      "    kernel: shape (a size for each spatial axis, filters, channels).\n"
      "    strides, dilation_rate: a number, or one for each spatial axis.\n"
      "    padding: 'valid'; 'same', where the output is strides times as large as x; or (before, after) for each\n"
      "        spatial axis, which is cropped.\n"
      "    output_padding: positions added at the end, or None for Keras's choice.\n\n"
      "Returns:\n    Shape (batch, spatial axes, filters).",
      py::arg("x"), py::arg("kernel"), py::kw_only(), py::arg("strides") = 1, py::arg("padding") = "valid",
      py::arg("output_padding") = py::none(), py::arg("dilation_rate") = 1);
  bind_pool(m, "max_pool", &ops::max_pool,
            "The largest element of each window of x (batch, 1 to 3 spatial axes, channels).\n\nArgs:\n"
            "    pool_size: a number, or one for each spatial axis.\n    strides: the same; None means pool_size.\n"
            "    padding: 'valid', 'same', or (before, after) for each spatial axis; never the largest.\n\n"
            "Gradient: to the first of the largest.");
  bind_pool(m, "average_pool", &ops::average_pool,
            "The mean of each window of x (batch, 1 to 3 spatial axes, channels).\n\nArgs:\n"
            "    pool_size: a number, or one for each spatial axis.\n    strides: the same; None means pool_size.\n"
            "    padding: 'valid', 'same', or (before, after) for each spatial axis; not counted.");
}

}  // namespace pynn
