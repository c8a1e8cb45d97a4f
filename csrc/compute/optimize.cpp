#include "compute/optimize.h"

#include "core/error.h"

namespace pynn::compute {

void check_step(const char* op, const Array& w, const Array& g, std::initializer_list<const Array*> states) {
  const auto fits = [&](const Array& x) {
    if (x.shape != w.shape || x.dtype != w.dtype) {
      const std::string text = message(op, ": ", name(x.dtype), " ", str(x.shape), " does not fit the weights, ",
                                       name(w.dtype), " ", str(w.shape));
      if (x.shape != w.shape) throw ShapeError(text);
      throw DtypeError(text);
    }
    if (!x.is_contiguous()) throw ValueError(message(op, ": needs contiguous tensors"));
  };
  const auto writable = [&](const Array& x) {
    if (!x.storage->writable()) throw ValueError(message(op, ": needs writable tensors"));
  };
  fits(w);
  fits(g);
  writable(w);
  for (const Array* x : states) {
    if (!x) continue;
    fits(*x);
    writable(*x);
  }
}

}  // namespace pynn::compute
