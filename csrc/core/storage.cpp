// The cache: freed blocks wait in a list per size class for the next request of that class. Fresh pages cost a fault
// each; a reused block costs nothing. Classes are powers of two cut into four, so at most a fifth of a block is unused.
//
// On pages of 4 KiB, weights, gradients and what an optimizer keeps do not stay in the processor's table of pages for
// as long as a training step takes. So blocks are on huge pages: large ones each on its own, middle ones side by side
// in a slab.
#include "core/storage.h"

#include <sys/mman.h>

#include <bit>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <new>
#include <string>
#include <vector>

#include "core/backend.h"
#include "core/error.h"

namespace pynn {
namespace {

constexpr size_t kAlignment = 64;              // a cache line, and the widest vector
constexpr size_t kHugePage = size_t{2} << 20;  // blocks of this size and above stand on their own
constexpr size_t kSlab = 4 * kHugePage;        // what smaller ones, from kFromSlab on, are cut from
// Bytes kept ready at most. AddressSanitizer gets every block back at once, so that it sees any use after that.
#ifdef __SANITIZE_ADDRESS__
constexpr size_t kCacheLimit = 0, kFromSlab = kHugePage;
#else
constexpr size_t kCacheLimit = size_t{1} << 30, kFromSlab = size_t{32} << 10;
#endif

struct SizeClass {
  int index;
  size_t bytes;
};

constexpr SizeClass size_class(size_t bytes) {
  if (bytes <= kAlignment) return {0, kAlignment};
  const int log = std::bit_width(bytes - 1) - 1;  // 2**log < bytes <= 2**(log + 1)
  const size_t quarter = (size_t{1} << log) / 4;
  const size_t steps = (bytes - (size_t{1} << log) + quarter - 1) / quarter;  // 1 to 4
  const size_t rounded = ((size_t{1} << log) + steps * quarter + kAlignment - 1) / kAlignment * kAlignment;
  return {(log - 5) * 4 + static_cast<int>(steps), rounded};
}

// Stands at the beginning of its own memory, which is aligned to kSlab: a block's address says which slab it is in.
struct Slab {
  size_t used = kAlignment;  // bytes up to where the next block begins
  int blocks = 0;            // that were cut and not returned
};

constexpr int kFirstFromSlab = size_class(kFromSlab).index, kFirstAlone = size_class(kHugePage).index;
constexpr bool is_from_slab(int index) { return index >= kFirstFromSlab && index < kFirstAlone; }

class Cache {
 public:
  void* take(size_t bytes) {
    const SizeClass c = size_class(bytes);
    const std::lock_guard lock(mutex_);
    auto& list = free_[c.index];
    if (list.empty()) return fresh(c);
    void* p = list.back();
    list.pop_back();
    held_ -= c.bytes;
    return p;
  }

  void give(void* p, size_t bytes) noexcept {
    const SizeClass c = size_class(bytes);
    const std::lock_guard lock(mutex_);
    if (held_ + c.bytes <= kCacheLimit) try {
        free_[c.index].push_back(p);
        held_ += c.bytes;
        return;
      } catch (const std::bad_alloc&) {
        // No room to remember the block: hand it back below.
      }
    hand_back(p, c.index);
  }

  size_t held() {
    const std::lock_guard lock(mutex_);
    return held_;
  }

  void release() {
    const std::lock_guard lock(mutex_);
    release_all();
  }

 private:
  // All with the lock held.

  void release_all() noexcept {
    for (int i = 0; i < kClasses; ++i) {
      for (void* p : free_[i]) hand_back(p, i);
      free_[i].clear();
    }
    held_ = 0;
  }

  void* fresh(const SizeClass& c) {
    void* const p = is_from_slab(c.index)  ? cut(c.bytes)
                    : c.bytes >= kHugePage ? of_system(kHugePage, (c.bytes + kHugePage - 1) / kHugePage * kHugePage)
                                           : of_system(kAlignment, c.bytes);
    if (!p) throw MemoryError(c.bytes);
    return p;
  }

  void* cut(size_t bytes) {
    if (!slab_ || slab_->used + bytes > kSlab) {
      void* const memory = of_system(kSlab, kSlab);
      if (!memory) return nullptr;
      slab_ = new (memory) Slab;
    }
    void* const p = reinterpret_cast<char*>(slab_) + slab_->used;
    slab_->used += bytes;
    ++slab_->blocks;
    return p;
  }

  void hand_back(void* p, int index) noexcept {
    if (!is_from_slab(index)) return std::free(p);
    Slab* const slab = reinterpret_cast<Slab*>(reinterpret_cast<uintptr_t>(p) / kSlab * kSlab);
    if (--slab->blocks > 0) return;
    if (slab == slab_) slab_ = nullptr;
    std::free(slab);
  }

  // Null where there is none.
  void* of_system(size_t alignment, size_t bytes) {
    void* p = std::aligned_alloc(alignment, bytes);
    if (!p) {
      release_all();  // what the cache holds may be just what is missing
      p = std::aligned_alloc(alignment, bytes);
    }
    if (p && alignment >= kHugePage) madvise(p, bytes, MADV_HUGEPAGE);  // a wish: without, all works as well
    return p;
  }

  static constexpr int kClasses = 4 * 60;
  std::mutex mutex_;
  std::vector<void*> free_[kClasses];
  size_t held_ = 0;
  Slab* slab_ = nullptr;  // where the next block is cut
};

// Never destroyed: tensors in static storage may outlive any destructor that could run at exit.
Cache& cache() {
  static Cache* const instance = new Cache;
  return *instance;
}

// Devices: the backend has a cache of its own.

std::atomic<size_t>& held(Device device) {
  static std::atomic<size_t> bytes[128];
  return bytes[device.index];
}

std::string readable(size_t bytes) {
  constexpr const char* kUnits[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  auto n = static_cast<double>(bytes);
  int unit = 0;
  for (; n >= 1024 && unit < 4; ++unit) n /= 1024;
  char s[32];
  std::snprintf(s, sizeof s, unit ? "%.1f %s" : "%.0f %s", n, kUnits[unit]);
  return s;
}

[[noreturn]] void out_of_memory(const CudaBackend& backend, Device device, size_t bytes) {
  const char* why = backend.error();
  const std::string reason = why ? why : "out of memory";
  size_t free = 0, total = 0, reserved = 0;
  backend.memory(device.index, &free, &total, &reserved);
  throw MemoryError(message("no memory for a tensor of ", readable(bytes), " on ", str(device), " (", reason,
                            "): ", readable(free), " of ", readable(total), " are free, pynn holds ",
                            readable(reserved), ", ", readable(held(device)),
                            " of it in tensors; use a smaller batch, or let go of tensors that are not needed"));
}

void* take_on(Device device, size_t bytes) {
  const CudaBackend& backend = backend_of(device);
  void* const block = backend.allocate(bytes, device.index);
  if (!block) out_of_memory(backend, device, bytes);
  held(device) += bytes;
  return block;
}

}  // namespace

Storage::Storage(size_t bytes, Device device)
    : data_(device.is_cpu() ? cache().take(bytes) : take_on(device, bytes)), bytes_(bytes), device_(device) {
  if (!device.is_cpu()) stream_ = backend_of(device).stream(device.index);
}

Storage::~Storage() {
  if (owner_) return;
  if (device_.is_cpu()) {
    cache().give(data_, bytes_);
    return;
  }
  held(device_) -= bytes_;
  registered_backend()->deallocate(data_, bytes_, device_.index, shared_ ? nullptr : stream_.load());
}

void Storage::claim() {
  if (device_.is_cpu()) return;
  const CudaBackend& backend = backend_of(device_);
  void* const now = backend.stream(device_.index);
  if (stream_.load(std::memory_order_acquire) == now) return;
  // One at a time: who waits for a stream that took the block over must also wait for what that stream waits for.
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  void* const before = stream_.load();
  if (before && before != now && !backend.wait(device_.index, before))
    backend_failed("a tensor of another thread", backend);
  shared_ = true;
  stream_.store(now, std::memory_order_release);
}

size_t held_bytes(Device device) { return held(device); }
size_t cached_bytes() { return cache().held(); }
void release_cache() {
  cache().release();
  for (int i = 0, n = count_devices(); i < n; ++i) registered_backend()->release(i);
}

}  // namespace pynn
