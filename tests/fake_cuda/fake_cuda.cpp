// Devices that are not there: the CPU's kernels over memory that the host cannot touch.
//
// A block's pages can be read and written only from use() to error(), that is while a kernel runs, and inside copies.
// Any other access, of code that forgets that elements may be elsewhere, ends the process with a message. Settings from
// Python: how much memory a device has, and which call fails.
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bit>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "core/backend.h"
#include "kernels/kernels.h"

namespace {

using pynn::CudaBackend;
using pynn::kHost;

constexpr size_t kReserved = size_t{4} << 30;  // of addresses; pages come when they are touched
constexpr int kDevices = 2;

struct Fake {
  std::mutex mutex;
  char* base = nullptr;
  size_t top = 0;  // bytes of the region that were ever handed out
  std::map<size_t, std::vector<void*>> free;
  int open = 0;  // threads that may touch the memory
  size_t limit = size_t{1} << 30, used[kDevices] = {}, peak = 0;
  int devices = kDevices;
  long copies_to_host = 0, calls = 0, fail_at = -1, allocations_left = -1;
  std::string why_none = "no NVIDIA driver was found (libcuda.so.1)";
};
Fake fake;

thread_local std::string problem;
thread_local std::string told;
thread_local bool inside = false;
thread_local char stream_of_thread;
thread_local int current = 0;

void protect(int access) {
  if (fake.top && mprotect(fake.base, fake.top, access) != 0) abort();
}

void enter() {
  if (inside) return;
  inside = true;
  const std::lock_guard lock(fake.mutex);
  if (fake.open++ == 0) protect(PROT_READ | PROT_WRITE);
}

void leave() {
  if (!inside) return;
  inside = false;
  const std::lock_guard lock(fake.mutex);
  if (--fake.open == 0) protect(PROT_NONE);
}

void touched(int, siginfo_t* info, void*) {
  const char* at = static_cast<const char*>(info->si_addr);
  if (at >= fake.base && at < fake.base + kReserved) {
    constexpr char text[] = "\nfake_cuda: the host touched memory of a device\n";
    if (write(2, text, sizeof text - 1) < 0) abort();
  }
  signal(SIGSEGV, SIG_DFL);
}

void reserve() {
  if (fake.base) return;
  void* p = mmap(nullptr, kReserved, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) abort();
  fake.base = static_cast<char*>(p);
  struct sigaction action{};
  action.sa_sigaction = touched;
  action.sa_flags = SA_SIGINFO;
  if (!std::getenv("PYTHONFAULTHANDLER")) sigaction(SIGSEGV, &action, nullptr);
}

size_t rounded(size_t bytes) { return bytes < 256 ? 256 : std::bit_ceil(bytes); }

int device_count() {
  if (fake.devices == 0) problem = fake.why_none;
  return fake.devices;
}

const char* device_name(int device) { return device == 0 ? "Fake 0" : "Fake 1"; }

bool use(int device) {
  current = device;
  ++fake.calls;
  enter();
  return true;
}

void* allocate(size_t bytes, int device) {
  const size_t size = rounded(bytes);
  const std::lock_guard lock(fake.mutex);
  reserve();
  if (fake.used[device] + size > fake.limit || fake.allocations_left == 0) {
    problem = "out of memory";
    return nullptr;
  }
  if (fake.allocations_left > 0) --fake.allocations_left;
  fake.used[device] += size;
  if (fake.used[device] > fake.peak) fake.peak = fake.used[device];
  auto& list = fake.free[size];
  if (!list.empty()) {
    void* p = list.back();
    list.pop_back();
    return p;
  }
  // Whole pages, so that one block's end is not another's beginning.
  const size_t at = fake.top, pages = (size + 4095) / 4096 * 4096;
  if (at + pages > kReserved) abort();
  fake.top += pages;
  if (fake.open) protect(PROT_READ | PROT_WRITE);
  return fake.base + at;
}

void deallocate(void* block, size_t bytes, int device, void*) {
  const size_t size = rounded(bytes);
  const std::lock_guard lock(fake.mutex);
  fake.used[device] -= size;
  fake.free[size].push_back(block);
}

void release(int) {}

bool is_ours(const void* p) {
  const char* at = static_cast<const char*>(p);
  return at >= fake.base && at < fake.base + fake.top;
}

bool copy(void* to, int to_device, const void* from, int from_device, size_t bytes) {
  if (is_ours(to) != (to_device != kHost) || is_ours(from) != (from_device != kHost)) {
    problem = "a copy was told the wrong side of the bus";
    return false;
  }
  if (to_device == kHost) ++fake.copies_to_host;
  const bool outer = inside;
  enter();
  std::memcpy(to, from, bytes);
  if (!outer) leave();
  return true;
}

bool zero(void* block, size_t bytes, int) {
  const bool outer = inside;
  enter();
  std::memset(block, 0, bytes);
  if (!outer) leave();
  return true;
}

bool synchronize(int) { return true; }
void* stream(int) { return &stream_of_thread; }
bool wait(int, void*) { return true; }

bool memory(int device, size_t* free, size_t* total, size_t* held) {
  *total = fake.limit;
  *free = fake.limit - fake.used[device];
  *held = fake.used[device];
  return true;
}

const char* error() {
  leave();
  if (fake.fail_at >= 0 && fake.calls > fake.fail_at) {
    fake.fail_at = -1;
    problem = "an illegal memory access was encountered";
  }
  if (problem.empty()) return nullptr;
  told = std::exchange(problem, {});
  return told.c_str();
}

CudaBackend backend = {pynn::kBackendVersion,
                       sizeof(CudaBackend),
                       sizeof(pynn::Kernels),
                       nullptr,
                       "fake",
                       device_count,
                       device_name,
                       use,
                       allocate,
                       deallocate,
                       release,
                       copy,
                       zero,
                       synchronize,
                       stream,
                       wait,
                       memory,
                       nullptr,  // no graphs
                       nullptr,
                       nullptr,
                       nullptr,
                       nullptr,
                       error};

}  // namespace

extern "C" {

void* fake_backend(const void* kernels) {
  backend.kernels = static_cast<const pynn::Kernels*>(kernels);
  return &backend;
}
void fake_set_devices(int n) { fake.devices = n; }
void fake_set_limit(size_t bytes) { fake.limit = bytes; }
size_t fake_used(int device) { return fake.used[device]; }
// After `n` more allocations there is no memory; -1: there is.
void fake_allow(long n) { fake.allocations_left = n; }
void fake_fail_after(long calls) { fake.fail_at = fake.calls + calls; }
long fake_copies_to_host() { return fake.copies_to_host; }
long fake_calls() { return fake.calls; }
}
