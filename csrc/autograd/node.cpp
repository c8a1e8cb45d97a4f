#include "autograd/node.h"

#include <vector>

#include "autograd/tensor.h"

namespace pynn {
namespace {

// Nodes that wait to be deleted by the loop that is already deleting on this thread.
struct Graveyard {
  bool busy = false;
  std::vector<Node*> waiting;
};

void bury(Node* n) {
  thread_local Graveyard yard;
  if (yard.busy) {
    yard.waiting.push_back(n);
    return;
  }
  yard.busy = true;
  delete n;
  while (!yard.waiting.empty()) {
    Node* const next = yard.waiting.back();
    yard.waiting.pop_back();
    delete next;
  }
  yard.busy = false;
}

}  // namespace

NodeRef::NodeRef(Node* n) : node_(n) {
  if (n) n->owners.fetch_add(1, std::memory_order_relaxed);
}

NodeRef::~NodeRef() {
  if (node_ && node_->owners.fetch_sub(1, std::memory_order_acq_rel) == 1) bury(node_);
}

int64_t Node::next_id() {
  static std::atomic<int64_t> last{0};
  return ++last;
}

}  // namespace pynn
