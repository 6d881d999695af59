/* Checks the words of rules against the existing types, checks, regions and accounts: a rule with a
 * word that names nothing would silently protect nothing. Serves services. */
#ifndef EXCEPTIONS_EXCEPTIONS_WORDS_H
#define EXCEPTIONS_EXCEPTIONS_WORDS_H

#include <stdbool.h>

#include "aws/endpoint/endpoint.h"
#include "base/err.h"
#include "policy/evaluator.h"

struct exceptions;

/* Checks the words of rules (types, checks, regions, accounts). If one names nothing: ERR_USAGE,
 * and from then on exceptions_audit_only is true. */
struct exceptions_words {
    struct evaluator *evaluator;
    const struct endpoints *endpoints; /* NULL: regions are not checked */
    bool some_types;                   /* not all policies are loaded: types are not checked */
};
int exceptions_check(struct exceptions *exceptions, const struct exceptions_words *words,
                     struct err *err);

#endif
