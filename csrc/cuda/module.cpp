// The module pynn._cuda: one capsule, `backend`, that pynn._core takes. It knows no tensors.
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <string>

#include "core/backend.h"
#include "cuda/graph.h"
#include "cuda/memory.h"
#include "cuda/streams.h"
#include "kernels/cuda/runtime.h"

namespace pynn::cuda {
namespace {

std::string version(int n) { return std::to_string(n / 1000) + "." + std::to_string(n % 1000 / 10); }

// Asked for once: drivers do not come later.
struct Devices {
  int n = 0;
  std::string why_none;
  std::string names[64];

  Devices() {
    int found = 0;  // a call that fails leaves it as it is
    const cudaError_t e = cudaGetDeviceCount(&found);
    if (e == cudaSuccess && found > 0) {
      n = found < 64 ? found : 64;
      for (int d = 0; d < n; ++d) {
        cudaDeviceProp properties;
        names[d] = cudaGetDeviceProperties(&properties, d) == cudaSuccess ? properties.name : "unknown";
      }
      return;
    }
    cudaGetLastError();
    int driver = 0;
    cudaDriverGetVersion(&driver);
    if (driver == 0)
      why_none = "there is no NVIDIA driver on this machine";
    else if (e == cudaErrorInsufficientDriver)
      why_none = "the NVIDIA driver knows CUDA " + version(driver) + "; this pynn needs " + version(CUDART_VERSION) +
                 " or later: update the driver";
    else if (e == cudaErrorNoDevice || e == cudaSuccess)
      why_none = "the NVIDIA driver finds no device (is CUDA_VISIBLE_DEVICES set?)";
    else
      why_none = std::string(cudaGetErrorString(e)) + " (" + cudaGetErrorName(e) + ")";
  }
};
const Devices& devices() {
  static const Devices found;
  return found;
}

int device_count() {
  if (devices().n == 0) report_text(devices().why_none.c_str());
  return devices().n;
}
const char* device_name(int device) { return devices().names[device].c_str(); }

bool use_for_kernels(int device) { return !refuse_device(device) && use(device); }
void* stream_token(int device) { return stream_of(device); }
bool wait(int device, void* stream) {
  const OnDevice there(device);
  const cudaStream_t own = stream_of(device);
  return own && order(static_cast<cudaStream_t>(stream), own);
}

#ifdef PYNN_CUDA_EMULATED
constexpr auto kName = "emulated";
#else
constexpr auto kName = "cuda";
#endif

CudaBackend made() {
  CudaBackend b{};
  b.version = kBackendVersion;
  b.size = sizeof(CudaBackend);
  b.kernels_size = sizeof(Kernels);
  b.kernels = &kernels();
  b.name = kName;
  b.device_count = device_count;
  b.device_name = device_name;
  b.use = use_for_kernels;
  b.allocate = allocate;
  b.deallocate = deallocate;
  b.release = release;
  b.copy = copy;
  b.zero = zero;
  b.synchronize = synchronize;
  b.stream = stream_token;
  b.wait = wait;
  b.memory = memory;
  b.graph_make = graph_make;
  b.graph_begin = graph_begin;
  b.graph_refusal = graph_refusal;
  b.graph_end = graph_end;
  b.graph_destroy = graph_destroy;
  b.error = take_error;
  return b;
}

PyObject* make_module() {
  static const CudaBackend backend = made();
  static PyModuleDef definition = {
      PyModuleDef_HEAD_INIT, "_cuda", "The CUDA backend of pynn.", -1, nullptr, nullptr, nullptr, nullptr, nullptr};
  PyObject* const module = PyModule_Create(&definition);
  if (!module) return nullptr;
  PyObject* const capsule = PyCapsule_New(const_cast<CudaBackend*>(&backend), kBackendCapsule, nullptr);
  if (!capsule || PyModule_AddObject(module, "backend", capsule) < 0) {
    Py_XDECREF(capsule);
    Py_DECREF(module);
    return nullptr;
  }
  return module;
}

}  // namespace
}  // namespace pynn::cuda

PyMODINIT_FUNC PyInit__cuda() { return pynn::cuda::make_module(); }
