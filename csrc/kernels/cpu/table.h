// What the files that expand the table need: its rows, their types, and the loops.
#pragma once
#include "kernels/cpu/rows.h"
#include "kernels/types.h"
