#include "core/backend.h"

#include <cstdlib>
#include <cstring>
#include <utility>

#include "core/error.h"

namespace pynn {
namespace {

const CudaBackend* current = nullptr;

Device& default_of_thread() {
  thread_local Device device;
  return device;
}

int host_or_index(Device device) { return device.is_cpu() ? kHost : device.index; }

}  // namespace

std::string str(Device device) { return device.is_cpu() ? "cpu" : "cuda:" + std::to_string(device.index); }

Device default_device() { return default_of_thread(); }
Device set_default_device(Device device) { return std::exchange(default_of_thread(), device); }

void register_backend(const CudaBackend* backend) {
  if (backend->version != kBackendVersion || backend->size != sizeof(CudaBackend))
    throw ValueError("pynn._cuda and pynn._core are not of one build; install pynn anew");
  if (current && current != backend) throw ValueError(message("a CUDA backend is registered already: ", current->name));
  current = backend;
}

const CudaBackend* registered_backend() { return current; }

int count_devices() {
  const int n = current ? current->device_count() : 0;
  // The reason that nobody asked for must not wait for the next operation to be told as its failure.
  if (current && n == 0) current->error();
  return n;
}

const CudaBackend& backend_of(Device device) {
  if (!current)
    throw DeviceError("this pynn was built without CUDA; build it with: pip install . -C cmake.define.PYNN_CUDA=ON");
  const int n = current->device_count();
  if (device.index < n) return *current;
  if (n == 0) {
    const char* why = current->error();
    throw DeviceError(message("there is no CUDA device: ", why ? why : "the driver found none"));
  }
  throw DeviceError(message("there is no device ", str(device), ": there ", n == 1 ? "is only cuda:0" : "are cuda:0",
                            n == 1 ? std::string() : " to cuda:" + std::to_string(n - 1)));
}

void backend_failed(const char* op, const CudaBackend& backend) {
  const char* why = backend.error();
  throw DeviceError(message(op, ": ", why ? why : "the CUDA backend failed without a reason"));
}

void check_backend(const char* op, Device device) {
  // Work runs later than it is queued, so what failed may be an operation before the one that notices. With this
  // variable set each is waited for, so that the one that is named is the one.
  static const bool blocking = [] {
    const char* set = std::getenv("PYNN_CUDA_BLOCKING");
    return set && std::strcmp(set, "0") != 0;
  }();
  if (blocking && !current->synchronize(device.index)) backend_failed(op, *current);
  if (const char* why = current->error())
    throw DeviceError(message(op, " on ", str(device), ": ", why,
                              blocking ? "" : " (set PYNN_CUDA_BLOCKING=1 to see which operation it was)"));
}

void copy_bytes(void* to, Device to_device, const void* from, Device from_device, size_t bytes) {
  if (to_device.is_cpu() && from_device.is_cpu()) {
    std::memcpy(to, from, bytes);
    return;
  }
  const CudaBackend& backend = backend_of(to_device.is_cpu() ? from_device : to_device);
  if (bytes && !backend.copy(to, host_or_index(to_device), from, host_or_index(from_device), bytes))
    backend_failed("a copy between devices", backend);
}

void zero_bytes(void* block, Device device, size_t bytes) {
  if (device.is_cpu()) {
    std::memset(block, 0, bytes);
    return;
  }
  const CudaBackend& backend = backend_of(device);
  if (bytes && !backend.zero(block, bytes, device.index)) backend_failed("zeros", backend);
}

}  // namespace pynn
