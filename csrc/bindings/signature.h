// Signatures: read from the text that pybind11 writes, and written so that Python's `inspect` can read them.
#pragma once
#include <pybind11/pybind11.h>

#include <string>
#include <string_view>
#include <vector>

namespace pynn {

struct Parameter {
  std::string name, type, default_value;  // the default as Python text, empty where there is none
  bool by_position = true, by_name = true;
};

struct Signature {
  std::vector<Parameter> parameters;
  std::string more_positions, more_names;  // the names of *args and **kwargs, empty where there are none
};

// Of "(x: ArrayLike, /, axis: int = 0, *, keepdims: bool = False) -> Tensor".
Signature parsed(std::string_view text);

// "(x, /, axis=0, *, keepdims=False)". `bound` marks the first parameter as the one that x.method() fills in.
std::string written(const Signature&, bool bound = false);

// Puts the signature where Python looks for it: at the start of the documentation of a function that pybind11 made, in
// place of pybind11's own line. Types are not part of it; Python would refuse them. PYNN_TYPED_DOCS keeps pybind11's
// line, for tools/make_stubs.py.
void sign(PyCFunctionObject* function);

// The documentation of a function signed so, for the method of the same name that Python itself binds.
const char* signed_method(PyCFunctionObject* function);

// The same for a class, from the signature of its __init__.
void sign_class(PyTypeObject* type);

}  // namespace pynn
