# Writes OUTPUT, a header with the commit of SOURCES as a text: see commit.cmake.
set(commit "$ENV{ENGINE_COMMIT}")
if(commit STREQUAL "" AND EXISTS ${SOURCES}/.git AND GIT)
  execute_process(
    COMMAND ${GIT} -C ${SOURCES} describe --always --exclude * --abbrev=40 --dirty=+changes
    OUTPUT_VARIABLE commit ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
endif()
if(NOT commit MATCHES "^[0-9a-f]+([+]changes)?$")
  set(commit "")
endif()
set(text "#define ENGINE_COMMIT \"${commit}\"\n")
set(old "")
if(EXISTS ${OUTPUT})
  file(READ ${OUTPUT} old)
endif()
if(NOT old STREQUAL text)
  file(WRITE ${OUTPUT} "${text}")
endif()
