// What is wrong with nested lists that no tensor can be made of.
#pragma once
#include <pybind11/pybind11.h>

namespace pynn {

// Throws ShapeError that says where lists of one depth differ in length.
[[noreturn]] void ragged(pybind11::handle lists);

// Throws DtypeError or ValueError that names the first element that no tensor holds; returns where there is none.
void check_elements(pybind11::handle lists);

}  // namespace pynn
