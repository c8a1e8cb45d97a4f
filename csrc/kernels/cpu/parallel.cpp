// A small pool of threads of our own. OpenMP's would do for a quiet machine, but its threads wait for one another at
// the end of every loop: when other processes have the processors, each loop then waits for a thread that is not
// running (seen: 100 times slower beside two busy processes). Here nobody waits for a thread that has taken no work:
// the caller works too, and if no worker wakes up in time it does all of it.
#include "kernels/cpu/parallel.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <system_error>
#include <thread>

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

void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  std::this_thread::yield();
#endif
}

thread_local bool in_pool = false;  // this thread runs a block: what it calls runs serially

class Pool {
 public:
  // False if another thread has the pool: the caller then works alone.
  bool run(int64_t blocks, int wanted, BlockFn fn, void* context) {
    if (busy_.test_and_set(std::memory_order_acquire)) return false;
    start_workers(wanted - 1);
    fn_ = fn;
    context_ = context;
    blocks_ = blocks;
    helpers_ = wanted - 1;
    next_.store(0, std::memory_order_relaxed);
    open_.store(true);
    epoch_.fetch_add(1);
    epoch_.notify_all();
    work();
    // Whoever took a block before the door closed is counted in inside_; a worker that comes later finds it closed.
    open_.store(false);
    wait_until_empty();
    busy_.clear(std::memory_order_release);
    return true;
  }

 private:
  // Pauses (of 10 to 50 ns) that a thread waits for news before it sleeps or gives way.
  static constexpr int kPatience = 1000;
  // How long a worker then still waits, giving way to whoever else wants the processor: longer than the gaps between
  // the loops of a training step. Waking from sleep takes tens of microseconds, on a virtual machine up to a
  // millisecond.
  static constexpr std::chrono::microseconds kAttention{300};
  static constexpr int kMostWorkers = 255;

  void start_workers(int wanted) {
    while (workers_ < std::min(wanted, kMostWorkers)) {
      try {
        std::thread(&Pool::live, this, workers_, epoch_.load()).detach();
      } catch (const std::system_error&) {
        return;  // no thread to be had: those there are do the work
      }
      ++workers_;
    }
  }

  void work() {
    in_pool = true;
    for (int64_t i; (i = next_.fetch_add(1, std::memory_order_relaxed)) < blocks_;) fn_(context_, i);
    in_pool = false;
  }

  void wait_until_empty() {
    for (int spin = 0; spin < kPatience; ++spin) {
      if (inside_.load() == 0) return;
      relax();
    }
    for (uint32_t n; (n = inside_.load()) != 0;) inside_.wait(n);
  }

  void wait_for_news(uint32_t seen) {
    const auto nothing_new = [&] { return epoch_.load(std::memory_order_relaxed) == seen; };
    for (int spin = 0; spin < kPatience && nothing_new(); ++spin) relax();
    const auto end = std::chrono::steady_clock::now() + kAttention;
    while (nothing_new() && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    epoch_.wait(seen);
  }

  // The life of worker `index`. Never ends: the process takes it along.
  void live(int index, uint32_t seen) {
    for (;;) {
      wait_for_news(seen);
      seen = epoch_.load();
      // First counted, then through the door: the order that run() relies on.
      inside_.fetch_add(1);
      if (open_.load() && index < helpers_) work();
      if (inside_.fetch_sub(1) == 1) inside_.notify_all();
    }
  }

  std::atomic_flag busy_;  // one job at a time
  int workers_ = 0;
  BlockFn fn_ = nullptr;
  void* context_ = nullptr;
  int64_t blocks_ = 0;
  int helpers_ = 0;
  alignas(64) std::atomic<int64_t> next_{0};
  alignas(64) std::atomic<uint32_t> epoch_{0};  // grows with each job
  std::atomic<bool> open_{false};
  alignas(64) std::atomic<uint32_t> inside_{0};  // workers between the door's two sides
};

// Never destroyed: its workers may outlive static storage. A forked child has none of them and starts a pool anew.
std::atomic<Pool*> pool{nullptr};
[[maybe_unused]] const int registered = pthread_atfork(nullptr, nullptr, [] {
  pool = nullptr;
  in_pool = false;
});

Pool& the_pool() {
  Pool* p = pool.load(std::memory_order_acquire);
  if (p) return *p;
  auto* fresh = new Pool;
  if (pool.compare_exchange_strong(p, fresh)) return *fresh;
  delete fresh;  // another thread was first; this one has no workers yet
  return *p;
}

}  // namespace

int num_threads() { return threads(); }
void set_num_threads(int n) { threads() = std::max(1, n); }

void run_blocks(int64_t blocks, BlockFn fn, void* context) {
  const int n = static_cast<int>(std::min<int64_t>(blocks, threads()));
  if (n > 1 && !in_pool && the_pool().run(blocks, n, fn, context)) return;
  for (int64_t i = 0; i < blocks; ++i) fn(context, i);
}

}  // namespace pynn
