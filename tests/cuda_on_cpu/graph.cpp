// CUDA graphs: a stream that records keeps its work, in its order; launched, it is queued on another stream. Work that
// a graph of pynn's must not hold (memory of its own, events) ends the program.
#include <map>

#include "cuda_language.h"
#include "emulation.h"

struct CUgraph_st {
  emulation::Nodes nodes;
};
struct CUgraphExec_st {
  emulation::Nodes nodes;
};

namespace emulation {

const char kCopy = 0, kSet = 0, kMemory = 0, kEvent = 0;

namespace {
struct Recording {
  cudaGraph_t graph;
  bool spoilt = false;
};
std::map<cudaStream_t, Recording> recordings;
size_t launches = 0;

bool alike(const Nodes& a, const Nodes& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i)
    if (a[i].first != b[i].first) return false;
  return true;
}
}  // namespace

bool record(cudaStream_t s, const void* what, const std::function<void()>& run, cudaError_t* e) {
  const auto found = recordings.find(s);
  if (found == recordings.end()) return false;
  if (what == &kMemory) fail("a graph would ask for memory of its own, or free it");
  if (what == &kEvent) fail("a graph would hold an event: another stream would record too");
  *e = cudaSuccess;
  if (found->second.spoilt)
    *e = result(cudaErrorStreamCaptureInvalidated);
  else
    found->second.graph->nodes.emplace_back(what, run);
  return true;
}

bool spoil(cudaStream_t s) {
  const auto found = recordings.find(s);
  if (found == recordings.end()) return false;
  return found->second.spoilt = true;
}

}  // namespace emulation

using namespace emulation;

extern "C" {

cudaError_t cudaStreamBeginCapture(cudaStream_t s, cudaStreamCaptureMode) {
  const Guard guard(lock());
  if (!s) fail("work for the default stream: name a stream");
  if (recordings.contains(s)) return result(cudaErrorIllegalState);
  recordings[s] = {new CUgraph_st};
  return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t s, cudaGraph_t* graph) {
  const Guard guard(lock());
  const auto found = recordings.find(s);
  if (found == recordings.end()) return result(cudaErrorIllegalState);
  const Recording ended = found->second;
  recordings.erase(found);
  *graph = ended.spoilt ? nullptr : ended.graph;
  if (!ended.spoilt) return cudaSuccess;
  delete ended.graph;
  return result(cudaErrorStreamCaptureInvalidated);
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph, unsigned long long) {
  const Guard guard(lock());
  *executable = new CUgraphExec_st{graph->nodes};
  return cudaSuccess;
}

cudaError_t cudaGraphExecUpdate(cudaGraphExec_t executable, cudaGraph_t graph, cudaGraphExecUpdateResultInfo* info) {
  const Guard guard(lock());
  info->result = cudaGraphExecUpdateSuccess;
  if (!alike(executable->nodes, graph->nodes)) {
    info->result = cudaGraphExecUpdateErrorTopologyChanged;
    return result(cudaErrorGraphExecUpdateFailure);
  }
  executable->nodes = graph->nodes;
  return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t s) {
  const Guard guard(lock());
  ++launches;
  for (const auto& [what, run] : executable->nodes) enqueue(s, what, run);
  return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  const Guard guard(lock());
  delete graph;
  return cudaSuccess;
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  const Guard guard(lock());
  delete executable;
  return cudaSuccess;
}

// For tests: how many graphs were launched.
size_t pynn_emulation_graph_launches() { return launches; }

}  // extern "C"
