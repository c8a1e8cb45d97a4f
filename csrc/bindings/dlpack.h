// DLPack: the C structures in which array libraries hand memory to each other, written from the specification
// (dmlc/dlpack, versions 0.8 and 1.0), and a tensor of what another library hands over.
#pragma once
#include <pybind11/pybind11.h>

#include <cstdint>
#include <optional>

#include "autograd/tensor.h"

namespace pynn::dlpack {

enum DeviceType : int32_t { kCpu = 1, kCuda = 2, kCudaHost = 3, kRocmHost = 11 };
enum TypeCode : uint8_t { kInt = 0, kUint = 1, kFloat = 2, kBfloat = 4, kComplex = 5, kBool = 6 };

struct DLDevice {
  int32_t type;
  int32_t index;
};
struct DLType {
  uint8_t code;
  uint8_t bits;
  uint16_t lanes;  // elements that hardware takes as one; 1 in every array of numbers
};
struct DLTensor {
  void* data;
  DLDevice device;
  int32_t ndim;
  DLType dtype;
  int64_t* shape;
  int64_t* strides;  // in elements; null: row-major
  uint64_t byte_offset;
};

// A tensor and how to let go of it: the deleter frees this structure as well.
struct Managed {
  DLTensor tensor;
  void* context;
  void (*deleter)(Managed*);
};
// The same from version 1.0 on. Of another major version, only the first three members can be read.
struct ManagedVersioned {
  struct {
    uint32_t major, minor;
  } version;
  void* context;
  void (*deleter)(ManagedVersioned*);
  uint64_t flags;
  DLTensor tensor;
};
static constexpr uint64_t kReadOnly = 1, kIsCopied = 2;

// Whether the object offers its memory by DLPack.
bool offered(pybind11::handle object);

// from_dlpack on the CPU: a tensor that shares the object's memory, or a copy of it where `copy` says so or where the
// elements are not aligned. `from_anywhere`: asks an object on another device for a copy on the CPU.
Tensor take(pybind11::handle object, std::optional<bool> copy = std::nullopt, bool from_anywhere = false);

}  // namespace pynn::dlpack
