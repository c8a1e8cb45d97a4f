// Device memory: a region that the host cannot touch but while the device runs, and whose addresses are never used
// twice. Fresh and freed memory is NaN, and poisoned where AddressSanitizer watches. Pinned memory of the host.
#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>

#include "cuda_language.h"
#include "emulation.h"

namespace emulation {
namespace {

constexpr size_t kRegion = size_t{1} << 40, kGranule = 256, kPage = 4096;

char* region() {
  static char* const begin =
      static_cast<char*>(mmap(nullptr, kRegion, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  return begin;
}

struct Allocation {
  size_t bytes;
  int device;
};
using Allocations = std::map<const char*, Allocation>;
size_t used = 0;  // of the region
size_t live_bytes[kDevices] = {};
Allocations live, pinned;
int depth = 0;  // of DeviceAccess

const Allocations::value_type* owner(const Allocations& in, const void* p) {
  const char* const at = static_cast<const char*>(p);
  auto it = in.upper_bound(at);
  if (it == in.begin()) return nullptr;
  --it;
  return at < it->first + std::max<size_t>(it->second.bytes, 1) ? &*it : nullptr;
}

size_t round_up(size_t n, size_t unit) { return (n + unit - 1) / unit * unit; }

// The whole pages of freed memory go back to the system.
void discard(char* p, size_t n) {
  char* const begin = region() + round_up(static_cast<size_t>(p - region()), kPage);
  char* const end = region() + static_cast<size_t>(p + n - region()) / kPage * kPage;
  if (begin < end) madvise(begin, static_cast<size_t>(end - begin), MADV_DONTNEED);
}

// Small blocks share pages. What a change of protection costs grows with the pages that are there, and with the tables
// of pages that were: so pages of which nothing is left go back too, a chunk at a time and late (what is read of a
// block that was just freed is NaN), and a range that has no chunk any more stays closed for ever.
constexpr size_t kChunk = size_t{1} << 16, kLateChunks = 32, kRange = size_t{1} << 21;
struct Chunk {
  uint32_t blocks = 0;  // that are not yet freed
  bool there = false;   // and has not gone back
};
std::vector<Chunk> chunks;
std::deque<size_t> late;             // chunks without a block
std::vector<uint32_t> chunks_there;  // of each range
size_t first_range = 0;              // that has any

// Opens or closes all ranges that have a chunk, neighbours together.
void protect(int how) {
  while (first_range < chunks_there.size() && chunks_there[first_range] == 0) ++first_range;
  for (size_t i = first_range, end; i < chunks_there.size(); i = end + 1) {
    for (end = i; end < chunks_there.size() && chunks_there[end] != 0;) ++end;
    if (end > i) mprotect(region() + i * kRange, (end - i) * kRange, how);
  }
}

void come(size_t chunk) {
  chunks[chunk].there = true;
  const size_t range = chunk * kChunk / kRange;
  if (chunks_there.size() <= range) chunks_there.resize(range + 1);
  if (chunks_there[range]++ == 0 && depth > 0) mprotect(region() + range * kRange, kRange, PROT_READ | PROT_WRITE);
}

void go(size_t chunk) {
  madvise(region() + chunk * kChunk, kChunk, MADV_DONTNEED);
  chunks[chunk].there = false;
  const size_t range = chunk * kChunk / kRange;
  if (--chunks_there[range] == 0 && depth > 0) mprotect(region() + range * kRange, kRange, PROT_NONE);
}

void count(const char* p, size_t n, bool freed) {
  const size_t first = static_cast<size_t>(p - region()) / kChunk,
               last = (static_cast<size_t>(p - region()) + n) / kChunk;
  if (chunks.size() <= last) chunks.resize(last + 1);
  for (size_t i = first; i <= last; ++i) {
    chunks[i].blocks += freed ? ~uint32_t{0} : 1;
    if (!freed && !chunks[i].there) come(i);
    if (!freed || chunks[i].blocks != 0 || (i + 1) * kChunk > used) continue;  // in the last one there is still room
    late.push_back(i);
    if (late.size() <= kLateChunks) continue;
    go(late.front());
    late.pop_front();
  }
}

size_t capacity() {
  static const size_t bytes = [] {
    const char* text = std::getenv("PYNN_CUDA_EMULATED_BYTES");
    return text ? std::strtoull(text, nullptr, 0) : size_t{1} << 30;
  }();
  return bytes;
}

}  // namespace

bool on_device(const void* p) {
  const char* const at = static_cast<const char*>(p);
  return at >= region() && at < region() + kRegion;
}
int device_of(const void* p) {
  const auto* found = owner(live, p);
  return found ? found->second.device : -1;
}
void check_range(const void* p, size_t n, const char* what) {
  const auto* found = owner(live, p);
  if (!found) fail("%s: %p is no live device allocation", what, p);
  if (static_cast<const char*>(p) + n > found->first + found->second.bytes)
    fail("%s: %zu bytes at %p overrun an allocation of %zu bytes", what, n, p, found->second.bytes);
}
bool is_pinned(const void* p) { return owner(pinned, p) != nullptr; }

DeviceAccess::DeviceAccess() {
  if (depth++ == 0) protect(PROT_READ | PROT_WRITE);
}
DeviceAccess::~DeviceAccess() {
  if (--depth == 0) protect(PROT_NONE);
}

size_t live_on(int device) { return live_bytes[device]; }

}  // namespace emulation

using namespace emulation;

extern "C" {

cudaError_t cudaMallocAsync(void** p, size_t n, cudaStream_t s) {
  const Guard guard(lock());
  const int device = stream_device(s);
  if (live_bytes[device] + n > capacity()) return result(cudaErrorMemoryAllocation);
  char* const block = region() + used;
  const size_t span = round_up(n, kGranule) + kGranule;  // always a gap
  if (used + span > kRegion) fail("all device addresses were used");
  used += span;
  count(block, span, false);
  live[block] = {n, device};
  live_bytes[device] += n;
  *p = block;
  return enqueue(s, &kMemory, [=] {
    ASAN_UNPOISON_MEMORY_REGION(block, n);
    std::memset(block, 0xff, n);
    ASAN_POISON_MEMORY_REGION(block + n, span - n);
  });
}

cudaError_t cudaFreeAsync(void* p, cudaStream_t s) {
  const Guard guard(lock());
  if (!p) return cudaSuccess;
  auto* const block = static_cast<char*>(p);
  const auto it = live.find(block);
  if (it == live.end()) fail("free of %p, which is no live device allocation", p);
  const Allocation freed = it->second;
  live_bytes[freed.device] -= freed.bytes;
  live.erase(it);
  return enqueue(s, &kMemory, [=] {
    std::memset(block, 0xff, freed.bytes);
    ASAN_POISON_MEMORY_REGION(block, freed.bytes);
    discard(block, freed.bytes);
    count(block, round_up(freed.bytes, kGranule) + kGranule, true);
  });
}

cudaError_t cudaMallocHost(void** p, size_t n) {
  const Guard guard(lock());
  *p = std::malloc(n);
  std::memset(*p, 0xff, n);
  pinned[static_cast<char*>(*p)] = {n, -1};
  return cudaSuccess;
}

cudaError_t cudaHostAlloc(void** p, size_t n, unsigned) { return (cudaMallocHost)(p, n); }

cudaError_t cudaFreeHost(void* p) {
  const Guard guard(lock());
  if (!pinned.erase(static_cast<char*>(p))) fail("cudaFreeHost of %p, which is not pinned", p);
  drain_all();
  std::free(p);
  return cudaSuccess;
}

cudaError_t cudaMemGetInfo(size_t* free, size_t* total) {
  const Guard guard(lock());
  *total = capacity();
  *free = capacity() - live_bytes[current_device()];
  return cudaSuccess;
}

// For tests: what a device holds.
size_t pynn_emulation_live_bytes(int device) { return live_on(device); }

}  // extern "C"
