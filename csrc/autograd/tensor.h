// A tensor is an array and, where gradients are wanted, the node that made it.
#pragma once
#include <utility>

#include "autograd/node.h"
#include "core/array.h"

namespace pynn {

class Tensor {
 public:
  Tensor() {}  // not `= default`: Tensor{} would write all of the shape
  explicit Tensor(Array a) : array(std::move(a)) {}
  Tensor(Array a, NodeRef n) : array(std::move(a)), node(std::move(n)) {}

  Array array;
  NodeRef node;  // null when untracked

  const Shape& shape() const { return array.shape; }
  int ndim() const { return array.ndim(); }
  int64_t size() const { return array.size(); }
  Dtype dtype() const { return array.dtype; }
  Device device() const { return array.device(); }
  bool defined() const { return array.storage != nullptr; }
};

}  // namespace pynn
