# The CUDA backend: an extension of its own, pynn._cuda, beside pynn._core. PYNN_CUDA is
#   OFF       nothing is built (the default: the wheel for CPUs holds no CUDA)
#   ON        nvcc compiles the kernels, for all architectures and PTX for later ones; the runtime is linked statically,
#             so the module can be imported where there is no driver
#   EMULATED  the host's compiler compiles the same sources against NVIDIA's own headers, and tests/cuda_on_cpu stands
#             in for the runtime and the device

set(PYNN_CUDA OFF CACHE STRING "The CUDA backend: OFF, ON or EMULATED")
set_property(CACHE PYNN_CUDA PROPERTY STRINGS OFF ON EMULATED)
if(NOT PYNN_CUDA)
  return()
endif()

file(GLOB PYNN_CUDA_KERNELS CONFIGURE_DEPENDS csrc/kernels/cuda/*.cu)
# csrc/cuda: memory, streams, errors and the module.
file(GLOB PYNN_CUDA_SOURCES CONFIGURE_DEPENDS csrc/kernels/cuda/*.cpp csrc/cuda/*.cpp)

if(PYNN_CUDA STREQUAL "EMULATED")
  include(tests/cuda_on_cpu/emulate.cmake)
  pybind11_add_module(_cuda MODULE NO_EXTRAS ${PYNN_CUDA_SOURCES})
  pynn_emulate_cuda(_cuda "${PYNN_CUDA_KERNELS}")
  target_compile_definitions(_cuda PRIVATE PYNN_CUDA_EMULATED)
  target_compile_options(_cuda PRIVATE -O2)
else()
  if(CMAKE_VERSION VERSION_LESS 3.25.2)
    message(FATAL_ERROR "PYNN_CUDA=ON needs CMake 3.25.2 or later for C++20 in CUDA: pip install cmake")
  endif()
  # All architectures are assembled from one PTX: no kernel asks which it runs on, and making PTX takes as long as
  # assembling it. CMake's own list would make one for each.
  if(NOT CMAKE_CUDA_ARCHITECTURES)
    set(CMAKE_CUDA_ARCHITECTURES OFF)
    set(PYNN_CUDA_CODE "--generate-code=arch=compute_75,code=[sm_75,sm_80,sm_86,sm_89,sm_90,sm_100,sm_120,compute_75]")
  endif()
  set(CMAKE_CUDA_RUNTIME_LIBRARY Static)
  enable_language(CUDA)
  pybind11_add_module(_cuda MODULE NO_EXTRAS ${PYNN_CUDA_SOURCES} ${PYNN_CUDA_KERNELS})
  find_package(CUDAToolkit REQUIRED)
  target_include_directories(_cuda SYSTEM PRIVATE ${CUDAToolkit_INCLUDE_DIRS})
  target_link_libraries(_cuda PRIVATE CUDA::cudart_static)
  # A comparison of an unsigned number with 0 is what a row for all numbers comes to for unsigned ones. The host's part
  # is launches: -O1 is enough.
  target_compile_options(_cuda PRIVATE $<$<COMPILE_LANGUAGE:CUDA>:
    ${PYNN_CUDA_CODE} --expt-relaxed-constexpr -diag-suppress=186 -Werror=all-warnings -Xcompiler=-O1 -Xfatbin=-compress-all>)
  # A kernel that spills fails the build, and so does local memory. Sine, cosine and tangent of float64 keep 40 bytes of
  # it, in NVIDIA's reduction of large angles: tests/cuda_on_cpu/resources.py says which kernels may.
  foreach(kernels ${PYNN_CUDA_KERNELS})
    cmake_path(GET kernels STEM file)
    if(file MATCHES "^unary(_grad)?$")
      set(gate "-Xptxas=-warn-spills,-Werror")
    else()
      set(gate "-Xptxas=-warn-spills,-warn-lmem-usage,-Werror")
    endif()
    set_property(SOURCE ${kernels} APPEND PROPERTY COMPILE_OPTIONS ${gate})
  endforeach()
  # Equal bits on every device: see kernels/random.h.
  set_property(SOURCE ${PROJECT_SOURCE_DIR}/csrc/kernels/cuda/random.cu APPEND PROPERTY COMPILE_OPTIONS "-fmad=false")
endif()

target_compile_features(_cuda PRIVATE cxx_std_20)
set_target_properties(_cuda PROPERTIES CUDA_STANDARD 20)
target_include_directories(_cuda PRIVATE csrc ${PROJECT_BINARY_DIR})
target_compile_definitions(_cuda PRIVATE PYNN_ISA=cuda)
target_compile_options(_cuda PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -fvisibility=hidden>)
target_link_libraries(_cuda PRIVATE ${CMAKE_DL_LIBS} Threads::Threads)
install(TARGETS _cuda DESTINATION pynn)
