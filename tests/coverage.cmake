# coverage.c, coverage.lua: the floors, after every test that counts lines has run.
set(c_floor 85)
set(lua_floor 90)
get_property(counting DIRECTORY PROPERTY TESTS)
list(FILTER counting INCLUDE REGEX "^coverage\\.")
list(TRANSFORM counting PREPEND ${lua_counts}/ OUTPUT_VARIABLE counts)
list(FILTER counts INCLUDE REGEX "/coverage\\.(e2e|specs)\\.[^/]*$")
set(report ${CMAKE_BINARY_DIR}/coverage/report)

add_test(NAME coverage.c
  COMMAND gcovr --root ${PROJECT_SOURCE_DIR} --object-directory ${CMAKE_BINARY_DIR}/coverage
          --filter ${PROJECT_SOURCE_DIR}/engine/ --filter ${PROJECT_SOURCE_DIR}/bindings/
          --html-details ${report}/c.html --print-summary --txt ${report}/c.txt
          --fail-under-line ${c_floor} ${CMAKE_BINARY_DIR}/coverage
  WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
add_test(NAME coverage.lua
  COMMAND ${Python3_EXECUTABLE} -B tests/lint/lua_coverage.py --floor ${lua_floor}
          --html ${report}/lua.html ${counts}
  WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
set_tests_properties(coverage.c coverage.lua PROPERTIES
  LABELS coverage TIMEOUT 300 PROCESSORS 2 FIXTURES_REQUIRED coverage DEPENDS "${counting}")
