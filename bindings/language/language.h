/* Lua as the policy language of engine/app: main.c passes it to app_main. */
#ifndef BINDINGS_LANGUAGE_LANGUAGE_H
#define BINDINGS_LANGUAGE_LANGUAGE_H

#include <stddef.h>

#include "policy/language.h"

/* What the build found out about the policies, and their bytecode; see bindings/policy/known.h and
 * bindings/vm/chunks.h. */
struct language_prepared {
    const char *index; /* NULL: none */
    const unsigned char *code;
    size_t code_length;
};

/* What is prepared must outlive all hosts. */
const struct language *language_lua(const struct language_prepared *prepared);

#endif
