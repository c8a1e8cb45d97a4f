#include "cuda/graph.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "cuda/memory.h"
#include "cuda/streams.h"
#include "kernels/cuda/runtime.h"

namespace pynn::cuda {
namespace {

// A block of several streams, kept until the last of the recordings that may use it is over.
struct Shared {
  void* block;
  int device;
  ~Shared() { give_back(block, device, nullptr); }
};

struct Graph {
  int device;
  cudaStream_t recording = nullptr;
  cudaGraphExec_t executable = nullptr;

  // While it records:
  cudaStream_t stream = nullptr;        // the thread's, on which it will be launched
  const char* refused = nullptr;        // why not
  std::multimap<size_t, void*> blocks;  // of that stream, that were let go of, by size
  std::vector<std::shared_ptr<Shared>> shared;
};

// Guards the list of graphs that record, and their blocks. Never destroyed: blocks are freed while the process exits.
std::mutex& mutex() {
  static auto* const made = new std::mutex;
  return *made;
}
std::vector<Graph*>& active() {
  static auto* const made = new std::vector<Graph*>;
  return *made;
}
std::atomic<int> number_active{0};
thread_local Graph* own = nullptr;

// Makes the recorded graph what the executable one runs: 0, or 1 where that had to be made anew, or -1.
int update(Graph& g, cudaGraph_t recorded) {
  if (g.executable) {
    cudaGraphExecUpdateResultInfo info{};
    if (cudaGraphExecUpdate(g.executable, recorded, &info) == cudaSuccess) return 0;
    cudaGetLastError();  // other kernels, or another number of them
    cudaGraphExecDestroy(g.executable);
    g.executable = nullptr;
  }
  if (check(cudaGraphInstantiate(&g.executable, recorded, 0))) return 1;
  g.executable = nullptr;
  return -1;
}

// Lets go of what was kept: the graph, if it was launched, is before that on the stream.
void end(Graph& g) {
  std::multimap<size_t, void*> blocks;
  std::vector<std::shared_ptr<Shared>> shared;
  {
    const std::lock_guard lock(mutex());
    std::erase(active(), &g);
    --number_active;
    blocks.swap(g.blocks);
    shared.swap(g.shared);
  }
  own = nullptr;
  for (const auto& [size, block] : blocks) give_back(block, g.device, g.stream);
}

}  // namespace

void* graph_make(int device) {
  const OnDevice there(device);
  auto made = std::make_unique<Graph>();
  made->device = device;
  if (!check(cudaStreamCreateWithFlags(&made->recording, cudaStreamNonBlocking))) return nullptr;
  return made.release();
}

bool graph_begin(void* graph) {
  auto& g = *static_cast<Graph*>(graph);
  const cudaStream_t stream = stream_of(g.device);
  if (!stream) return false;
  {
    const std::lock_guard lock(mutex());
    if (own || std::ranges::find(active(), &g) != active().end()) {
      report_text("a graph is recorded already");
      return false;
    }
    active().push_back(&g);
    ++number_active;
  }
  own = &g;
  g.stream = stream;
  g.refused = nullptr;
  // Relaxed: what must not be called while a stream records is refused by us, and may be called for other streams.
  if (check(cudaStreamBeginCapture(g.recording, cudaStreamCaptureModeRelaxed))) return true;
  end(g);
  return false;
}

const char* graph_refusal(void* graph) { return static_cast<Graph*>(graph)->refused; }

int graph_end(void* graph, bool run) {
  auto& g = *static_cast<Graph*>(graph);
  if (own != &g) {
    report_text("this thread does not record this graph");
    return -1;
  }
  const OnDevice there(g.device);
  cudaGraph_t recorded = nullptr;
  const cudaError_t e = cudaStreamEndCapture(g.recording, &recorded);
  if (e != cudaSuccess) {
    cudaGetLastError();
    if (!g.refused) g.refused = "CUDA could not record it";
  }
  int made = -1;
  if (run && g.refused) {
    report_text(g.refused);
  } else if (run) {
    made = update(g, recorded);
    if (made >= 0 && !check(cudaGraphLaunch(g.executable, g.stream))) made = -1;
  }
  if (recorded) check(cudaGraphDestroy(recorded));
  end(g);
  if (!run) take_error();  // what is thrown away may have failed
  return made;
}

// The process may be ending, and the driver be gone: no error is kept.
void graph_destroy(void* graph) {
  const std::unique_ptr<Graph> g(static_cast<Graph*>(graph));
  if (own == g.get()) graph_end(graph, false);
  if (g->executable) cudaGraphExecDestroy(g->executable);
  cudaStreamDestroy(g->recording);
  cudaGetLastError();
}

cudaStream_t work_stream(int device) { return own && own->device == device ? own->recording : stream_of(device); }

bool refuse_device(int device) { return own && own->device != device && refuse("a graph is of one device"); }

bool refuse(const char* why) {
  if (!own) return false;
  if (!own->refused) own->refused = why;
  report_text(why);
  return true;
}

void* reuse(size_t size, int device) {
  if (!own || own->device != device) return nullptr;
  const std::lock_guard lock(mutex());
  const auto found = own->blocks.find(size);
  if (found == own->blocks.end()) return nullptr;
  void* const block = found->second;
  own->blocks.erase(found);
  return block;
}

bool keep(void* block, size_t size, int device, cudaStream_t stream) {
  if (number_active == 0) return false;
  const std::lock_guard lock(mutex());
  std::shared_ptr<Shared> shared;
  for (Graph* const g : active()) {
    if (g->device != device) continue;
    if (stream && stream != g->stream) continue;
    if (stream) return g->blocks.emplace(size, block), true;
    if (!shared) shared = std::make_shared<Shared>(block, device);
    g->shared.push_back(shared);
  }
  return shared != nullptr;
}

// For the kernels (kernels/cuda/runtime.h).
bool is_recording() { return own != nullptr; }

}  // namespace pynn::cuda
