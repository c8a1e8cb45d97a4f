#include "autograd/tape.h"

#include <algorithm>
#include <map>

#include "compute/elementwise.h"
#include "core/error.h"
#include "kernels/elementwise.h"

namespace pynn {
namespace {

struct State {
  bool recording = true;
  int tapes = 0;
};
State& state() {
  thread_local State s;
  return s;
}

struct Leaf final : Node {
  Leaf() : Node("leaf") {}
  std::span<const NodeRef> inputs() const override { return {}; }
  void backward(const Tensor&, Tensor*) override {}
  Tensor gradient;
};

Leaf* as_leaf(const Tensor& x) { return dynamic_cast<Leaf*>(x.node.get()); }

struct ManySteps final : Node {
  using Node::Node;
  std::vector<NodeRef> from;
  std::function<Tensor(const Tensor&, int)> derivative;
  std::span<const NodeRef> inputs() const override { return from; }
  void backward(const Tensor& g, Tensor* d) override {
    for (int i = 0; i < static_cast<int>(from.size()); ++i)
      if (from[static_cast<size_t>(i)]) d[i] = derivative(g, i);
  }
};

constexpr int kAdd = baseline::binary_id<baseline::Add>;

// Two gradients of one tensor, together. In place where nobody else sees the sum.
void add_into(Tensor& sum, Tensor g) {
  if (!sum.defined()) {
    sum = std::move(g);
  } else if (!tracked(sum) && !tracked(g) && sum.array.storage.use_count() == 1 && sum.array.is_contiguous()) {
    compute::binary_into("add", kAdd, sum.array, g.array);
  } else {
    Array y = compute::binary("add", kAdd, sum.array, g.array, sum.dtype());
    sum = record("add", std::move(y), wrt(sum, [](const Tensor& d) { return d; }),
                 wrt(g, [](const Tensor& d) { return d; }));
  }
}

// A gradient to hand out: in memory of its own, so that changing one never changes another.
Tensor owned(Tensor g) {
  if (!g.node && (g.array.storage.use_count() > 1 || !g.array.is_contiguous())) g.array = compute::copy(g.array);
  return g;
}

using Visit = std::function<void(Node&, Tensor)>;
using Offer = std::function<Tensor(Node&)>;  // memory for a node's gradient, each at most once

// Nodes in order of falling id, which is a topological order, so each has its whole gradient when its turn comes. No
// recursion: the depth of a model is not bounded by the stack.
void walk(const Tensor& target, const Tensor& seed, bool create_graph, const Visit& wanted, const Offer& offer = {}) {
  if (!target.node && !is_floating(target.dtype()))
    throw GradientError(message("this tensor is ", name(target.dtype()),
                                ", and only floating tensors have gradients: comparisons, argmax and casts to integers "
                                "end what the tape records"));
  if (!target.node)
    throw GradientError(
        "this tensor was not recorded: compute it inside `with pynn.GradientTape()`, or from a tensor made with "
        "requires_grad=True");
  struct Pending {
    NodeRef node;
    Tensor gradient;
  };
  std::map<int64_t, Pending, std::greater<>> pending;
  pending[target.node->id] = {target.node, seed};
  const NoRecording off(!create_graph);
  std::vector<Tensor> d;
  while (!pending.empty()) {
    auto [node, gradient] = std::move(pending.begin()->second);
    pending.erase(pending.begin());
    const auto inputs = node->inputs();
    d.assign(inputs.size(), Tensor());
    for (size_t i = 0; offer && i < inputs.size(); ++i)
      if (inputs[i]) d[i] = offer(*inputs[i].get());
    try {
      node->backward(gradient, d.data());
    } catch (const GradientError& e) {
      throw GradientError(message("the gradient of ", node->op, ": ", e.what()));
    }
    wanted(*node.get(), std::move(gradient));
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (!inputs[i]) continue;
      Pending& p = pending[inputs[i]->id];
      p.node = inputs[i];
      add_into(p.gradient, std::move(d[i]));
    }
  }
}

}  // namespace

bool recording() { return state().recording; }
bool set_recording(bool on) { return std::exchange(state().recording, on); }
int open_tapes(int change) { return state().tapes += change; }

void Kept::changed() {
  throw GradientError(
      "a tensor that it needs was changed in place after it was used; change a copy, or make a new tensor instead");
}

Tensor record_many(const char* op, Array y, const std::vector<Tensor>& inputs,
                   std::function<Tensor(const Tensor&, int)> derivative) {
  bool any = false;
  for (const Tensor& x : inputs) any = any || tracked(x);
  if (!any) return Tensor(std::move(y));
  auto* step = new ManySteps(op);
  NodeRef node(step);
  for (const Tensor& x : inputs) {
    step->operands = Glimpse::of(x.array, static_cast<int>(step->from.size()), std::move(step->operands));
    step->from.push_back(tracked(x) ? x.node : NodeRef());
  }
  step->derivative = std::move(derivative);
  return Tensor(std::move(y), std::move(node));
}

NodeRef make_leaf(bool watched) {
  NodeRef leaf(new Leaf);
  leaf->watched = watched;
  return leaf;
}
bool is_leaf(const Tensor& x) { return as_leaf(x) != nullptr; }

Tensor leaf_gradient(const Tensor& x) {
  const Leaf* leaf = as_leaf(x);
  return leaf ? leaf->gradient : Tensor();
}
void set_leaf_gradient(const Tensor& x, Tensor gradient) {
  if (Leaf* leaf = as_leaf(x)) leaf->gradient = std::move(gradient);
}

std::vector<Tensor> gradients(const Tensor& target, const std::vector<Tensor>& sources, const Tensor& seed,
                              bool create_graph) {
  std::vector<Tensor> found(sources.size());
  if (!target.node) return found;
  walk(target, seed, create_graph, [&](Node& n, Tensor g) {
    for (size_t i = 0; i < sources.size(); ++i)
      if (sources[i].node.get() == &n) found[i] = g;
  });
  for (Tensor& g : found)
    if (g.defined()) g = owned(std::move(g));
  return found;
}

bool gradients_into(const std::vector<Tensor>& places, const Tensor& target, const std::vector<Tensor>& sources,
                    const Tensor& seed) {
  if (!target.node) return sources.empty();
  std::vector<bool> offered(sources.size()), found(sources.size());
  const auto place = [&](size_t i, const Node& n) { return sources[i].node.get() == &n; };
  const auto offer = [&](Node& n) {
    for (size_t i = 0; i < sources.size(); ++i)
      if (place(i, n) && !offered[i]) {
        offered[i] = true;
        return places[i];
      }
    return Tensor();
  };
  const auto keep = [&](Node& n, const Tensor& g) {
    for (size_t i = 0; i < sources.size(); ++i)
      if (place(i, n)) {
        if (!same_view(g.array, places[i].array)) compute::assign(places[i].array, g.array);
        found[i] = true;
      }
  };
  walk(target, seed, false, keep, offer);
  return std::find(found.begin(), found.end(), false) == found.end();
}

void backward(const Tensor& target, const Tensor& seed, bool create_graph) {
  walk(target, seed, create_graph, [](Node& n, Tensor g) {
    if (auto* leaf = dynamic_cast<Leaf*>(&n)) {
      add_into(leaf->gradient, std::move(g));
      leaf->gradient = owned(std::move(leaf->gradient));
    }
  });
}

std::vector<Station> stations(const Tensor& target, const Tensor& seed) {
  std::vector<Station> all;
  walk(target, seed, false, [&](Node& n, Tensor g) { all.push_back({NodeRef(&n), owned(std::move(g))}); });
  return all;
}

}  // namespace pynn
