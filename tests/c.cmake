# c.*: every tests/c/<room>/test_*.c is one executable on cmocka, linked with everything but main.c.
pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)

# What cmocka prints when a program holds no test, or skips one: such a test proves nothing.
set(cmocka_empty "Running 0 test|\\[  PASSED  \\] 0 test|\\[  SKIPPED \\] [1-9]")

file(GLOB support_sources CONFIGURE_DEPENDS c/support/*.c)
# One shared library of all rooms: it is linked once and not for each test, and a test need not be
# linked again when it changes.
get_property(rooms GLOBAL PROPERTY engine_rooms)
list(TRANSFORM rooms REPLACE "^(.+)$" "$<TARGET_OBJECTS:\\1>" OUTPUT_VARIABLE objects)
add_library(engine_all SHARED ${objects})
set_target_properties(engine_all PROPERTIES LINKER_LANGUAGE C)
target_include_directories(engine_all INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/engine)
target_link_libraries(engine_all PRIVATE engine_options PUBLIC ${engine_external} PkgConfig::LUA
                                                      PkgConfig::CJSON)
set(CMAKE_LINK_DEPENDS_NO_SHARED ON)
set(test_libraries engine_all PkgConfig::CMOCKA)
if(support_sources)
  add_library(engine_test_support STATIC ${support_sources})
  target_include_directories(engine_test_support PUBLIC c)
  target_link_libraries(engine_test_support PRIVATE engine_options PUBLIC ${test_libraries})
  list(PREPEND test_libraries engine_test_support)
endif()

function(c_compiled target)
  target_include_directories(${target} PRIVATE c ${CMAKE_CURRENT_BINARY_DIR})
  target_link_libraries(${target} PRIVATE engine_options ${test_libraries})
endfunction()

# c_program(<name> <source>...): an executable in tests/ of the build.
function(c_program name)
  add_executable(${name} ${ARGN})
  c_compiled(${name})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
endfunction()

# c_tests: names of the tests; c_rooms: the folders below c/ that hold them, with dots for slashes;
# c_tests_of_<room>: names of the tests in one.
set(c_tests "")
set(c_rooms "")
file(GLOB_RECURSE test_sources CONFIGURE_DEPENDS c/test_*.c)
foreach(source IN LISTS test_sources)
  cmake_path(GET source STEM name)
  cmake_path(GET source PARENT_PATH room)
  cmake_path(RELATIVE_PATH room BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/c)
  string(REPLACE "/" "." room "${room}")
  list(APPEND c_tests ${name})
  list(APPEND c_rooms ${room})
  list(APPEND c_tests_of_${room} ${name})
endforeach()
list(REMOVE_DUPLICATES c_rooms)

# c_tests: all tests in one executable (c/runner.c), which a sanitizer or valgrind starts once for a
# room. So each test's main has a name of its own. The main build also links each test alone, from
# the same object.
list(TRANSFORM c_tests REPLACE "^(.+)$" "TEST(\\1)\n" OUTPUT_VARIABLE listed)
list(JOIN listed "" listed)
file(CONFIGURE OUTPUT c_tests.inc CONTENT "${listed}")
set(test_objects "")
foreach(source name IN ZIP_LISTS test_sources c_tests)
  add_library(object_of_${name} OBJECT ${source})
  c_compiled(object_of_${name})
  target_compile_definitions(object_of_${name} PRIVATE main=${name}_main)
  list(APPEND test_objects $<TARGET_OBJECTS:object_of_${name}>)
  if(NOT ENGINE_MAIN_BUILD)
    c_program(${name} $<TARGET_OBJECTS:object_of_${name}>)
    target_link_options(${name} PRIVATE -Wl,--defsym=main=${name}_main)
  endif()
endforeach()
# Valgrind must see each block, so c_tests brings a mem.c that takes all of them from malloc. Its
# functions come before those of engine_all.
add_library(mem_of_malloc OBJECT ${PROJECT_SOURCE_DIR}/engine/base/mem.c)
target_include_directories(mem_of_malloc PRIVATE ${PROJECT_SOURCE_DIR}/engine)
target_link_libraries(mem_of_malloc PRIVATE engine_options ${engine_external})
target_compile_options(mem_of_malloc PRIVATE -UNDEBUG)
c_program(c_tests c/runner.c ${test_objects} $<TARGET_OBJECTS:mem_of_malloc>)

# Programs that tests drive: tests/tools/*.c.
set(tools "")
file(GLOB tool_sources CONFIGURE_DEPENDS tools/*.c)
foreach(source IN LISTS tool_sources)
  cmake_path(GET source STEM name)
  list(APPEND tools ${name})
  c_program(${name} ${source})
endforeach()

# c_test(<kind> <name> <command>...): a run of C tests as a test of that kind. It keeps a core busy, and
# counts as two: script/test starts four tests a core, since end-to-end tests mostly wait.
function(c_test kind name)
  measured_test(${kind}.${name} ${ARGN})
  set_tests_properties(${kind}.${name} PROPERTIES
    LABELS ${kind} TIMEOUT 120 PROCESSORS 2 FAIL_REGULAR_EXPRESSION "${cmocka_empty}")
  set_property(TEST ${kind}.${name} PROPERTY ENVIRONMENT
    ENGINE_MODELS=${engine_models_directory} ENGINE_POLICIES=${PROJECT_SOURCE_DIR}/policies
    ENGINE_CODE=${prepared}/policy_code)
endfunction()

if(NOT ENGINE_MAIN_BUILD)
  foreach(name IN LISTS c_tests)
    c_test(c ${name} ${name})
  endforeach()
  # These mostly wait, so they begin first and leave the core to others.
  set_tests_properties(c.test_app_doctor c.test_app_doctor_silent c.test_http_slow c.test_http_held
    PROPERTIES COST 60 PROCESSORS 1)
endif()
