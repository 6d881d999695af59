/* The bytecode that the build made of the Lua files, as main.c has it: so tests do not compile
 * these files again for each process, which takes most of their time with valgrind. Serves the
 * tests that create hosts. */
#ifndef SUPPORT_PREPARED_H
#define SUPPORT_PREPARED_H

#include "bindings/vm/chunks.h"

/* The file that ENGINE_CODE names; the test fails if it cannot be read. Nothing without
 * ENGINE_CODE, as in a test that is run by hand: the files are compiled then. */
const struct chunks_code *prepared_code(void);

/* The policy language with that code. The variable must still be there at the first call. */
struct language;
const struct language *prepared_language(void);

#endif
