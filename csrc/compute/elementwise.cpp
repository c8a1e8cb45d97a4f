#include "compute/elementwise.h"

#include <cstring>

#include "compute/dispatch.h"

namespace pynn::compute {
namespace {

template <class... Inputs>
Array map(const char* op, LoopFn fn, Dtype out, const Array& x, const Inputs&... more) {
  require(fn, op, x.dtype);
  Array y = Array::empty(x.shape, out);
  void* const operands[] = {x.data(), more.data()..., y.data()};
  fn(nest({&x, &more..., &y}), operands);
  return y;
}

int index(Dtype t) { return static_cast<int>(t); }

}  // namespace

Array unary(const char* op, int id, const Array& x, Dtype out) {
  return map(op, kernels(x).unary[id][index(x.dtype)], out, x);
}
Array unary_grad(const char* op, int id, const Array& g, const Array& kept) {
  return map(op, kernels(g).unary_grad[id][index(g.dtype)], g.dtype, g, kept);
}
Array binary(const char* op, int id, const Array& a, const Array& b, Dtype out) {
  return map(op, kernels(a).binary[id][index(a.dtype)], out, a, b);
}
Array binary_grad(const char* op, int id, int side, const Array& g, const Array& a, const Array& b) {
  return map(op, kernels(g).binary_grad[id][side][index(g.dtype)], g.dtype, g, a, b);
}
Array ternary(const char* op, int id, const Array& a, const Array& b, const Array& c) {
  return map(op, kernels(a).ternary[id][index(a.dtype)], a.dtype, a, b, c);
}
Array ternary_grad(const char* op, int id, int side, const Array& g, const Array& a, const Array& b, const Array& c) {
  return map(op, kernels(g).ternary_grad[id][side][index(g.dtype)], g.dtype, g, a, b, c);
}
Array where(const Array& condition, const Array& a, const Array& b) {
  return map("where", kernels(a).where[index(a.dtype)], a.dtype, condition, a, b);
}

void binary_into(const char* op, int id, const Array& y, const Array& b) {
  const LoopFn fn = require(kernels(y).binary[id][index(y.dtype)], op, y.dtype);
  // Reading b while writing y is safe element by element, but not where they overlap elsewhere.
  const Array operand = overlap(b, y) && !same_view(b, y) ? copy(b) : b;
  void* const operands[] = {y.data(), operand.data(), y.data()};
  fn(nest({&y, &operand, &y}), operands);
  y.storage->changed();
}

Array cast(const Array& x, Dtype to) { return map("astype", kernels(x).cast[index(x.dtype)][index(to)], to, x); }
Array copy(const Array& x) { return cast(x, x.dtype); }
Array contiguous(const Array& x) { return x.is_contiguous() ? x : copy(x); }

void assign(const Array& y, const Array& x) {
  if (same_view(x, y)) return;  // as x[i] += 1 ends
  const Array from = expanded(overlap(x, y) ? copy(x) : x, y.shape);
  void* const operands[] = {from.data(), y.data()};
  kernels(y).cast[index(x.dtype)][index(y.dtype)](nest({&from, &y}), operands);
  y.storage->changed();
}

namespace {
template <class T>
Array filled(const Shape& shape, T value, Dtype dtype) {
  Array one = Array::empty({}, DtypeOf<T>::value);
  *one.as<T>() = value;
  Array y = Array::empty(shape, dtype);
  assign(y, one);
  return y;
}
}  // namespace

Array full(const Shape& shape, double value, Dtype dtype) { return filled(shape, value, dtype); }
Array full(const Shape& shape, int64_t value, Dtype dtype) { return filled(shape, value, dtype); }

Array zeros(const Shape& shape, Dtype dtype) {
  Array y = Array::empty(shape, dtype);  // all bits zero is zero in every type
  std::memset(y.data(), 0, static_cast<size_t>(y.size()) * itemsize(dtype));
  return y;
}

}  // namespace pynn::compute
