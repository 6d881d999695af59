# lint.*: what can be told without running the program; lint.selftest proves that each can fail.
find_package(Python3 REQUIRED COMPONENTS Interpreter)

function(lint name)
  add_test(NAME lint.${name} COMMAND ${ARGN} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(lint.${name} PROPERTIES LABELS lint TIMEOUT 300 PROCESSORS 2)
endfunction()

# Without site-packages, which cost as much as the shorter lints.
set(python ${Python3_EXECUTABLE} -BS)
lint(layers ${python} tests/lint/layers.py)
lint(sizes ${python} tests/lint/sizes.py)
lint(words ${python} tests/lint/words.py)
lint(permits ${python} tests/lint/permits.py)
lint(maxima ${python} tests/lint/maxima.py)
lint(reads ${python} tests/lint/reads.py)
lint(partitions ${python} tests/lint/partitions.py)
lint(law ${python} tests/lint/law.py ${CMAKE_BINARY_DIR})
lint(symbols ${python} tests/lint/symbols.py ${CMAKE_BINARY_DIR})
lint(circles ${python} tests/lint/circles.py ${CMAKE_BINARY_DIR})
lint(pins ${python} tests/lint/pins.py . .venv .venv-checkov)
lint(format bash tests/lint/format.sh)
lint(luacheck bash tests/lint/luacheck.sh)
lint(shell bash tests/lint/shell.sh)
lint(terraform bash tests/lint/terraform.sh)
lint(kinds ${python} tests/lint/kinds.py ${CMAKE_BINARY_DIR})
lint(selftest ${python} tests/lint/run_unittest.py tests/lint/selftest.py)
# The longest of --fast, with lua.specs, begin first.
set_tests_properties(lint.terraform lint.selftest PROPERTIES COST 40)
