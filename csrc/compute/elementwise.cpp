#include "compute/elementwise.h"

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
Array map(const char* op, LoopFn fn, Dtype out, const Array& x, const Inputs&... more) {
  Array y = Array::empty(x.shape, out, x.device());
  void* const operands[] = {x.data(), more.data()..., y.data()};
  fn(nest({&x, &more..., &y}), operands);
  finished(op, y);
  return y;
}

}  // namespace

Array unary(const char* op, int id, const Array& x, Dtype out) {
  return map(op, entry(kernels(op, x).unary[id], op, x.dtype), out, x);
}
Array unary_grad(const char* op, int id, const Array& g, const Array& kept) {
  return map(op, entry(kernels(op, g, kept).unary_grad[id], op, g.dtype), g.dtype, g, kept);
}
Array binary(const char* op, int id, const Array& a, const Array& b, Dtype out) {
  return map(op, entry(kernels(op, a, b).binary[id], op, a.dtype), out, a, b);
}
Array binary_grad(const char* op, int id, int side, const Array& g, const Array& a, const Array& b) {
  return map(op, entry(kernels(op, g, a, b).binary_grad[id][side], op, g.dtype), g.dtype, g, a, b);
}
Array ternary(const char* op, int id, const Array& a, const Array& b, const Array& c) {
  return map(op, entry(kernels(op, a, b, c).ternary[id], op, a.dtype), a.dtype, a, b, c);
}
Array ternary_grad(const char* op, int id, int side, const Array& g, const Array& a, const Array& b, const Array& c) {
  return map(op, entry(kernels(op, g, a, b, c).ternary_grad[id][side], op, g.dtype), g.dtype, g, a, b, c);
}
Array where(const Array& condition, const Array& a, const Array& b) {
  return map("where", entry(kernels("where", condition, a, b).where, "where", a.dtype), a.dtype, condition, a, b);
}

void binary_into(const char* op, int id, const Array& y, const Array& b) {
  // Reading b while writing y is safe element by element, but not where they overlap elsewhere.
  const Array operand = overlap(b, y) && !same_view(b, y) ? copy(b) : b;
  const LoopFn fn = entry(kernels(op, y, operand).binary[id], op, y.dtype);
  void* const operands[] = {y.data(), operand.data(), y.data()};
  fn(nest({&y, &operand, &y}), operands);
  finished(op, y);
  y.storage->changed();
}

Array cast(const Array& x, Dtype to) {
  if (!x.device().is_cpu() && is_integer(to) && x.storage->mirror())
    return compute::to(cast(on_host(x), to), x.device());  // stays known on the host
  return map("astype", entry(kernels("astype", x).cast[index(x.dtype)], "astype", to), to, x);
}
Array copy(const Array& x) { return cast(x, x.dtype); }
Array contiguous(const Array& x) { return x.is_contiguous() ? x : copy(x); }

namespace {

// Between devices, straight into y's memory.
void copy_over(const Array& y, const Array& x) {
  x.storage->claim();
  y.storage->claim();
  copy_bytes(y.data(), y.device(), x.data(), x.device(), static_cast<size_t>(y.size()) * itemsize(y.dtype));
  y.storage->changed();
}

}  // namespace

void assign(const Array& y, const Array& x) {
  if (same_view(x, y)) return;  // as x[i] += 1 ends
  if (x.device() != y.device() && x.dtype == y.dtype && x.shape == y.shape && x.is_contiguous() && y.is_contiguous())
    return copy_over(y, x);
  const Array near = x.device() == y.device() ? x : to(x, y.device());
  const Array from = expanded(overlap(near, y) ? copy(near) : near, y.shape);
  void* const operands[] = {from.data(), y.data()};
  entry(kernels("assign", from, y).cast[index(x.dtype)], "assign", y.dtype)(nest({&from, &y}), operands);
  finished("assign", y);
  y.storage->changed();
}

namespace {

// A number in memory of its own.
template <class T>
Array one(T value, Device device) {
  Array x = Array::empty({}, DtypeOf<T>::value, device);
  if (device.is_cpu())
    *x.as<T>() = value;
  else
    copy_bytes(x.data(), device, &value, {}, sizeof value);
  return x;
}

template <class T>
Array filled(const Shape& shape, T value, Dtype dtype, Device device) {
  Array y = Array::empty(shape, dtype, device);
  assign(y, one(value, device));
  return y;
}

}  // namespace

Array full(const Shape& shape, double value, Dtype dtype, Device device) {
  if (!shape.empty()) return filled(shape, value, dtype, device);
  // A number beside a float tensor: every `2 * x` makes one.
  if (dtype == Dtype::float32) return one(static_cast<float>(value), device);
  if (dtype == Dtype::float64) return one(value, device);
  return filled(shape, value, dtype, device);
}
Array full(const Shape& shape, int64_t value, Dtype dtype, Device device) {
  return filled(shape, value, dtype, device);
}

Array zeros(const Shape& shape, Dtype dtype, Device device) {
  Array y = Array::empty(shape, dtype, device);  // all bits zero is zero in every type
  zero_bytes(y.data(), device, static_cast<size_t>(y.size()) * itemsize(dtype));
  return y;
}

namespace {

constexpr size_t kMirrorBytes = size_t{1} << 16;

// What is worth a copy that is kept on the host: reading labels and indices back, to check them, would wait.
bool is_worth_a_mirror(const Array& x) {
  return x.device().is_cpu() && is_integer(x.dtype) &&
         static_cast<size_t>(x.size()) * itemsize(x.dtype) <= kMirrorBytes;
}

}  // namespace

Array to(const Array& x, Device device) {
  if (x.device() == device) return x;
  if (device.is_cpu())
    if (auto mirror = x.storage->mirror()) {
      Array y = x;
      y.storage = std::move(mirror);
      return copy(y);  // whoever changes the result must not change the mirror
    }
  const Array from = is_worth_a_mirror(x) ? copy(x) : contiguous(x);
  Array y = Array::empty(x.shape, x.dtype, device);
  from.storage->claim();
  copy_bytes(y.data(), device, from.data(), x.device(), static_cast<size_t>(y.size()) * itemsize(x.dtype));
  if (is_worth_a_mirror(x)) y.storage->set_mirror(from.storage);
  return y;
}

double number(const Array& x) {
  if (x.device().is_cpu() && x.dtype == Dtype::float32) return *x.as<float>();
  if (x.device().is_cpu() && x.dtype == Dtype::int64) return static_cast<double>(*x.as<int64_t>());
  return *cast(on_host(x), Dtype::float64).as<double>();
}

}  // namespace pynn::compute
