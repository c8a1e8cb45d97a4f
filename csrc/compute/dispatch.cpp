#include "compute/dispatch.h"

#include "core/error.h"

namespace pynn::compute {

void same_device(const char* op, std::span<const Array* const> operands) {
  for (const Array* x : operands) {
    if (x->device() == operands.front()->device()) continue;
    std::string where;
    for (const Array* each : operands)
      where +=
          message(where.empty() ? "" : ", ", name(each->dtype), " ", str(each->shape), " on ", str(each->device()));
    throw DeviceError(message(op, ": operands on different devices: ", where, "; move one with x.to('",
                              str(operands.front()->device().is_cpu() ? x->device() : operands.front()->device()),
                              "')"));
  }
}

const Kernels& device_kernels(const char* op, std::span<const Array* const> operands) {
  same_device(op, operands);
  const Device device = operands.front()->device();
  const CudaBackend& backend = backend_of(device);
  if (!backend.use(device.index)) backend_failed(op, backend);
  for (const Array* x : operands) x->storage->claim();
  return *backend.kernels;
}

void no_kernel(const char* op, Dtype dtype, bool float32) {
  const char* hint = dtype == Dtype::float16 || dtype == Dtype::bfloat16 ? "; compute in float32: x.astype('float32')"
                     : is_floating(dtype)                                ? ""
                                                                         : "; convert first: x.astype('float32')";
  if (!float32)  // an operation on bits
    hint = is_floating(dtype) ? "; it works on bool and integers, and conditions need brackets: (x > 0) & (x < 1)" : "";
  throw DtypeError(message(op, " is not defined for ", name(dtype), hint));
}

Loop nest(std::initializer_list<const Array*> operands) {
  Loop l;
  l.ndim = 0;
  const Shape& shape = (*operands.begin())->shape;
  for (int d = 0; d < shape.size(); ++d) {
    if (shape[d] == 1) continue;
    bool merge = l.ndim > 0;
    int k = 0;
    for (const Array* x : operands) merge = merge && l.stride[k++][l.ndim - 1] == x->strides[d] * shape[d];
    if (!merge && l.ndim == kLoopDims)
      throw ShapeError(message("shape ", str(shape), " needs more than ", std::to_string(kLoopDims),
                               " loops, one for each axis that memory keeps apart; join axes with reshape first"));
    const int at = merge ? l.ndim - 1 : l.ndim++;
    l.shape[at] = merge ? l.shape[at] * shape[d] : shape[d];
    k = 0;
    for (const Array* x : operands) l.stride[k++][at] = x->strides[d];
  }
  return l;
}

}  // namespace pynn::compute
