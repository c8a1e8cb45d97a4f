// The one door to threads. Work is cut into blocks by its shape alone, so results never depend on how many threads
// there are; blocks are handed out in order to whichever thread is free.
#pragma once
#include <cstdint>

namespace pynn {

using BlockFn = void (*)(void* context, int64_t block);

// Calls fn(context, block) for each block in [0, blocks), in the caller and in the pool's threads. One block, one
// thread and a nested call stay in the caller without touching the pool. fn must not throw.
void run_blocks(int64_t blocks, BlockFn fn, void* context);

int num_threads();
void set_num_threads(int);

}  // namespace pynn
