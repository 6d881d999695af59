# How every C file of the project is compiled and linked.
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
check_pie_supported(LANGUAGES C)

add_library(engine_options INTERFACE)
target_compile_definitions(engine_options INTERFACE
  _GNU_SOURCE ENGINE_VERSION="${PROJECT_VERSION}")
target_compile_options(engine_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -fstack-protector-strong)
target_link_options(engine_options INTERFACE -Wl,-z,relro,-z,now)

# Uses gold if it is installed, because it needs a third of the time. It warns of symbols of clang's
# sanitizers.
find_program(GOLD ld.gold)
if(GOLD AND NOT ENGINE_SANITIZE AND NOT CMAKE_CROSSCOMPILING AND NOT CMAKE_TOOLCHAIN_FILE)
  target_link_options(engine_options INTERFACE -fuse-ld=gold)
endif()

# Fortified functions need an optimizing compiler, and hide errors from the address sanitizer.
if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug" AND NOT ENGINE_SANITIZE)
  target_compile_options(engine_options INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
endif()
if(ENGINE_SANITIZE)
  target_compile_options(engine_options INTERFACE
    -fsanitize=${ENGINE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(engine_options INTERFACE -fsanitize=${ENGINE_SANITIZE})
endif()
if(ENGINE_COVERAGE)
  target_compile_options(engine_options INTERFACE --coverage -fprofile-update=atomic)
  target_link_options(engine_options INTERFACE --coverage)
endif()
