// Runs the checks: all, or those named. PYNN_MUTANT plants a fault (../mutants.py).
#include <algorithm>
#include <string>

#include "check.h"
#include "mutant.h"

int pynn_mutant = 0;
extern "C" size_t pynn_emulation_live_bytes(int device);

namespace check {
namespace {
struct Named {
  const char* name;
  void (*run)();
};
std::vector<Named>& cases() {
  static std::vector<Named> list;
  return list;
}
cudaError_t kept = cudaSuccess;
}  // namespace

Case::Case(const char* name, void (*run)()) { cases().push_back({name, run}); }

void wrong(const char* what, int64_t at, double got, double expected) {
  std::printf("WRONG %s[%lld]: %.9g, expected %.9g\n", what, static_cast<long long>(at), got, expected);
  std::fflush(stdout);
  std::_Exit(3);
}

void must(cudaError_t e) {
  if (e == cudaSuccess) return;
  std::printf("WRONG: %s\n", cudaGetErrorName(e));
  std::fflush(stdout);
  std::_Exit(3);
}

cudaStream_t stream() {
  static const cudaStream_t s = [] {
    cudaStream_t made;
    must(cudaStreamCreateWithFlags(&made, cudaStreamNonBlocking));
    return made;
  }();
  return s;
}

std::mt19937_64& generator() {
  static std::mt19937_64 g(7);
  return g;
}

Loop nest(const std::vector<int64_t>& shape, const std::vector<std::vector<int64_t>>& strides) {
  Loop l{};
  for (size_t d = 0; d < shape.size(); ++d) {
    if (shape[d] == 1) continue;
    bool merge = l.ndim > 0;
    for (size_t k = 0; k < strides.size(); ++k) merge = merge && l.stride[k][l.ndim - 1] == strides[k][d] * shape[d];
    const int at = merge ? l.ndim - 1 : l.ndim++;
    l.shape[at] = merge ? l.shape[at] * shape[d] : shape[d];
    for (size_t k = 0; k < strides.size(); ++k) l.stride[k][at] = strides[k][d];
  }
  return l;
}

int64_t size_of(const Loop& l) {
  int64_t n = 1;
  for (int d = 0; d < l.ndim; ++d) n *= l.shape[d];
  return n;
}

int64_t offset(const Loop& l, int k, int64_t i) {
  int64_t at = 0;
  for (int d = l.ndim - 1; d >= 0; --d) at += i % l.shape[d] * l.stride[k][d], i /= l.shape[d];
  return at;
}

static int run_all(int argc, char** argv) {
  if (const char* mutant = std::getenv("PYNN_MUTANT")) pynn_mutant = std::atoi(mutant);
  int ran = 0;
  for (const Named& c : cases()) {
    const auto named = [&](const char* name) { return std::string(name) == c.name; };
    if (argc > 1 && std::none_of(argv + 1, argv + argc, named)) continue;
    c.run();
    must(cudaStreamSynchronize(stream()));
    must(kept);
    if (pynn_emulation_live_bytes(0) != 0)
      wrong("bytes never freed", 0, static_cast<double>(pynn_emulation_live_bytes(0)), 0);
    ++ran;
  }
  std::printf("%d cases passed\n", ran);
  return ran > 0 ? 0 : 2;
}

}  // namespace check

namespace pynn::cuda {
cudaStream_t current_stream() { return check::stream(); }
bool is_recording() { return false; }
void report(cudaError_t e) {
  if (check::kept == cudaSuccess) check::kept = e;
}
void* take_block(size_t bytes) {
  void* block = nullptr;
  report(cudaMallocAsync(&block, bytes, check::stream()));
  return block;
}
void give_block(void* block, size_t) { report(cudaFreeAsync(block, check::stream())); }
}  // namespace pynn::cuda

cudaStream_t pynn_other_stream() {
  static cudaStream_t s = nullptr;
  if (!s) check::must(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking));
  return s;
}

int main(int argc, char** argv) { return check::run_all(argc, argv); }
