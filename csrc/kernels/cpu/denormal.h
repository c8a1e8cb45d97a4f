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
  FlushDenormals() : before_(mode()) { set_mode(before_ | kFlush); }
  ~FlushDenormals() { set_mode(before_); }
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
#if defined(__SSE2__)
  using Mode = unsigned;
  static constexpr Mode kFlush = 0x8040;  // MXCSR: results to zero, operands as zero
  static Mode mode() { return _mm_getcsr(); }
  static void set_mode(Mode m) { _mm_setcsr(m); }
#elif defined(__aarch64__)
  using Mode = uint64_t;
  static constexpr Mode kFlush = 1 << 24;  // FPCR.FZ
  static Mode mode() {
    Mode m;
    asm volatile("mrs %0, fpcr" : "=r"(m));
    return m;
  }
  static void set_mode(Mode m) { asm volatile("msr fpcr, %0" : : "r"(m)); }
#else
  using Mode = int;
  static constexpr Mode kFlush = 0;
  static Mode mode() { return 0; }
  static void set_mode(Mode) {}
#endif

  Mode before_;
};

}  // namespace
}  // namespace pynn::PYNN_ISA
