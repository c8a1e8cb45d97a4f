# pynn_emulate_cuda(<target> <.cu files> [options...]): compiles CUDA sources with the host's C++ compiler for <target>,
# and links the emulation. A target of CMake's cannot compile .cu files as C++ by itself: they get a rule of their own.

set(PYNN_EMULATION_DIR ${CMAKE_CURRENT_LIST_DIR})

# NVIDIA's headers: a toolkit, or the package nvidia-cuda-runtime from PyPI.
find_path(PYNN_CUDA_INCLUDE cuda_runtime.h
  HINTS $ENV{CUDA_HOME}/include $ENV{CUDA_PATH}/include /usr/local/cuda/include /opt/cuda/include)
if(NOT PYNN_CUDA_INCLUDE)
  message(FATAL_ERROR "PYNN_CUDA=EMULATED needs NVIDIA's headers (cuda_runtime.h); set PYNN_CUDA_INCLUDE to their folder")
endif()

function(pynn_emulate_cuda target kernels)
  set(language ${PYNN_EMULATION_DIR}/cuda_language.h)
  add_library(${target}_kernels OBJECT ${kernels})
  set_source_files_properties(${kernels} PROPERTIES LANGUAGE CXX)
  # -x c++: the compiler does not know the suffix. shared.ld knows the objects by their names, which end in .cu.o.
  # Bits as on the CPU need that nothing is contracted (kernels/random.h).
  target_compile_options(${target}_kernels PRIVATE
    -x c++ -Wall -Wextra -Wno-unknown-pragmas -ffp-contract=off -fvisibility=hidden)
  target_compile_features(${target}_kernels PRIVATE cxx_std_20)
  target_compile_definitions(${target}_kernels PRIVATE PYNN_ISA=cuda)
  target_include_directories(${target}_kernels PRIVATE ${PROJECT_BINARY_DIR})
  target_compile_options(${target}_kernels PRIVATE ${ARGN} -O1)

  # What all of them begin with is compiled once: the language, then the contract and the rows.
  target_precompile_headers(${target}_kernels PRIVATE
    ${language} ${PYNN_SOURCE_DIR}/csrc/kernels/kernels.h ${PYNN_SOURCE_DIR}/csrc/kernels/elementwise.h)

  add_library(${target}_emulation OBJECT
    ${PYNN_EMULATION_DIR}/block.cpp ${PYNN_EMULATION_DIR}/graph.cpp ${PYNN_EMULATION_DIR}/memory.cpp
    ${PYNN_EMULATION_DIR}/runtime.cpp ${PYNN_EMULATION_DIR}/stream.cpp)
  target_compile_features(${target}_emulation PRIVATE cxx_std_20)
  # ThreadSanitizer must not see the emulation itself.
  set(options ${ARGN})
  if("-fsanitize=thread" IN_LIST options)
    list(REMOVE_ITEM options -fsanitize=thread)
    target_compile_definitions(${target}_emulation PRIVATE EMULATION_TSAN)
  endif()
  target_compile_options(${target}_emulation PRIVATE -Wall -Wextra ${options} -O2)

  foreach(part ${target}_kernels ${target}_emulation)
    set_target_properties(${part} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_include_directories(${part} SYSTEM PRIVATE ${PYNN_CUDA_INCLUDE})
    target_link_libraries(${target} PRIVATE ${part})
  endforeach()
  target_include_directories(${target}_kernels PRIVATE ${PYNN_SOURCE_DIR}/csrc)
  target_include_directories(${target} SYSTEM PRIVATE ${PYNN_CUDA_INCLUDE})
  target_link_options(${target} PRIVATE -Wl,-T,${PYNN_EMULATION_DIR}/shared.ld)
endfunction()
