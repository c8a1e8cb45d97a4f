// A small pool of threads of our own. OpenMP's would do for a quiet machine, but its threads wait for one another at
// the end of every loop: when other processes have the processors, each loop then waits for a thread that is not
// running (seen: 100 times slower beside two busy processes). Here nobody waits for a thread that has taken no work:
// the caller works too, and if no worker wakes up in time it does all of it.
#include "kernels/cpu/parallel.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <optional>
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

// The CPUs that the process may use now: its main thread's, which are what taskset changes. False where they are not
// to be had.
bool cpus_of_process(cpu_set_t& set) { return sched_getaffinity(getpid(), sizeof set, &set) == 0; }

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

// Sleeps while `value` is `known`. Not by std::atomic, which gives way to other threads first: where others want the
// processor, sched_yield() costs more than the time slice that it gives away. Beside two busy processes a worker that
// gave way while it waited got a sixth of its processor (Linux 6.18), and gets half of it now.
void sleep_while(std::atomic<uint32_t>& value, uint32_t known) {
  syscall(SYS_futex, &value, FUTEX_WAIT_PRIVATE, known, nullptr, nullptr, 0);
}
void wake_all(std::atomic<uint32_t>& value) {
  syscall(SYS_futex, &value, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
}

thread_local bool in_pool = false;  // this thread runs a block: what it calls runs serially

class Pool {
 public:
  // False if another thread has the pool: the caller then works alone.
  bool run(int64_t blocks, int wanted, BlockFn fn, void* context) {
    if (busy_.test_and_set(std::memory_order_acquire)) return false;
    helpers_ = std::min(wanted - 1, kMostWorkers);
    start_workers();
    fn_ = fn;
    context_ = context;
    blocks_ = blocks;
    for (int i = 0; i <= helpers_; ++i) shares_[i].next.store(share_begin(i), std::memory_order_relaxed);
    open_.store(true);
    epoch_.fetch_add(1);
    call_workers();
    work(0);
    // Whoever took a block before the door closed is counted in inside_; a worker that comes later finds it closed.
    open_.store(false);
    wait_until_empty();
    busy_.clear(std::memory_order_release);
    return true;
  }

 private:
  // How long a thread waits for news before it sleeps: longer than the gaps between the loops of a training step.
  // Waking from sleep takes tens of microseconds, on a virtual machine up to a millisecond.
  static constexpr std::chrono::microseconds kAttention{300};
  static constexpr int kPauses = 50;  // of 10 to 50 ns, between two looks at the clock
  static constexpr int kMostWorkers = 255;

  struct alignas(64) Worker {
    pthread_t thread;
    std::atomic<bool> asleep{true};   // or not yet there
    std::atomic<bool> placed{false};  // kept off the caller's CPU
    std::atomic<int> cpu{-1};         // where it was last seen
  };

  void start_workers() {
    while (workers_ < helpers_) {
      try {
        std::thread thread(&Pool::live, this, workers_, epoch_.load());
        worker_[workers_].thread = thread.native_handle();
        thread.detach();
      } catch (const std::system_error&) {
        return;  // no thread to be had: those there are do the work
      }
      ++workers_;
    }
  }

  // Wakes the workers that sleep, and sees to it that none shares the caller's CPU, where it would not run before the
  // caller has done all the work. Linux moves it there when it wakes it up on a virtual machine: other CPUs are halted
  // when they idle, and then look as if the host had taken them away. The epoch has changed before: a worker that is
  // about to fall asleep sees that, or is seen here.
  void call_workers() {
    const int here = sched_getcpu();
    std::optional<Places> places;
    bool sleepers = false;
    for (int i = 0; i < std::min(helpers_, workers_); ++i) {
      Worker& w = worker_[i];
      const bool asleep = w.asleep.load();
      sleepers = sleepers || asleep;
      if (!asleep && w.cpu.load(std::memory_order_relaxed) != here) continue;
      if (!places) places = places_beside(here);
      if (!asleep && !places->elsewhere) continue;
      if (places->known && pthread_setaffinity_np(w.thread, sizeof places->cpus, &places->cpus) == 0)
        w.placed.store(true);
    }
    if (sleepers) wake_all(epoch_);
  }

  // The CPUs of the process without `here`; or with it where there is no other.
  struct Places {
    bool known, elsewhere;
    cpu_set_t cpus;
  };
  static Places places_beside(int here) {
    Places p{};
    p.known = here >= 0 && here < CPU_SETSIZE && cpus_of_process(p.cpus);
    p.elsewhere = p.known && CPU_COUNT(&p.cpus) > (CPU_ISSET(here, &p.cpus) ? 1 : 0);
    if (p.elsewhere) CPU_CLR(here, &p.cpus);
    return p;
  }

  // Where the worker is was decided for it; from here on it may go wherever there is room.
  static void release(Worker& self) {
    cpu_set_t cpus;
    if (self.placed.exchange(false) && cpus_of_process(cpus))
      pthread_setaffinity_np(pthread_self(), sizeof cpus, &cpus);
  }

  // Each thread has a share of the blocks, the same in every job: what it wrote in the last job is in its own caches.
  // Who is done with his own helps the others.
  struct alignas(64) Share {
    std::atomic<int64_t> next;
  };
  int64_t share_begin(int i) const { return blocks_ * i / (helpers_ + 1); }

  void work(int own) {
    in_pool = true;
    for (int turn = 0; turn <= helpers_; ++turn) {
      const int i = (own + turn) % (helpers_ + 1);
      std::atomic<int64_t>& next = shares_[i].next;
      const int64_t end = share_begin(i + 1);
      if (next.load(std::memory_order_relaxed) >= end) continue;
      for (int64_t block; (block = next.fetch_add(1, std::memory_order_relaxed)) < end;) fn_(context_, block);
    }
    in_pool = false;
  }

  // Whether `happened()` within kAttention; `meanwhile()` is called now and then.
  template <class Happened, class Meanwhile>
  static bool spin_until(Happened happened, Meanwhile meanwhile) {
    const auto end = std::chrono::steady_clock::now() + kAttention;
    do {
      meanwhile();
      for (int pause = 0; pause < kPauses; ++pause) {
        if (happened()) return true;
        relax();
      }
    } while (std::chrono::steady_clock::now() < end);
    return false;
  }

  void wait_until_empty() {
    if (inside_.load() == 0 || spin_until([&] { return inside_.load() == 0; }, [] {})) return;
    waiting_.store(true);  // before it looks again: the last worker sees this, or is seen
    for (uint32_t n; (n = inside_.load()) != 0;) sleep_while(inside_, n);
    waiting_.store(false);
  }

  void wait_for_news(Worker& self, uint32_t seen) {
    const auto something_new = [&] { return epoch_.load(std::memory_order_relaxed) != seen; };
    const auto look_around = [&] { self.cpu.store(sched_getcpu(), std::memory_order_relaxed); };
    if (spin_until(something_new, look_around)) return;
    release(self);
    self.asleep.store(true);
    sleep_while(epoch_, seen);
  }

  // The life of worker `index`. Never ends: the process takes it along.
  void live(int index, uint32_t seen) {
    Worker& self = worker_[index];
    for (;; wait_for_news(self, seen)) {
      self.asleep.store(false);
      release(self);
      if (epoch_.load() == seen) continue;
      seen = epoch_.load();
      // First counted, then through the door: the order that run() relies on.
      inside_.fetch_add(1);
      if (open_.load() && index < helpers_) work(index + 1);
      if (inside_.fetch_sub(1) == 1 && waiting_.load()) wake_all(inside_);
    }
  }

  std::atomic_flag busy_;  // one job at a time
  int workers_ = 0;
  Worker worker_[kMostWorkers];
  BlockFn fn_ = nullptr;
  void* context_ = nullptr;
  int64_t blocks_ = 0;
  int helpers_ = 0;  // workers wanted for this job
  Share shares_[kMostWorkers + 1];
  alignas(64) std::atomic<uint32_t> epoch_{0};  // grows with each job
  std::atomic<bool> open_{false};
  alignas(64) std::atomic<uint32_t> inside_{0};  // workers between the door's two sides
  std::atomic<bool> waiting_{false};             // the caller sleeps until there are none
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
