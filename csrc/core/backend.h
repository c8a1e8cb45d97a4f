// THE CONTRACT between a backend for CUDA devices and the core: memory, streams and errors of its devices, and its
// kernels. The module `pynn._cuda` fills one of these in and hands it to `pynn._core` in a capsule.
//
// No function throws. One that fails returns false, null or -1, and error() then says why. All are called without the
// interpreter lock, from any thread. Work is asynchronous: each thread has one stream for each device, on which its
// allocations, copies and kernels run in order.
#pragma once
#include <cstddef>

#include "core/device.h"

namespace pynn {

struct Kernels;  // kernels/kernels.h

static constexpr int kBackendVersion = 2;
static constexpr auto kBackendCapsule = "pynn.CudaBackend";
static constexpr int kHost = -1;  // in place of a device's index: memory of the host

struct CudaBackend {
  // The core refuses a backend of another version or of other sizes: both modules come from one build.
  int version;          // kBackendVersion
  size_t size;          // sizeof(CudaBackend)
  size_t kernels_size;  // sizeof(Kernels)

  // The same table as the CPU's, over device memory: each launches on this thread's stream of the device that use()
  // chose last. Only Loop, Gemm and other descriptions are on the host. An entry of unary_row is never called: it names
  // the row where gemm and conv take an activation. Entries may be null. A launch that fails is kept for error().
  const Kernels* kernels;

  const char* name;  // "cuda", or "emulated"

  // The devices that can be used. 0 where there is none, and error() says why: no driver, one that is too old, no
  // device. Never fails otherwise.
  int (*device_count)();
  const char* (*device_name)(int device);  // "NVIDIA H100 80GB HBM3"; lives as long as the process

  // Kernels that this thread calls from now on run on this device. Called before every one, so it costs nothing where
  // nothing changes.
  bool (*use)(int device);

  // A block aligned to at least 256 bytes; bytes may be 0. From the backend's cache or the stream-ordered allocator; it
  // gives back to the driver what it caches before it fails. Null where there is no room.
  void* (*allocate)(size_t bytes, int device);
  // The block may be used anew by work that comes later on `stream` (see below; null: on any stream of the device, that
  // is after all work queued so far). May be called from any thread, and while the process exits.
  void (*deallocate)(void* block, size_t bytes, int device, void* stream);
  // Gives back to the driver what is cached.
  void (*release)(int device);

  // Copies between the host and a device, or two devices; each is an index or kHost. In order on this thread's streams.
  // From the host: `from` may be changed or freed as soon as the call returns. To the host: the bytes are there then.
  bool (*copy)(void* to, int to_device, const void* from, int from_device, size_t bytes);
  bool (*zero)(void* block, size_t bytes, int device);
  // Waits for all work of all threads on the device. False where some of it failed.
  bool (*synchronize)(int device);

  // This thread's stream on a device, as a token: equal for equal streams, never null. Valid for the process's life.
  void* (*stream)(int device);
  // What this thread queues on the device from now on waits for what has been queued on `stream` (of that device).
  bool (*wait)(int device, void* stream);

  // Bytes: free and in all on the device, and what the backend holds there (in use and cached).
  bool (*memory)(int device, size_t* free, size_t* total, size_t* held);

  // Graphs: between begin and end, what this thread queues on the graph's device is recorded instead; no value can be
  // read, nothing be copied from the host, no other device be used. An attempt fails, and refusal() says so until the
  // next begin(). end() launches what was recorded: 0, or 1 where that is unlike the last launch, -1 where it failed
  // and nothing ran; without `run` it is thrown away (-1, and no error). Null where the backend has no graphs.
  void* (*graph_make)(int device);
  bool (*graph_begin)(void* graph);
  const char* (*graph_refusal)(void* graph);  // null where nothing was refused
  int (*graph_end)(void* graph, bool run);
  void (*graph_destroy)(void* graph);

  // Why a call of this thread failed, since the last time that it asked: null where none did. Costs next to nothing
  // then. Lives until this thread's next call.
  const char* (*error)();
};

// ---- What the core does with it (core/backend.cpp) ------------------------------------------------------------------

// Throws ValueError where it is of another build, or where one is registered and in use.
void register_backend(const CudaBackend*);
const CudaBackend* registered_backend();  // null where there is none
int count_devices();                      // 0 where there is no backend
// The backend of a CUDA device that exists. Throws DeviceError that says how to get one.
const CudaBackend& backend_of(Device);

// Throws DeviceError naming the operation where a call of this thread failed since the last time that it was asked.
void check_backend(const char* op, Device);
[[noreturn]] void backend_failed(const char* op, const CudaBackend&);

// In order with the other work of this thread; the host's memory is ready to use afterwards.
void copy_bytes(void* to, Device, const void* from, Device, size_t bytes);
void zero_bytes(void* block, Device, size_t bytes);

}  // namespace pynn
