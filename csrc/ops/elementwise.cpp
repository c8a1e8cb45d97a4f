// The expansion of the table into differentiable operations. No row is named here but where integers need care.
#include "ops/elementwise.h"

#include <cstring>

#include "compute/elementwise.h"
#include "compute/reduce.h"
#include "core/closest.h"
#include "ops/traced.h"

namespace pynn::ops {
namespace {

using rows::Keeps;
using rows::List;

// ---- What a row says of itself --------------------------------------------------------------------------------------

template <class Op>
constexpr RowInfo info() {
  return {
      Op::name,         Op::doc,           Op::types,     Op::keeps != Keeps::never, Op::domain.low, Op::domain.high,
      Op::domain_b.low, Op::domain_b.high, Op::parameter, Op::parameter_default};
}
template <class... Ops>
std::span<const RowInfo> infos(List<Ops...>) {
  static constexpr RowInfo all[] = {info<Ops>()...};
  return all;
}

template <class Op>
constexpr bool is_predicate() {
  return std::is_base_of_v<rows::Predicate, Op>;
}
template <class Op>
Dtype result_type(Dtype operand) {
  return is_predicate<Op>() ? Dtype::boolean : operand;
}

// The type that a row works in when its operands have type t.
template <class Op>
Dtype working_type(Dtype t) {
  if (Op::types == rows::kBoolean) return Dtype::boolean;                         // logic reads numbers as truth
  if (std::is_same_v<Op, rows::Divide> && !is_floating(t)) return kDefaultFloat;  // 1 / 2 is 0.5
  return t;
}

// The type that two operands meet in.
template <class Op>
Dtype common_type(Dtype a, Dtype b) {
  if (a == b || Op::types == rows::kBoolean) return working_type<Op>(a);
  return working_type<Op>(promote(Op::name, a, b));
}

// ---- Derivatives ----------------------------------------------------------------------------------------------------

Tensor from_traced(const Traced& d, const Tensor& g) {
  return d.is_number() ? Tensor(compute::full(g.shape(), d.number(), g.dtype(), g.device())) : d.tensor();
}

template <class Op>
Tensor unary_derivative(const Tensor& g, const Tensor& kept) {
  if (recording()) return from_traced(Op::df(Traced(g), Traced(kept)), g);
  return Tensor(compute::unary_grad(Op::name, rows::unary_id<Op>, g.array, kept.array));
}

template <class Op, int Side>
Tensor binary_derivative(const Tensor& g, const Tensor& a, const Tensor& b) {
  if (!recording()) return Tensor(compute::binary_grad(Op::name, rows::binary_id<Op>, Side, g.array, a.array, b.array));
  const Traced tg(g), ta(a), tb(b);
  if constexpr (Side == 0) return from_traced(Op::da(tg, ta, tb), g);
  return from_traced(Op::db(tg, ta, tb), g);
}

template <class Op, int Side>
Tensor ternary_derivative(const Tensor& g, const Tensor& a, const Tensor& b, const Tensor& c) {
  if (!recording())
    return Tensor(compute::ternary_grad(Op::name, rows::ternary_id<Op>, Side, g.array, a.array, b.array, c.array));
  const Traced tg(g), ta(a), tb(b), tc(c);
  if constexpr (Side == 0) return from_traced(Op::da(tg, ta, tb, tc), g);
  if constexpr (Side == 1) return from_traced(Op::db(tg, ta, tb, tc), g);
  return from_traced(Op::dc(tg, ta, tb, tc), g);
}

// ---- A row as an operation ------------------------------------------------------------------------------------------

// Without the tape: no closures are made that nobody will call.
template <class Op>
Array unary_values(const Array& x) {
  const Dtype t = working_type<Op>(x.dtype);
  return compute::unary(Op::name, rows::unary_id<Op>, x.dtype == t ? x : compute::cast(x, t), result_type<Op>(t));
}

template <class Op>
Tensor unary_op(const Tensor& x0) {
  // Rounding an integer changes nothing, whatever its type; the result still has memory of its own.
  if constexpr (std::is_same_v<Op, rows::Floor> || std::is_same_v<Op, rows::Ceil> || std::is_same_v<Op, rows::Round> ||
                std::is_same_v<Op, rows::Trunc>)
    if (is_integer(x0.dtype())) return Tensor(compute::copy(x0.array));
  if (!tracked(x0)) return Tensor(unary_values<Op>(x0.array));
  const Tensor x = astype(x0, working_type<Op>(x0.dtype()));
  Array y = compute::unary(Op::name, rows::unary_id<Op>, x.array, result_type<Op>(x.dtype()));
  if constexpr (Op::keeps == Keeps::never)
    return Tensor(std::move(y));
  else if constexpr (Op::keeps == Keeps::output)
    return record(Op::name, std::move(y),
                  wrt(x, [](const Tensor& g, const Tensor& out) { return unary_derivative<Op>(g, out); }));
  else if constexpr (Op::keeps == Keeps::nothing)
    return record(Op::name, std::move(y), wrt(x, [](const Tensor& g) { return unary_derivative<Op>(g, g); }));
  else
    return record(Op::name, std::move(y),
                  wrt(x, [kept = keep(x)](const Tensor& g) { return unary_derivative<Op>(g, kept()); }));
}

// An integer cannot hold 2 ** -1.
void check_exponents(const Tensor& b) {
  if (kind(b.dtype()) != Kind::signed_integer || b.size() == 0) return;
  const Array least =
      compute::reduce("power", Reduction::min, b.array, normalize_axes("power", {}, b.ndim()), false, b.dtype());
  if (compute::number(least) < 0)
    throw ValueError("power: integers to negative integer powers are not integers; convert first: x.astype('float32')");
}

template <class Op>
Array binary_values(const Array& x1, const Array& x2, Dtype t) {
  if (x1.shape == x2.shape && x1.dtype == t && x2.dtype == t)
    return compute::binary(Op::name, rows::binary_id<Op>, x1, x2, result_type<Op>(t));
  const Shape shape = broadcast(Op::name, x1.shape, x2.shape);
  const Array a = expanded(x1.dtype == t ? x1 : compute::cast(x1, t), shape);
  const Array b = expanded(x2.dtype == t ? x2 : compute::cast(x2, t), shape);
  return compute::binary(Op::name, rows::binary_id<Op>, a, b, result_type<Op>(t));
}

// The derivative of a row of floats that has none: an error for who asks for it, which the walk opens with the name.
Tensor no_derivative(const Tensor&) { throw GradientError("there is none; use pynn.stop_gradient() on its operands"); }

template <class Op>
Tensor binary_op(const Tensor& x1, const Tensor& x2) {
  const Dtype t = common_type<Op>(x1.dtype(), x2.dtype());
  if (!std::is_same_v<Op, rows::Power> && !tracked(x1) && !tracked(x2))
    return Tensor(binary_values<Op>(x1.array, x2.array, t));
  const Shape shape = broadcast(Op::name, x1.shape(), x2.shape());
  const Tensor a = expand(astype(x1, t), shape), b = expand(astype(x2, t), shape);
  if constexpr (std::is_same_v<Op, rows::Power>) check_exponents(b);
  Array y = compute::binary(Op::name, rows::binary_id<Op>, a.array, b.array, result_type<Op>(t));
  if constexpr (Op::keeps == Keeps::never && (is_predicate<Op>() || !(Op::types & rows::kFloats)))
    return Tensor(std::move(y));
  else if constexpr (Op::keeps == Keeps::never)
    return record(Op::name, std::move(y), wrt(a, no_derivative), wrt(b, no_derivative));
  else if constexpr (Op::keeps == Keeps::nothing)
    return record(Op::name, std::move(y), wrt(a, [](const Tensor& g) { return binary_derivative<Op, 0>(g, g, g); }),
                  wrt(b, [](const Tensor& g) { return binary_derivative<Op, 1>(g, g, g); }));
  else
    return record(
        Op::name, std::move(y),
        wrt(a, [a = keep(a), b = keep(b)](const Tensor& g) { return binary_derivative<Op, 0>(g, a(), b()); }),
        wrt(b, [a = keep(a), b = keep(b)](const Tensor& g) { return binary_derivative<Op, 1>(g, a(), b()); }));
}

template <class Op>
Tensor ternary_op(const Tensor& x1, const Tensor& x2, const Tensor& x3) {
  const Dtype t = working_type<Op>(promote(Op::name, promote(Op::name, x1.dtype(), x2.dtype()), x3.dtype()));
  const Shape shape = broadcast(Op::name, broadcast(Op::name, x1.shape(), x2.shape()), x3.shape());
  const Tensor a = expand(astype(x1, t), shape), b = expand(astype(x2, t), shape), c = expand(astype(x3, t), shape);
  Array y = compute::ternary(Op::name, rows::ternary_id<Op>, a.array, b.array, c.array);
  const auto wrt_side = [&]<int Side>(const Tensor& x, std::integral_constant<int, Side>) {
    return wrt(x, [a = keep(a), b = keep(b), c = keep(c)](const Tensor& g) {
      return ternary_derivative<Op, Side>(g, a(), b(), c());
    });
  };
  return record(Op::name, std::move(y), wrt_side(a, std::integral_constant<int, 0>{}),
                wrt_side(b, std::integral_constant<int, 1>{}), wrt_side(c, std::integral_constant<int, 2>{}));
}

template <class... Ops>
Tensor unary_by_id(int id, const Tensor& x, List<Ops...>) {
  static constexpr Tensor (*table[])(const Tensor&) = {unary_op<Ops>...};
  return table[id](x);
}
template <class Op>
Tensor unary_of(const Tensor& x, Array y) {
  const Tensor unseen({}, x.node);  // the elements of x were never stored, so no drawing may show them
  if constexpr (Op::keeps == Keeps::output)
    return record(Op::name, std::move(y),
                  wrt(unseen, [](const Tensor& g, const Tensor& out) { return unary_derivative<Op>(g, out); }));
  return Tensor();
}
template <class... Ops>
Tensor unary_of_by_id(int id, const Tensor& x, Array y, List<Ops...>) {
  static constexpr Tensor (*table[])(const Tensor&, Array) = {unary_of<Ops>...};
  return table[id](x, std::move(y));
}
template <class Op>
Tensor derivative_of(const Tensor& g, const Tensor& y) {
  if constexpr (Op::keeps == Keeps::output) return unary_derivative<Op>(g, y);
  return Tensor();
}
template <class... Ops>
Tensor derivative_by_id(int id, const Tensor& g, const Tensor& y, List<Ops...>) {
  static constexpr Tensor (*table[])(const Tensor&, const Tensor&) = {derivative_of<Ops>...};
  return table[id](g, y);
}
template <class... Ops>
bool keeps_output(int id, List<Ops...>) {
  static constexpr bool table[] = {Ops::keeps == Keeps::output...};
  return table[id];
}
template <class... Ops>
Tensor binary_by_id(int id, const Tensor& a, const Tensor& b, List<Ops...>) {
  static constexpr Tensor (*table[])(const Tensor&, const Tensor&) = {binary_op<Ops>...};
  return table[id](a, b);
}
template <class... Ops>
Tensor ternary_by_id(int id, const Tensor& a, const Tensor& b, const Tensor& c, List<Ops...>) {
  static constexpr Tensor (*table[])(const Tensor&, const Tensor&, const Tensor&) = {ternary_op<Ops>...};
  return table[id](a, b, c);
}

}  // namespace

std::span<const RowInfo> unary_rows() { return infos(rows::UnaryOps{}); }
std::span<const RowInfo> binary_rows() { return infos(rows::BinaryOps{}); }
std::span<const RowInfo> ternary_rows() { return infos(rows::TernaryOps{}); }

Activation find_activation(const char* op, const std::string& name) {
  if (name.empty() || name == "softmax") return {-1, !name.empty()};
  std::vector<std::string> names = {"softmax"};
  int id = -1;
  for (const RowInfo& row : unary_rows()) {
    ++id;
    if (!row.differentiable) continue;  // it gives truth values or bits, not what a layer passes on
    if (name == row.name) return {id, false};
    names.emplace_back(row.name);
  }
  throw ValueError(message(op, ": unknown activation '", name, "'", did_you_mean(name, names)));
}

Tensor unary(int id, const Tensor& x) { return unary_by_id(id, x, rows::UnaryOps{}); }
bool keeps_output(int id) { return keeps_output(id, rows::UnaryOps{}); }
Tensor unary_of(int id, const Tensor& x, Array y) { return unary_of_by_id(id, x, std::move(y), rows::UnaryOps{}); }
Tensor unary_derivative(int id, const Tensor& g, const Tensor& y) {
  return derivative_by_id(id, g, y, rows::UnaryOps{});
}
Tensor binary(int id, const Tensor& x1, const Tensor& x2) {
  if (x1.device() != x2.device()) return binary_by_id(id, beside(x1, x2), beside(x2, x1), rows::BinaryOps{});
  return binary_by_id(id, x1, x2, rows::BinaryOps{});
}
Tensor ternary(int id, const Tensor& x1, const Tensor& x2, const Tensor& x3) {
  const Tensor& place = x1.device().is_cpu() ? (x2.device().is_cpu() ? x3 : x2) : x1;
  if (!place.device().is_cpu())
    return ternary_by_id(id, beside(x1, place), beside(x2, place), beside(x3, place), rows::TernaryOps{});
  return ternary_by_id(id, x1, x2, x3, rows::TernaryOps{});
}

void check_writable(const char* op, const Tensor& x, const Tensor& value) {
  if (tracked(x))
    throw GradientError(message(op,
                                " in place on a tensor that the tape tracks; make a new tensor instead (x = x + y),"
                                " or work inside `with pynn.no_grad()`"));
  if (tracked(value))
    throw GradientError(message(op,
                                " in place with a value that the tape tracks would lose its gradient; make a new"
                                " tensor instead (x = x + y), or use y.detach()"));
  if (!x.array.storage->writable())
    throw ValueError(
        message(op, " in place on a read-only tensor (it shares memory that nobody may write); use x.copy()"));
  for (int d = 0; d < x.ndim(); ++d)
    if (x.array.strides[d] == 0 && x.shape()[d] > 1)
      throw ValueError(message(op, " in place on a broadcast view, whose elements share memory; use x.copy()"));
}

void binary_into(int id, Tensor& x1, const Tensor& x2) {
  const char* op = binary_rows()[static_cast<size_t>(id)].name;
  check_writable(op, x1, x2);
  const NoRecording off;
  if (broadcast(op, x1.shape(), x2.shape()) != x1.shape())
    throw ShapeError(message(op, ": ", str(x2.shape()), " does not broadcast to ", str(x1.shape()),
                             ", the shape of the tensor changed in place"));
  if (x1.dtype() == x2.dtype() && id != rows::binary_id<rows::Divide> && id != rows::binary_id<rows::Power>) {
    compute::binary_into(op, id, x1.array, expanded(beside(x2, x1).array, x1.shape()));
    return;
  }
  const Tensor y = binary(id, x1, x2);
  if (kind(y.dtype()) != kind(x1.dtype()))
    throw DtypeError(message(op, " in place: the result is ", name(y.dtype()), " and does not fit a tensor of ",
                             name(x1.dtype()), "; convert first: x = x.astype('", name(y.dtype()), "')"));
  compute::assign(x1.array, y.array);
}

void assign(const char* op, const Tensor& x1, const Tensor& x2) {
  check_writable(op, x1, x2);
  const auto shape = try_broadcast(x1.shape(), x2.shape());
  if (!shape || *shape != x1.shape())
    throw ShapeError(message(op, ": a value of shape ", str(x2.shape()), " does not fit into shape ", str(x1.shape())));
  if (!is_floating(x1.dtype()) && is_floating(x2.dtype()))
    throw DtypeError(message(op, ": a value of type ", name(x2.dtype()), " does not fit into a tensor of ",
                             name(x1.dtype()), "; convert one with astype()"));
  compute::assign(x1.array, x2.array);
}

Tensor expand(const Tensor& x, const Shape& shape) {
  if (x.shape() == shape) return x;
  return record("expand", expanded(x.array, shape), wrt(x, [from = x.shape()](const Tensor& g) {
                  // sum_to is linear, so its own derivative is expand again.
                  Array d = compute::sum_to(g.array, from);
                  return record("sum_to", std::move(d),
                                wrt(g, [to = g.shape()](const Tensor& gg) { return expand(gg, to); }));
                }));
}

Tensor astype(const Tensor& x, Dtype to) {
  if (x.dtype() == to) return x;
  Array y = compute::cast(x.array, to);
  if (!is_floating(to) || !is_floating(x.dtype())) return Tensor(std::move(y));
  return record("astype", std::move(y), wrt(x, [from = x.dtype()](const Tensor& g) { return astype(g, from); }));
}

Tensor to(const Tensor& x, Device device) {
  if (x.device() == device) return x;
  return record("to", compute::to(x.array, device),
                wrt(x, [from = x.device()](const Tensor& g) { return to(g, from); }));
}

Tensor where(const Tensor& condition0, const Tensor& x10, const Tensor& x20) {
  const Tensor& place = condition0.device().is_cpu() ? (x10.device().is_cpu() ? x20 : x10) : condition0;
  const Tensor condition = beside(condition0, place), x1 = beside(x10, place), x2 = beside(x20, place);
  if (condition.dtype() != Dtype::boolean)
    throw DtypeError(
        message("where: the condition must be bool, got ", name(condition.dtype()), "; compare first: x != 0"));
  const Dtype t = promote("where", x1.dtype(), x2.dtype());
  const Shape shape = broadcast("where", condition.shape(), broadcast("where", x1.shape(), x2.shape()));
  const Tensor c = expand(condition, shape), a = expand(astype(x1, t), shape), b = expand(astype(x2, t), shape);
  return record("where", compute::where(c.array, a.array, b.array),
                wrt(a, [c = keep(c)](const Tensor& g) { return where(c(), g, scalar_like(g, 0)); }),
                wrt(b, [c = keep(c)](const Tensor& g) { return where(c(), scalar_like(g, 0), g); }));
}

Tensor scalar(double value, Dtype dtype, Device device) { return Tensor(compute::full({}, value, dtype, device)); }
Tensor scalar_like(const Tensor& x, double value) { return scalar(value, x.dtype(), x.device()); }

}  // namespace pynn::ops
