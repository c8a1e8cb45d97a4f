// The cache: freed blocks wait in a list per size class for the next request of that class. Fresh pages cost a fault
// each; a reused block costs nothing. Classes are powers of two cut into four, so at most a fifth of a block is unused.
#include "core/storage.h"

#include <sys/mman.h>

#include <bit>
#include <cstdlib>
#include <mutex>
#include <new>
#include <string>
#include <vector>

#include "core/error.h"

namespace pynn {
namespace {

constexpr size_t kAlignment = 64;              // a cache line, and the widest vector
constexpr size_t kHugePage = size_t{2} << 20;  // blocks of this size and above ask for huge pages
// Bytes kept ready at most. AddressSanitizer gets every block back at once, so that it sees any use after that.
#ifdef __SANITIZE_ADDRESS__
constexpr size_t kCacheLimit = 0;
#else
constexpr size_t kCacheLimit = size_t{1} << 30;
#endif

struct SizeClass {
  int index;
  size_t bytes;
};

SizeClass size_class(size_t bytes) {
  if (bytes <= kAlignment) return {0, kAlignment};
  const int log = std::bit_width(bytes - 1) - 1;  // 2**log < bytes <= 2**(log + 1)
  const size_t quarter = (size_t{1} << log) / 4;
  const size_t steps = (bytes - (size_t{1} << log) + quarter - 1) / quarter;  // 1 to 4
  const size_t rounded = ((size_t{1} << log) + steps * quarter + kAlignment - 1) / kAlignment * kAlignment;
  return {(log - 5) * 4 + static_cast<int>(steps), rounded};
}

class Cache {
 public:
  void* take(size_t bytes) {
    const SizeClass c = size_class(bytes);
    {
      const std::lock_guard lock(mutex_);
      auto& list = free_[c.index];
      if (!list.empty()) {
        void* p = list.back();
        list.pop_back();
        held_ -= c.bytes;
        return p;
      }
    }
    return fresh(c.bytes);
  }

  void give(void* p, size_t bytes) noexcept {
    const SizeClass c = size_class(bytes);
    {
      const std::lock_guard lock(mutex_);
      if (held_ + c.bytes <= kCacheLimit) try {
          free_[c.index].push_back(p);
          held_ += c.bytes;
          return;
        } catch (const std::bad_alloc&) {
          // No room to remember the block: hand it back below.
        }
    }
    std::free(p);
  }

  size_t held() {
    const std::lock_guard lock(mutex_);
    return held_;
  }

  void release() {
    const std::lock_guard lock(mutex_);
    for (auto& list : free_) {
      for (void* p : list) std::free(p);
      list.clear();
    }
    held_ = 0;
  }

 private:
  void* fresh(size_t bytes) {
    const bool huge = bytes >= kHugePage;
    const size_t alignment = huge ? kHugePage : kAlignment;
    const size_t rounded = (bytes + alignment - 1) / alignment * alignment;
    void* p = std::aligned_alloc(alignment, rounded);
    if (!p) {
      release();  // what the cache holds may be just what is missing
      p = std::aligned_alloc(alignment, rounded);
    }
    if (!p) throw MemoryError(bytes);
    if (huge) madvise(p, rounded, MADV_HUGEPAGE);  // a wish: without huge pages all works as well
    return p;
  }

  static constexpr int kClasses = 4 * 60;
  std::mutex mutex_;
  std::vector<void*> free_[kClasses];
  size_t held_ = 0;
};

// Never destroyed: tensors in static storage may outlive any destructor that could run at exit.
Cache& cache() {
  static Cache* const instance = new Cache;
  return *instance;
}

}  // namespace

Storage::Storage(size_t bytes) : data_(cache().take(bytes)), bytes_(bytes) {}

Storage::~Storage() {
  if (!owner_) cache().give(data_, bytes_);
}

size_t cached_bytes() { return cache().held(); }
void release_cache() { cache().release(); }

}  // namespace pynn
