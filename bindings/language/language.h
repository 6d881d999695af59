/* Lua as the policy language of engine/app: main.c passes it to app_main. */
#ifndef BINDINGS_LANGUAGE_LANGUAGE_H
#define BINDINGS_LANGUAGE_LANGUAGE_H

#include "policy/language.h"

/* index: of the policies, or NULL; see bindings/policy/known.h. Must outlive all hosts. */
const struct language *language_lua(const char *index);

#endif
