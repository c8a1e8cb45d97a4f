// Denormal numbers count as zero while an object of this class lives: an operation on one costs up to a hundred times
// one on a normal number. The mode is the thread's own, and the caller gets his back.
#pragma once
#if defined(__SSE2__)
#include <immintrin.h>
#endif

#include "kernels/math.h"

namespace pynn::PYNN_ISA {
namespace {

class FlushDenormals {
 public:
#if defined(__SSE2__)
  FlushDenormals() : mode_(_mm_getcsr()) { _mm_setcsr(mode_ | 0x8040); }  // flush results, read as zero
  ~FlushDenormals() { _mm_setcsr(mode_); }

 private:
  unsigned mode_;
#else
  FlushDenormals() {}
#endif
};

}  // namespace
}  // namespace pynn::PYNN_ISA
