# build.asan: the build with sanitizers (build/asan), made by ctest before the first test needs it.
# asan.*: the C tests of a room in that build, which also counts lines (coverage.cmake). valgrind.*: those
# of the main build. They compute all the time, and end-to-end tests mostly wait. So they yield to
# these (nice): a test that waits takes no longer than alone, and they get what is left of the cores.
measured_test(build.asan
  nice -n 5 ${CMAKE_COMMAND} -D PRESET=asan -D BUILD=${CMAKE_BINARY_DIR}
  -P ${PROJECT_SOURCE_DIR}/script/cmake/variant.cmake)
set_tests_properties(build.asan PROPERTIES
  LABELS build FIXTURES_SETUP asan PROCESSORS 1 TIMEOUT 3600 COST 2500)

# To read which functions are inlined takes a tenth of a second of each test, most of which take one.
set(yielding nice -n 5)
set(valgrind ${yielding} valgrind --quiet --read-inline-info=no --error-exitcode=99 --leak-check=full
    --track-fds=yes
    --show-leak-kinds=definite,indirect,possible --errors-for-leak-kinds=definite,indirect,possible
    --suppressions=${CMAKE_CURRENT_SOURCE_DIR}/lint/valgrind.supp)
# What valgrind says of a descriptor that the program itself opened and left open.
set(open_descriptor "Open [^\n]*:[^\n]*\n==[0-9]+==    at ")
# Their programs end by a signal, with descriptors open and memory in use: valgrind.signals does not
# count these.
set(ended_by_signal test_app_pipe test_app_interrupt)

# Valgrind translates code anew in each process, which takes longer than to run it. So the tests of a
# room share one.
foreach(room IN LISTS c_rooms)
  set(tests ${c_tests_of_${room}})
  c_test(asan ${room} ${yielding} ${CMAKE_BINARY_DIR}/asan/tests/c_tests ${tests})
  set_tests_properties(asan.${room} PROPERTIES
    FIXTURES_REQUIRED asan PROCESSORS 1 TIMEOUT 1800 COST 150)

  # Short ones are last: eight at a time keep all cores busy until the end.
  list(REMOVE_ITEM tests ${ended_by_signal})
  c_test(valgrind ${room} ${valgrind} $<TARGET_FILE:c_tests> --together ${tests})
  set_tests_properties(valgrind.${room} PROPERTIES PROCESSORS 1 TIMEOUT 1800 COST -1)
  set_property(TEST valgrind.${room} APPEND PROPERTY ENVIRONMENT ENGINE_TEST_SLOWED=1)
  set_property(TEST valgrind.${room} APPEND PROPERTY FAIL_REGULAR_EXPRESSION "${open_descriptor}")
endforeach()
set_tests_properties(valgrind.app.cli valgrind.bindings.policy PROPERTIES COST 1000)

c_test(valgrind signals ${valgrind} --track-fds=no --leak-check=no $<TARGET_FILE:c_tests> --together
       ${ended_by_signal})
set_tests_properties(valgrind.signals PROPERTIES
  PROCESSORS 1 TIMEOUT 1800 COST -1)
set_property(TEST valgrind.signals APPEND PROPERTY ENVIRONMENT ENGINE_TEST_SLOWED=1)

# Their plans are equal, and an engine refuses a plan that another applies on the same machine.
set_property(TEST c.test_app_runs c.test_app_interrupt c.test_app_progress
                  asan.app.cli valgrind.app.cli valgrind.signals
             APPEND PROPERTY RESOURCE_LOCK plans)
