#include "compute/optimize.h"

#include <initializer_list>

#include "compute/dispatch.h"
#include "core/error.h"

namespace pynn::compute {
namespace {

// Every array of the step has w's shape and type and lies in order; all but the gradient are written.
void check(const char* op, const Array& w, const Array& g, std::initializer_list<const Array*> states) {
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

void* data(const Array* x) { return x ? x->data() : nullptr; }

int index(const Array& w) { return static_cast<int>(w.dtype); }

}  // namespace

void sgd(const SgdOptions& o, const Array& w, const Array& g, const Array* m) {
  check("sgd", w, g, {m});
  require(kernels(w).sgd[index(w)], "sgd", w.dtype)(o, w.size(), w.data(), g.data(), data(m));
  w.storage->changed();
}

void rmsprop(const RmspropOptions& o, const Array& w, const Array& g, const Array& v, const Array* m,
             const Array* average) {
  check("rmsprop", w, g, {&v, m, average});
  require(kernels(w).rmsprop[index(w)], "rmsprop", w.dtype)(o, w.size(), w.data(), g.data(), v.data(), data(m),
                                                            data(average));
  w.storage->changed();
}

void adagrad(const AdagradOptions& o, const Array& w, const Array& g, const Array& v) {
  check("adagrad", w, g, {&v});
  require(kernels(w).adagrad[index(w)], "adagrad", w.dtype)(o, w.size(), w.data(), g.data(), v.data());
  w.storage->changed();
}

void adam(const AdamOptions& o, const Array& w, const Array& g, const Array& m, const Array& v, const Array* v_max) {
  check("adam", w, g, {&m, &v, v_max});
  require(kernels(w).adam[index(w)], "adam", w.dtype)(o, w.size(), w.data(), g.data(), m.data(), v.data(), data(v_max));
  w.storage->changed();
}

}  // namespace pynn::compute
