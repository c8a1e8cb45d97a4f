# The CPU kernels, compiled once for each instruction-set level. All levels stand in one extension; select.cpp chooses
# at run time. Each level lives in a namespace of its own and has no inline symbols, so that no code compiled for a
# newer processor can be linked into an older level's functions.

set(PYNN_CPU_KERNELS
  binary.cpp binary_grad.cpp cast.cpp conv.cpp depthwise.cpp fill.cpp gemm.cpp index.cpp optimize.cpp peak.cpp
  pool.cpp random.cpp reduce.cpp scan.cpp softmax.cpp ternary.cpp unary.cpp unary_grad.cpp)

# What the loops of element-wise rows need of GCC. A limit, `x > a ? a : x`, is one instruction; threading of jumps and
# partial redundancies make two paths of all that follows it, which are both computed and blended. A loop of four
# instructions runs at two thirds of its speed where it happens to lie across two blocks of 32 bytes.
set(PYNN_ROWS unary.cpp unary_grad.cpp binary.cpp binary_grad.cpp ternary.cpp softmax.cpp reduce.cpp)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  list(TRANSFORM PYNN_ROWS PREPEND ${PROJECT_SOURCE_DIR}/csrc/kernels/cpu/)
  set_source_files_properties(${PYNN_ROWS} PROPERTIES COMPILE_OPTIONS "-fno-thread-jumps;-fno-tree-pre;-falign-loops=32")
endif()

# Fewer levels build faster while one develops: -DPYNN_ISA_LEVELS=avx2
set(PYNN_ISA_LEVELS "avx512;avx2;baseline" CACHE STRING "Instruction-set levels to build, of those that the processor kind has")

# pynn_add_isa(<name> <march> [flags...]): <march> is also what the processor is asked for at run time.
function(pynn_add_isa name march)
  if(NOT name IN_LIST PYNN_ISA_LEVELS)
    return()
  endif()
  set(target pynn_kernels_${name})
  add_library(${target} OBJECT)
  foreach(file IN LISTS PYNN_CPU_KERNELS)
    target_sources(${target} PRIVATE ${PROJECT_SOURCE_DIR}/csrc/kernels/cpu/${file})
  endforeach()
  target_link_libraries(${target} PRIVATE pynn_options)
  target_compile_definitions(${target} PRIVATE PYNN_ISA=${name})
  # No -ffast-math: NaN and infinity keep their meaning. -fwrapv: integer overflow wraps, as in NumPy.
  target_compile_options(${target} PRIVATE
    -O3 -fopenmp-simd -fno-math-errno -fno-trapping-math -fwrapv -fno-exceptions -fno-rtti ${ARGN})
  file(APPEND ${PROJECT_BINARY_DIR}/isa_levels.inc.new "PYNN_ISA_LEVEL(${name}, \"${march}\")\n")
  set(PYNN_ISA_TARGETS ${PYNN_ISA_TARGETS} ${target} PARENT_SCOPE)
endfunction()

file(REMOVE ${PROJECT_BINARY_DIR}/isa_levels.inc.new)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  pynn_add_isa(avx512 x86-64-v4 -march=x86-64-v4 -mprefer-vector-width=512)
  pynn_add_isa(avx2 x86-64-v3 -march=x86-64-v3)
  pynn_add_isa(baseline x86-64-v2 -march=x86-64-v2)
  # For tests, in no package: vectors, tiles and transposes of avx512, for a processor that has only avx2. -O3 takes four
  # times as long to compile.
  pynn_add_isa(wide x86-64-v3 -march=x86-64-v3 -DPYNN_VECTOR_BYTES=64 -Wno-psabi -O1)
else()
  pynn_add_isa(baseline generic)
endif()
# Only a changed list of levels compiles select.cpp again.
configure_file(${PROJECT_BINARY_DIR}/isa_levels.inc.new ${PROJECT_BINARY_DIR}/isa_levels.inc COPYONLY)
