// Recording operations, and walking the records back.
//
// An operation ends in
//     return record("matmul", y, wrt(a, [..](const Tensor& g) { .. }), wrt(b, [..](const Tensor& g) { .. }));
// with one derivative an input: g, the gradient of y, to the gradient of the input. A derivative that reads the output
// takes it as its second argument; one that can write its result into memory that is there takes a Place. Inputs that a
// derivative reads are captured by keep(), which notices when they are changed in place. Untracked inputs drop their
// derivative, and with it what it kept.
#pragma once
#include <array>
#include <functional>
#include <optional>
#include <tuple>
#include <type_traits>
#include <vector>

#include "autograd/tensor.h"

namespace pynn {

// ---- Whether to record (per thread) ---------------------------------------------------------------------------------

bool recording();
bool set_recording(bool);    // returns what it was
int open_tapes(int change);  // adds to the number of open GradientTapes and returns it

// Whether an operation on x is to be recorded.
inline bool tracked(const Tensor& x) { return x.node && recording() && (!x.node->watched || open_tapes(0) > 0); }

class NoRecording {
 public:
  explicit NoRecording(bool off = true) : before_(off ? set_recording(false) : recording()) {}
  ~NoRecording() { set_recording(before_); }
  NoRecording(const NoRecording&) = delete;
  NoRecording& operator=(const NoRecording&) = delete;

 private:
  bool before_;
};

// ---- What derivatives keep ------------------------------------------------------------------------------------------

// A tensor as it was when the operation ran. Reading it after its memory was changed in place throws GradientError
// naming the operation whose derivative needed it.
class Kept {
 public:
  explicit Kept(Tensor x) : x_(std::move(x)), version_(x_.array.storage->version()) {}
  const Tensor& operator()() const {
    if (x_.array.storage->version() != version_) changed();
    return x_;
  }

 private:
  [[noreturn]] static void changed();
  Tensor x_;
  int64_t version_;
};
inline Kept keep(const Tensor& x) { return Kept(x); }

// ---- Recording ------------------------------------------------------------------------------------------------------

// One input of an operation and the derivative with respect to it.
template <class D>
struct Wrt {
  const Tensor& x;
  D derivative;
};
template <class D>
Wrt<D> wrt(const Tensor& x, D derivative) {
  return {x, std::move(derivative)};
}

// Memory that a derivative may use for its result; undefined where there is none.
struct Place {
  Tensor memory;
};

template <class D>
inline constexpr bool takes_place = std::is_invocable_v<D&, const Tensor&, const Place&>;
template <class D>
inline constexpr bool reads_output = std::is_invocable_v<D&, const Tensor&, const Tensor&>;

// The node of an operation with a fixed number of inputs; the closures stand in the node itself.
template <class... Ds>
struct Step final : Node {
  using Node::Node;
  std::array<NodeRef, sizeof...(Ds)> from;
  std::tuple<std::optional<Ds>...> derivatives;  // empty where unwanted
  std::optional<Kept> output;                    // the array alone: with its node it would own itself

  std::span<const NodeRef> inputs() const override { return from; }
  void backward(const Tensor& g, Tensor* d) override {
    int i = 0;
    auto one = [&](auto& derivative) {
      if (derivative) {
        if constexpr (reads_output<std::remove_reference_t<decltype(*derivative)>>)
          d[i] = (*derivative)(g, Tensor((*output)().array, NodeRef(this)));
        else if constexpr (takes_place<std::remove_reference_t<decltype(*derivative)>>)
          d[i] = (*derivative)(g, Place{std::move(d[i])});
        else
          d[i] = (*derivative)(g);
      }
      ++i;
    };
    std::apply([&](auto&... derivative) { (one(derivative), ...); }, derivatives);
  }
};

// The tensor of an operation, with a node where an input is tracked.
template <class... Ds>
Tensor record(const char* op, Array y, Wrt<Ds>... inputs) {
  if (!(tracked(inputs.x) || ...)) return Tensor(std::move(y));
  auto* step = new Step<Ds...>(op);
  NodeRef node(step);
  int i = 0;
  auto remember = [&](auto& slot, auto& in) {
    if (tracked(in.x)) {
      step->from[i] = in.x.node;
      slot.emplace(std::move(in.derivative));
    }
    step->operands = Glimpse::of(in.x.array, i, std::move(step->operands));
    ++i;
  };
  std::apply([&](auto&... slot) { (remember(slot, inputs), ...); }, step->derivatives);
  if ((reads_output<Ds> || ...)) step->output.emplace(Tensor(y));
  return Tensor(std::move(y), std::move(node));
}

// The same for any number of inputs of one kind: derivative(g, i) is the gradient of input i.
Tensor record_many(const char* op, Array y, const std::vector<Tensor>& inputs,
                   std::function<Tensor(const Tensor& g, int i)> derivative);

// ---- Leaves ---------------------------------------------------------------------------------------------------------

// A tensor whose gradient is wanted. `watched`: records only while a GradientTape is open (a layer's variable).
NodeRef make_leaf(bool watched);
bool is_leaf(const Tensor&);
// The gradient that backward() left at a leaf; undefined where there is none.
Tensor leaf_gradient(const Tensor&);
void set_leaf_gradient(const Tensor&, Tensor gradient);

// ---- The walk back --------------------------------------------------------------------------------------------------

// The gradients of <target, seed> with respect to `sources`; undefined where unconnected. With create_graph the
// gradients are recorded and can be differentiated again.
std::vector<Tensor> gradients(const Tensor& target, const std::vector<Tensor>& sources, const Tensor& seed,
                              bool create_graph);
// The same, written into `places`, row-major memory of each source's shape and type. Whether all sources are connected;
// places of others keep what they hold.
bool gradients_into(const std::vector<Tensor>& places, const Tensor& target, const std::vector<Tensor>& sources,
                    const Tensor& seed);
// Adds the gradient of <target, seed> to every leaf's.
void backward(const Tensor& target, const Tensor& seed, bool create_graph);

// A leaf or an operation that a tensor was made by, and the gradient of <target, seed> with respect to its output.
struct Station {
  NodeRef node;
  Tensor gradient;
};
// All of them, latest first.
std::vector<Station> stations(const Tensor& target, const Tensor& seed);

}  // namespace pynn
