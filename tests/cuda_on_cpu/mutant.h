// For the sources that mutants.py writes: the number of the fault that is on, and a stream that no kernel should use.
#pragma once
#include <cuda_runtime.h>

extern int pynn_mutant;
cudaStream_t pynn_other_stream();
