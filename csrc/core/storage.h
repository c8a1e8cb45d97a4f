// Blocks of memory that arrays view, and the cache they come from.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/device.h"

namespace pynn {

// A block that this object owns, or that a foreign owner (a NumPy array) keeps alive.
class Storage {
 public:
  explicit Storage(size_t bytes);  // 64-byte aligned, uninitialised
  Storage(void* data, size_t bytes, bool writable, std::shared_ptr<void> owner)
      : data_(data), bytes_(bytes), writable_(writable), owner_(std::move(owner)) {}
  ~Storage();
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;

  void* data() const { return data_; }
  size_t bytes() const { return bytes_; }
  bool writable() const { return writable_; }
  Device device() const { return {}; }

  // How often the contents were changed in place. The tape compares it with the version it saw.
  int64_t version() const { return version_.load(std::memory_order_relaxed); }
  void changed() { version_.fetch_add(1, std::memory_order_relaxed); }

 private:
  void* data_;
  size_t bytes_;
  bool writable_ = true;
  std::shared_ptr<void> owner_;  // null where the cache owns the block
  std::atomic<int64_t> version_{0};
};

// Bytes that the cache holds ready for reuse, and a way to give them back to the system.
size_t cached_bytes();
void release_cache();

}  // namespace pynn
