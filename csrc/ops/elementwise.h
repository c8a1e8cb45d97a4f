// Every row of the table as a differentiable operation, and the few that the rows build on: expand, astype, where.
#pragma once
#include <span>

#include "autograd/tape.h"
#include "core/error.h"
#include "kernels/elementwise.h"

namespace pynn::ops {

// What the floors above need to know of a row.
struct RowInfo {
  const char *name, *doc;
  unsigned types;  // kBoolean | kSigned | kUnsigned | kFloats
  bool differentiable;
  double low, high, low_b, high_b;  // where tests draw operands from
  const char* parameter;            // the name of a second operand that is a setting, or null
  double parameter_default;
};
std::span<const RowInfo> unary_rows();
std::span<const RowInfo> binary_rows();
std::span<const RowInfo> ternary_rows();

// By position in the list. Operands are promoted to one type and broadcast to one shape.
Tensor unary(int id, const Tensor& x);
Tensor binary(int id, const Tensor& x1, const Tensor& x2);
Tensor ternary(int id, const Tensor& x1, const Tensor& x2, const Tensor& x3);

// Whether the derivative of a unary row needs no more than its output; and such a row of x as an operation whose value
// y was computed together with x, which nobody has seen.
bool keeps_output(int id);
Tensor unary_of(int id, const Tensor& x, Array y);
// The gradient of a unary row's operand for that of its output y, where the row needs no more than y.
Tensor unary_derivative(int id, const Tensor& g, const Tensor& y);

// What a layer's operation applies to its result: a unary row, softmax, or nothing.
struct Activation {
  int row = -1;
  bool softmax = false;
};
// By name, which may be empty. Throws ValueError where `op` knows none of that name.
Activation find_activation(const char* op, const std::string& name);

// By row: unary<Tanh>(x).
namespace rows = ::pynn::baseline;
template <class Op>
Tensor unary(const Tensor& x) {
  return unary(rows::unary_id<Op>, x);
}
template <class Op>
Tensor binary(const Tensor& x1, const Tensor& x2) {
  return binary(rows::binary_id<Op>, x1, x2);
}

// What every change of x in place to or by `value` checks first. Throws GradientError where the tape tracks one of them
// (the gradient would be lost), ValueError where x is read-only or several of its elements share memory.
void check_writable(const char* op, const Tensor& x, const Tensor& value);
// x1 = f(x1, x2) in x1's memory. Throws GradientError where the tape tracks either, DtypeError where the result does
// not fit its type, ShapeError where x2 does not broadcast to its shape.
void binary_into(int id, Tensor& x1, const Tensor& x2);
// Copies x2 into x1's memory, broadcast and converted; errors as above. `op` is named in them.
void assign(const char* op, const Tensor& x1, const Tensor& x2);

// x broadcast to `shape`, without copying; its derivative sums over the axes that were broadcast.
Tensor expand(const Tensor& x, const Shape& shape);
// x converted to another type; the gradient is converted back.
Tensor astype(const Tensor& x, Dtype to);
// x on another device; the gradient comes back. x itself where it is there.
Tensor to(const Tensor& x, Device device);
// x, or a copy of it on other's device where x is one number of the host: constants go where they are needed.
inline Tensor beside(const Tensor& x, const Tensor& other) {
  return x.ndim() == 0 && x.device().is_cpu() ? to(x, other.device()) : x;
}
// a where condition is true, b elsewhere.
Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b);
// The same values, outside the tape.
inline Tensor stop_gradient(const Tensor& x) { return Tensor(x.array); }

// 0-d tensors.
Tensor scalar(double value, Dtype = kDefaultFloat, Device = {});
Tensor scalar_like(const Tensor& x, double value);

inline Tensor operator+(const Tensor& a, const Tensor& b) { return binary<rows::Add>(a, b); }
inline Tensor operator-(const Tensor& a, const Tensor& b) { return binary<rows::Subtract>(a, b); }
inline Tensor operator*(const Tensor& a, const Tensor& b) { return binary<rows::Multiply>(a, b); }
inline Tensor operator/(const Tensor& a, const Tensor& b) { return binary<rows::Divide>(a, b); }
inline Tensor operator-(const Tensor& x) { return unary<rows::Negative>(x); }

}  // namespace pynn::ops
