// Devices: the backend that pynn._cuda registers, and what Python asks of it.
#include <optional>
#include <string>

#include "bindings/bindings.h"
#include "bindings/convert.h"
#include "core/backend.h"
#include "core/error.h"
#include "core/storage.h"
#include "kernels/kernels.h"

namespace pynn {
namespace {

void register_capsule(const py::object& capsule) {
  if (!PyCapsule_IsValid(capsule.ptr(), kBackendCapsule))
    throw py::type_error("expected the capsule of pynn._cuda, got " +
                         std::string(py::str(py::type::of(capsule).attr("__name__"))));
  const auto* backend = static_cast<const CudaBackend*>(PyCapsule_GetPointer(capsule.ptr(), kBackendCapsule));
  if (backend->kernels_size != sizeof(Kernels))
    throw ValueError("pynn._cuda and pynn._core are not of one build; install pynn anew");
  register_backend(backend);
}

// None where nothing is wrong.
py::object why_no_devices() {
  const CudaBackend* const backend = registered_backend();
  if (!backend)
    return py::str("this pynn was built without CUDA; build it with: pip install . -C cmake.define.PYNN_CUDA=ON");
  if (backend->device_count() > 0) return py::none();
  const char* why = backend->error();
  return py::str(why ? why : "the driver found no device");
}

py::tuple memory_of(const DeviceArgument& device) {
  const Device d = device.value();
  const CudaBackend& backend = backend_of(d);
  size_t free = 0, total = 0, held = 0;
  if (!backend.memory(d.index, &free, &total, &held)) backend_failed("memory_info", backend);
  return py::make_tuple(free, total, held, held_bytes(d));
}

void synchronize(const DeviceArgument& device) {
  const Device d = device.value();
  const CudaBackend& backend = backend_of(d);
  const py::gil_scoped_release release;
  if (!backend.synchronize(d.index)) backend_failed("synchronize", backend);
}

// A graph of a device (core/backend.h), and how often it was launched and made.
class DeviceGraph {
 public:
  explicit DeviceGraph(const DeviceArgument& device) : backend_(backend_of(device.value())) {
    if (!backend_.graph_make) throw DeviceError(message(backend_.name, " devices have no graphs"));
    graph_ = backend_.graph_make(device.value().index);
    if (!graph_) backend_failed("a graph", backend_);
  }
  DeviceGraph(const DeviceGraph&) = delete;
  ~DeviceGraph() { backend_.graph_destroy(graph_); }

  bool begin() {
    const py::gil_scoped_release release;
    const bool begun = backend_.graph_begin(graph_);
    if (!begun) backend_.error();  // whoever asks goes on without
    return begun;
  }
  bool end(bool run) {
    const py::gil_scoped_release release;
    const int made = backend_.graph_end(graph_, run);
    if (made >= 0) ++launches_, made_ += made;
    if (made < 0) backend_.error();
    return made >= 0;
  }
  std::optional<std::string> refusal() const {
    const char* const why = backend_.graph_refusal(graph_);
    return why ? std::optional<std::string>(why) : std::nullopt;
  }
  int64_t launches() const { return launches_; }
  int64_t made() const { return made_; }

 private:
  const CudaBackend& backend_;
  void* graph_ = nullptr;
  int64_t launches_ = 0, made_ = 0;
};

void bind_graph(py::module_& m) {
  py::class_<DeviceGraph>(m, "_Graph", "A CUDA graph: what a thread queues between begin and end, launched as one.")
      .def(py::init<const DeviceArgument&>(), py::arg("device"), py::pos_only())
      .def("begin", &DeviceGraph::begin, "Records from now on what this thread queues. False where that cannot be.")
      .def("end", &DeviceGraph::end,
           "Launches what was recorded, or throws it away. False where nothing was launched, so that nothing ran.",
           py::arg("run"), py::pos_only())
      .def_property_readonly("refusal", &DeviceGraph::refusal, "Why the last recording cannot be launched, or None.")
      .def_property_readonly("launches", &DeviceGraph::launches, "How often it was launched.")
      .def_property_readonly("made", &DeviceGraph::made, "How often it was unlike before, and made anew.");
  m.def(
      "_has_graphs", [](const DeviceArgument& device) { return backend_of(device.value()).graph_make != nullptr; },
      "Whether a CUDA device has graphs.", py::arg("device"), py::pos_only());
}

}  // namespace

void bind_device(py::module_& m) {
  bind_graph(m);
  m.def("_register_backend", &register_capsule, "Gives the core the backend in a capsule of pynn._cuda.",
        py::arg("capsule"), py::pos_only());
  m.def(
      "_cpu_kernels", [] { return py::capsule(&cpu_kernels(), "pynn.Kernels"); },
      "The CPU's table of kernels in a capsule, for the test of devices whose memory the host cannot read.");
  m.def(
      "_backend",
      [] { return registered_backend() ? py::object(py::str(registered_backend()->name)) : py::object(py::none()); },
      "The name of the CUDA backend that is registered, or None.");
  m.def("_why_no_devices", &why_no_devices, "Why there is no CUDA device; None where there is one.");
  m.def("_device_count", &count_devices, "How many CUDA devices there are.");
  m.def(
      "_device_name",
      [](const DeviceArgument& device) { return backend_of(device.value()).device_name(device.value().index); },
      "What the maker calls a CUDA device.", py::arg("device"), py::pos_only());
  m.def("_device_memory", &memory_of, "Bytes free, in all, held by the backend, and in tensors.", py::arg("device"),
        py::pos_only());
  m.def("_synchronize", &synchronize, "Waits for all work on a CUDA device.", py::arg("device"), py::pos_only());
  m.def(
      "_device", [](const DeviceArgument& device) { return str(device.value()); },
      "The full name of a device; without one, of this thread's default.", py::arg("device") = py::none(),
      py::pos_only());
  m.def(
      "_set_default_device", [](const DeviceArgument& device) { return str(set_default_device(device.value())); },
      "Sets where this thread's new tensors go; returns what it was.", py::arg("device"), py::pos_only());
}

}  // namespace pynn
