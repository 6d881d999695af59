/* Lua as the policy language of engine/app: main.c passes it to app_main. */
#ifndef BINDINGS_LANGUAGE_LANGUAGE_H
#define BINDINGS_LANGUAGE_LANGUAGE_H

#include "policy/language.h"

const struct language *language_lua(void);

#endif
