// Memory of the devices: blocks in the order of streams, and copies.
#pragma once
#include <cstddef>

namespace pynn::cuda {

// As in CudaBackend (core/backend.h).
void* allocate(size_t bytes, int device);
void deallocate(void* block, size_t bytes, int device, void* stream);
void release(int device);
bool copy(void* to, int to_device, const void* from, int from_device, size_t bytes);
bool zero(void* block, size_t bytes, int device);
bool memory(int device, size_t* free, size_t* total, size_t* held);

// Gives a block to the driver, which may use it for what comes later on the stream, or, without one, on any.
void give_back(void* block, int device, void* stream);

}  // namespace pynn::cuda
