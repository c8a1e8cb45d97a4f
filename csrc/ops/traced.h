// The type over which a row's derivative is compiled when the derivative is itself to be differentiated: the same
// text that runs over floats in a kernel builds a graph of operations here.
#pragma once
#include "ops/elementwise.h"

namespace pynn::ops {

// A tensor, or a number that takes the type of the tensor it meets.
class Traced {
 public:
  explicit Traced(double number) : number_(number) {}
  explicit Traced(Tensor x) : x_(std::move(x)) {}

  bool is_number() const { return !x_.defined(); }
  double number() const { return number_; }
  // As a tensor of other's type, if it is a number.
  Tensor like(const Traced& other) const { return is_number() ? scalar_like(other.x_, number_) : x_; }
  const Tensor& tensor() const { return x_; }

 private:
  Tensor x_;
  double number_ = 0;
};

template <class Op>
Traced traced_binary(const Traced& a, const Traced& b) {
  return Traced(binary<Op>(a.like(b), b.like(a)));
}

inline Traced operator-(const Traced& x) { return x.is_number() ? Traced(-x.number()) : Traced(-x.tensor()); }

#define PYNN_TRACED_ARITHMETIC(SYMBOL, ROW)                                          \
  inline Traced operator SYMBOL(const Traced& a, const Traced& b) {                  \
    if (a.is_number() && b.is_number()) return Traced(a.number() SYMBOL b.number()); \
    return traced_binary<rows::ROW>(a, b);                                           \
  }
PYNN_TRACED_ARITHMETIC(+, Add)
PYNN_TRACED_ARITHMETIC(-, Subtract)
PYNN_TRACED_ARITHMETIC(*, Multiply)
PYNN_TRACED_ARITHMETIC(/, Divide)
#undef PYNN_TRACED_ARITHMETIC

#define PYNN_TRACED_BINARY(FUNCTION, ROW) \
  inline Traced FUNCTION(const Traced& a, const Traced& b) { return traced_binary<rows::ROW>(a, b); }
PYNN_TRACED_BINARY(operator==, Equal)
PYNN_TRACED_BINARY(operator<, Less)
PYNN_TRACED_BINARY(operator>, Greater)
PYNN_TRACED_BINARY(operator<=, LessEqual)
PYNN_TRACED_BINARY(operator>=, GreaterEqual)
PYNN_TRACED_BINARY(operator&, LogicalAnd)
PYNN_TRACED_BINARY(operator|, LogicalOr)
PYNN_TRACED_BINARY(power, Power)
PYNN_TRACED_BINARY(hypot, Hypot)
PYNN_TRACED_BINARY(copysign, Copysign)
#undef PYNN_TRACED_BINARY

#define PYNN_TRACED_UNARY(FUNCTION, ROW) \
  inline Traced FUNCTION(const Traced& x) { return Traced(unary<rows::ROW>(x.tensor())); }
PYNN_TRACED_UNARY(sqrt, Sqrt)
PYNN_TRACED_UNARY(exp, Exp)
PYNN_TRACED_UNARY(expm1, Expm1)
PYNN_TRACED_UNARY(log, Log)
PYNN_TRACED_UNARY(sin, Sin)
PYNN_TRACED_UNARY(cos, Cos)
PYNN_TRACED_UNARY(sinh, Sinh)
PYNN_TRACED_UNARY(cosh, Cosh)
PYNN_TRACED_UNARY(tanh, Tanh)
PYNN_TRACED_UNARY(erf, Erf)
PYNN_TRACED_UNARY(floor, Floor)
#undef PYNN_TRACED_UNARY

inline Traced select(const Traced& c, const Traced& a, const Traced& b) {
  return Traced(where(c.tensor(), a.like(b), b.like(a)));
}

}  // namespace pynn::ops
