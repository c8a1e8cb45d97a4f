// Where an array lives.
#pragma once
#include <cstdint>

namespace pynn {

enum class DeviceKind : uint8_t { cpu, cuda };

struct Device {
  DeviceKind kind = DeviceKind::cpu;
  int8_t index = 0;
  bool operator==(const Device&) const = default;
};

}  // namespace pynn
