// From Python objects to tensors and back: arrays without copying, numbers that take the type of what they meet.
#pragma once
#include <pybind11/pybind11.h>

#include <optional>
#include <string>

#include "autograd/tensor.h"
#include "core/device.h"
#include "core/error.h"
#include "core/shape.h"

namespace pynn {

namespace py = pybind11;

// An argument that may be a tensor, anything array-like, or a Python number. A number is weak: it takes the type of
// the tensor it meets, and so do lists of Python floats (reals).
struct Operand {
  enum class Weak { no, boolean, integer, real, reals };
  enum class Fits { int64, uint64, neither };
  Tensor x;  // undefined for a number; float64 for reals
  Weak weak = Weak::no;
  Fits fits = Fits::int64;  // the first type that holds the integer; where it is uint64, `integer` has its bits
  int64_t integer = 0;
  double real = 0;
  py::handle number = {};  // the Python number, for messages
  bool hosted = false;     // an array or a list, which goes to the device of the tensor that it meets
  bool listed = false;     // a list of numbers

  // As a tensor of its own, on the default device: float32, int64 or bool for a number.
  Tensor tensor() const;
  // Converted to t, or as above without one. Throws ValueError for an integer that t cannot hold.
  Tensor as(const char* op, std::optional<Dtype> t) const;
  // As a tensor that meets another.
  Tensor beside(const char* op, const Tensor& other) const;
  // As what is written into another: as above, and integers of lists must fit too, as those outside of lists.
  Tensor into(const char* op, const Tensor& other) const;

 private:
  void check_fit(const char* op, Dtype t) const;
  Tensor in_type(const char* op, Dtype t, Device) const;
};

// The tensor in an instance of exactly pynn.Tensor, or null: for calls that are too short for pybind11's dispatcher.
const Tensor* exact_tensor(PyObject* object);

// Makes a failure of a device Python's error: calls that try the short way first must not try again.
void set_error(const DeviceError&);

// False where the object is nothing that a tensor could be made of. Throws where it is one that no tensor can hold.
bool to_operand(py::handle object, Operand& out);

// Both as tensors, the weak one in the other's type.
std::pair<Tensor, Tensor> resolve(const char* op, const Operand& a, const Operand& b);

// asarray: shares memory where it can, unless `copy`.
Tensor to_tensor(py::handle object, std::optional<Dtype> dtype, bool copy);
// Whether others may write to the array's memory: not where it is read-only, or one element stands for many.
bool may_write(const Array& x);
// A tensor, or a NumPy array of numbers as one, on the host; nothing for any other object.
std::optional<Tensor> plain_tensor(py::handle object);
// A NumPy array that shares the tensor's memory.
py::object to_numpy(const Tensor& x);

// A dtype from a pynn.Dtype, a NumPy dtype or scalar type, a name, or bool/int/float. Throws DtypeError.
Dtype to_dtype(py::handle object);
py::object numpy_dtype(Dtype);
py::handle dtype_object(Dtype);  // pynn.float32 and its like

// The device that an argument names: "cpu", "cuda", "cuda:1", or None for the default. Throws ValueError for what names
// none, DeviceError for one that is not there.
Device to_device(py::handle object);
bool names_device(const std::string&);  // whether it reads like one

// A shape from an int or a sequence of ints.
Shape to_shape(py::handle object);
std::optional<Dims> to_axes(py::handle object);  // nullopt for None

// Work on many elements runs without the interpreter's lock; for few, giving it up costs more than the work.
class Unlocked {
 public:
  explicit Unlocked(int64_t elements) {
    if (elements > kWorthIt) release_.emplace();
  }

 private:
  static constexpr int64_t kWorthIt = 4096;
  std::optional<py::gil_scoped_release> release_;
};

inline py::tuple to_tuple(const Dims& d) {
  py::tuple t(static_cast<size_t>(d.size()));
  for (int i = 0; i < d.size(); ++i) t[static_cast<size_t>(i)] = d[i];
  return t;
}

inline py::list to_list(const std::vector<Tensor>& xs) {
  py::list l;
  for (const Tensor& x : xs) l.append(py::cast(x));
  return l;
}

}  // namespace pynn

// Function parameters of these types convert by the functions above; what cannot be converted is a clear TypeError.
namespace pybind11::detail {

template <class T>
struct PynnCaster {
  static handle cast(const T&, return_value_policy, handle) = delete;
  T value;
  operator T&() { return value; }
  operator T*() { return &value; }
  template <class U>
  using cast_op_type = pybind11::detail::cast_op_type<U>;
};

template <>
struct type_caster<pynn::Operand> : PynnCaster<pynn::Operand> {
  type_caster() {}  // not implicit, or std::tuple would clear all of the value first
  static constexpr auto name = const_name("ArrayLike");
  bool load(handle src, bool) {
    if (pynn::to_operand(src, value)) return true;
    throw type_error("expected a tensor, an array or a number, got " +
                     std::string(pybind11::str(type::handle_of(src).attr("__name__"))));
  }
};

template <>
struct type_caster<pynn::Dtype> {
  PYBIND11_TYPE_CASTER(pynn::Dtype, const_name("DtypeLike"));
  bool load(handle src, bool) {
    value = pynn::to_dtype(src);
    return true;
  }
  static handle cast(pynn::Dtype t, return_value_policy, handle) { return handle(pynn::dtype_object(t)).inc_ref(); }
};

}  // namespace pybind11::detail

namespace pynn {
// Arguments that are shapes and axes, as types, so that pybind11 converts them.
struct ShapeArgument {
  Shape value;
};
struct AxesOption {
  std::optional<Dims> value;
};
struct DeviceArgument {
  std::optional<Device> named;
  Device value() const { return named.value_or(default_device()); }
};
}  // namespace pynn

namespace pybind11::detail {
template <>
struct type_caster<pynn::ShapeArgument> : PynnCaster<pynn::ShapeArgument> {
  type_caster() {}
  static constexpr auto name = const_name("int | Sequence[int]");
  bool load(handle src, bool) {
    value.value = pynn::to_shape(src);
    return true;
  }
};
template <>
struct type_caster<pynn::DeviceArgument> : PynnCaster<pynn::DeviceArgument> {
  type_caster() {}
  static constexpr auto name = const_name("str | None");
  bool load(handle src, bool) {
    if (!src.is_none()) value.named = pynn::to_device(src);
    return true;
  }
};
template <>
struct type_caster<pynn::AxesOption> : PynnCaster<pynn::AxesOption> {
  type_caster() {}
  static constexpr auto name = const_name("int | Sequence[int] | None");
  bool load(handle src, bool) {
    value.value = pynn::to_axes(src);
    return true;
  }
};
}  // namespace pybind11::detail
