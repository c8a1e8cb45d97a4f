// Element-wise work on arrays of equal shape: the rows of the table, choice, conversion, copies.
#pragma once
#include "core/array.h"

namespace pynn::compute {

// `id` is the row's position in its list, `op` its name for errors, `out` the type of the result.
Array unary(const char* op, int id, const Array& x, Dtype out);
Array unary_grad(const char* op, int id, const Array& g, const Array& kept);
Array binary(const char* op, int id, const Array& a, const Array& b, Dtype out);
Array binary_grad(const char* op, int id, int side, const Array& g, const Array& a, const Array& b);
Array ternary(const char* op, int id, const Array& a, const Array& b, const Array& c);
Array ternary_grad(const char* op, int id, int side, const Array& g, const Array& a, const Array& b, const Array& c);
Array where(const Array& condition, const Array& a, const Array& b);

// y = f(y, b), in y's own memory. b must have y's shape and type.
void binary_into(const char* op, int id, const Array& y, const Array& b);

Array cast(const Array& x, Dtype to);  // always a copy
Array copy(const Array& x);            // row-major
Array contiguous(const Array& x);      // x itself where it already is row-major

// Copies x, broadcast and converted, from any device into y's memory. Overlap of the two is allowed.
void assign(const Array& y, const Array& x);

Array full(const Shape&, double value, Dtype, Device = {});
Array full(const Shape&, int64_t value, Dtype, Device = {});
Array zeros(const Shape&, Dtype, Device = {});

// x itself where it is on the device, else a row-major copy there.
Array to(const Array& x, Device);
inline Array on_host(const Array& x) { return x.device().is_cpu() ? x : to(x, {}); }
double number(const Array& x);  // the only element, of any type, as a double

}  // namespace pynn::compute
