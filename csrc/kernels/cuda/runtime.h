// What the kernels want from the backend around them (the module pynn._cuda), and what they give it.
#pragma once
#include <cuda_runtime.h>

#include "kernels/kernels.h"

namespace pynn::cuda {

// Checks under sanitizers compile a sample of the rows (sample.h), and cut work so that small arrays meet every path.
#ifdef PYNN_CUDA_SAMPLE
constexpr bool kSample = true;
#else
constexpr bool kSample = false;
#endif

// The stream on which the calling thread's work goes to the device that it uses. Never null.
cudaStream_t current_stream();

// Whether that stream records a graph.
bool is_recording();

// A block of that device for work on that stream, null where there is no room (reported), and its end.
void* take_block(size_t bytes);
void give_block(void* block, size_t bytes);

// Writes bytes of the host to that device, by kernels that have them as arguments.
void put_immediate(void* to, const void* from, size_t bytes);

// Keeps the first error of a thread for whoever asks after the call. cudaSuccess is welcome.
void report(cudaError_t);

// The table. An entry launches on current_stream() and returns; descriptions are read before that.
const Kernels& kernels();

}  // namespace pynn::cuda
