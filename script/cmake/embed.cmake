# cmake -D INPUT=file -D OUTPUT=header -D NAME=symbol -P embed.cmake
# Writes the file's bytes as `static const unsigned char NAME[]` (with a final zero byte) and their
# number as NAME_len. A file that does not exist counts as empty.
set(hex "")
if(EXISTS ${INPUT})
  file(READ ${INPUT} hex HEX)
endif()
string(LENGTH "${hex}" digits)
math(EXPR length "${digits} / 2")
string(REGEX REPLACE "(................................)" "\\1\n    " hex "${hex}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1, " hex "${hex}")
file(WRITE ${OUTPUT} "/* Made from another file by the build. */
#pragma once
#include <stddef.h>

static const unsigned char ${NAME}[] = {
    ${hex}0x00};
static const size_t ${NAME}_len = ${length};
")
