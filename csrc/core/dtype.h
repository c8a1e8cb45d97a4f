// The data types of tensors. Kernels include this file once per ISA, so it holds no inline function
// that could be emitted as a weak symbol: types and constants only, functions are in dtype.cpp.
#pragma once
#include <cstddef>
#include <cstdint>

namespace pynn {

// The order is the lattice of promotion within a kind: a later type of the same kind holds an earlier one.
enum class Dtype : uint8_t {
  boolean,
  int8,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
  float16,
  bfloat16,
  float32,
  float64
};
static constexpr int kDtypes = 13;

enum class Kind : uint8_t { boolean, signed_integer, unsigned_integer, floating };

// Storage formats without arithmetic of their own: IEEE 754 binary16, and the upper half of a float32.
struct Float16 {
  uint16_t bits;
};
struct BFloat16 {
  uint16_t bits;
};

const char* name(Dtype);
Kind kind(Dtype);
size_t itemsize(Dtype);
bool is_floating(Dtype);
bool is_integer(Dtype);  // signed or unsigned; boolean is neither

// The type that holds the values of both, as the array API standard has it; an integer or a boolean that
// meets a float takes the float's type. Throws DtypeError naming `op` where there is none (uint64 with a signed type).
Dtype promote(const char* op, Dtype, Dtype);

static constexpr Dtype kDefaultFloat = Dtype::float32;
static constexpr Dtype kDefaultInteger = Dtype::int64;

// The Dtype of a C++ type.
template <class T>
struct DtypeOf;
template <>
struct DtypeOf<bool> {
  static constexpr Dtype value = Dtype::boolean;
};
template <>
struct DtypeOf<int8_t> {
  static constexpr Dtype value = Dtype::int8;
};
template <>
struct DtypeOf<int16_t> {
  static constexpr Dtype value = Dtype::int16;
};
template <>
struct DtypeOf<int32_t> {
  static constexpr Dtype value = Dtype::int32;
};
template <>
struct DtypeOf<int64_t> {
  static constexpr Dtype value = Dtype::int64;
};
template <>
struct DtypeOf<uint8_t> {
  static constexpr Dtype value = Dtype::uint8;
};
template <>
struct DtypeOf<uint16_t> {
  static constexpr Dtype value = Dtype::uint16;
};
template <>
struct DtypeOf<uint32_t> {
  static constexpr Dtype value = Dtype::uint32;
};
template <>
struct DtypeOf<uint64_t> {
  static constexpr Dtype value = Dtype::uint64;
};
template <>
struct DtypeOf<Float16> {
  static constexpr Dtype value = Dtype::float16;
};
template <>
struct DtypeOf<BFloat16> {
  static constexpr Dtype value = Dtype::bfloat16;
};
template <>
struct DtypeOf<float> {
  static constexpr Dtype value = Dtype::float32;
};
template <>
struct DtypeOf<double> {
  static constexpr Dtype value = Dtype::float64;
};

}  // namespace pynn
