# Toolchain file of a fully static executable: the compiler wrappers and libraries that
# script/packaging/libraries made for one architecture in ENGINE_STATIC_ROOT.
#   cmake -S . -B DIR/engine -D ENGINE_STATIC_ROOT=DIR -D ENGINE_TESTS=OFF \
#     -D CMAKE_TOOLCHAIN_FILE=script/cmake/static.cmake
set(CMAKE_SYSTEM_NAME Linux)
cmake_path(GET ENGINE_STATIC_ROOT FILENAME CMAKE_SYSTEM_PROCESSOR)
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES ENGINE_STATIC_ROOT)

set(CMAKE_C_COMPILER ${ENGINE_STATIC_ROOT}/bin/static-cc)
set(CMAKE_AR ${ENGINE_STATIC_ROOT}/bin/static-ar)
set(CMAKE_RANLIB ${ENGINE_STATIC_ROOT}/bin/static-ranlib)
set(CMAKE_C_FLAGS_RELEASE "-O2 -DNDEBUG" CACHE STRING "")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-s -Wl,--gc-sections")

# CMake finds only what was built for this executable; pkg-config gives the dependencies of static
# libraries.
set(CMAKE_FIND_ROOT_PATH ${ENGINE_STATIC_ROOT}/root)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_LIBDIR} ${ENGINE_STATIC_ROOT}/root/lib/pkgconfig)
set(ENV{PKG_CONFIG_PATH} "")
set(PKG_CONFIG_ARGN --static)
