// The rows of the table as Python functions.
#include "ops/elementwise.h"

#include <pybind11/stl.h>

#include <limits>

#include "bindings/bindings.h"
#include "bindings/convert.h"
#include "bindings/quick.h"
#include "compute/elementwise.h"
#include "core/error.h"
#include "ops/shape.h"

namespace pynn {
namespace {

using ops::RowInfo;
namespace rows = ops::rows;

Tensor unary(int id, const Operand& x0) {
  const Tensor x = x0.tensor();
  const Unlocked unlocked(x.size());
  return ops::unary(id, x);
}

Tensor binary(int id, const char* name, const Operand& x1, const Operand& x2) {
  const auto [a, b] = resolve(name, x1, x2);
  const Unlocked unlocked(a.size() > b.size() ? a.size() : b.size());
  return ops::binary(id, a, b);
}

void bind_unary(py::module_& m, int id, const RowInfo& row) {
  m.def(row.name, [id](const Operand& x) { return unary(id, x); }, row.doc, py::arg("x"), py::pos_only());
}

void bind_binary(py::module_& m, int id, RowInfo row, const char* name) {
  row.name = name;
  const auto f = [id, name](const Operand& x1, const Operand& x2) { return binary(id, name, x1, x2); };
  if (row.parameter)
    m.def(row.name, f, row.doc, py::arg("x"), py::pos_only(), py::arg(row.parameter) = row.parameter_default);
  else
    m.def(row.name, f, row.doc, py::arg("x1"), py::arg("x2"), py::pos_only());
}

template <int id>
Tensor row(const Tensor& x) {
  return ops::unary(id, x);
}

template <int... id>
void install_quick(py::module_& m, std::integer_sequence<int, id...>) {
  const auto all = ops::unary_rows();
  const auto one = [&]<int i>(std::integral_constant<int, i>) {
    if (i != rows::unary_id<rows::Gelu>) QuickFunction<row<i>>::install(m, all[i].name);
  };
  (one(std::integral_constant<int, id>{}), ...);
}

py::dict described(const RowInfo& row) {
  using namespace py::literals;
  return py::dict("name"_a = row.name, "boolean"_a = (row.types & rows::kBoolean) != 0,
                  "signed"_a = (row.types & rows::kSigned) != 0, "unsigned"_a = (row.types & rows::kUnsigned) != 0,
                  "floats"_a = (row.types & rows::kFloats) != 0, "differentiable"_a = row.differentiable,
                  "domain"_a = py::make_tuple(row.low, row.high), "domain_b"_a = py::make_tuple(row.low_b, row.high_b));
}

py::list described(std::span<const RowInfo> all) {
  py::list l;
  for (const RowInfo& row : all) l.append(described(row));
  return l;
}

// A bound that is None does not bind: an infinity for floats, the far end of the type for integers.
Tensor clip(const Operand& x0, const std::optional<Operand>& low, const std::optional<Operand>& high) {
  const Tensor x = x0.tensor();
  const auto bound = [&](const std::optional<Operand>& o, double otherwise) {
    return o ? o->beside("clip", x) : ops::scalar_like(x, otherwise);
  };
  constexpr double inf = std::numeric_limits<double>::infinity();
  if (!low && !high) return ops::copy(x);
  if (!is_floating(x.dtype()) && (!low || !high))  // one bound of integers
    return low ? ops::binary<rows::Maximum>(x, bound(low, 0)) : ops::binary<rows::Minimum>(x, bound(high, 0));
  return ops::ternary(rows::ternary_id<rows::Clip>, x, bound(low, -inf), bound(high, inf));
}

}  // namespace

void bind_elementwise(py::module_& m) {
  const auto unary_rows = ops::unary_rows(), binary_rows = ops::binary_rows();
  for (size_t i = 0; i < unary_rows.size(); ++i)
    if (static_cast<int>(i) != rows::unary_id<rows::Gelu>) bind_unary(m, static_cast<int>(i), unary_rows[i]);
  install_quick(m, std::make_integer_sequence<int, rows::UnaryOps::size>{});
  for (size_t i = 0; i < binary_rows.size(); ++i)
    bind_binary(m, static_cast<int>(i), binary_rows[i], binary_rows[i].name);
  constexpr int power = rows::binary_id<rows::Power>;
  bind_binary(m, power, binary_rows[power], "pow");  // the standard's name
  m.def(
      "gelu",
      [](const Operand& x, bool approximate) {
        return unary(approximate ? rows::unary_id<rows::GeluTanh> : rows::unary_id<rows::Gelu>, x);
      },
      rows::Gelu::doc, py::arg("x"), py::pos_only(), py::arg("approximate") = false);
  m.def("clip", &clip, rows::Clip::doc, py::arg("x"), py::pos_only(), py::arg("min") = py::none(),
        py::arg("max") = py::none());
  m.def(
      "where",
      [](const Operand& c, const Operand& x1, const Operand& x2) {
        const auto [a, b] = resolve("where", x1, x2);
        return ops::where(c.tensor(), a, b);
      },
      "x1 where the condition (bool) is true, x2 elsewhere, with broadcasting.", py::arg("condition"), py::arg("x1"),
      py::arg("x2"), py::pos_only());
  m.def(
      "astype",
      [](const Operand& x0, Dtype t, bool copy, const DeviceArgument& device) {
        const Tensor x = x0.tensor();
        if (device.named && *device.named != x.device()) return ops::to(ops::astype(x, t), *device.named);
        return copy && x.dtype() == t ? ops::copy(x) : ops::astype(x, t);
      },
      "x converted to another dtype. Floats become integers toward zero and saturate. Always a copy, unless copy=False "
      "and x has the dtype already.",
      py::arg("x"), py::arg("dtype"), py::pos_only(), py::kw_only(), py::arg("copy") = true,
      py::arg("device") = py::none());
  const auto number = [](const char* op, const Operand& x0) {
    const Tensor x = x0.tensor();
    if (x.dtype() == Dtype::boolean) throw DtypeError(std::string(op) + " is not defined for bool");
    return x;
  };
  m.def(
      "positive", [number](const Operand& x) { return ops::copy(number("positive", x)); }, "A copy of x.", py::arg("x"),
      py::pos_only());
  m.def(
      "real", [number](const Operand& x) { return number("real", x); }, "x itself: all numbers here are real.",
      py::arg("x"), py::pos_only());
  m.def(
      "imag",
      [number](const Operand& x) { return Tensor(compute::zeros(number("imag", x).shape(), x.tensor().dtype())); },
      "Zeros of x's shape: all numbers here are real.", py::arg("x"), py::pos_only());
  m.def(
      "conj", [number](const Operand& x) { return number("conj", x); }, "x itself: all numbers here are real.",
      py::arg("x"), py::pos_only());
  // The table itself, for tests: what each row is called, works on, and where it is smooth.
  m.attr("_unary_rows") = described(unary_rows);
  m.attr("_binary_rows") = described(binary_rows);
}

}  // namespace pynn
