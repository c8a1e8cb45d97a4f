// What a row of the table (elementwise.h) says of itself besides its formulas.
#pragma once
#include "kernels/math.h"

namespace pynn::PYNN_ISA {

// What the derivative reads besides the incoming gradient. `never`: there is no derivative (comparisons, predicates).
enum class Keeps { nothing, input, output, never };

// The types a row makes sense for, as a set of bits.
using Types = unsigned;
static constexpr Types kBoolean = 1, kSigned = 2, kUnsigned = 4, kFloats = 8;
static constexpr Types kIntegers = kSigned | kUnsigned, kNumbers = kIntegers | kFloats, kAll = kNumbers | kBoolean;
static constexpr Types kBits = kIntegers | kBoolean;

// Where tests draw an operand from. Kinks are met with probability zero and have tests of their own.
struct Domain {
  double low, high;
};

// Defaults. A row for more types, or with another domain, says so itself.
struct Row {
  static constexpr Types types = kFloats;
  static constexpr Keeps keeps = Keeps::input;
  static constexpr Domain domain{-3, 3};
  static constexpr Domain domain_b{-3, 3};
  // A binary row whose second operand is a setting with a default, such as a slope, names it.
  static constexpr const char* parameter = nullptr;
  static constexpr double parameter_default = 0;
};
struct Predicate : Row {
  static constexpr Types types = kNumbers;
  static constexpr Keeps keeps = Keeps::never;
};

template <class... Ops>
struct List {
  static constexpr int size = sizeof...(Ops);
};

}  // namespace pynn::PYNN_ISA
