#include "kernels/cpu/parallel.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#ifdef _OPENMP
#include <omp.h>
#endif

namespace pynn {
namespace {

// CPUs that this process may use: its affinity mask, and the quota of its control group (cgroup v2, then v1).
int available_cpus() {
  int n = 1;
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) n = std::max(1, CPU_COUNT(&set));
  double quota = -1, period = -1;
  if (FILE* f = std::fopen("/sys/fs/cgroup/cpu.max", "r")) {
    if (std::fscanf(f, "%lf %lf", &quota, &period) != 2) quota = -1;  // "max 100000": no limit
    std::fclose(f);
  } else if (FILE* q = std::fopen("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "r")) {
    if (std::fscanf(q, "%lf", &quota) != 1) quota = -1;
    std::fclose(q);
    if (FILE* p = std::fopen("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "r")) {
      if (std::fscanf(p, "%lf", &period) != 1) period = -1;
      std::fclose(p);
    }
  }
  if (quota > 0 && period > 0) n = std::min(n, std::max(1, static_cast<int>(quota / period + 0.5)));
  return n;
}

int initial_threads() {
  if (const char* s = std::getenv("OMP_NUM_THREADS")) {
    const int n = std::atoi(s);  // "4,2" asks for 4 at the outer level, the only one used here
    if (n > 0) return n;
  }
  return available_cpus();
}

std::atomic<int>& threads() {
  static std::atomic<int> n{initial_threads()};
  return n;
}

// libgomp's workers do not survive fork, and its next parallel region in the child would wait for them for ever.
std::atomic<bool> forked{false};
[[maybe_unused]] const int registered = pthread_atfork(nullptr, nullptr, [] { forked = true; });

}  // namespace

int num_threads() { return threads(); }
void set_num_threads(int n) { threads() = std::max(1, n); }

void run_blocks(int64_t blocks, BlockFn fn, void* context) {
#ifdef _OPENMP
  const int n = static_cast<int>(std::min<int64_t>(blocks, threads()));
  if (n > 1 && !forked && !omp_in_parallel()) {
#pragma omp parallel for schedule(dynamic, 1) num_threads(n)
    for (int64_t i = 0; i < blocks; ++i) fn(context, i);
    return;
  }
#endif
  for (int64_t i = 0; i < blocks; ++i) fn(context, i);
}

}  // namespace pynn
