# coverage.c, coverage.lua: the floors. The C tests reach the C code (asan.* counts its lines), the
# specs reach the policies.
set(c_floor 92)
set(lua_floor 98)
set(report ${CMAKE_BINARY_DIR}/coverage/report)
file(MAKE_DIRECTORY ${report})
list(TRANSFORM c_rooms PREPEND asan. OUTPUT_VARIABLE counting)

measured_test(coverage.c
          gcovr --root ${PROJECT_SOURCE_DIR} --object-directory ${CMAKE_BINARY_DIR}/asan
          --gcov-executable "llvm-cov gcov"
          --filter ${PROJECT_SOURCE_DIR}/engine/ --filter ${PROJECT_SOURCE_DIR}/bindings/
          --html-details ${report}/c.html --print-summary --txt ${report}/c.txt
          --fail-under-line ${c_floor} ${CMAKE_BINARY_DIR}/asan)
measured_test(coverage.lua
          ${Python3_EXECUTABLE} -B tests/lint/lua_coverage.py --floor ${lua_floor}
          --html ${report}/lua.html ${lua_counts})
set_tests_properties(coverage.c coverage.lua PROPERTIES LABELS coverage TIMEOUT 300 PROCESSORS 2)
set_tests_properties(coverage.c PROPERTIES FIXTURES_REQUIRED asan DEPENDS "${counting}")
set_tests_properties(coverage.lua PROPERTIES DEPENDS coverage.specs)
