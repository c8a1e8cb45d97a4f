#include "compute/elementwise.h"

#include <cstring>

#include "compute/dispatch.h"

namespace pynn::compute {
namespace {

int index(Dtype t) { return static_cast<int>(t); }

// The entry for a type in an operation's row of the dispatch table.
LoopFn entry(const LoopFn (&row)[kDtypes], const char* op, Dtype t) {
  if (!row[index(t)]) no_kernel(op, t, row[index(Dtype::float32)] != nullptr);
  return row[index(t)];
}

template <class... Inputs>
Array map(LoopFn fn, Dtype out, const Array& x, const Inputs&... more) {
  Array y = Array::empty(x.shape, out);
  void* const operands[] = {x.data(), more.data()..., y.data()};
  fn(nest({&x, &more..., &y}), operands);
  return y;
}

}  // namespace

Array unary(const char* op, int id, const Array& x, Dtype out) {
  return map(entry(kernels(x).unary[id], op, x.dtype), out, x);
}
Array unary_grad(const char* op, int id, const Array& g, const Array& kept) {
  return map(entry(kernels(g).unary_grad[id], op, g.dtype), g.dtype, g, kept);
}
Array binary(const char* op, int id, const Array& a, const Array& b, Dtype out) {
  return map(entry(kernels(a).binary[id], op, a.dtype), out, a, b);
}
Array binary_grad(const char* op, int id, int side, const Array& g, const Array& a, const Array& b) {
  return map(entry(kernels(g).binary_grad[id][side], op, g.dtype), g.dtype, g, a, b);
}
Array ternary(const char* op, int id, const Array& a, const Array& b, const Array& c) {
  return map(entry(kernels(a).ternary[id], op, a.dtype), a.dtype, a, b, c);
}
Array ternary_grad(const char* op, int id, int side, const Array& g, const Array& a, const Array& b, const Array& c) {
  return map(entry(kernels(g).ternary_grad[id][side], op, g.dtype), g.dtype, g, a, b, c);
}
Array where(const Array& condition, const Array& a, const Array& b) {
  return map(entry(kernels(a).where, "where", a.dtype), a.dtype, condition, a, b);
}

void binary_into(const char* op, int id, const Array& y, const Array& b) {
  const LoopFn fn = entry(kernels(y).binary[id], op, y.dtype);
  // Reading b while writing y is safe element by element, but not where they overlap elsewhere.
  const Array operand = overlap(b, y) && !same_view(b, y) ? copy(b) : b;
  void* const operands[] = {y.data(), operand.data(), y.data()};
  fn(nest({&y, &operand, &y}), operands);
  y.storage->changed();
}

Array cast(const Array& x, Dtype to) { return map(entry(kernels(x).cast[index(x.dtype)], "astype", to), to, x); }
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

Array full(const Shape& shape, double value, Dtype dtype) {
  if (!shape.empty() || !(dtype == Dtype::float32 || dtype == Dtype::float64)) return filled(shape, value, dtype);
  Array y = Array::empty(shape, dtype);  // a number beside a float tensor: every `2 * x` makes one
  if (dtype == Dtype::float32)
    *y.as<float>() = static_cast<float>(value);
  else
    *y.as<double>() = value;
  return y;
}
Array full(const Shape& shape, int64_t value, Dtype dtype) { return filled(shape, value, dtype); }

Array zeros(const Shape& shape, Dtype dtype) {
  Array y = Array::empty(shape, dtype);  // all bits zero is zero in every type
  std::memset(y.data(), 0, static_cast<size_t>(y.size()) * itemsize(dtype));
  return y;
}

}  // namespace pynn::compute
