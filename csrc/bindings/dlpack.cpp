#include "bindings/dlpack.h"

#include <pybind11/stl.h>

#include <string>

#include "autograd/tape.h"
#include "bindings/bindings.h"
#include "bindings/convert.h"
#include "compute/elementwise.h"
#include "core/error.h"
#include "ops/elementwise.h"

namespace pynn {

using namespace dlpack;

namespace {

constexpr const char *kOld = "dltensor", *kNew = "dltensor_versioned";

// ---- Types and devices ----------------------------------------------------------------------------------------------

DLType type_of(Dtype t) {
  const uint8_t code = t == Dtype::boolean                 ? kBool
                       : t == Dtype::bfloat16              ? kBfloat
                       : is_floating(t)                    ? kFloat
                       : kind(t) == Kind::unsigned_integer ? kUint
                                                           : kInt;
  return {code, static_cast<uint8_t>(8 * itemsize(t)), 1};
}

std::string str(const DLType& t) {
  static constexpr const char* names[] = {"int", "uint", "float", "opaque", "bfloat", "complex", "bool"};
  const std::string bits = std::to_string(t.bits);
  if (t.code > kBool) return "elements of type code " + std::to_string(t.code) + " and " + bits + " bits";
  const std::string s = names[t.code] + (t.code == kBool && t.bits == 8 ? "" : bits);
  return t.lanes == 1 ? s : s + " in lanes of " + std::to_string(t.lanes);
}

Dtype dtype_of(const DLType& wanted) {
  for (int i = 0; i < kDtypes; ++i) {
    const DLType t = type_of(static_cast<Dtype>(i));
    if (t.code == wanted.code && t.bits == wanted.bits && wanted.lanes == 1) return static_cast<Dtype>(i);
  }
  throw DtypeError("from_dlpack: a tensor cannot hold " + str(wanted) +
                   "; it holds bool, int8..int64, uint8..uint64, float16..float64 and bfloat16");
}

DLDevice device_of(const Tensor& x) {
  const Device d = x.array.storage->device();
  return {d.kind == DeviceKind::cpu ? kCpu : kCuda, d.index};
}

std::string str(const DLDevice& d) {
  const std::string name = d.type == kCpu ? "cpu" : d.type == kCuda ? "cuda" : "device type " + std::to_string(d.type);
  return d.type == kCpu ? name : name + ":" + std::to_string(d.index);
}

bool on_host(int32_t device_type) {
  return device_type == kCpu || device_type == kCudaHost || device_type == kRocmHost;
}

// ---- Handing memory over --------------------------------------------------------------------------------------------

// What lives as long as the other library uses the memory. The deleter may run in any thread, without Python.
template <class M>
struct Lent {
  M managed;
  Array array;
  static void free(M* m) { delete static_cast<Lent*>(m->context); }
};

// Frees what no consumer has taken: one that does renames the capsule.
template <class M>
void drop(PyObject* capsule, const char* name) {
  if (!PyCapsule_IsValid(capsule, name)) return;
  auto* const m = static_cast<M*>(PyCapsule_GetPointer(capsule, name));
  if (m && m->deleter) m->deleter(m);
}

template <class M>
Lent<M>* lend(const Array& x) {
  auto* const lent = new Lent<M>{{}, x};
  M& m = lent->managed;
  m.context = lent;
  m.deleter = &Lent<M>::free;
  m.tensor = {x.data(),
              device_of(Tensor(x)),
              x.ndim(),
              type_of(x.dtype),
              lent->array.shape.begin(),
              lent->array.strides.begin(),
              0};
  return lent;
}

py::object capsule(void* pointer, const char* name, PyCapsule_Destructor destructor, void (*undo)(void*)) {
  PyObject* const c = PyCapsule_New(pointer, name, destructor);
  if (c) return py::reinterpret_steal<py::object>(c);
  undo(pointer);
  throw py::error_already_set();
}

py::object old_capsule(const Array& x) {
  return capsule(
      &lend<Managed>(x)->managed, kOld, [](PyObject* c) { drop<Managed>(c, kOld); },
      [](void* m) { Lent<Managed>::free(static_cast<Managed*>(m)); });
}

py::object new_capsule(const Array& x, uint64_t flags) {
  ManagedVersioned& m = lend<ManagedVersioned>(x)->managed;
  m.version = {1, 0};
  m.flags = flags;
  return capsule(
      &m, kNew, [](PyObject* c) { drop<ManagedVersioned>(c, kNew); },
      [](void* p) { Lent<ManagedVersioned>::free(static_cast<ManagedVersioned*>(p)); });
}

[[noreturn]] void refuse(const std::string& why) { throw py::buffer_error("__dlpack__: " + why); }

void refuse_tracked(const Tensor& x) {
  if (tracked(x))
    refuse("this tensor is tracked for its gradient, which another library would lose; hand over x.detach()");
}

py::object give(const Tensor& x, const py::object& stream, const std::optional<std::pair<int, int>>& max_version,
                const std::optional<std::pair<int, int>>& device, const std::optional<bool>& copy) {
  refuse_tracked(x);
  if (!on_host(device_of(x).type)) refuse("the tensor is on " + str(device_of(x)) + "; move it first: x.to('cpu')");
  if (!stream.is_none() && !stream.equal(py::int_(-1)))
    refuse("the CPU has no streams, so stream must be None, got " + std::string(py::repr(stream)));
  if (device && device->first != kCpu)
    refuse("the tensor is on the cpu, and was asked for on " + str(DLDevice{device->first, device->second}));
  const bool copies = copy.value_or(false);
  const Array array = copies ? compute::copy(x.array) : x.array;
  const bool old = !max_version || max_version->first < 1;
  if (!old) return new_capsule(array, (copies ? kIsCopied : 0) | (may_write(array) ? 0 : kReadOnly));
  if (!may_write(array))
    refuse("the tensor is read-only or a broadcast view, which DLPack before 1.0 cannot say; hand over x.copy()");
  return old_capsule(array);
}

// ---- Taking memory --------------------------------------------------------------------------------------------------

// Calls the deleter once nothing uses the memory, with Python's lock: not every library's deleter takes it by itself.
template <class M>
std::shared_ptr<void> held(M* m) {
  return {m, [](void* p) {
            if (!Py_IsInitialized()) return;
            const py::gil_scoped_acquire lock;
            auto* const managed = static_cast<M*>(p);
            if (managed->deleter) managed->deleter(managed);
          }};
}

// The elements side by side, each moved byte by byte, for elements that do not lie where the processor wants them.
Array realigned(const Array& x) {
  const auto size = static_cast<int64_t>(itemsize(x.dtype));
  Array bytes = x;
  bytes.dtype = Dtype::uint8;
  for (int64_t& s : bytes.strides) s *= size;
  bytes.shape.push_back(size);
  bytes.strides.push_back(1);
  Array y = compute::copy(bytes);
  y.shape = x.shape;
  y.strides = contiguous_strides(x.shape);
  y.dtype = x.dtype;
  return y;
}

Array read(const DLTensor& t, bool writable, std::shared_ptr<void> owner, const std::optional<bool>& copy) {
  if (!on_host(t.device.type))
    throw py::buffer_error("from_dlpack: the array is on " + str(t.device) +
                           "; pass device='cpu' for a copy, or move it to the CPU in its own library");
  if (t.ndim < 0 || t.ndim > kMaxDims)
    throw ShapeError("from_dlpack: a tensor has at most " + std::to_string(kMaxDims) + " dimensions, this array has " +
                     std::to_string(t.ndim));
  Array x;
  x.dtype = dtype_of(t.dtype);
  for (int d = 0; d < t.ndim; ++d) {
    if (t.shape[d] < 0) throw ValueError("from_dlpack: the array has a negative size, " + std::to_string(t.shape[d]));
    x.shape.push_back(t.shape[d]);
    if (t.strides) x.strides.push_back(t.strides[d]);
  }
  if (!t.strides) x.strides = contiguous_strides(x.shape);
  const size_t bytes = static_cast<size_t>(x.size()) * itemsize(x.dtype);
  char* const data = static_cast<char*>(t.data) + t.byte_offset;
  x.storage = std::make_shared<Storage>(data, bytes, writable, std::move(owner));
  if (x.size() == 0) return Array::empty(x.shape, x.dtype);  // the pointer may be null
  if (reinterpret_cast<uintptr_t>(data) % itemsize(x.dtype) == 0) return copy.value_or(false) ? compute::copy(x) : x;
  if (copy && !*copy)
    throw py::buffer_error("from_dlpack: copy=False, but the elements are not aligned in memory and need a copy");
  return realigned(x);
}

Array open(const py::object& capsule, const std::optional<bool>& copy) {
  PyObject* const c = capsule.ptr();
  if (PyCapsule_IsValid(c, kNew)) {
    auto* const m = static_cast<ManagedVersioned*>(PyCapsule_GetPointer(c, kNew));
    PyCapsule_SetName(c, "used_dltensor_versioned");
    std::shared_ptr<void> owner = held(m);
    if (m->version.major != 1)
      throw py::buffer_error("from_dlpack: the array comes by DLPack " + std::to_string(m->version.major) + "." +
                             std::to_string(m->version.minor) + ", pynn knows 1 and before");
    return read(m->tensor, !(m->flags & kReadOnly), std::move(owner), copy);
  }
  if (PyCapsule_IsValid(c, kOld)) {
    // Before 1.0 nothing says whether memory may be written. JAX, whose arrays never change, still hands it over so.
    auto* const m = static_cast<Managed*>(PyCapsule_GetPointer(c, kOld));
    PyCapsule_SetName(c, "used_dltensor");
    return read(m->tensor, false, held(m), copy);
  }
  const char* const name = PyCapsule_CheckExact(c) ? PyCapsule_GetName(c) : nullptr;
  if (name && std::string(name).starts_with("used_dltensor"))
    throw ValueError("from_dlpack: this capsule was used before; each is good for one array, so ask for a new one");
  throw py::type_error("from_dlpack: __dlpack__ returned no DLPack capsule but " + std::string(py::repr(capsule)));
}

// Producers from before 1.0 know no arguments but stream.
py::object ask(py::handle object, const py::dict& arguments) {
  const py::object method = object.attr("__dlpack__");
  try {
    return method(**arguments);
  } catch (py::error_already_set& e) {
    if (!e.matches(PyExc_TypeError)) throw;
  }
  return method();
}

}  // namespace

bool dlpack::offered(py::handle object) {
  return py::hasattr(object, "__dlpack__") && !py::isinstance<py::type>(object);
}

Tensor dlpack::take(py::handle object, std::optional<bool> copy, bool from_anywhere) {
  if (PyCapsule_CheckExact(object.ptr())) return Tensor(open(py::reinterpret_borrow<py::object>(object), copy));
  if (py::isinstance<Tensor>(object)) {  // the same storage, so that the tape hears of changes by either
    const auto& x = object.cast<const Tensor&>();
    refuse_tracked(x);
    return Tensor(copy.value_or(false) ? compute::copy(x.array) : x.array);
  }
  if (!offered(object))
    throw py::type_error("from_dlpack: expected an array with __dlpack__, got " +
                         std::string(py::str(py::type::handle_of(object).attr("__name__"))) +
                         "; pynn.asarray takes lists, numbers and other arrays");
  py::dict arguments;
  arguments["max_version"] = py::make_tuple(1, 0);
  if (py::hasattr(object, "__dlpack_device__")) {
    const py::tuple place = object.attr("__dlpack_device__")();
    const DLDevice device{py::int_(place[0]), py::int_(place[1])};
    if (!on_host(device.type)) {
      if (!from_anywhere || (copy && !*copy))
        throw py::buffer_error("from_dlpack: the array is on " + str(device) +
                               "; pass device='cpu' for a copy, or move it to the CPU in its own library");
      arguments["dl_device"] = py::make_tuple(static_cast<int>(kCpu), 0);
    }
  }
  if (copy && !*copy) arguments["copy"] = false;
  return Tensor(open(ask(object, arguments), copy));
}

void bind_dlpack(py::module_& m) {
  auto c = py::reinterpret_borrow<py::class_<Tensor>>(m.attr("Tensor"));
  c.def(
      "__dlpack__", &give,
      "The tensor's memory for another library, by DLPack 1.0; called by its from_dlpack.\n\n"
      "Args:\n    stream: must be None on the CPU.\n    max_version: (major, minor) of DLPack that the caller knows.\n"
      "    dl_device: where it is wanted; the CPU is (1, 0).\n    copy: True hands over a copy.\n\n"
      "Raises:\n    BufferError: the tensor is tracked, elsewhere, or read-only and the caller cannot be told so.",
      py::kw_only(), py::arg("stream") = py::none(), py::arg("max_version") = py::none(),
      py::arg("dl_device") = py::none(), py::arg("copy") = py::none());
  c.def(
      "__dlpack_device__", [](const Tensor& x) { return py::make_tuple(device_of(x).type, device_of(x).index); },
      "DLPack's number of the kind of device, 1 for the CPU, and the device's index.");
  m.def(
      "from_dlpack",
      [](py::handle object, const DeviceArgument& device, const std::optional<bool>& copy) {
        const Tensor x = dlpack::take(object, copy, device.named.has_value());
        return device.named ? ops::to(x, *device.named) : x;
      },
      "A tensor of another library's array, sharing its memory: what one writes the other sees.\n\n"
      "Read-only where the library says so, or speaks DLPack before 1.0, which cannot say (JAX).\n\n"
      "Args:\n    x: an array with __dlpack__ (PyTorch, JAX, NumPy, CuPy, ...) or a DLPack capsule.\n"
      "    device: 'cpu' copies an array from another device; None refuses it.\n"
      "    copy: True always copies; False never, and is a BufferError where it would have to.\n\n"
      "Raises:\n    BufferError: the array is on another device, or cannot be handed over.\n"
      "    DtypeError: its elements are complex or of another type that no tensor holds.",
      py::arg("x"), py::pos_only(), py::kw_only(), py::arg("device") = py::none(), py::arg("copy") = py::none());
}

}  // namespace pynn
