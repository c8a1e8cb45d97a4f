#include "bindings/convert.h"

#include <pybind11/numpy.h>

#include <limits>
#include <vector>

#include "bindings/dlpack.h"
#include "bindings/lists.h"
#include "compute/elementwise.h"
#include "core/backend.h"
#include "core/closest.h"
#include "core/error.h"
#include "ops/elementwise.h"
#include "ops/shape.h"

namespace pynn {
namespace {

// ---- Types ----------------------------------------------------------------------------------------------------------

std::optional<Dtype> from_numpy_type(const py::dtype& type) {
  const char kind = type.kind();
  const py::ssize_t size = type.itemsize();
  const int log = size == 1 ? 0 : size == 2 ? 1 : size == 4 ? 2 : size == 8 ? 3 : -1;
  if (log < 0) return std::nullopt;
  switch (kind) {
    case 'b': return Dtype::boolean;
    case 'i': return static_cast<Dtype>(static_cast<int>(Dtype::int8) + log);
    case 'u': return static_cast<Dtype>(static_cast<int>(Dtype::uint8) + log);
    case 'f':
      if (log == 1) return Dtype::float16;
      if (log == 2) return Dtype::float32;
      if (log == 3) return Dtype::float64;
      return std::nullopt;
    case 'V':  // of the package ml_dtypes, which JAX and TensorFlow use
      if (log == 1 && py::object(type.attr("name")).equal(py::str("bfloat16"))) return Dtype::bfloat16;
      return std::nullopt;
    default: return std::nullopt;
  }
}

// What to do with a NumPy array of a type that no tensor has.
std::string cure(char kind) {
  switch (kind) {
    case 'O': return "give it a type of numbers, a.astype('float32'); are its rows of different lengths?";
    case 'U':
    case 'S': return "number the names, numpy.unique(a, return_inverse=True)[1], or read numbers, a.astype('float32')";
    case 'c': return "take a.real, a.imag or abs(a)";
    case 'M':
    case 'm': return "count its units, a.astype('int64')";
    case 'V': return "take one of its fields, a['name']";
    default: return "convert it, a.astype('float64')";
  }
}

[[noreturn]] void unsupported(const std::string& what, char kind) {
  throw DtypeError(
      message("a tensor holds bool, int8..int64, uint8..uint64 and float16..float64, not ", what, "; ", cure(kind)));
}

// ---- NumPy arrays ---------------------------------------------------------------------------------------------------

// Keeps a Python object alive from C++; lets go of it under the interpreter's lock, whichever thread that happens on.
std::shared_ptr<void> hold(py::object object) {
  return {object.release().ptr(), [](void* p) {
            if (!Py_IsInitialized()) return;  // too late to free anything, and not needed
            const py::gil_scoped_acquire lock;
            Py_DECREF(static_cast<PyObject*>(p));
          }};
}

constexpr const char* kStorage = "pynn.storage";  // the capsule that owns the memory of x.numpy()

// The storage of the tensor whose memory the array views, so that the tape hears of changes on either way; or null.
std::shared_ptr<Storage> storage_below(const py::array& a) {
  py::object base = a.base();
  while (base && py::isinstance<py::array>(base)) base = py::reinterpret_borrow<py::array>(base).base();
  if (!base) return nullptr;
  std::shared_ptr<Storage> found;
  if (PyCapsule_IsValid(base.ptr(), kStorage)) {
    found = *static_cast<std::shared_ptr<Storage>*>(PyCapsule_GetPointer(base.ptr(), kStorage));
  } else if (PyMemoryView_Check(base.ptr())) {
    PyObject* const exporter = PyMemoryView_GET_BUFFER(base.ptr())->obj;
    if (exporter && py::isinstance<Tensor>(exporter)) found = py::handle(exporter).cast<const Tensor&>().array.storage;
  }
  if (!found || found->writable() != a.writeable()) return nullptr;
  const auto at = reinterpret_cast<uintptr_t>(a.data()), begin = reinterpret_cast<uintptr_t>(found->data());
  const bool inside = at >= begin && at < begin + found->bytes();  // not where the tensor moved to other memory since
  return inside && (at - begin) % static_cast<uintptr_t>(a.itemsize()) == 0 ? found : nullptr;
}

// `source` is what an error calls the array.
Tensor from_numpy(py::array a, const char* source = "a NumPy array of dtype ") {
  if (a.ndim() > kMaxDims) throw ShapeError("a tensor has at most " + std::to_string(kMaxDims) + " dimensions");
  const auto dtype = from_numpy_type(a.dtype());
  if (!dtype) unsupported(source + std::string(py::str(a.dtype())), a.dtype().kind());
  const auto size = static_cast<py::ssize_t>(itemsize(*dtype));
  bool shareable = a.dtype().byteorder() == '=' || a.dtype().byteorder() == '|';
  shareable = shareable && reinterpret_cast<uintptr_t>(a.data()) % static_cast<uintptr_t>(size) == 0;
  for (py::ssize_t d = 0; d < a.ndim(); ++d) shareable = shareable && a.strides(d) % size == 0;
  if (!shareable) a = py::array(a.attr("astype")(numpy_dtype(*dtype)));
  Array x;
  x.dtype = *dtype;
  for (py::ssize_t d = 0; d < a.ndim(); ++d) {
    x.shape.push_back(a.shape(d));
    x.strides.push_back(a.strides(d) / size);
  }
  if ((x.storage = storage_below(a))) {
    const auto* begin = static_cast<const char*>(x.storage->data());
    x.offset = (static_cast<const char*>(a.data()) - begin) / size;
    return Tensor(std::move(x));
  }
  void* data = const_cast<void*>(a.data());
  const bool writable = a.writeable();
  x.storage = std::make_shared<Storage>(data, static_cast<size_t>(a.nbytes()), writable, hold(a));
  return Tensor(std::move(x));
}

bool is_sequence(py::handle object) { return PyList_Check(object.ptr()) || PyTuple_Check(object.ptr()); }

// A range, a deque: what is a collections.abc.Sequence without being a list. Text is none, nor is what has memory.
bool is_other_sequence(py::handle object) {
  PyObject* p = object.ptr();
  if (!PySequence_Check(p) || PyUnicode_Check(p) || PyObject_CheckBuffer(p)) return false;
  static PyObject* const type = py::object(py::module_::import("collections.abc").attr("Sequence")).release().ptr();
  return PyObject_IsInstance(p, type) == 1;
}

bool holds_tensors(py::handle object, int depth = 1) {
  if (depth > kMaxDims)  // perhaps a list that contains itself
    throw ShapeError(message("a tensor has at most ", std::to_string(kMaxDims), " dimensions, these lists are deeper"));
  for (py::handle item : object)
    if (py::isinstance<Tensor>(item) || (is_sequence(item) && holds_tensors(item, depth + 1))) return true;
  return false;
}

// Nested lists. Those of tensors are stacked, ints become int64. Python floats come as float64, and are weak.
Operand from_sequence(py::handle object) {
  Operand out;
  if (holds_tensors(object)) {
    std::vector<Tensor> items;
    for (py::handle item : object) items.push_back(to_tensor(item, std::nullopt, false));
    out.x = ops::stack(items, 0);
    return out;
  }
  py::array a;
  try {
    a = py::array(py::module_::import("numpy").attr("array")(object));
  } catch (py::error_already_set& e) {
    if (!e.matches(PyExc_ValueError)) throw;
    ragged(object);
  }
  if (!from_numpy_type(a.dtype())) check_elements(object);
  out.hosted = out.listed = true;
  out.x = from_numpy(a, "lists whose elements NumPy takes for ");
  const bool of_numpy = [&] {  // a list of NumPy arrays keeps their type
    py::object item = py::reinterpret_borrow<py::object>(object);
    while (is_sequence(item) && py::len(item) > 0) item = item[py::int_(0)];
    return py::hasattr(item, "dtype");
  }();
  if (out.x.dtype() == Dtype::float64 && !of_numpy) out.weak = Operand::Weak::reals;
  return out;
}

// ---- Numbers --------------------------------------------------------------------------------------------------------

// An integer beyond int64: uint64 or a float may still hold it.
void read_wide(PyObject* p, int overflow, Operand& out) {
  out.real = PyLong_AsDouble(p);
  if (PyErr_Occurred()) out.real = overflow * std::numeric_limits<double>::infinity();
  PyErr_Clear();
  out.integer = static_cast<int64_t>(PyLong_AsUnsignedLongLong(p));
  out.fits = PyErr_Occurred() ? Operand::Fits::neither : Operand::Fits::uint64;
  PyErr_Clear();
}

bool to_number(py::handle object, Operand& out) {
  PyObject* p = object.ptr();
  if (PyBool_Check(p)) {
    out.weak = Operand::Weak::boolean;
    out.integer = p == Py_True;
    out.real = static_cast<double>(out.integer);
    return true;
  }
  if (PyFloat_Check(p)) {
    out.weak = Operand::Weak::real;
    out.real = PyFloat_AS_DOUBLE(p);
    return true;
  }
  if (PyLong_Check(p)) {
    int overflow = 0;
    out.weak = Operand::Weak::integer;
    out.number = object;
    out.integer = PyLong_AsLongLongAndOverflow(p, &overflow);
    out.real = static_cast<double>(out.integer);
    if (overflow) read_wide(p, overflow, out);
    return true;
  }
  return false;
}

// Whether an integer type holds the number.
bool holds(Dtype t, const Operand& number) {
  if (number.fits != Operand::Fits::int64) return number.fits == Operand::Fits::uint64 && t == Dtype::uint64;
  if (t == Dtype::int64) return true;
  if (t == Dtype::uint64) return number.integer >= 0;
  const int bits = 8 * static_cast<int>(itemsize(t));
  const bool is_signed = kind(t) == Kind::signed_integer;
  const int64_t end = int64_t{1} << (is_signed ? bits - 1 : bits);
  return number.integer >= (is_signed ? -end : 0) && number.integer < end;
}

[[noreturn]] void does_not_fit(const std::string& prefix, const Operand& number, Dtype t) {
  throw ValueError(message(prefix, std::string(py::str(number.number)), " does not fit ", name(t)));
}

bool is_numpy_scalar(py::handle object);

// By DLPack, which knows bfloat16; where that fails and NumPy may do better, undefined.
Tensor from_peer(py::handle object) {
  const bool otherwise = py::hasattr(object, "__array__");
  try {
    return dlpack::take(object);
  } catch (const DtypeError&) {
    if (!otherwise) throw;
  } catch (py::error_already_set& e) {
    if (!otherwise || !e.matches(PyExc_Exception)) throw;  // Ctrl-C
  } catch (const py::buffer_error&) {
    if (!otherwise) throw;
  }
  return {};
}

// What another library or NumPy makes an array of, on the host.
Tensor from_array(py::handle object) {
  if (py::isinstance<py::array>(object)) return from_numpy(py::reinterpret_borrow<py::array>(object));
  if (dlpack::offered(object))
    if (Tensor x = from_peer(object); x.defined()) return x;
  if (PyComplex_Check(object.ptr()) && !is_numpy_scalar(object)) unsupported("complex numbers", 'c');
  if (!py::hasattr(object, "__array__") && !PyObject_CheckBuffer(object.ptr()) && !is_numpy_scalar(object))
    throw py::type_error("expected a tensor, an array, a number or nested lists of numbers, got " +
                         std::string(py::str(py::type::handle_of(object).attr("__name__"))));
  if (PyUnicode_Check(object.ptr()) || PyBytes_Check(object.ptr())) unsupported("text", 'U');
  return from_numpy(py::array(py::module_::import("numpy").attr("asarray")(object)));
}

bool is_numpy_scalar(py::handle object) {
  static PyObject* const generic = py::object(py::module_::import("numpy").attr("generic")).release().ptr();
  return PyObject_IsInstance(object.ptr(), generic) == 1;
}

}  // namespace

Tensor Operand::tensor() const {
  switch (weak) {
    case Weak::boolean: return Tensor(compute::full({}, integer, Dtype::boolean, default_device()));
    case Weak::integer:
      if (!holds(kDefaultInteger, *this)) does_not_fit("the integer ", *this, kDefaultInteger);
      return Tensor(compute::full({}, integer, kDefaultInteger, default_device()));
    case Weak::real: return ops::scalar(real, kDefaultFloat, default_device());
    case Weak::reals: return ops::to(ops::astype(x, kDefaultFloat), default_device());
    default: return hosted ? ops::to(x, default_device()) : x;
  }
}

void Operand::check_fit(const char* op, Dtype t) const {
  if (!listed || !is_integer(t) || !is_integer(x.dtype()) || x.dtype() == t || !x.array.is_contiguous()) return;
  const auto check = [&](const auto* at) {
    for (int64_t i = 0, n = x.size(); i < n; ++i) {
      Operand number;
      number.integer = static_cast<int64_t>(at[i]);
      if (x.dtype() == Dtype::uint64 && number.integer < 0) number.fits = Fits::uint64;
      if (!holds(t, number)) throw ValueError(message(op, ": ", std::to_string(at[i]), " does not fit ", name(t)));
    }
  };
  if (x.dtype() == Dtype::int64) check(x.array.as<int64_t>());
  if (x.dtype() == Dtype::uint64) check(x.array.as<uint64_t>());
}

Tensor Operand::as(const char* op, std::optional<Dtype> t) const {
  if (!t) return tensor();
  check_fit(op, *t);
  if (weak == Weak::real) return Tensor(compute::full({}, real, *t, default_device()));
  if (weak == Weak::reals) return ops::to(ops::astype(x, *t), default_device());
  return ops::astype(in_type(op, *t, default_device()), *t);
}

Tensor Operand::beside(const char* op, const Tensor& other) const { return in_type(op, other.dtype(), other.device()); }

Tensor Operand::into(const char* op, const Tensor& other) const {
  check_fit(op, other.dtype());
  return beside(op, other);
}

Tensor Operand::in_type(const char* op, Dtype t, Device device) const {
  if (weak == Weak::no) return hosted ? ops::to(x, device) : x;
  if (weak == Weak::reals) return ops::to(ops::astype(x, is_floating(t) ? t : kDefaultFloat), device);
  if (is_floating(t)) return ops::scalar(real, t, device);
  if (weak == Weak::real || (t == Dtype::boolean && weak == Weak::integer)) return ops::to(tensor(), device);
  if (weak == Weak::integer && !holds(t, *this)) does_not_fit(message(op, ": "), *this, t);
  return Tensor(compute::full({}, integer, t, device));
}

const Tensor* exact_tensor(PyObject* object) {
  static PyTypeObject* const type = reinterpret_cast<PyTypeObject*>(py::type::of<Tensor>().ptr());
  if (Py_TYPE(object) != type) return nullptr;
  return static_cast<const Tensor*>(
      reinterpret_cast<py::detail::instance*>(object)->get_value_and_holder().value_ptr());
}

void set_error(const DeviceError& error) {
  const py::object type = py::module_::import("pynn._core").attr("DeviceError");
  PyErr_SetString(type.ptr(), error.what());
}

bool to_operand(py::handle object, Operand& out) {
  if (py::isinstance<Tensor>(object)) {
    out.x = object.cast<const Tensor&>();
    return true;
  }
  if (to_number(object, out)) return true;
  if (is_numpy_scalar(object)) {
    const bool found = to_number(object.attr("item")(), out);
    out.number = object;
    return found;
  }
  if (is_sequence(object)) {
    out = from_sequence(object);
    return true;
  }
  if (py::isinstance<py::array>(object) || dlpack::offered(object) ||
      (py::hasattr(object, "__array__") && !py::isinstance<py::type>(object))) {
    out.x = from_array(object);
    out.hosted = true;
    return true;
  }
  if (is_other_sequence(object)) {
    out = from_sequence(py::list(py::reinterpret_borrow<py::object>(object)));
    return true;
  }
  return false;
}

std::pair<Tensor, Tensor> resolve(const char* op, const Operand& a, const Operand& b) {
  const bool weak_a = a.weak != Operand::Weak::no, weak_b = b.weak != Operand::Weak::no;
  if (weak_a && weak_b) return {a.tensor(), b.tensor()};
  if (weak_a) {
    const Tensor y = b.hosted ? b.tensor() : b.x;
    return {a.beside(op, y), y};
  }
  if (weak_b) {
    const Tensor x = a.hosted ? a.tensor() : a.x;
    return {x, b.beside(op, x)};
  }
  if (a.hosted) return {a.beside(op, b.hosted ? b.tensor() : b.x), b.hosted ? b.tensor() : b.x};
  return {a.x, b.beside(op, a.x)};
}

Tensor to_tensor(py::handle object, std::optional<Dtype> dtype, bool copy) {
  Tensor x;
  Operand number;
  bool fresh = false;
  if (py::isinstance<Tensor>(object)) {
    x = object.cast<const Tensor&>();
  } else if (to_number(object, number)) {
    x = number.as("asarray", dtype);
    fresh = true;
  } else if (is_sequence(object)) {
    x = from_sequence(object).as("asarray", dtype);
    fresh = true;
  } else if (is_other_sequence(object)) {
    return to_tensor(py::list(py::reinterpret_borrow<py::object>(object)), dtype, false);
  } else {
    x = from_array(object);
    if (!default_device().is_cpu()) {
      x = ops::to(x, default_device());
      fresh = true;
    }
  }
  if (dtype && x.dtype() != *dtype) return ops::astype(x, *dtype);
  return copy && !fresh ? ops::copy(x) : x;
}

std::optional<Tensor> plain_tensor(py::handle object) {
  if (const Tensor* x = exact_tensor(object.ptr())) return *x;
  if (!py::isinstance<py::array>(object) || Py_TYPE(object.ptr()) != py::detail::npy_api::get().PyArray_Type_)
    return std::nullopt;
  auto a = py::reinterpret_borrow<py::array>(object);
  if (a.ndim() > kMaxDims || !from_numpy_type(a.dtype())) return std::nullopt;
  return from_numpy(std::move(a));
}

bool may_write(const Array& x) {
  for (int d = 0; d < x.ndim(); ++d)
    if (x.strides[d] == 0 && x.shape[d] > 1) return false;
  return x.storage->writable();
}

py::object to_numpy(const Tensor& x) {
  const Array& a = x.array;
  if (!x.device().is_cpu())
    throw py::type_error(message("a tensor on ", str(x.device()),
                                 " has no NumPy array: copy it to the host first, x.to('cpu').numpy()"));
  if (a.dtype == Dtype::bfloat16) throw DtypeError("NumPy has no bfloat16; convert first: x.astype('float32').numpy()");
  const auto size = static_cast<py::ssize_t>(itemsize(a.dtype));
  std::vector<py::ssize_t> shape, strides;
  for (int d = 0; d < a.ndim(); ++d) {
    shape.push_back(a.shape[d]);
    strides.push_back(a.strides[d] * size);
  }
  auto* keep = new std::shared_ptr<Storage>(a.storage);
  const py::capsule owner(keep, kStorage, [](void* p) { delete static_cast<std::shared_ptr<Storage>*>(p); });
  py::array y(py::reinterpret_borrow<py::dtype>(numpy_dtype(a.dtype)), shape, strides, a.data(), owner);
  if (!may_write(a)) y.attr("flags").attr("writeable") = false;
  return y;
}

py::object numpy_dtype(Dtype t) {
  if (t == Dtype::bfloat16) throw DtypeError("NumPy has no bfloat16");
  return py::reinterpret_steal<py::object>(py::dtype(std::string(name(t))).release());
}

Dtype to_dtype(py::handle object) {
  for (int i = 0; i < kDtypes; ++i)
    if (object.is(dtype_object(static_cast<Dtype>(i)))) return static_cast<Dtype>(i);
  std::string wanted;
  if (PyUnicode_Check(object.ptr())) {
    wanted = object.cast<std::string>();
  } else if (object.is_none()) {
    wanted = "None";  // NumPy would take it for float64
  } else if (object.ptr() == reinterpret_cast<PyObject*>(&PyFloat_Type)) {
    return kDefaultFloat;
  } else if (object.ptr() == reinterpret_cast<PyObject*>(&PyLong_Type)) {
    return kDefaultInteger;
  } else if (object.ptr() == reinterpret_cast<PyObject*>(&PyBool_Type)) {
    return Dtype::boolean;
  } else {
    try {
      wanted = py::str(py::dtype::from_args(py::reinterpret_borrow<py::object>(object)).attr("name"));
    } catch (py::error_already_set&) {
      throw DtypeError(
          message("dtype must be a name such as 'float32', a pynn.Dtype, a NumPy dtype, or bool, int or "
                  "float, got ",
                  std::string(py::repr(object))));
    }
  }
  for (int i = 0; i < kDtypes; ++i)
    if (wanted == name(static_cast<Dtype>(i))) return static_cast<Dtype>(i);
  if (wanted.starts_with("complex")) throw DtypeError("pynn computes with real numbers, there is no dtype " + wanted);
  std::vector<std::string> names;
  for (int i = 0; i < kDtypes; ++i) names.emplace_back(name(static_cast<Dtype>(i)));
  std::string hint = did_you_mean(wanted, names);
  // What other languages and libraries call them.
  for (const auto& [theirs, ours] :
       {std::pair{"int", "int64"}, {"long", "int64"}, {"float", "float32"}, {"double", "float64"}, {"half", "float16"}})
    if (wanted == theirs) hint = message("; write '", ours, "'");
  hint += hint.ends_with('?') ? " There are " : "; there are ";
  throw DtypeError(message("unknown dtype '", wanted, "'", hint,
                           "bool, int8, int16, int32, int64, uint8, uint16, uint32, uint64, float16, bfloat16, float32 "
                           "and float64"));
}

bool names_device(const std::string& name) { return name.starts_with("cpu") || name.starts_with("cuda"); }

Device to_device(py::handle object) {
  if (object.is_none()) return default_device();
  const std::string given = PyUnicode_Check(object.ptr()) ? object.cast<std::string>() : "";
  if (given == "cpu") return {};
  int index = given == "cuda" ? 0 : -1;
  if (given.starts_with("cuda:") && given.size() > 5 && given.size() < 9 &&
      given.find_first_not_of("0123456789", 5) == std::string::npos)
    index = std::stoi(given.substr(5));
  if (index < 0 || index > 127)
    throw ValueError("there is no device " + std::string(py::repr(object)) +
                     "; there are 'cpu', 'cuda' and 'cuda:1' ...");
  if (!registered_backend()) py::module_::import("pynn.cuda").attr("_load")();
  const Device device{DeviceKind::cuda, static_cast<int8_t>(index)};
  backend_of(device);
  return device;
}

namespace {
Dims to_dims(py::handle object, const char* what) {
  Dims d;
  const auto one = [&](py::handle item) {
    const py::object index = py::reinterpret_steal<py::object>(PyNumber_Index(item.ptr()));
    if (!index) {
      PyErr_Clear();
      throw py::type_error(
          message(what, " must be an integer or a tuple of integers, got ", std::string(py::repr(object))));
    }
    const long long value = PyLong_AsLongLong(index.ptr());
    if (value == -1 && PyErr_Occurred()) {
      PyErr_Clear();
      throw ShapeError(message(what, " has a size beyond 64 bits"));
    }
    d.push_back(value);
  };
  if (PyTuple_Check(object.ptr()) || PyList_Check(object.ptr())) {
    for (py::handle item : object) one(item);
  } else {
    one(object);
  }
  return d;
}
}  // namespace

Shape to_shape(py::handle object) { return to_dims(object, "shape"); }
std::optional<Dims> to_axes(py::handle object) {
  if (object.is_none()) return std::nullopt;
  return to_dims(object, "axis");
}

}  // namespace pynn
