#include "core/dtype.h"

#include <algorithm>

#include "core/error.h"

namespace pynn {
namespace {

struct Traits {
  const char* name;
  Kind kind;
  size_t itemsize;
};

constexpr Traits kTraits[kDtypes] = {
    {"bool", Kind::boolean, 1},
    {"int8", Kind::signed_integer, 1},
    {"int16", Kind::signed_integer, 2},
    {"int32", Kind::signed_integer, 4},
    {"int64", Kind::signed_integer, 8},
    {"uint8", Kind::unsigned_integer, 1},
    {"uint16", Kind::unsigned_integer, 2},
    {"uint32", Kind::unsigned_integer, 4},
    {"uint64", Kind::unsigned_integer, 8},
    {"float16", Kind::floating, 2},
    {"bfloat16", Kind::floating, 2},
    {"float32", Kind::floating, 4},
    {"float64", Kind::floating, 8},
};

const Traits& traits(Dtype t) { return kTraits[static_cast<int>(t)]; }

}  // namespace

const char* name(Dtype t) { return traits(t).name; }
Kind kind(Dtype t) { return traits(t).kind; }
size_t itemsize(Dtype t) { return traits(t).itemsize; }
bool is_floating(Dtype t) { return kind(t) == Kind::floating; }
bool is_integer(Dtype t) { return kind(t) == Kind::signed_integer || kind(t) == Kind::unsigned_integer; }

Dtype promote(const char* op, Dtype a, Dtype b) {
  if (a == b) return a;
  if (kind(a) == kind(b)) {
    // Neither half-precision format holds the other.
    if (itemsize(a) == 2 && itemsize(b) == 2 && is_floating(a)) return Dtype::float32;
    return std::max(a, b);
  }
  if (is_floating(a) || is_floating(b)) return is_floating(a) ? a : b;
  if (kind(a) == Kind::boolean || kind(b) == Kind::boolean) return kind(a) == Kind::boolean ? b : a;
  const Dtype s = kind(a) == Kind::signed_integer ? a : b, u = kind(a) == Kind::signed_integer ? b : a;
  if (u == Dtype::uint64)
    throw DtypeError(message(op, ": no integer type holds both ", name(s), " and uint64; convert one with astype()"));
  // The next signed type above the unsigned one: int16 for uint8, int32 for uint16, int64 for uint32.
  const int above = static_cast<int>(u) - static_cast<int>(Dtype::uint8) + static_cast<int>(Dtype::int16);
  return std::max(s, static_cast<Dtype>(above));
}

}  // namespace pynn
