// From a key and a counter to random numbers, one at a time: Philox4x32-10, and the maps from its words to numbers.
// No loops, no memory: a backend brings those, and every backend gets equal bits.
//
// Equal bits need that a * b + c is rounded twice everywhere. A file that includes this one must be compiled without
// contraction into multiply-add instructions (GCC, Clang: -ffp-contract=off; nvcc: -fmad=false), and for the same
// reason the functions here call nothing of the C library but sqrt, whose result IEEE 754 prescribes.
#pragma once
#include "kernels/math.h"

namespace pynn::PYNN_ISA {
namespace philox {

// A block of the generator: a counter going in, four random words coming out, each in the lower 32 bits of a lane. The
// upper bits of a lane may be anything. A lane is uint64_t, or a vector of them: as many blocks at once.
template <class Lane>
struct Block {
  Lane w0, w1, w2, w3;
};

// Philox4x32-10 with the constants of Salmon, Moraes, Dror and Shaw (2011), "Parallel random numbers: as easy as
// 1, 2, 3": two multipliers that mix well, and the golden ratio and sqrt(3) - 1 in binary, which change the key.
// product(a, b) multiplies the lower 32 bits of a and b, to 64 bits.
template <class Lane, class Product>
PYNN_FN Block<Lane> words(Block<Lane> x, uint64_t key, Product product) {
  uint32_t k0 = static_cast<uint32_t>(key), k1 = static_cast<uint32_t>(key >> 32);
  const Lane zero{};  // Lane + number is one number in all lanes
  for (int round = 0; round < 10; ++round) {
    const Lane p = product(x.w0, zero + 0xD2511F53u), q = product(x.w2, zero + 0xCD9E8D57u);
    x = {(q >> 32) ^ x.w1 ^ k0, q, (p >> 32) ^ x.w3 ^ k1, p};
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return x;
}

PYNN_FN double double_from_bits(uint64_t bits) {
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}
PYNN_FN uint64_t bits_of_double(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}
constexpr uint64_t kOneBits = 0x3ff0000000000000;  // 1.0: with a mantissa, a number in [1, 2)
constexpr uint64_t kBigBits = 0x4330000000000000;  // 2**52: with an integer below 2**52 as mantissa, 2**52 + that
constexpr double kBig = 4503599627370496.0;        // 2**52

// A multiple of 2**-24 (float32) or 2**-52 (float64) in [0, 1), all equally likely.
PYNN_FN float fraction(uint32_t bits) {
  return static_cast<float>(static_cast<int32_t>(bits >> 8)) * 5.9604644775390625e-8f;
}
PYNN_FN double fraction(uint64_t bits) { return double_from_bits(kOneBits | (bits >> 12)) - 1.0; }

// An odd multiple of 2**-53: in (0, 1), and neither 0 nor 1.
PYNN_FN double open_fraction(uint64_t bits) {
  return double_from_bits(kOneBits | (bits >> 12)) - 0.99999999999999988898;  // 1 - 2**-53
}
// The same from 32 bits, at the middle of each of 2**32 intervals.
PYNN_FN double open_fraction(uint32_t bits) { return open_fraction(uint64_t{bits} << 32 | 0x80000000u); }

// log(u) for u in [2**-53, 1). 1 ulp. The method and coefficients of FreeBSD's e_log.c (Sun Microsystems, 1993):
// u = 2**e * (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)), and a polynomial in s**2 where s = f / (2 + f).
PYNN_FN double log(double u) {
  const uint64_t root_half = 0x3fe6a09e00000000;
  const uint64_t bits = bits_of_double(u) + (kOneBits - root_half);
  const double e = double_from_bits(kBigBits | (bits >> 52)) - (kBig + 1023.0);
  const double f = double_from_bits((bits & 0x000fffffffffffff) + root_half) - 1.0;
  const double s = f / (2.0 + f), z = s * s, w = z * z;
  const double odd = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01));
  const double even =
      z * (6.666666666666735130e-01 +
           w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)));
  const double half = 0.5 * f * f;
  // ln 2 in two parts, so that e times the first is exact.
  return e * 6.93147180369123816490e-01 - ((half - (s * (half + (odd + even)) + e * 1.90821492927058770002e-10)) - f);
}

struct Pair {
  double x, y;
};

// The cosine and sine of u turns (2 pi u radians) for u in [0, 1]. 2 ulp of the larger of the two. The polynomials on
// [-pi/4, pi/4] are those of FreeBSD's k_cos.c and k_sin.c (Sun Microsystems, 1993).
PYNN_FN Pair turn(double u) {
  const double shift = 6755399441055744.0;  // 1.5 * 2**52: adding it rounds to an integer, left in the lowest bits
  const double shifted = 4.0 * u + shift;
  const uint64_t quarter = bits_of_double(shifted);
  const double t = (4.0 * u - (shifted - shift)) * 1.57079632679489661923;  // pi / 2
  const double z = t * t;
  double c = -1.13596475577881948265e-11;
  c = c * z + 2.08757232129817482790e-09;
  c = c * z - 2.75573143513906633035e-07;
  c = c * z + 2.48015872894767294178e-05;
  c = c * z - 1.38888888888741095749e-03;
  c = c * z + 4.16666666666666019037e-02;
  c = 1.0 - (0.5 * z - z * z * c);
  double s = 1.58969099521155010221e-10;
  s = s * z - 2.50507602534068634195e-08;
  s = s * z + 2.75573137070700676789e-06;
  s = s * z - 1.98412698298579493134e-04;
  s = s * z + 8.33333333332248946124e-03;
  s = s * z - 1.66666666666666324348e-01;
  s = t + t * z * s;
  const bool odd = (quarter & 1) != 0;
  const double x = odd ? s : c, y = odd ? c : s;
  return {((quarter + 1) & 2) != 0 ? -x : x, (quarter & 2) != 0 ? -y : y};
}

// Two independent standard normal numbers (Box and Muller 1958, "A note on the generation of random normal deviates").
// From words of 32 bits they reach 6.8 standard deviations, from 64 bits 8.5. In double for either: a float would
// leave few different values in the tails.
template <class Bits>
PYNN_FN Pair normal(Bits radius, Bits angle) {
  const double r = math::sqrt(-2.0 * log(open_fraction(radius)));
  const Pair p = turn(open_fraction(angle));
  return {r * p.x, r * p.y};
}

// An integer in [0, range), 0 standing for 2**64, from 64 bits: the upper half of bits * range (Lemire 2019, "Fast
// random integer generation in an interval", without the rejection, which would make the place in the stream depend on
// the values). The probability of each differs from 1 / range by less than 2**-64.
PYNN_FN uint64_t integer(uint64_t bits, uint64_t range) {
  __extension__ using Wide = unsigned __int128;
  return range == 0 ? bits : static_cast<uint64_t>((static_cast<Wide>(bits) * range) >> 64);
}

}  // namespace philox
}  // namespace pynn::PYNN_ISA
