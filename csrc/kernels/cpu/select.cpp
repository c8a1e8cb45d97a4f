// Which ISA level runs: the best one of this machine, or the one that PYNN_ISA names. Compiled once, for the baseline.
#include <cstdlib>
#include <cstring>

#include "kernels/kernels.h"

namespace pynn {

#define PYNN_ISA_LEVEL(NAME, CPU) \
  namespace NAME {                \
  void fill(Kernels&);            \
  }
#include "isa_levels.inc"  // written by CMake: one PYNN_ISA_LEVEL line a level, best first
#undef PYNN_ISA_LEVEL

namespace {

struct Level {
  const char* name;
  bool runs;
  void (*fill)(Kernels&);
};

#if defined(__x86_64__)
#define PYNN_CPU_RUNS(CPU) (__builtin_cpu_supports(CPU) != 0)
#else
#define PYNN_CPU_RUNS(CPU) true  // one level, which every processor of the kind runs
#endif

struct Levels {
#define PYNN_ISA_LEVEL(NAME, CPU) {#NAME, PYNN_CPU_RUNS(CPU), NAME::fill},
  Level all[8] = {
#include "isa_levels.inc"
  };
#undef PYNN_ISA_LEVEL
  const char* names[9] = {};  // those that run

  Levels() {
    int n = 0;
    for (const Level& level : all)
      if (level.name && level.runs) names[n++] = level.name;
  }
  const Level* find(const char* name) const {
    for (const Level& level : all)
      if (level.name && level.runs && (!name || std::strcmp(name, level.name) == 0)) return &level;
    return nullptr;
  }
};

const Levels& levels() {
  static const Levels all;
  return all;
}

Kernels filled(const Level& level) {
  Kernels k{};
  k.isa = level.name;
  level.fill(k);
  return k;
}

Kernels& current() {
  // An unknown name in the environment falls back to the best level here; the Python floor reports it on import.
  static Kernels k = [] {
    const Level* named = levels().find(std::getenv("PYNN_ISA"));
    return filled(named ? *named : *levels().find(nullptr));
  }();
  return k;
}

}  // namespace

const Kernels& cpu_kernels() { return current(); }

bool use_isa(const char* name) {
  const Level* level = levels().find(name);
  if (level) current() = filled(*level);
  return level != nullptr;
}

const char* const* runnable_isas() { return levels().names; }

}  // namespace pynn
