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
  explicit Storage(size_t bytes, Device device = {});  // 64-byte aligned, uninitialised
  Storage(void* data, size_t bytes, bool writable, std::shared_ptr<void> owner)
      : data_(data), bytes_(bytes), writable_(writable), owner_(std::move(owner)) {}
  ~Storage();
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;

  void* data() const { return data_; }
  size_t bytes() const { return bytes_; }
  bool writable() const { return writable_; }
  Device device() const { return device_; }

  // What the contents are, on the host, where they came from there: small integers such as labels and indices, which
  // are looked at before they are used. Null where there is none, or where the contents were changed since.
  std::shared_ptr<Storage> mirror() const { return mirrored_ == version() ? mirror_ : nullptr; }
  void set_mirror(std::shared_ptr<Storage> host) {
    mirror_ = std::move(host);
    mirrored_ = version();
  }

  // Before this thread queues work on a device's block: what other threads queued on it comes first.
  void claim();

  // How often the contents were changed in place. The tape compares it with the version it saw.
  int64_t version() const { return version_.load(std::memory_order_relaxed); }
  void changed() { version_.fetch_add(1, std::memory_order_relaxed); }

 private:
  void* data_;
  size_t bytes_;
  bool writable_ = true;
  Device device_;
  std::shared_ptr<Storage> mirror_;
  int64_t mirrored_ = 0;
  std::atomic<bool> shared_{false};     // several streams have used the block
  std::atomic<void*> stream_{nullptr};  // the last to use it, of a device
  std::shared_ptr<void> owner_;         // null where the cache owns the block
  std::atomic<int64_t> version_{0};
};

// Bytes of a device's blocks that tensors hold.
size_t held_bytes(Device);

// Bytes that the cache holds ready for reuse, and a way to give them back to the system.
size_t cached_bytes();
void release_cache();  // also of the devices

}  // namespace pynn
