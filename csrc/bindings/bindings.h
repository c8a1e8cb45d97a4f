// What each file of this folder adds to the module. A binding converts, calls, returns; it computes nothing.
#pragma once
#include <pybind11/pybind11.h>

namespace pynn {

void bind_errors(pybind11::module_&);
void bind_dtype(pybind11::module_&);
void bind_tensor(pybind11::module_&);
void bind_copying(pybind11::module_&);
void bind_buffer(pybind11::module_&);
void bind_dlpack(pybind11::module_&);
void bind_printing(pybind11::module_&);
void bind_operators(pybind11::module_&);
void bind_creation(pybind11::module_&);
void bind_elementwise(pybind11::module_&);
void bind_reduce(pybind11::module_&);
void bind_shape(pybind11::module_&);
void bind_index(pybind11::module_&);
void bind_linear(pybind11::module_&);
void bind_conv(pybind11::module_&);
void bind_loss(pybind11::module_&);
void bind_training(pybind11::module_&);
void bind_random(pybind11::module_&);
void bind_autograd(pybind11::module_&);
void bind_optimize(pybind11::module_&);
void bind_chain(pybind11::module_&);
void bind_peak(pybind11::module_&);
void bind_config(pybind11::module_&);
void bind_device(pybind11::module_&);

}  // namespace pynn
