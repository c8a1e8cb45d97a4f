// The tape's records. A node remembers one operation: its inputs and how a gradient passes back through it.
#pragma once
#include <atomic>
#include <cstdint>
#include <span>
#include <utility>

#include "autograd/glimpse.h"

namespace pynn {

class Tensor;
struct Node;

// Shared ownership of a node, counted in the node itself. Letting go of a chain of a million nodes does not recurse:
// a node whose count falls to zero while another is being deleted waits its turn in a list.
class NodeRef {
 public:
  NodeRef() = default;
  explicit NodeRef(Node* n);  // shares ownership
  NodeRef(const NodeRef& o) : NodeRef(o.node_) {}
  NodeRef(NodeRef&& o) noexcept : node_(std::exchange(o.node_, nullptr)) {}
  NodeRef& operator=(NodeRef o) noexcept {
    std::swap(node_, o.node_);
    return *this;
  }
  ~NodeRef();

  Node* get() const { return node_; }
  Node* operator->() const { return node_; }
  explicit operator bool() const { return node_ != nullptr; }

 private:
  Node* node_ = nullptr;
};

struct Node {
  explicit Node(const char* op) : op(op), id(next_id()) {}
  virtual ~Node() = default;
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  // One slot an input; null where no gradient flows.
  virtual std::span<const NodeRef> inputs() const = 0;
  // Given the gradient g of the output, sets d[i] for each input that has a node. A d[i] that is defined before is
  // memory which may be used for it.
  virtual void backward(const Tensor& g, Tensor* d) = 0;

  const char* const op;
  const int64_t id;                   // grows with time, so a node's id is above those of its inputs
  bool watched = false;               // a leaf that records only while a GradientTape is open
  std::unique_ptr<Glimpse> operands;  // the small ones
  std::atomic<int64_t> owners{0};

 private:
  static int64_t next_id();
};

}  // namespace pynn
