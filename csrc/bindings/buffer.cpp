// Python's buffer protocol: memoryview(t), bytes(t) and np.asarray(t) read the tensor's own memory.
#include <string>
#include <vector>

#include "bindings/bindings.h"
#include "bindings/convert.h"

namespace pynn {
namespace {

// Keeps the memory as long as the view is open, even if the tensor is given other memory meanwhile.
struct Opened {
  std::shared_ptr<Storage> storage;
  std::vector<Py_ssize_t> shape, strides;
};

// The letter of the struct module.
const char* letter(Dtype t) {
  static constexpr const char* letters[kDtypes] = {"?", "b", "h", "i", "l", "B", "H", "I", "L", "e", nullptr, "f", "d"};
  return letters[static_cast<int>(t)];
}

bool is_column_major(Array x) {
  Dims order;
  for (int d = x.ndim() - 1; d >= 0; --d) order.push_back(d);
  return permuted(x, order).is_contiguous();
}

// What a view with these flags needs and the tensor is not; null where it is all.
const char* obstacle(const Array& x, int flags) {
  const auto wants = [flags](int what) { return (flags & what) == what; };
  if (!x.device().is_cpu()) return "the tensor is on another device; copy it to the host first: x.to('cpu')";
  if (!letter(x.dtype)) return "bfloat16 has no format in Python; convert first: x.astype('float32')";
  if (wants(PyBUF_WRITABLE) && !may_write(x)) return "the tensor is read-only or a broadcast view; use x.copy()";
  const bool c = x.is_contiguous(), f = is_column_major(x);
  if ((wants(PyBUF_C_CONTIGUOUS) && !c) || (wants(PyBUF_F_CONTIGUOUS) && !f) ||
      (wants(PyBUF_ANY_CONTIGUOUS) && !c && !f) || (!wants(PyBUF_STRIDES) && !c))
    return "the elements do not lie side by side, as the caller needs; use x.copy()";
  return nullptr;
}

int open_buffer(PyObject* self, Py_buffer* view, int flags) noexcept {
  view->obj = nullptr;
  if (!reinterpret_cast<py::detail::instance*>(self)->get_value_and_holder().holder_constructed()) {
    PyErr_SetString(PyExc_BufferError, "the tensor holds nothing: its class never called Tensor.__init__");
    return -1;
  }
  try {
    const Array& x = py::handle(self).cast<const Tensor&>().array;
    if (const char* why = obstacle(x, flags)) {
      PyErr_SetString(PyExc_BufferError, why);
      return -1;
    }
    auto* const opened = new Opened{x.storage, {}, {}};
    view->internal = opened;
    const auto size = static_cast<Py_ssize_t>(itemsize(x.dtype));
    for (int d = 0; d < x.ndim(); ++d) {
      opened->shape.push_back(x.shape[d]);
      opened->strides.push_back(x.strides[d] * size);
    }
    const auto wants = [flags](int what) { return (flags & what) == what; };
    view->buf = x.data();
    view->len = x.size() * size;
    view->itemsize = size;
    view->readonly = !may_write(x);
    view->ndim = x.ndim();
    view->format = wants(PyBUF_FORMAT) ? const_cast<char*>(letter(x.dtype)) : nullptr;
    view->shape = wants(PyBUF_ND) ? opened->shape.data() : nullptr;
    view->strides = wants(PyBUF_STRIDES) ? opened->strides.data() : nullptr;
    view->suboffsets = nullptr;
    view->obj = Py_NewRef(self);
    return 0;
  } catch (const std::exception& e) {  // no memory
    PyErr_SetString(PyExc_BufferError, e.what());
    return -1;
  }
}

void close_buffer(PyObject*, Py_buffer* view) noexcept { delete static_cast<Opened*>(view->internal); }

}  // namespace

void bind_buffer(py::module_& m) {
  auto* const type = reinterpret_cast<PyHeapTypeObject*>(m.attr("Tensor").ptr());
  type->as_buffer.bf_getbuffer = &open_buffer;
  type->as_buffer.bf_releasebuffer = &close_buffer;
  type->ht_type.tp_as_buffer = &type->as_buffer;
}

}  // namespace pynn
