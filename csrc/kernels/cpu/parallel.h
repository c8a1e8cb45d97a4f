// The one door to threads. Work is cut into blocks by its shape alone, so results never depend on how many threads
// there are; blocks are handed out in order to whichever thread is free.
#pragma once
#include <cstdint>

namespace pynn {

using BlockFn = void (*)(void* context, int64_t block);

// Calls fn(context, block) for each block in [0, blocks). One block, one thread, a forked child and a nested call run
// in the caller without touching the thread runtime. fn must not throw.
void run_blocks(int64_t blocks, BlockFn fn, void* context);

int num_threads();
void set_num_threads(int);

}  // namespace pynn
