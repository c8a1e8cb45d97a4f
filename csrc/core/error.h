// The exceptions that the library throws. Bindings translate each to the Python class of the same name.
#pragma once
#include <new>
#include <stdexcept>
#include <string>

namespace pynn {

struct ShapeError : std::invalid_argument {  // also a ValueError
  using std::invalid_argument::invalid_argument;
};
struct AxisError : ShapeError {  // an axis that is not there; also an IndexError
  using ShapeError::ShapeError;
};
struct DtypeError : std::invalid_argument {  // also a TypeError
  using std::invalid_argument::invalid_argument;
};
struct ValueError : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};
struct IndexError : std::out_of_range {
  using std::out_of_range::out_of_range;
};
struct MemoryError : std::bad_alloc {
  explicit MemoryError(size_t bytes) : what_("no memory for a tensor of " + std::to_string(bytes) + " bytes") {}
  explicit MemoryError(std::string what) : what_(std::move(what)) {}
  const char* what() const noexcept override { return what_.c_str(); }

 private:
  std::string what_;
};
struct DeviceError : std::runtime_error {  // a device is missing, failed, or is not the one; also a RuntimeError
  using std::runtime_error::runtime_error;
};
struct GradientError : std::runtime_error {  // the tape cannot do what was asked; also a RuntimeError
  using std::runtime_error::runtime_error;
};

// "prefix" and what follows, joined: message("add", ": shapes ", a.str()).
template <class... Parts>
std::string message(const Parts&... parts) {
  std::string s;
  ((s += parts), ...);
  return s;
}

}  // namespace pynn
