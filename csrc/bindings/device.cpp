// Devices: the backend that pynn._cuda registers, and what Python asks of it.
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

}  // namespace

void bind_device(py::module_& m) {
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
  m.def(
      "_device_count", [] { return registered_backend() ? registered_backend()->device_count() : 0; },
      "How many CUDA devices there are.");
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
