// THE TABLE of element-wise operations. A row is a struct: its name, its documentation, the types it makes sense for,
// what its derivative keeps, and scalar expressions for value and derivative. The kernels of every backend, the
// differentiable operations, the Python functions and the tests are expansions of the lists at the end.
//
// A unary row has f(x) and df(g, k): g is the gradient coming in, k what the row keeps (its input or its output).
// A binary row has f(a, b) and da(g, a, b), db(g, a, b); a ternary row likewise. Both operands have equal shapes here:
// broadcasting is an operation of its own (ops/shape.h, expand).
//
// A derivative is written without ?: and with functions that are rows themselves: its text is compiled over scalars for
// one fused pass, and over tensors when the derivative is to be differentiated again.
#pragma once
#include "kernels/row.h"

namespace pynn::PYNN_ISA {

using namespace math;

// ---- Arithmetic -----------------------------------------------------------------------------------------------------

struct Negative : Row {
  static constexpr auto name = "negative";
  static constexpr auto doc = "-x, element-wise; of unsigned integers what is missing to 2**bits.";
  static constexpr Types types = kNumbers;
  static constexpr Keeps keeps = Keeps::nothing;
  template <class T> PYNN_FN T f(T x) { return T(-x); }
  template <class T> PYNN_FN T df(T g, T) { return -g; }
};

struct Abs : Row {
  static constexpr auto name = "abs";
  static constexpr auto doc = "Absolute value; the derivative at 0 is 0.";
  static constexpr Types types = kNumbers;
  template <class T> PYNN_FN T f(T x) { return x < T(0) ? T(-x) : (x == T(0) ? T(0) : x); }
  template <class T> PYNN_FN T df(T g, T x) { return select(x > T(0), g, select(x < T(0), -g, T(0))); }
};

struct Sign : Row {
  static constexpr auto name = "sign";
  static constexpr auto doc = "-1, 0 or 1; NaN stays NaN. The derivative is 0.";
  static constexpr Types types = kNumbers;
  static constexpr Keeps keeps = Keeps::nothing;
  template <class T> PYNN_FN T f(T x) { return x > T(0) ? T(1) : (x < T(0) ? T(-1) : (x == T(0) ? T(0) : x)); }
  template <class T> PYNN_FN T df(T, T) { return T(0); }
};

struct Square : Row {
  static constexpr auto name = "square";
  static constexpr auto doc = "x * x.";
  static constexpr Types types = kNumbers;
  template <class T> PYNN_FN T f(T x) { return x * x; }
  template <class T> PYNN_FN T df(T g, T x) { return T(2) * g * x; }
};

struct Reciprocal : Row {
  static constexpr auto name = "reciprocal";
  static constexpr auto doc = "1 / x.";
  static constexpr Keeps keeps = Keeps::output;
  static constexpr Domain domain{0.3, 3};
  template <class T> PYNN_FN T f(T x) { return T(1) / x; }
  template <class T> PYNN_FN T df(T g, T y) { return -g * y * y; }
};

struct Sqrt : Row {
  static constexpr auto name = "sqrt";
  static constexpr auto doc = "Square root; NaN below 0.";
  static constexpr Keeps keeps = Keeps::output;
  static constexpr Domain domain{0.1, 4};
  template <class T> PYNN_FN T f(T x) { return sqrt(x); }
  template <class T> PYNN_FN T df(T g, T y) { return T(0.5) * g / y; }
};

struct Rsqrt : Row {
  static constexpr auto name = "rsqrt";
  static constexpr auto doc = "1 / sqrt(x).";
  static constexpr Keeps keeps = Keeps::output;
  static constexpr Domain domain{0.1, 4};
  template <class T> PYNN_FN T f(T x) { return T(1) / sqrt(x); }
  template <class T> PYNN_FN T df(T g, T y) { return T(-0.5) * g * y * y * y; }
};

// ---- Rounding: the derivative is 0 everywhere it exists -------------------------------------------------------------

struct Floor : Row {
  static constexpr auto name = "floor";
  static constexpr auto doc = "The largest integer not above x.";
  static constexpr Keeps keeps = Keeps::nothing;
  template <class T> PYNN_FN T f(T x) { return floor(x); }
  template <class T> PYNN_FN T df(T, T) { return T(0); }
};

struct Ceil : Row {
  static constexpr auto name = "ceil";
  static constexpr auto doc = "The smallest integer not below x.";
  static constexpr Keeps keeps = Keeps::nothing;
  template <class T> PYNN_FN T f(T x) { return ceil(x); }
  template <class T> PYNN_FN T df(T, T) { return T(0); }
};

struct Round : Row {
  static constexpr auto name = "round";
  static constexpr auto doc = "The nearest integer; halves go to the even one.";
  static constexpr Keeps keeps = Keeps::nothing;
  template <class T> PYNN_FN T f(T x) { return rint(x); }
  template <class T> PYNN_FN T df(T, T) { return T(0); }
};

struct Trunc : Row {
  static constexpr auto name = "trunc";
  static constexpr auto doc = "The integer part of x.";
  static constexpr Keeps keeps = Keeps::nothing;
  template <class T> PYNN_FN T f(T x) { return trunc(x); }
  template <class T> PYNN_FN T df(T, T) { return T(0); }
};

// ---- Exponentials and logarithms ------------------------------------------------------------------------------------

struct Exp : Row {
  static constexpr auto name = "exp";
  static constexpr auto doc = "e**x.";
  static constexpr Keeps keeps = Keeps::output;
  template <class T> PYNN_FN T f(T x) { return exp(x); }
  template <class T> PYNN_FN T df(T g, T y) { return g * y; }
};

struct Expm1 : Row {
  static constexpr auto name = "expm1";
  static constexpr auto doc = "e**x - 1, accurate near 0.";
  static constexpr Keeps keeps = Keeps::output;
  template <class T> PYNN_FN T f(T x) { return expm1(x); }
  template <class T> PYNN_FN T df(T g, T y) { return g * (y + T(1)); }
};

struct Log : Row {
  static constexpr auto name = "log";
  static constexpr auto doc = "Natural logarithm; -inf at 0, NaN below.";
  static constexpr Domain domain{0.1, 4};
  template <class T> PYNN_FN T f(T x) { return log(x); }
  template <class T> PYNN_FN T df(T g, T x) { return g / x; }
};

struct Log1p : Row {
  static constexpr auto name = "log1p";
  static constexpr auto doc = "log(1 + x), accurate near 0.";
  static constexpr Domain domain{-0.8, 4};
  template <class T> PYNN_FN T f(T x) { return log1p(x); }
  template <class T> PYNN_FN T df(T g, T x) { return g / (T(1) + x); }
};

struct Log2 : Row {
  static constexpr auto name = "log2";
  static constexpr auto doc = "Logarithm to base 2.";
  static constexpr Domain domain{0.1, 4};
  template <class T> PYNN_FN T f(T x) { return log2(x); }
  template <class T> PYNN_FN T df(T g, T x) { return g * T(1.4426950408889634) / x; }  // 1 / ln 2
};

struct Log10 : Row {
  static constexpr auto name = "log10";
  static constexpr auto doc = "Logarithm to base 10.";
  static constexpr Domain domain{0.1, 4};
  template <class T> PYNN_FN T f(T x) { return log10(x); }
  template <class T> PYNN_FN T df(T g, T x) { return g * T(0.4342944819032518) / x; }  // 1 / ln 10
};

// ---- Trigonometry ---------------------------------------------------------------------------------------------------

struct Sin : Row {
  static constexpr auto name = "sin";
  static constexpr auto doc = "Sine of x in radians.";
  template <class T> PYNN_FN T f(T x) { return sin(x); }
  template <class T> PYNN_FN T df(T g, T x) { return g * cos(x); }
};

struct Cos : Row {
  static constexpr auto name = "cos";
  static constexpr auto doc = "Cosine of x in radians.";
  template <class T> PYNN_FN T f(T x) { return cos(x); }
  template <class T> PYNN_FN T df(T g, T x) { return -g * sin(x); }
};

struct Tan : Row {
  static constexpr auto name = "tan";
  static constexpr auto doc = "Tangent of x in radians.";
  static constexpr Keeps keeps = Keeps::output;
  static constexpr Domain domain{-1.2, 1.2};
  template <class T> PYNN_FN T f(T x) { return tan(x); }
  template <class T> PYNN_FN T df(T g, T y) { return g * (T(1) + y * y); }
};

struct Asin : Row {
  static constexpr auto name = "asin";
  static constexpr auto doc = "Inverse sine in radians; NaN outside [-1, 1].";
  static constexpr Domain domain{-0.9, 0.9};
  template <class T> PYNN_FN T f(T x) { return asin(x); }
  template <class T> PYNN_FN T df(T g, T x) { return g / sqrt(T(1) - x * x); }
};

struct Acos : Row {
  static constexpr auto name = "acos";
  static constexpr auto doc = "Inverse cosine in radians; NaN outside [-1, 1].";
  static constexpr Domain domain{-0.9, 0.9};
  template <class T> PYNN_FN T f(T x) { return acos(x); }
  template <class T> PYNN_FN T df(T g, T x) { return -g / sqrt(T(1) - x * x); }
};

struct Atan : Row {
  static constexpr auto name = "atan";
  static constexpr auto doc = "Inverse tangent in radians.";
  template <class T> PYNN_FN T f(T x) { return atan(x); }
  template <class T> PYNN_FN T df(T g, T x) { return g / (T(1) + x * x); }
};

struct Sinh : Row {
  static constexpr auto name = "sinh";
  static constexpr auto doc = "Hyperbolic sine.";
  template <class T> PYNN_FN T f(T x) { return sinh(x); }
  template <class T> PYNN_FN T df(T g, T x) { return g * cosh(x); }
};

struct Cosh : Row {
  static constexpr auto name = "cosh";
  static constexpr auto doc = "Hyperbolic cosine.";
  template <class T> PYNN_FN T f(T x) { return cosh(x); }
  template <class T> PYNN_FN T df(T g, T x) { return g * sinh(x); }
};

struct Tanh : Row {
  static constexpr auto name = "tanh";
  static constexpr auto doc = "Hyperbolic tangent.";
  static constexpr Keeps keeps = Keeps::output;
  template <class T> PYNN_FN T f(T x) { return tanh(x); }
  template <class T> PYNN_FN T df(T g, T y) { return g * (T(1) - y * y); }
};

struct Asinh : Row {
  static constexpr auto name = "asinh";
  static constexpr auto doc = "Inverse hyperbolic sine.";
  template <class T> PYNN_FN T f(T x) { return asinh(x); }
  template <class T> PYNN_FN T df(T g, T x) { return g / sqrt(x * x + T(1)); }
};

struct Acosh : Row {
  static constexpr auto name = "acosh";
  static constexpr auto doc = "Inverse hyperbolic cosine; NaN below 1.";
  static constexpr Domain domain{1.2, 4};
  template <class T> PYNN_FN T f(T x) { return acosh(x); }
  template <class T> PYNN_FN T df(T g, T x) { return g / sqrt((x - T(1)) * (x + T(1))); }
};

struct Atanh : Row {
  static constexpr auto name = "atanh";
  static constexpr auto doc = "Inverse hyperbolic tangent; NaN outside [-1, 1].";
  static constexpr Domain domain{-0.9, 0.9};
  template <class T> PYNN_FN T f(T x) { return atanh(x); }
  template <class T> PYNN_FN T df(T g, T x) { return g / (T(1) - x * x); }
};

struct Erf : Row {
  static constexpr auto name = "erf";
  static constexpr auto doc = "Error function, 2 / sqrt(pi) times the integral of exp(-t**2) from 0 to x.";
  template <class T> PYNN_FN T f(T x) { return erf(x); }
  template <class T> PYNN_FN T df(T g, T x) { return g * T(1.1283791670955126) * exp(-x * x); }  // 2 / sqrt(pi)
};

// ---- Activations ----------------------------------------------------------------------------------------------------

struct Relu : Row {
  static constexpr auto name = "relu";
  static constexpr auto doc = "max(x, 0); the derivative at 0 is 0.";
  static constexpr Types types = kNumbers;
  static constexpr Keeps keeps = Keeps::output;
  template <class T> PYNN_FN T f(T x) { return x < T(0) ? T(0) : x; }
  template <class T> PYNN_FN T df(T g, T y) { return select(y > T(0), g, T(0)); }
};

struct Relu6 : Row {
  static constexpr auto name = "relu6";
  static constexpr auto doc = "min(max(x, 0), 6); the derivative at 0 and 6 is 0.";
  static constexpr Domain domain{-3, 9};
  template <class T> PYNN_FN T f(T x) { return x < T(0) ? T(0) : (x > T(6) ? T(6) : x); }
  template <class T> PYNN_FN T df(T g, T x) { return select((x > T(0)) & (x < T(6)), g, T(0)); }
};

struct Sigmoid : Row {
  static constexpr auto name = "sigmoid";
  static constexpr auto doc = "1 / (1 + e**-x).";
  static constexpr Keeps keeps = Keeps::output;
  template <class T> PYNN_FN T f(T x) { return sigmoid(x); }
  template <class T> PYNN_FN T df(T g, T y) { return g * y * (T(1) - y); }
};

struct LogSigmoid : Row {
  static constexpr auto name = "log_sigmoid";
  static constexpr auto doc = "log(sigmoid(x)), without overflow.";
  template <class T> PYNN_FN T f(T x) { return (x < T(0) ? x : T(0)) - log1p(exp(x < T(0) ? x : -x)); }
  template <class T> PYNN_FN T df(T g, T x) { return g / (T(1) + exp(x)); }
};

struct HardSigmoid : Row {
  static constexpr auto name = "hard_sigmoid";
  static constexpr auto doc = "min(max(x / 6 + 1/2, 0), 1), the form of Keras 3.";
  static constexpr Domain domain{-5, 5};
  template <class T> PYNN_FN T f(T x) { return (x < T(-3) ? T(0) : (x > T(3) ? T(6) : x + T(3))) / T(6); }
  template <class T> PYNN_FN T df(T g, T x) { return select((x > T(-3)) & (x < T(3)), g / T(6), T(0)); }
};

struct Softplus : Row {
  static constexpr auto name = "softplus";
  static constexpr auto doc = "log(1 + e**x), without overflow.";
  template <class T> PYNN_FN T f(T x) { return (x < T(0) ? T(0) : x) + log1p(exp(x < T(0) ? x : -x)); }
  template <class T> PYNN_FN T df(T g, T x) { return g / (T(1) + exp(-x)); }
};

struct Softsign : Row {
  static constexpr auto name = "softsign";
  static constexpr auto doc = "x / (1 + |x|).";
  template <class T> PYNN_FN T f(T x) { return x / (T(1) + (x < T(0) ? -x : x)); }
  template <class T> PYNN_FN T df(T g, T x) {
    const T s = T(1) + select(x < T(0), -x, x);
    return g / (s * s);
  }
};

struct Silu : Row {
  static constexpr auto name = "silu";
  static constexpr auto doc = "x * sigmoid(x), also called swish (Ramachandran et al. 2017, arXiv:1710.05941).";
  template <class T> PYNN_FN T f(T x) { return x / (T(1) + exp(-x)); }
  template <class T> PYNN_FN T df(T g, T x) {
    const T s = T(1) / (T(1) + exp(-x));
    return g * (s + x * s * (T(1) - s));
  }
};

struct Mish : Row {
  static constexpr auto name = "mish";
  static constexpr auto doc = "x * tanh(softplus(x)) (Misra 2019, arXiv:1908.08681).";
  template <class T> PYNN_FN T f(T x) {
    // tanh(log(1 + e)) = n / (n + 2) with n = e (e + 2); beyond 20 it is 1 in either precision.
    const T e = exp(x < T(20) ? x : T(20)), n = e * (e + T(2));
    return x * (x < T(20) ? n / (n + T(2)) : T(1));
  }
  template <class T> PYNN_FN T df(T g, T x) {
    const T e = exp(select(x < T(20), x, T(20))), n = e * (e + T(2)), t = n / (n + T(2));
    return g * (t + x * (T(1) - t * t) * e / (T(1) + e));
  }
};

struct Selu : Row {
  static constexpr auto name = "selu";
  static constexpr auto doc = "Scaled exponential linear unit (Klambauer et al. 2017, arXiv:1706.02515).";
  static constexpr double kScale = 1.0507009873554805, kAlpha = 1.6732632423543772;
  template <class T> PYNN_FN T f(T x) { return T(kScale) * (x > T(0) ? x : T(kAlpha) * expm1(x)); }
  template <class T> PYNN_FN T df(T g, T x) {
    return g * T(kScale) * select(x > T(0), T(1), T(kAlpha) * exp(select(x > T(0), T(0), x)));
  }
};

struct Gelu : Row {
  static constexpr auto name = "gelu";
  static constexpr auto doc =
      "x times the normal distribution function at x (Hendrycks and Gimpel 2016, arXiv:1606.08415).";
  template <class T> PYNN_FN T f(T x) { return gelu(x); }
  template <class T> PYNN_FN T df(T g, T x) {
    const T cdf = T(0.5) * (T(1) + erf(x * T(0.7071067811865476)));       // 1 / sqrt(2)
    return g * (cdf + x * T(0.3989422804014327) * exp(T(-0.5) * x * x));  // 1 / sqrt(2 pi)
  }
};

struct GeluTanh : Row {
  static constexpr auto name = "gelu_tanh";
  static constexpr auto doc =
      "gelu with the normal distribution function approximated by tanh (same paper, section 2).";
  static constexpr double kRoot = 0.7978845608028654, kCubic = 0.044715;  // sqrt(2 / pi)
  template <class T> PYNN_FN T f(T x) { return T(0.5) * x * (T(1) + tanh(T(kRoot) * (x + T(kCubic) * x * x * x))); }
  template <class T> PYNN_FN T df(T g, T x) {
    const T t = tanh(T(kRoot) * (x + T(kCubic) * x * x * x));
    const T inner = T(kRoot) * (T(1) + T(3 * kCubic) * x * x);
    return g * T(0.5) * (T(1) + t + x * (T(1) - t * t) * inner);
  }
};

// ---- Predicates -----------------------------------------------------------------------------------------------------

struct Isnan : Predicate {
  static constexpr auto name = "isnan";
  static constexpr auto doc = "Whether x is not a number.";
  template <class T> PYNN_FN bool f(T x) { return x != x; }
};

struct Isinf : Predicate {
  static constexpr auto name = "isinf";
  static constexpr auto doc = "Whether x is infinite.";
  template <class T> PYNN_FN bool f(T x) { return (x == x) & !(x - x == x - x); }
};

struct Isfinite : Predicate {
  static constexpr auto name = "isfinite";
  static constexpr auto doc = "Whether x is neither infinite nor NaN.";
  template <class T> PYNN_FN bool f(T x) { return x - x == x - x; }
};

struct Signbit : Predicate {
  static constexpr auto name = "signbit";
  static constexpr auto doc = "Whether the sign of x is minus, which -0 and NaN can have too.";
  static constexpr Types types = kFloats;
  template <class T> PYNN_FN bool f(T x) { return copysign(T(1), x) < T(0); }
};

struct LogicalNot : Predicate {
  static constexpr auto name = "logical_not";
  static constexpr auto doc = "not x; a number counts as true where it is not 0.";
  static constexpr Types types = kBoolean;
  template <class T> PYNN_FN bool f(T x) { return !x; }
};

struct BitwiseInvert : Row {
  static constexpr auto name = "bitwise_invert";
  static constexpr auto doc = "Every bit of an integer inverted; not x for booleans.";
  static constexpr Types types = kBits;
  static constexpr Keeps keeps = Keeps::never;
  template <class T> PYNN_FN T f(T x) { return T(~x); }
  PYNN_FN bool f(bool x) { return !x; }
};

// ---- Two operands ---------------------------------------------------------------------------------------------------

struct Add : Row {
  static constexpr auto name = "add";
  static constexpr auto doc = "x1 + x2, element-wise with broadcasting.";
  static constexpr Types types = kNumbers;
  static constexpr Keeps keeps = Keeps::nothing;
  template <class T> PYNN_FN T f(T a, T b) { return a + b; }
  template <class T> PYNN_FN T da(T g, T, T) { return g; }
  template <class T> PYNN_FN T db(T g, T, T) { return g; }
};

struct Subtract : Row {
  static constexpr auto name = "subtract";
  static constexpr auto doc = "x1 - x2, element-wise with broadcasting.";
  static constexpr Types types = kNumbers;
  static constexpr Keeps keeps = Keeps::nothing;
  template <class T> PYNN_FN T f(T a, T b) { return a - b; }
  template <class T> PYNN_FN T da(T g, T, T) { return g; }
  template <class T> PYNN_FN T db(T g, T, T) { return -g; }
};

struct Multiply : Row {
  static constexpr auto name = "multiply";
  static constexpr auto doc = "x1 * x2, element-wise with broadcasting.";
  static constexpr Types types = kNumbers;
  template <class T> PYNN_FN T f(T a, T b) { return a * b; }
  template <class T> PYNN_FN T da(T g, T, T b) { return g * b; }
  template <class T> PYNN_FN T db(T g, T a, T) { return g * a; }
};

struct Divide : Row {
  static constexpr auto name = "divide";
  static constexpr auto doc = "x1 / x2, element-wise with broadcasting. Integers are divided as float32.";
  static constexpr Domain domain_b{0.4, 3};
  template <class T> PYNN_FN T f(T a, T b) { return a / b; }
  template <class T> PYNN_FN T da(T g, T, T b) { return g / b; }
  template <class T> PYNN_FN T db(T g, T a, T b) { return -g * a / (b * b); }
};

struct Remainder : Row {
  static constexpr auto name = "remainder";
  static constexpr auto doc = "x1 - floor(x1 / x2) * x2, with the sign of x2, as Python's %. An integer modulo 0 is 0.";
  static constexpr Types types = kNumbers;
  static constexpr Domain domain_b{0.4, 3};
  PYNN_FN float f(float a, float b) { return of_floats(a, b); }
  PYNN_FN double f(double a, double b) { return of_floats(a, b); }
  template <class T> PYNN_FN T f(T a, T b) {
    if (b == T(0) || (T(-1) < T(0) && b == T(-1))) return T(0);  // the processor traps on 0, and on min % -1
    const T r = a % b;
    return (r != T(0)) & ((r < T(0)) != (b < T(0))) ? T(r + b) : r;
  }
  template <class T> PYNN_FN T of_floats(T a, T b) {
    const T r = fmod(a, b);
    const T zero = b < T(0) ? T(-0.0) : T(0);
    return r == T(0) ? zero : ((r < T(0)) != (b < T(0)) ? r + b : r);
  }
  template <class T> PYNN_FN T da(T g, T, T) { return g; }
  template <class T> PYNN_FN T db(T g, T a, T b) { return -g * floor(a / b); }
};

struct FloorDivide : Row {
  static constexpr auto name = "floor_divide";
  static constexpr auto doc =
      "floor(x1 / x2), as Python's // where x1 and x2 are finite. An integer divided by 0 is 0. The derivative is 0.";
  static constexpr Types types = kNumbers;
  static constexpr Keeps keeps = Keeps::nothing;
  static constexpr Domain domain_b{0.4, 3};
  PYNN_FN float f(float a, float b) { return of_floats(a, b); }
  PYNN_FN double f(double a, double b) { return of_floats(a, b); }
  template <class T> PYNN_FN T f(T a, T b) {
    if (b == T(0)) return T(0);
    if (T(-1) < T(0) && b == T(-1)) return T(T(0) - a);  // a / -1 traps for the smallest integer
    const T q = a / b;
    return (a % b != T(0)) & ((a < T(0)) != (b < T(0))) ? T(q - 1) : q;
  }
  template <class T> PYNN_FN T of_floats(T a, T b) {
    // (a - r) / b is an integer but for rounding, and consistent with remainder where a / b is not.
    const T r = fmod(a, b), q = rint((a - r) / b);
    const T below = (r != T(0)) & ((r < T(0)) != (b < T(0))) ? q - T(1) : q;
    // 0, infinite or NaN: x - x is 0 for finite numbers only.
    const bool edge = (a == T(0)) | (b == T(0)) | !(a - a == T(0)) | !(b - b == T(0));
    return edge ? floor(a / b) : below;
  }
  template <class T> PYNN_FN T da(T, T, T) { return T(0); }
  template <class T> PYNN_FN T db(T, T, T) { return T(0); }
};

struct Power : Row {
  static constexpr auto name = "power";
  static constexpr auto doc =
      "x1 ** x2, element-wise with broadcasting; 0 ** 0 is 1. Integers need exponents of at least 0.\n"
      "The derivative with respect to x2 at x1 = 0 is 0 for x2 >= 0.";
  static constexpr Types types = kNumbers;
  static constexpr Domain domain{0.2, 3};
  PYNN_FN float f(float a, float b) { return power(a, b); }
  PYNN_FN double f(double a, double b) { return power(a, b); }
  template <class T> PYNN_FN T f(T a, T b) {
    T y = 1;
    for (; b > T(0); b = T(b >> 1)) {
      if (b & 1) y = T(y * a);
      a = T(a * a);
    }
    return y;
  }
  template <class T> PYNN_FN T da(T g, T a, T b) { return select(b == T(0), T(0), g * b * power(a, b - T(1))); }
  template <class T> PYNN_FN T db(T g, T a, T b) {
    const auto flat = (a == T(0)) & (b >= T(0));
    return select(flat, T(0), g * power(a, b) * log(select(flat, T(1), a)));
  }
};

struct Minimum : Row {
  static constexpr auto name = "minimum";
  static constexpr auto doc = "The smaller of x1 and x2; NaN wins. Where they tie, each gets half of the gradient.";
  static constexpr Types types = kNumbers;
  template <class T> PYNN_FN T f(T a, T b) { return (a < b) | (a != a) ? a : b; }
  template <class T> PYNN_FN T da(T g, T a, T b) { return select(a < b, g, select(a == b, g * T(0.5), T(0))); }
  template <class T> PYNN_FN T db(T g, T a, T b) { return select(b < a, g, select(a == b, g * T(0.5), T(0))); }
};

struct Maximum : Row {
  static constexpr auto name = "maximum";
  static constexpr auto doc = "The larger of x1 and x2; NaN wins. Where they tie, each gets half of the gradient.";
  static constexpr Types types = kNumbers;
  template <class T> PYNN_FN T f(T a, T b) { return (a > b) | (a != a) ? a : b; }
  template <class T> PYNN_FN T da(T g, T a, T b) { return select(a > b, g, select(a == b, g * T(0.5), T(0))); }
  template <class T> PYNN_FN T db(T g, T a, T b) { return select(b > a, g, select(a == b, g * T(0.5), T(0))); }
};

struct Atan2 : Row {
  static constexpr auto name = "atan2";
  static constexpr auto doc = "The angle in radians of the point with ordinate x1 and abscissa x2.";
  static constexpr Domain domain{0.3, 3};
  template <class T> PYNN_FN T f(T a, T b) { return atan2(a, b); }
  template <class T> PYNN_FN T da(T g, T a, T b) { return g * b / (a * a + b * b); }
  template <class T> PYNN_FN T db(T g, T a, T b) { return -g * a / (a * a + b * b); }
};

struct Hypot : Row {
  static constexpr auto name = "hypot";
  static constexpr auto doc = "sqrt(x1**2 + x2**2) without overflow; the derivative at (0, 0) is 0.";
  template <class T> PYNN_FN T f(T a, T b) { return hypot(a, b); }
  template <class T> PYNN_FN T da(T g, T a, T b) {
    return select((a == T(0)) & (b == T(0)), T(0), g * a / hypot(a, b));
  }
  template <class T> PYNN_FN T db(T g, T a, T b) {
    return select((a == T(0)) & (b == T(0)), T(0), g * b / hypot(a, b));
  }
};

struct Logaddexp : Row {
  static constexpr auto name = "logaddexp";
  static constexpr auto doc = "log(e**x1 + e**x2) without overflow.";
  template <class T> PYNN_FN T f(T a, T b) {
    const T most = Maximum::f(a, b), d = a < b ? a - b : b - a;
    return a == b ? a + T(0.6931471805599453) : most + log1p(exp(d));  // equal infinities have no difference
  }
  template <class T> PYNN_FN T da(T g, T a, T b) { return g / (T(1) + exp(b - a)); }
  template <class T> PYNN_FN T db(T g, T a, T b) { return g / (T(1) + exp(a - b)); }
};

struct Copysign : Row {
  static constexpr auto name = "copysign";
  static constexpr auto doc = "|x1| with the sign of x2; the derivative at x1 = 0 is 0, with respect to x2 always.";
  template <class T> PYNN_FN T f(T a, T b) { return copysign(a, b); }
  template <class T> PYNN_FN T da(T g, T a, T b) {
    return select(a == T(0), T(0), g * copysign(T(1), a) * copysign(T(1), b));
  }
  template <class T> PYNN_FN T db(T, T, T) { return T(0); }
};

struct Nextafter : Row {
  static constexpr auto name = "nextafter";
  static constexpr auto doc = "The next number after x1 in the direction of x2. It has no derivative.";
  static constexpr Keeps keeps = Keeps::never;
  template <class T> PYNN_FN T f(T a, T b) { return nextafter(a, b); }
};

struct LeakyRelu : Row {
  static constexpr auto name = "leaky_relu";
  static constexpr auto doc = "x where it is above 0, negative_slope * x elsewhere.";
  static constexpr auto parameter = "negative_slope";
  static constexpr double parameter_default = 0.2;  // as Keras's activation
  template <class T> PYNN_FN T f(T x, T slope) { return x > T(0) ? x : slope * x; }
  template <class T> PYNN_FN T da(T g, T x, T slope) { return select(x > T(0), g, g * slope); }
  template <class T> PYNN_FN T db(T g, T x, T) { return select(x > T(0), T(0), g * x); }
};

struct Elu : Row {
  static constexpr auto name = "elu";
  static constexpr auto doc =
      "x where it is above 0, alpha * (e**x - 1) elsewhere (Clevert et al. 2015, arXiv:1511.07289).";
  static constexpr auto parameter = "alpha";
  static constexpr double parameter_default = 1;
  template <class T> PYNN_FN T f(T x, T alpha) { return x > T(0) ? x : alpha * expm1(x); }
  template <class T> PYNN_FN T da(T g, T x, T alpha) {
    return g * select(x > T(0), T(1), alpha * exp(select(x > T(0), T(0), x)));
  }
  template <class T> PYNN_FN T db(T g, T x, T) { return select(x > T(0), T(0), g * expm1(x)); }
};

// ---- Losses of one element ------------------------------------------------------------------------------------------

struct SquaredDifference : Row {
  static constexpr auto name = "squared_difference";
  static constexpr auto doc = "(x1 - x2)**2.";
  static constexpr Types types = kNumbers;
  template <class T> PYNN_FN T f(T a, T b) { return (a - b) * (a - b); }
  template <class T> PYNN_FN T da(T g, T a, T b) { return T(2) * g * (a - b); }
  template <class T> PYNN_FN T db(T g, T a, T b) { return T(2) * g * (b - a); }
};

struct AbsoluteDifference : Row {
  static constexpr auto name = "absolute_difference";
  static constexpr auto doc = "|x1 - x2|; the derivative where they are equal is 0.";
  static constexpr Types types = kNumbers;
  template <class T> PYNN_FN T f(T a, T b) { return a < b ? T(b - a) : T(a - b); }
  template <class T> PYNN_FN T da(T g, T a, T b) { return select(a > b, g, select(a < b, -g, T(0))); }
  template <class T> PYNN_FN T db(T g, T a, T b) { return select(b > a, g, select(b < a, -g, T(0))); }
};

struct Huber : Row {
  static constexpr auto name = "huber";
  static constexpr auto doc = "x**2 / 2 where |x| <= delta, delta * (|x| - delta / 2) elsewhere (Huber 1964).";
  static constexpr auto parameter = "delta";
  static constexpr double parameter_default = 1;
  static constexpr Domain domain_b{0.5, 2};
  template <class T> PYNN_FN T f(T x, T delta) {
    const T a = x < T(0) ? -x : x;
    return a <= delta ? T(0.5) * x * x : delta * (a - T(0.5) * delta);
  }
  template <class T> PYNN_FN T da(T g, T x, T delta) {
    return g * select(x > delta, delta, select(x < -delta, -delta, x));
  }
  template <class T> PYNN_FN T db(T g, T x, T delta) {
    const T a = select(x < T(0), -x, x);
    return select(a <= delta, T(0), g * (a - delta));
  }
};

struct BinaryCrossEntropyWithLogits : Row {
  static constexpr auto name = "binary_cross_entropy_with_logits";
  static constexpr auto doc = "-t log(p) - (1 - t) log(1 - p) with p = sigmoid(x), without overflow, in nats.";
  static constexpr Domain domain_b{0, 1};
  template <class T> PYNN_FN T f(T x, T t) { return (x < T(0) ? T(0) : x) - x * t + log1p(exp(x < T(0) ? x : -x)); }
  template <class T> PYNN_FN T da(T g, T x, T t) { return g * (T(1) / (T(1) + exp(-x)) - t); }
  template <class T> PYNN_FN T db(T g, T x, T) { return -g * x; }
};

struct BinaryCrossEntropy : Row {
  static constexpr auto name = "binary_cross_entropy";
  static constexpr auto doc =
      "-t log(p) - (1 - t) log(1 - p) with p clipped to [1e-7, 1 - 1e-7], as in Keras, in nats.";
  static constexpr Domain domain{0.1, 0.9};
  static constexpr Domain domain_b{0, 1};
  static constexpr double kLow = 1e-7, kHigh = 1 - 1e-7;
  template <class T> PYNN_FN T f(T p, T t) {
    const T q = p < T(kLow) ? T(kLow) : (p > T(kHigh) ? T(kHigh) : p);
    return -(t * log(q) + (T(1) - t) * log(T(1) - q));
  }
  template <class T> PYNN_FN T da(T g, T p, T t) {
    const auto inside = (p >= T(kLow)) & (p <= T(kHigh));
    const T q = select(inside, p, T(0.5));
    return select(inside, g * (q - t) / (q * (T(1) - q)), T(0));
  }
  template <class T> PYNN_FN T db(T g, T p, T) {
    const T q = select(p < T(kLow), T(kLow), select(p > T(kHigh), T(kHigh), p));
    return g * (log(T(1) - q) - log(q));
  }
};

// ---- Comparisons and logic ------------------------------------------------------------------------------------------

struct Equal : Predicate {
  static constexpr auto name = "equal";
  static constexpr auto doc = "x1 == x2.";
  static constexpr Types types = kAll;
  template <class T> PYNN_FN bool f(T a, T b) { return a == b; }
};
struct NotEqual : Predicate {
  static constexpr auto name = "not_equal";
  static constexpr auto doc = "x1 != x2.";
  static constexpr Types types = kAll;
  template <class T> PYNN_FN bool f(T a, T b) { return a != b; }
};
struct Less : Predicate {
  static constexpr auto name = "less";
  static constexpr auto doc = "x1 < x2.";
  static constexpr Types types = kAll;
  template <class T> PYNN_FN bool f(T a, T b) { return a < b; }
};
struct LessEqual : Predicate {
  static constexpr auto name = "less_equal";
  static constexpr auto doc = "x1 <= x2.";
  static constexpr Types types = kAll;
  template <class T> PYNN_FN bool f(T a, T b) { return a <= b; }
};
struct Greater : Predicate {
  static constexpr auto name = "greater";
  static constexpr auto doc = "x1 > x2.";
  static constexpr Types types = kAll;
  template <class T> PYNN_FN bool f(T a, T b) { return a > b; }
};
struct GreaterEqual : Predicate {
  static constexpr auto name = "greater_equal";
  static constexpr auto doc = "x1 >= x2.";
  static constexpr Types types = kAll;
  template <class T> PYNN_FN bool f(T a, T b) { return a >= b; }
};

struct LogicalAnd : Predicate {
  static constexpr auto name = "logical_and";
  static constexpr auto doc = "x1 and x2; a number counts as true where it is not 0.";
  static constexpr Types types = kBoolean;
  template <class T> PYNN_FN bool f(T a, T b) { return a & b; }
};
struct LogicalOr : Predicate {
  static constexpr auto name = "logical_or";
  static constexpr auto doc = "x1 or x2; a number counts as true where it is not 0.";
  static constexpr Types types = kBoolean;
  template <class T> PYNN_FN bool f(T a, T b) { return a | b; }
};
struct LogicalXor : Predicate {
  static constexpr auto name = "logical_xor";
  static constexpr auto doc = "x1 or x2 but not both; a number counts as true where it is not 0.";
  static constexpr Types types = kBoolean;
  template <class T> PYNN_FN bool f(T a, T b) { return a != b; }
};

struct Bitwise : Row {
  static constexpr Types types = kBits;
  static constexpr Keeps keeps = Keeps::never;
};
struct BitwiseAnd : Bitwise {
  static constexpr auto name = "bitwise_and";
  static constexpr auto doc = "x1 & x2, bit by bit.";
  template <class T> PYNN_FN T f(T a, T b) { return T(a & b); }
};
struct BitwiseOr : Bitwise {
  static constexpr auto name = "bitwise_or";
  static constexpr auto doc = "x1 | x2, bit by bit.";
  template <class T> PYNN_FN T f(T a, T b) { return T(a | b); }
};
struct BitwiseXor : Bitwise {
  static constexpr auto name = "bitwise_xor";
  static constexpr auto doc = "x1 ^ x2, bit by bit.";
  template <class T> PYNN_FN T f(T a, T b) { return T(a ^ b); }
};
struct BitwiseLeftShift : Bitwise {
  static constexpr auto name = "bitwise_left_shift";
  static constexpr auto doc = "x1 << x2; 0 where x2 is not below the number of bits.";
  static constexpr Types types = kIntegers;
  template <class T> PYNN_FN T f(T a, T b) {
    constexpr int bits = 8 * sizeof(T);
    const bool out = (b < T(0)) | (b >= T(bits));
    return out ? T(0) : T(static_cast<uint64_t>(a) << (out ? 0 : b));
  }
};
struct BitwiseRightShift : Bitwise {
  static constexpr auto name = "bitwise_right_shift";
  static constexpr auto doc = "x1 >> x2, keeping the sign; 0 or -1 where x2 is not below the number of bits.";
  static constexpr Types types = kIntegers;
  template <class T> PYNN_FN T f(T a, T b) {
    constexpr int bits = 8 * sizeof(T);
    const bool out = (b < T(0)) | (b >= T(bits));
    return out ? (a < T(0) ? T(-1) : T(0)) : T(a >> (out ? 0 : b));
  }
};

// ---- Three operands -------------------------------------------------------------------------------------------------

struct Clip : Row {
  static constexpr auto name = "clip";
  static constexpr auto doc = "min(max(x, low), high); NaN wins. The gradient goes to x where low <= x <= high.";
  static constexpr Types types = kNumbers;
  template <class T> PYNN_FN T f(T x, T low, T high) {
    const T y = (x < low) | (low != low) ? low : x;
    return (y > high) | (high != high) ? high : y;
  }
  template <class T> PYNN_FN T da(T g, T x, T low, T high) { return select((x >= low) & (x <= high), g, T(0)); }
  template <class T> PYNN_FN T db(T g, T x, T low, T high) { return select((x < low) & (low <= high), g, T(0)); }
  template <class T> PYNN_FN T dc(T g, T x, T low, T high) { return select((x > high) | (low > high), g, T(0)); }
};

// ---- The lists. An operation's id is its position here. -------------------------------------------------------------

using UnaryOps = List<Negative, Abs, Sign, Square, Reciprocal, Sqrt, Rsqrt, Floor, Ceil, Round, Trunc, Exp, Expm1, Log,
                      Log1p, Log2, Log10, Sin, Cos, Tan, Asin, Acos, Atan, Sinh, Cosh, Tanh, Asinh, Acosh, Atanh, Erf,
                      Relu, Relu6, Sigmoid, LogSigmoid, HardSigmoid, Softplus, Softsign, Silu, Mish, Selu, Gelu,
                      GeluTanh, Isnan, Isinf, Isfinite, Signbit, LogicalNot, BitwiseInvert>;

using BinaryOps =
    List<Add, Subtract, Multiply, Divide, Remainder, FloorDivide, Power, Minimum, Maximum, Atan2, Hypot, Logaddexp,
         Copysign, Nextafter, LeakyRelu, Elu, SquaredDifference, AbsoluteDifference, Huber,
         BinaryCrossEntropyWithLogits, BinaryCrossEntropy, Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual,
         LogicalAnd, LogicalOr, LogicalXor, BitwiseAnd, BitwiseOr, BitwiseXor, BitwiseLeftShift, BitwiseRightShift>;

using TernaryOps = List<Clip>;

// The position of Op in a list.
template <class Op, class First, class... Rest>
constexpr int position(List<First, Rest...>) {
  if constexpr (__is_same(Op, First))
    return 0;
  else
    return 1 + position<Op>(List<Rest...>{});
}
template <class Op>
static constexpr int unary_id = position<Op>(UnaryOps{});
template <class Op>
static constexpr int binary_id = position<Op>(BinaryOps{});
template <class Op>
static constexpr int ternary_id = position<Op>(TernaryOps{});

}  // namespace pynn::PYNN_ISA
