# lua.specs: every tests/lua/**/*_spec.lua in one run of Busted, by .busted. coverage.specs: the same,
# counting the lines of policies; script/test runs this one (label of the other: twin).
set(no_spec_ran "(^|\n)0 success|[1-9][0-9]* pending")

add_library(lua_lines MODULE lint/lua_lines.c)
target_link_libraries(lua_lines PRIVATE engine_options)
target_include_directories(lua_lines PRIVATE ${LUA_INCLUDE_DIRS})
set_target_properties(lua_lines PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)

function(busted_test name labels)
  measured_test(${name} busted tests/lua)
  set_tests_properties(${name} PROPERTIES
    LABELS "${labels}" TIMEOUT 600 FAIL_REGULAR_EXPRESSION "${no_spec_ran}")
  set_property(TEST ${name} PROPERTY ENVIRONMENT
    ENGINE=${CMAKE_BINARY_DIR}/engine ENGINE_MODELS=${engine_models_directory}
    ENGINE_POLICIES=${PROJECT_SOURCE_DIR}/policies ${ARGN})
endfunction()

# A line "<file>:<line> <count>" for each line that ran.
set(lua_counts ${CMAKE_BINARY_DIR}/tests/lua-counts)
busted_test(lua.specs "lua;twin")
busted_test(coverage.specs coverage ENGINE_LUA_COVERAGE=${lua_counts}
            ENGINE_LUA_LINES=$<TARGET_FILE:lua_lines>)
set_tests_properties(lua.specs coverage.specs PROPERTIES COST 50)

# The tests of policies in the format of `engine test`.
measured_test(lua.policy_tests engine test tests/policies docs/examples/tests)
set_tests_properties(lua.policy_tests PROPERTIES LABELS lua TIMEOUT 120)
set_property(TEST lua.policy_tests PROPERTY ENVIRONMENT ENGINE_MODELS=${engine_models_directory}
             ENGINE_POLICIES=${PROJECT_SOURCE_DIR}/policies)
