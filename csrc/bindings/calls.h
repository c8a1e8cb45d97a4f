// Errors of calls: what pybind11 says of arguments that do not fit, in words; and the function's name where it lacks.
#pragma once
#include <pybind11/pybind11.h>

namespace pynn {

// From now on the function, if pybind11 made it, says what is wrong with a call, and tells `inspect` its signature.
// Calls without an error are as before.
void explain_calls(pybind11::handle function);

// The same for every function and method of a module.
void explain_all_calls(pybind11::module_& m);

}  // namespace pynn
