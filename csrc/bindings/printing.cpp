// How tensors print: as NumPy's arrays and by its options, with a header of their own.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "autograd/tape.h"
#include "bindings/bindings.h"
#include "bindings/convert.h"
#include "compute/elementwise.h"
#include "core/error.h"
#include "ops/index.h"
#include "ops/shape.h"

namespace pynn {
namespace {

// What pynn.set_printoptions has set; the dict is pynn._core._print_options, alive as long as the module.
PyObject* options_set;

// While one lives, NumPy prints by our options; what they leave open is as NumPy has it set.
class Options {
 public:
  Options()
      : numpy_(py::module_::import("numpy")),
        context_(numpy_.attr("printoptions")(**py::reinterpret_borrow<py::dict>(options_set))) {
    context_.attr("__enter__")();
    in_force_ = numpy_.attr("get_printoptions")();
  }
  ~Options() {
    try {
      context_.attr("__exit__")(py::none(), py::none(), py::none());
    } catch (py::error_already_set&) {  // nothing to tell from a destructor
    }
  }
  Options(const Options&) = delete;
  Options& operator=(const Options&) = delete;

  const py::module_& numpy() const { return numpy_; }
  double number(const char* name) const { return py::float_(py::object(in_force_[name])); }

 private:
  py::module_ numpy_;
  py::object context_;
  py::dict in_force_;
};

// The elements that a summary shows, and one for the dots: nobody converts or copies a large tensor to print its edges.
Tensor edges(Tensor x, int64_t items) {
  std::vector<int> axes;
  for (int d = 0; d < x.ndim(); ++d)
    if (x.shape()[d] > 2 * items + 1) axes.push_back(d);
  // The longest first, so that what is copied is small from the start.
  std::sort(axes.begin(), axes.end(), [&](int a, int b) { return x.shape()[a] > x.shape()[b]; });
  for (const int axis : axes) {
    const int64_t n = x.shape()[axis];
    x = ops::concat({ops::slice(x, axis, 0, 1, items + 1), ops::slice(x, axis, n - items, 1, items)}, axis);
  }
  return x;
}

// The shortest decimal that means this bfloat16, as the float32 nearest to it: 0.1 rather than 0.10009766.
float shortest(float x) {
  if (!std::isfinite(x)) return x;
  const auto rounded = [](float y) {
    uint32_t bits;
    std::memcpy(&bits, &y, sizeof bits);
    return (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  };
  for (int digits = 1; digits < 5; ++digits) {
    char text[32];
    std::snprintf(text, sizeof text, "%.*g", digits, static_cast<double>(x));
    const float y = std::strtof(text, nullptr);
    if (rounded(y) == rounded(x)) return y;
  }
  return x;
}

// What NumPy is to print, and whether it must be told that this is a summary.
struct Printable {
  py::object array;
  bool summary = false;
};

Printable printable(const Tensor& given, const Options& options) {
  const Tensor x(compute::on_host(given.array));
  if (x.dtype() != Dtype::bfloat16) return {to_numpy(x)};  // shares memory; NumPy looks at the edges only
  const NoRecording off;
  Tensor y(x.array);
  const bool summary = static_cast<double>(x.size()) > options.number("threshold");
  if (summary) y = edges(y, static_cast<int64_t>(options.number("edgeitems")));
  y = Tensor(compute::contiguous(compute::cast(y.array, Dtype::float32)));
  auto* values = y.array.as<float>();
  for (int64_t i = 0; i < y.size(); ++i) values[i] = shortest(values[i]);
  return {to_numpy(y), summary};
}

std::string values(const Printable& p, const Options& options, const char* separator, const std::string& prefix) {
  py::dict how;
  how["separator"] = separator;
  how["prefix"] = prefix;
  how["suffix"] = prefix.empty() ? "" : ",";
  if (p.summary) how["threshold"] = 0;
  return py::str(options.numpy().attr("array2string")(p.array, **how));
}

std::string repr(const py::object& self) {
  const auto& x = self.cast<const Tensor&>();
  const Options options;
  const std::string head = std::string(py::str(py::type::of(self).attr("__name__"))) + "(";
  std::string s = head + values(printable(x, options), options, ", ", head) + ",";
  std::string rest = "shape=" + str(x.shape()) + ", dtype=" + name(x.dtype());
  if (!x.device().is_cpu()) rest += ", device='" + str(x.device()) + "'";
  if (x.node) rest += is_leaf(x) ? ", requires_grad=True" : std::string(", made_by='") + x.node->op + "'";
  rest += ")";
  // As NumPy: what is too long for the last line gets one of its own.
  const size_t newline = s.rfind('\n'), used = newline == std::string::npos ? s.size() : s.size() - newline - 1;
  const bool fits = static_cast<double>(used + 1 + rest.size()) <= options.number("linewidth");
  return s + (fits ? std::string(" ") : "\n" + std::string(head.size(), ' ')) + rest;
}

std::string text(const Tensor& x) {
  const Options options;
  const Printable p = printable(x, options);
  return x.ndim() == 0 ? std::string(py::str(p.array)) : values(p, options, " ", "");
}

std::string format(const py::object& self, const std::string& spec) {
  const auto& x = self.cast<const Tensor&>();
  if (spec.empty()) return py::str(self);
  if (x.ndim() > 0)
    throw py::type_error("the format '" + spec + "' is for one number, this tensor has shape " + str(x.shape()) +
                         "; format elements, f'{x[0]:" + spec + "}', or set pynn.printoptions(precision=...)");
  return py::str(py::module_::import("builtins").attr("format")(self.attr("item")(), spec));
}

}  // namespace

void bind_printing(py::module_& m) {
  auto c = py::reinterpret_borrow<py::class_<Tensor>>(m.attr("Tensor"));
  c.def("__repr__", &repr);
  c.def("__str__", &text);
  c.def("__format__", &format, py::arg("spec"));
  options_set = py::dict().release().ptr();
  m.attr("_print_options") = py::handle(options_set);
}

}  // namespace pynn
