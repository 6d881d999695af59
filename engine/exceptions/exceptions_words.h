/* The words of rules against the types, checks, regions and accounts that exist: a rule with a word
 * that names nothing protects nothing, and nobody would notice. Serves services. */
#ifndef EXCEPTIONS_EXCEPTIONS_WORDS_H
#define EXCEPTIONS_EXCEPTIONS_WORDS_H

#include <stdbool.h>

#include "aws/endpoint/endpoint.h"
#include "base/err.h"
#include "policy/evaluator.h"

struct exceptions;

/* The words of rules (types, checks, regions, accounts) against what there is: ERR_USAGE, and
 * exceptions_audit_only from then on, where one names nothing. */
struct exceptions_words {
    struct evaluator *evaluator;
    const struct endpoints *endpoints; /* NULL: regions are not looked at */
    bool some_types;                   /* not all policies are loaded: types are not looked at */
};
int exceptions_check(struct exceptions *exceptions, const struct exceptions_words *words,
                     struct err *err);

#endif
