// Mathematical functions of one scalar that the compiler can vectorise: no branches, no calls, no tables. float32 has
// its own text for the functions that networks live on; everything else is the C library's.
//
// Each float32 function says its largest error in ulp (units in the last place); tests/test_math.py holds it to that.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>

#ifdef __CUDACC__
#define PYNN_FN static __host__ __device__ __forceinline__
#else
#define PYNN_FN static inline __attribute__((always_inline))
#endif
#ifndef PYNN_ISA
#define PYNN_ISA baseline
#endif

namespace pynn::PYNN_ISA {

// A branch-free choice. Over tensors it is `where`, so the text of a derivative may use it (and not ?:).
template <class T>
PYNN_FN T select(bool c, T a, T b) {
  return c ? a : b;
}

namespace math {

PYNN_FN float from_bits(int32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}
PYNN_FN int32_t to_bits(float x) {
  int32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

// |x|, and the sign of x with the magnitude of m: the bits, since with comparisons -0 and NaN would have to be kept
// apart.
PYNN_FN float magnitude(float x) { return from_bits(to_bits(x) & 0x7fffffff); }
PYNN_FN float with_sign(float m, float x) {
  return from_bits(
      static_cast<int32_t>(static_cast<uint32_t>(to_bits(m)) | (static_cast<uint32_t>(to_bits(x)) & 0x80000000u)));
}

// x = n ln 2 + r with |r| <= ln 2 / 2; ln 2 is split so that n times its head is exact (Cody and Waite). The lowest
// nine bits of `power` are n + 254: where adding `shift` rounds to an integer, they are the last of the sum.
struct Reduced {
  float r;
  int32_t power;
};
PYNN_FN Reduced reduce_exp(float x) {
  const float shift = 12582912.0f + 254.0f;  // 1.5 * 2**23
  const float t = x * 1.44269504f + shift, n = t - shift;
  return {(x - n * 0.693359375f) - n * -2.12194440e-4f, to_bits(t)};
}

// 2**(n + more), for n + more in [-127, 127]; 2**-127 comes out as 0.
PYNN_FN float power_of_two(Reduced d, int32_t more = 0) {
  return from_bits(static_cast<int32_t>(static_cast<uint32_t>(d.power - 127 + more) << 23));
}

// (e**r - 1 - r) / r**2 on [-ln 2 / 2, ln 2 / 2]. Coefficients: tools/fit_math.py.
PYNN_FN float exp_tail(float r) {
  float p = 1.3750349539e-03f;
  p = p * r + 8.3692084687e-03f;
  p = p * r + 4.1669579223e-02f;
  p = p * r + 1.6666516022e-01f;
  return p * r + 4.9999988316e-01f;
}

// e**r.
PYNN_FN float small_exp(float r) { return exp_tail(r) * r * r + r + 1.0f; }

// e**x. 1 ulp on normal results (1.03 at few x), 2 on subnormal ones; 0 below -104, inf above 88.73; NaN stays NaN.
PYNN_FN float exp(float x) {
  // Both clamps are written so that NaN passes.
  float c = x < -104.5f ? -104.5f : x;
  c = c > 89.5f ? 89.5f : c;
  const Reduced d = reduce_exp(c);
  // Two factors, since 2**n itself may not be a normal number. Half of n + 254 is half of n with the bias of a float.
  const int32_t half = static_cast<int32_t>(static_cast<uint32_t>(d.power >> 1) << 23);
  const int32_t rest = static_cast<int32_t>(static_cast<uint32_t>(d.power) << 23) - half;
  return small_exp(d.r) * from_bits(half) * from_bits(rest);
}

// e**x for x in [-88, 88].
PYNN_FN float exp_within(float x) {
  const Reduced d = reduce_exp(x);
  return small_exp(d.r) * power_of_two(d);
}

// e**x - 1. 2 ulp on all x; -1 below -18, inf above 88.73; NaN stays NaN; -0 stays -0.
PYNN_FN float expm1(float x) {
  float c = x < -20.0f ? -20.0f : x;
  c = c > 89.0f ? 89.0f : c;
  const Reduced d = reduce_exp(c);
  const float p = exp_tail(d.r) * d.r * d.r + d.r;
  // 2**(n-1) is a normal number for every n here; doubling at the end reaches n = 128.
  const float s = power_of_two(d, -1);
  const float y = 2.0f * (p * s + (s - 0.5f));
  return x == 0.0f ? x : y;
}

// 1 / (1 + e**-x). 2 ulp where the result is normal; 0 below -89; NaN stays NaN. Twice the sum in brackets is 1 +
// e**-x: s, a power of two, and 1/2 are added last and smallest first, so that one rounding counts.
PYNN_FN float sigmoid(float x) {
  const Reduced d = reduce_exp(x > 80.0f ? -80.0f : -x);
  const float more = exp_tail(d.r) * d.r * d.r + d.r, s = power_of_two(d, -1);
  const float less = s < 0.5f ? s : 0.5f, most = s > 0.5f ? s : 0.5f;
  const float y = 0.5f / ((more * s + less) + most);
  return x < -89.0f ? 0.0f : y;
}

// Natural logarithm. 1 ulp on positive x, subnormal ones included; -inf at 0, NaN below.
// Coefficients: Cephes, logf.
PYNN_FN float log(float x) {
  const bool tiny = x < 1.17549435e-38f;
  const float scaled = tiny ? x * 8388608.0f : x;  // 2**23
  // Mantissa in [sqrt(1/2), sqrt(2)).
  const int32_t bits = to_bits(scaled) - 0x3f3504f3;
  const int32_t exponent = bits >> 23;
  const float m = from_bits((bits & 0x007fffff) + 0x3f3504f3) - 1.0f;
  const float e = static_cast<float>(exponent) - (tiny ? 23.0f : 0.0f);
  float p = 7.0376836292e-2f;
  p = p * m - 1.1514610310e-1f;
  p = p * m + 1.1676998740e-1f;
  p = p * m - 1.2420140846e-1f;
  p = p * m + 1.4249322787e-1f;
  p = p * m - 1.6668057665e-1f;
  p = p * m + 2.0000714765e-1f;
  p = p * m - 2.4999993993e-1f;
  p = p * m + 3.3333331174e-1f;
  const float z = m * m;
  float y = p * m * z;
  y = y + e * -2.12194440e-4f;
  y = y - 0.5f * z;
  y = m + y;
  y = y + e * 0.693359375f;
  const float inf = from_bits(0x7f800000), nan = from_bits(0x7fc00000);
  y = x == inf ? inf : y;
  y = x == 0.0f ? -inf : y;
  return x >= 0.0f ? y : nan;
}

// log(1 + x). 3 ulp on x > -1. The rounding of 1 + x is made good by the quotient (Kahan).
PYNN_FN float log1p(float x) {
  const float u = 1.0f + x;
  const float y = log(u) * (x / (u - 1.0f));
  const float inf = from_bits(0x7f800000);
  return u == 1.0f ? x : (u == inf ? u : (u == 0.0f ? -inf : y));
}

// Hyperbolic tangent. 2 ulp on all x; -0 stays -0. Near 0 the odd polynomial (coefficients: Cephes, tanhf), beyond
// 0.625 from e**2x, where its error counts for less than half.
PYNN_FN float tanh(float x) {
  const float a = magnitude(x), z = x * x;
  float p = -5.70498872745e-3f;
  p = p * z + 2.06390887954e-2f;
  p = p * z - 5.37397155531e-2f;
  p = p * z + 1.33314422036e-1f;
  p = p * z - 3.33332819422e-1f;
  const float near = x * (1.0f + z * p);
  const float far = 1.0f - 2.0f / (exp_within(2.0f * (a > 10.0f ? 10.0f : a)) + 1.0f);
  return a < 0.625f ? near : with_sign(far, x);
}

// y e**(-x**2 / 2) for |x| <= 13.3; 0 where the power would be below 2**-126. The rounding of x**2 would cost the
// result x**2 / 2 ulp, so it is subtracted from before it is rounded, or taken in two parts.
PYNN_FN float times_exp_of_square(float y, float x) {
#ifdef __FMA__
  const float shift = 12582912.0f + 254.0f;  // as in reduce_exp
  const float half = -0.5f * x, t = half * x * 1.44269504f + shift, n = t - shift;
  const float r = __builtin_fmaf(half, x, n * -0.693359375f) - n * -2.12194440e-4f;
  const Reduced d{r, to_bits(t)};
#else
  const float top = from_bits(to_bits(x) & ~0xfff);
  Reduced d = reduce_exp(-0.5f * top * top);
  d.r += -0.5f * (x - top) * (x + top);
#endif
  const float more = (exp_tail(d.r) * d.r + 1.0f) * d.r;  // e**r - 1
  return (y * more + y) * power_of_two(d);
}

// a normal_cdf(-a) e**(a**2 / 2) for 0 <= a <= 13.3: v = a / (a + 2.75), times what is a polynomial in v and nearly
// the same everywhere. Coefficients here and below: tools/fit_math.py.
PYNN_FN float normal_tail(float a) {
  const float v = a / (a + 2.75f), u = v - 0.4375f;
  float p = -3.9598060962e-02f;
  p = p * u - 8.5235181516e-02f;
  p = p * u + 1.6894643623e-02f;
  p = p * u + 1.6226552511e-01f;
  p = p * u + 4.1038547475e-02f;
  p = p * u - 2.8547168054e-01f;
  p = p * u - 6.3534557043e-02f;
  p = p * u + 7.4780257096e-01f;
  p = p * u - 1.0411645408e+00f;
  p = p * u + 7.8115754131e-01f;
  return v * p;
}

// x times the distribution function of the normal distribution at x. 4 ulp where the result is normal; -0
// below -13.27. Above 0 it is x less what it is, without the sign, at -x.
PYNN_FN float gelu(float x) {
  const float a = magnitude(x), c = a > 13.27f ? 13.27f : a;
  return (x < -0.0f ? -0.0f : x) - times_exp_of_square(normal_tail(c), c);
}
PYNN_FN double gelu(double x) {
  return x < -39.0 ? -0.0 : 0.5 * x * ::erfc(x * -0.7071067811865476);  // 1 / sqrt(2)
}

// The error function. 2 ulp on all x; -0 stays -0, NaN stays NaN. From 1 on it is 1 - e**-q, where q may be off by more
// and more; beyond 3.95 it is 1.
PYNN_FN float erf(float x) {
  const float a = magnitude(x), z = x * x;
  float p = 7.8472591372e-05f;
  p = p * z - 8.0081893277e-04f;
  p = p * z + 5.1880988900e-03f;
  p = p * z - 2.6853691100e-02f;
  p = p * z + 1.1283582248e-01f;
  p = p * z - 3.7612625567e-01f;
  const float near = x * (1.28379166e-01f + p * z) + x;  // 2 / sqrt(pi) is 1 + 0.128...
  const float c = a > 3.95f ? 3.95f : a;
  float q = -1.8557485686e-04f;
  q = q * c + 2.9396153885e-03f;
  q = q * c - 2.1805349805e-02f;
  q = q * c + 1.0303743277e-01f;
  q = q * c + 6.3822560545e-01f;
  q = q * c + 1.1270400782e+00f;
  q = q * c + 3.5370936088e-04f;
  return a < 1.0f ? near : with_sign(1.0f - exp_within(-q), x);
}

PYNN_FN double exp(double x) { return ::exp(x); }
PYNN_FN double expm1(double x) { return ::expm1(x); }
PYNN_FN double sigmoid(double x) { return 1.0 / (1.0 + ::exp(-x)); }
PYNN_FN double log(double x) { return ::log(x); }
PYNN_FN double log1p(double x) { return ::log1p(x); }
PYNN_FN double tanh(double x) { return ::tanh(x); }
PYNN_FN double erf(double x) { return ::erf(x); }

// The C library's functions for both types (float32: at most 2 ulp in glibc).
#define PYNN_LIBM(NAME)                                \
  PYNN_FN float NAME(float x) { return ::NAME##f(x); } \
  PYNN_FN double NAME(double x) { return ::NAME(x); }
PYNN_LIBM(sqrt)
PYNN_LIBM(log2)
PYNN_LIBM(log10)
PYNN_LIBM(sin)
PYNN_LIBM(cos)
PYNN_LIBM(tan)
PYNN_LIBM(asin)
PYNN_LIBM(acos)
PYNN_LIBM(atan)
PYNN_LIBM(sinh)
PYNN_LIBM(cosh)
PYNN_LIBM(asinh)
PYNN_LIBM(acosh)
PYNN_LIBM(atanh)
PYNN_LIBM(floor)
PYNN_LIBM(ceil)
PYNN_LIBM(trunc)
PYNN_LIBM(rint)
#undef PYNN_LIBM

PYNN_FN float power(float a, float b) { return ::powf(a, b); }
PYNN_FN double power(double a, double b) { return ::pow(a, b); }
PYNN_FN float fmod(float a, float b) { return ::fmodf(a, b); }
PYNN_FN double fmod(double a, double b) { return ::fmod(a, b); }
PYNN_FN float atan2(float a, float b) { return ::atan2f(a, b); }
PYNN_FN double atan2(double a, double b) { return ::atan2(a, b); }
PYNN_FN float hypot(float a, float b) { return ::hypotf(a, b); }
PYNN_FN double hypot(double a, double b) { return ::hypot(a, b); }
PYNN_FN float copysign(float a, float b) { return ::copysignf(a, b); }
PYNN_FN double copysign(double a, double b) { return ::copysign(a, b); }
PYNN_FN float nextafter(float a, float b) { return ::nextafterf(a, b); }
PYNN_FN double nextafter(double a, double b) { return ::nextafter(a, b); }

}  // namespace math
}  // namespace pynn::PYNN_ISA
