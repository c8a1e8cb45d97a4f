// CUDA graphs: what a thread queues on a device is recorded, and launched as one. Kernels' arguments are those of the
// last recording, so nothing has to stay where it was.
//
// A graph records on a stream of its own. The thread's stream goes on meanwhile: memory is asked for there, and other
// threads wait for it and free blocks on it. The graph is launched on it, after all of that.
#pragma once
#include <cuda_runtime.h>

#include <cstddef>

namespace pynn::cuda {

// As in CudaBackend (core/backend.h).
void* graph_make(int device);
bool graph_begin(void* graph);
const char* graph_refusal(void* graph);
int graph_end(void* graph, bool run);
void graph_destroy(void* graph);

// Where this thread's work on a device goes: its stream, or the one that records.
cudaStream_t work_stream(int device);
// Whether this thread records; then what it records is not worth running, for that reason, which is reported too.
bool refuse(const char* why);

// Whether this thread records on another device; reported as by refuse().
bool refuse_device(int device);

// A block of this size that was let go of during this thread's recording; null where there is none.
void* reuse(size_t size, int device);
// Whether a block is kept until recordings that may use it are over: the stream, or null, is as in deallocate().
bool keep(void* block, size_t size, int device, cudaStream_t stream);

}  // namespace pynn::cuda
