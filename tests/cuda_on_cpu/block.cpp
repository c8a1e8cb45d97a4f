// Blocks of CUDA threads: fibers that run in an order drawn from the seed and meet at barriers. One block at a time.
#include <sys/mman.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>

#include "cuda_language.h"
#include "emulation.h"

uint3 threadIdx, blockIdx;
dim3 blockDim, gridDim;

namespace emulation {

unsigned lane;

void fail(const char* format, ...) {
  std::fprintf(stderr, "cuda emulation: ");
  std::va_list arguments;
  va_start(arguments, format);
  std::vfprintf(stderr, format, arguments);
  va_end(arguments);
  std::fprintf(stderr, " [block %u,%u,%u thread %u,%u,%u]\n", blockIdx.x, blockIdx.y, blockIdx.z, threadIdx.x,
               threadIdx.y, threadIdx.z);
  std::abort();
}

unsigned random_below(size_t n) {
  static uint64_t state = [] {
    const char* seed = std::getenv("PYNN_CUDA_SEED");
    return seed ? std::strtoull(seed, nullptr, 0) * 2 + 1 : 1;
  }();
  state = state * 6364136223846793005u + 1442695040888963407u;
  return static_cast<unsigned>((state >> 33) % n);
}

std::recursive_mutex& lock() {
  static std::recursive_mutex mutex;
  return mutex;
}

namespace {

// ---- Fibers ---------------------------------------------------------------------------------------------------------

enum class State { running, at_block_sync, at_warp_sync, at_exchange, done };

struct Fiber {
  void* stack_pointer = nullptr;
  char* stack = nullptr;
  void* tsan = nullptr;
  State state = State::running;
  unsigned thread = 0;  // its place in the block
  unsigned mask = 0;    // of the lanes that it waits for
  int line = 0;         // where it waits
};
constexpr size_t kStack = 128 << 10;

// What a barrier releases and acquires: two, since a fast thread may be at its next use already.
struct Clock {
  char handles[2] = {};
  bool odd = false;
};
struct Warp {
  uint64_t slots[32];
  std::vector<Fiber*> waiting;
  Clock clock;
};
struct Block {
  std::vector<Fiber*> waiting;
  std::vector<Warp> warps;
  Clock clock;
  char begin = 0, end = 0;
};

Fiber scheduler;  // the host's own stack, where all bookkeeping happens
Fiber* current = &scheduler;
std::deque<Fiber> fibers;
std::vector<Fiber*> ready, idle;
std::unique_ptr<Block> block;
bool synchronizes = true;  // whether the last block met a barrier: it may have written shared memory
const std::function<void()>* body;
[[maybe_unused]] const void* host_stack = nullptr;  // for AddressSanitizer
[[maybe_unused]] size_t host_stack_size = 0;

#if !defined(__x86_64__)
#error "the emulation switches stacks on x86-64 only"
#endif
extern "C" void pynn_emulation_switch(void** save, void* load);
asm(R"(
.text
.globl pynn_emulation_switch
.hidden pynn_emulation_switch
.type pynn_emulation_switch,@function
pynn_emulation_switch:
    pushq %rbp; pushq %rbx; pushq %r12; pushq %r13; pushq %r14; pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15; popq %r14; popq %r13; popq %r12; popq %rbx; popq %rbp
    ret
.size pynn_emulation_switch,.-pynn_emulation_switch
)");

void switch_to(Fiber& to) {
  Fiber& from = *current;
  current = &to;
#if EMULATION_ASAN
  void* fake_stack;
  const bool host = &to == &scheduler;
  __sanitizer_start_switch_fiber(&fake_stack, host ? host_stack : to.stack, host ? host_stack_size : kStack);
#endif
  __tsan_switch_to_fiber(to.tsan, kNoSync);
  pynn_emulation_switch(&from.stack_pointer, to.stack_pointer);
#if EMULATION_ASAN
  const bool from_host = &from != &scheduler;  // who comes back to a fiber is the scheduler
  __sanitizer_finish_switch_fiber(fake_stack, from_host ? &host_stack : nullptr,
                                  from_host ? &host_stack_size : nullptr);
#endif
}

void fiber_main() {
#if EMULATION_ASAN
  __sanitizer_finish_switch_fiber(nullptr, &host_stack, &host_stack_size);
#endif
  for (;;) {
    __tsan_acquire(&block->begin);
    (*body)();
    __tsan_release(&block->end);
    current->state = State::done;
    switch_to(scheduler);
  }
}

void make_fiber() {
  Fiber& fiber = fibers.emplace_back();
  fiber.stack = static_cast<char*>(
      mmap(nullptr, kStack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  mprotect(fiber.stack, 4096, PROT_NONE);
  auto** top = reinterpret_cast<void**>(fiber.stack + kStack);
  *--top = nullptr;
  *--top = reinterpret_cast<void*>(fiber_main);
  fiber.stack_pointer = top - 6;
  fiber.tsan = __tsan_create_fiber(0);
  idle.push_back(&fiber);
}

// ---- Barriers -------------------------------------------------------------------------------------------------------

void wait(State state, unsigned mask, int line, Clock* orders_memory) {
  synchronizes = true;
  char* const clock = orders_memory ? &orders_memory->handles[orders_memory->odd] : nullptr;
  if (clock) __tsan_release(clock);
  current->state = state, current->mask = mask, current->line = line;
  switch_to(scheduler);
  if (clock) __tsan_acquire(clock);
}

unsigned block_threads() { return blockDim.x * blockDim.y * blockDim.z; }

// The last to arrive at a barrier releases the others.
void arrive(Fiber& fiber) {
  const bool whole_block = fiber.state == State::at_block_sync;
  Warp& warp = block->warps[fiber.thread / 32];
  auto& waiting = whole_block ? block->waiting : warp.waiting;
  const auto matches = [&](const Fiber* f) { return f->mask == fiber.mask; };
  waiting.push_back(&fiber);
  const size_t expected = whole_block ? block_threads() : static_cast<size_t>(__builtin_popcount(fiber.mask));
  if (waiting.size() < expected) return;
  if (!whole_block && static_cast<size_t>(std::count_if(waiting.begin(), waiting.end(), matches)) < expected) return;
  for (Fiber* f : waiting) {
    if (!matches(f)) continue;
    if (f->line != fiber.line || f->state != fiber.state)
      fail("barrier divergence: threads wait at line %d and at line %d", f->line, fiber.line);
    ready.push_back(f);
  }
  std::erase_if(waiting, matches);
  if (fiber.state != State::at_exchange) (whole_block ? block->clock : warp.clock).odd ^= 1;
}

Warp& warp_of_caller(unsigned mask, int line) {
  const unsigned first = current->thread / 32 * 32, threads = block_threads();
  if (!(mask >> lane & 1)) fail("line %d: the calling lane %u is not in mask %08x", line, lane, mask);
  if (threads - first < 32 && mask >> (threads - first))
    fail("line %d: mask %08x names lanes that do not exist", line, mask);
  return block->warps[current->thread / 32];
}

// ---- A block --------------------------------------------------------------------------------------------------------

// shared.ld puts the static variables of all .cu files between these.
extern "C" char pynn_shared_begin[] __attribute__((weak)), pynn_shared_end[] __attribute__((weak));

// Each block finds NaN in its shared memory; ThreadSanitizer forgets what earlier blocks did there.
__attribute__((no_sanitize("address"), optimize("no-tree-loop-distribute-patterns"))) void fill_shared_memory() {
  if (!pynn_shared_begin || pynn_shared_end - pynn_shared_begin == 0 || !synchronizes) return;
  synchronizes = false;
  if (kTsan) {
    mmap(pynn_shared_begin, static_cast<size_t>(pynn_shared_end - pynn_shared_begin), PROT_READ | PROT_WRITE,
         MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return;
  }
  auto* const end = reinterpret_cast<uint64_t*>(pynn_shared_end);
  for (auto* p = reinterpret_cast<uint64_t*>(pynn_shared_begin); p < end;) *p++ = ~uint64_t{0};
}

void start(Fiber& fiber) {
  fiber.state = State::running;
  lane = fiber.thread % 32;
  threadIdx = {fiber.thread % blockDim.x, fiber.thread / blockDim.x % blockDim.y,
               fiber.thread / blockDim.x / blockDim.y};
  switch_to(fiber);
}

[[noreturn]] void fail_deadlock(size_t ended, unsigned threads) {
  int line = 0;
  for (const Fiber& f : fibers)
    if (f.state != State::done && f.line) line = f.line;
  fail("deadlock: %zu of %u threads ended, the others wait, for instance at line %d", ended, threads, line);
}

void run_block() {
  const unsigned threads = block_threads();
  if (kTsan || !block) block = std::make_unique<Block>();  // a new one: nothing orders one block after another
  block->warps.resize((threads + 31) / 32);
  fill_shared_memory();
  __tsan_release(&block->begin);
  std::vector<unsigned> unstarted(threads);
  for (unsigned i = 0; i < threads; ++i) unstarted[i] = i;
  std::vector<Fiber*> finished;
  while (finished.size() < threads) {
    if (ready.empty() && unstarted.empty()) fail_deadlock(finished.size(), threads);
    Fiber* fiber;
    if (random_below(ready.size() + unstarted.size()) < ready.size()) {
      fiber = take_random(ready);
    } else {
      if (idle.empty()) make_fiber();
      fiber = kTsan ? take_random(idle) : idle.back();
      if (!kTsan) idle.pop_back();
      fiber->thread = take_random(unstarted);
    }
    start(*fiber);
    if (fiber->state != State::done) {
      arrive(*fiber);
      continue;
    }
    finished.push_back(fiber);
    if (!kTsan) idle.push_back(fiber);  // its stack is warm; for ThreadSanitizer each thread is a fiber of its own
  }
  if (kTsan) idle.insert(idle.end(), finished.begin(), finished.end());
}

}  // namespace

void run_kernel(dim3 grid, dim3 threads, const std::function<void()>& thread_body, void* fiber) {
  gridDim = grid, blockDim = threads, body = &thread_body;
  scheduler.tsan = fiber;
  synchronizes = true;
  while (kTsan && idle.size() < 2 * block_threads()) make_fiber();
  std::vector<std::unique_ptr<Block>> finished;  // acquired at the end only, or they would order the blocks
  const uint64_t blocks = uint64_t{grid.x} * grid.y * grid.z, first = random_below(blocks);
  const bool backwards = random_below(2);
  for (uint64_t i = 0; i < blocks; ++i) {
    const uint64_t b = ((backwards ? blocks - 1 - i : i) + first) % blocks;
    blockIdx = {static_cast<unsigned>(b % grid.x), static_cast<unsigned>(b / grid.x % grid.y),
                static_cast<unsigned>(b / grid.x / grid.y)};
    run_block();
    if (kTsan) finished.push_back(std::move(block));
  }
  for (const auto& b : finished) __tsan_acquire(&b->end);
}

void sync_block(int line) { wait(State::at_block_sync, 0, line, &block->clock); }

void sync_warp(unsigned mask, int line) { wait(State::at_warp_sync, mask, line, &warp_of_caller(mask, line).clock); }

uint64_t exchange(unsigned mask, uint64_t bits, unsigned source, int line) {
  Warp& warp = warp_of_caller(mask, line);
  if (!(mask >> source & 1)) fail("line %d: shuffle reads lane %u, which is not in mask %08x", line, source, mask);
  warp.slots[lane] = bits;
  wait(State::at_exchange, mask, line, nullptr);
  bits = warp.slots[source];
  wait(State::at_exchange, mask, line, nullptr);
  return bits;
}

unsigned ballot(unsigned mask, bool vote, int line) {
  unsigned votes = 0;
  for (unsigned i = 0; i < 32; ++i)
    if (mask >> i & 1) votes |= static_cast<unsigned>(exchange(mask, vote, i, line)) << i;
  return votes;
}

}  // namespace emulation
