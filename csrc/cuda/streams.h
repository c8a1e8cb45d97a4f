// A stream for each thread and device, events between them, and the first error of each thread.
#pragma once
#include <cuda_runtime.h>

#include <vector>

namespace pynn::cuda {

// The calling thread's stream on a device; null where it cannot be made (reported).
cudaStream_t stream_of(int device);
// Every stream that was ever made on a device.
std::vector<cudaStream_t> streams_on(int device);

// `later` waits for what was queued on `earlier`. They may be of different devices.
bool order(cudaStream_t earlier, cudaStream_t later);

// Reports an error and says whether there was none.
bool check(cudaError_t);
// Keeps a text of our own as the thread's error.
void report_text(const char*);
// The thread's error since the last call, or null.
const char* take_error();

// Waits for all streams of a device. Not for the device: one may record a graph, and then it cannot be waited for.
bool synchronize(int device);

// Makes a device this thread's current one.
bool use(int device);
// The device that use() chose.
int device_in_use();
// Another current device for the time of a scope.
class OnDevice {
 public:
  explicit OnDevice(int device);
  ~OnDevice();
  OnDevice(const OnDevice&) = delete;

 private:
  int before_;
};

}  // namespace pynn::cuda
