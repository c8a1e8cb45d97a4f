#include <algorithm>
#include <string>

#include "bindings/bindings.h"
#include "core/error.h"
#include "core/storage.h"
#include "kernels/cpu/parallel.h"
#include "kernels/kernels.h"

namespace pynn {

namespace py = pybind11;

void bind_config(py::module_& m) {
  m.def("isa", [] { return cpu_kernels().isa; }, "The instruction-set level whose kernels run.");
  m.def(
      "isas",
      [] {
        py::list l;
        for (const char* const* name = runnable_isas(); *name; ++name) l.append(*name);
        return l;
      },
      "The levels that this machine runs, best first.");
  m.def(
      "use_isa",
      [](const std::string& name) {
        if (use_isa(name.c_str())) return;
        std::string all;
        for (const char* const* n = runnable_isas(); *n; ++n) all += (all.empty() ? "" : ", ") + std::string(*n);
        throw ValueError("no instruction-set level '" + name + "' on this machine; there are " + all);
      },
      "Runs the kernels of another level. Not while other threads compute.", py::arg("name"), py::pos_only());
  m.def("get_num_threads", &num_threads, "How many threads kernels use at most.");
  m.def(
      "set_num_threads",
      [](int n) {
        if (n < 1) throw ValueError("the number of threads must be at least 1, got " + std::to_string(n));
        set_num_threads(n);
      },
      "Sets how many threads kernels use at most. Results do not depend on it.", py::arg("n"), py::pos_only());
  m.def("cached_bytes", &cached_bytes, "How much memory is kept for reuse.");
  m.def("release_cache", &release_cache, "Gives memory that is kept for reuse back to the system.");
  m.attr("_compiler") = __VERSION__;
}

}  // namespace pynn
