// Where an array lives.
#pragma once
#include <cstdint>
#include <string>

namespace pynn {

enum class DeviceKind : uint8_t { cpu, cuda };

struct Device {
  DeviceKind kind = DeviceKind::cpu;
  int8_t index = 0;
  bool operator==(const Device&) const = default;
  bool is_cpu() const { return kind == DeviceKind::cpu; }
};

std::string str(Device);  // "cpu", "cuda:0"

// Where this thread's new tensors go when nothing else says so.
Device default_device();
Device set_default_device(Device);  // returns what it was

class WithDevice {
 public:
  explicit WithDevice(Device device) : before_(set_default_device(device)) {}
  ~WithDevice() { set_default_device(before_); }
  WithDevice(const WithDevice&) = delete;
  WithDevice& operator=(const WithDevice&) = delete;

 private:
  Device before_;
};

}  // namespace pynn
