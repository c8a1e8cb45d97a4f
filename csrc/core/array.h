// A strided view of storage. Knows nothing of arithmetic or gradients; all functions here move no data.
#pragma once
#include <memory>
#include <optional>

#include "core/dtype.h"
#include "core/shape.h"
#include "core/storage.h"

namespace pynn {

struct Array {
  std::shared_ptr<Storage> storage;
  Shape shape;
  Strides strides;     // in elements; 0 where an axis is broadcast, negative where it runs backwards
  int64_t offset = 0;  // in elements
  Dtype dtype = kDefaultFloat;

  static Array empty(const Shape&, Dtype, Device = {});

  int ndim() const { return shape.size(); }
  int64_t size() const {
    int64_t n = 1;
    for (int64_t s : shape) n *= s;
    return n;
  }
  char* data() const { return static_cast<char*>(storage->data()) + offset * static_cast<int64_t>(itemsize(dtype)); }
  Device device() const { return storage->device(); }
  // The elements, for code that runs on the host. Throws DeviceError where they are on a device.
  template <class T>
  T* as() const {
    if (!device().is_cpu()) not_on_host();
    return reinterpret_cast<T*>(data());
  }
  bool is_contiguous() const;  // row-major without gaps

 private:
  [[noreturn]] void not_on_host() const;
};

// Whether the spans of memory from the first to the last byte of each touch. Arrays of different storages may: two
// tensors can share one NumPy array.
bool overlap(const Array&, const Array&);
// Whether each element of one is the same element of the other.
bool same_view(const Array&, const Array&);

// Views. Axes are already counted from the front and in range.
Array permuted(const Array&, const Axes& order);
Array expanded(const Array&, const Shape&);  // broadcast: `shape` must be reachable
Array with_axis(const Array&, int at);       // a new axis of size 1
Array without_axis(const Array&, int at);    // an axis of size 1 removed
// The same elements in another shape of equal size, if strides can express it.
std::optional<Array> reshaped_view(const Array&, const Shape&);
// Elements start, start + step, ... of one axis, `count` of them.
Array sliced(const Array&, int axis, int64_t start, int64_t step, int64_t count);

}  // namespace pynn
