# cmake -D PRESET=asan -D BUILD=build -P variant.cmake
# Configures and builds a variant in BUILD/PRESET, beside the main build, and removes the counters
# of earlier runs.
cmake_policy(VERSION 3.25)
cmake_path(GET CMAKE_CURRENT_LIST_DIR PARENT_PATH script_directory)
cmake_path(GET script_directory PARENT_PATH source)
set(directory ${BUILD}/${PRESET})
execute_process(
  COMMAND ${CMAKE_COMMAND} -S ${source} --preset ${PRESET} -B ${directory}
          -D ENGINE_MAIN_BUILD=${BUILD}
  OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} --build ${directory} COMMAND_ERROR_IS_FATAL ANY)
file(GLOB_RECURSE counters ${directory}/*.gcda)
if(counters)
  file(REMOVE ${counters})
endif()
