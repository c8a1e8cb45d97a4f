// The inner loop of a whole tile of gemm_micro.h as text for the assembler, for AVX2: GCC moves accumulators from one
// register to another and counts every pointer by itself, which costs up to a twentieth of the time.
#pragma once
#include "kernels/cpu/vector.h"

#if defined(__AVX2__) && defined(__FMA__) && PYNN_VECTOR_BYTES == 32
#define PYNN_TEXT_STEPS 1

namespace pynn::PYNN_ISA {
namespace {

// Of type s (s for float, d for double): the element of a at `from`, by both vectors of b, to accumulators x and y.
#define PYNN_ROW(s, from, x, y)            \
  "vbroadcasts" s " " from                 \
  ", %%ymm15\n\t"                          \
  "vfmadd231p" s " %%ymm13, %%ymm15, %" #x \
  "\n\t"                                   \
  "vfmadd231p" s " %%ymm14, %%ymm15, %" #y "\n\t"
// One step of k: the row of b at `b`, the elements of a at six places.
#define PYNN_STEP(s, b, a0, a1, a2, a3, a4, a5)                                                        \
  "vmovups " b ", %%ymm13\n\tvmovups 32" b ", %%ymm14\n\t" PYNN_ROW(s, a0, 0, 1) PYNN_ROW(s, a1, 2, 3) \
      PYNN_ROW(s, a2, 4, 5) PYNN_ROW(s, a3, 6, 7) PYNN_ROW(s, a4, 8, 9) PYNN_ROW(s, a5, 10, 11)
// Step u where elements of a, of size z, are packed; where they are read in rows, three from `a`, three from `d`; and
// where they are read in columns, from where `u` says.
#define PYNN_PACKED(s, z, u, b)                                                                               \
  PYNN_STEP(s, b, z "*6*" u "(%[a])", z "*(6*" u "+1)(%[a])", z "*(6*" u "+2)(%[a])", z "*(6*" u "+3)(%[a])", \
            z "*(6*" u "+4)(%[a])", z "*(6*" u "+5)(%[a])")
#define PYNN_IN_ROWS(s, z, u, b)                                                                          \
  PYNN_STEP(s, b, z "*" u "(%[a])", z "*" u "(%[a],%[row])", z "*" u "(%[a],%[row],2)", z "*" u "(%[d])", \
            z "*" u "(%[d],%[row])", z "*" u "(%[d],%[row],2)")
#define PYNN_IN_COLUMNS(s, z, u, b) PYNN_STEP(s, b, z "*0" u, z "*1" u, z "*2" u, z "*3" u, z "*4" u, z "*5" u)
// Four steps of k, at u0 to u3, with operands: rows of b one and three apart, `more`.
#define PYNN_FOUR(step, s, z, u0, u1, u2, u3, ...)                                                                     \
  asm volatile(step(s, z, u0, "(%[b])") step(s, z, u1, "(%[b],%[b1])") step(s, z, u2, "(%[b],%[b1],2)")                \
                   step(s, z, u3, "(%[b],%[b3])")                                                                      \
               : "+x"(acc[0][0]), "+x"(acc[0][1]), "+x"(acc[1][0]), "+x"(acc[1][1]), "+x"(acc[2][0]), "+x"(acc[2][1]), \
                 "+x"(acc[3][0]), "+x"(acc[3][1]), "+x"(acc[4][0]), "+x"(acc[4][1]), "+x"(acc[5][0]), "+x"(acc[5][1])  \
               : [a] "r"(a), [b] "r"(b), [b1] "r"(b1), [b3] "r"(3 * b1) __VA_OPT__(, ) __VA_ARGS__                     \
               : "xmm13", "xmm14", "xmm15", "memory")

// acc += four steps of k. a: packed, six elements a step. b: a row of it every b_row.
template <class T>
PYNN_FN void four_steps(Vector<T> (&acc)[6][2], const T* a, const T* b, int64_t b_row) {
  const int64_t b1 = b_row * static_cast<int64_t>(sizeof(T));
  if constexpr (sizeof(T) == 4)
    PYNN_FOUR(PYNN_PACKED, "s", "4", "0", "1", "2", "3");
  else
    PYNN_FOUR(PYNN_PACKED, "d", "8", "0", "1", "2", "3");
}

// The same where a is read in place: six rows a_row apart, the fourth of which begins at d.
template <class T>
PYNN_FN void four_steps(Vector<T> (&acc)[6][2], const T* a, const T* d, int64_t a_row, const T* b, int64_t b_row) {
  const int64_t b1 = b_row * static_cast<int64_t>(sizeof(T)), row = a_row * static_cast<int64_t>(sizeof(T));
  if constexpr (sizeof(T) == 4)
    PYNN_FOUR(PYNN_IN_ROWS, "s", "4", "0", "1", "2", "3", [d] "r"(d), [row] "r"(row));
  else
    PYNN_FOUR(PYNN_IN_ROWS, "d", "8", "0", "1", "2", "3", [d] "r"(d), [row] "r"(row));
}

// The same where six elements of a are neighbours, and steps of k a_column apart.
template <class T>
PYNN_FN void four_steps_down(Vector<T> (&acc)[6][2], const T* a, int64_t a_column, const T* b, int64_t b_row) {
  const int64_t b1 = b_row * static_cast<int64_t>(sizeof(T)), a1 = a_column * static_cast<int64_t>(sizeof(T));
  if constexpr (sizeof(T) == 4)
    PYNN_FOUR(PYNN_IN_COLUMNS, "s", "4", "(%[a])", "(%[a],%[a1])", "(%[a],%[a1],2)",
              "(%[a],%[a3])", [a1] "r"(a1), [a3] "r"(3 * a1));
  else
    PYNN_FOUR(PYNN_IN_COLUMNS, "d", "8", "(%[a])", "(%[a],%[a1])", "(%[a],%[a1],2)",
              "(%[a],%[a3])", [a1] "r"(a1), [a3] "r"(3 * a1));
}

#undef PYNN_ROW
#undef PYNN_STEP
#undef PYNN_PACKED
#undef PYNN_IN_ROWS
#undef PYNN_IN_COLUMNS
#undef PYNN_FOUR

}  // namespace
}  // namespace pynn::PYNN_ISA
#endif
