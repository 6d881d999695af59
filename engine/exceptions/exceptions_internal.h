/* The layout of a rule and of the set of rules, only for the files of this room. */
#ifndef EXCEPTIONS_EXCEPTIONS_INTERNAL_H
#define EXCEPTIONS_EXCEPTIONS_INTERNAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "policy/evaluator.h"

struct rule {
    json_t *fields; /* {"account":["…"],…,"tag":{"k":["…"]}}: every value a list of patterns */
    json_t *shown;  /* {"rule","reason","owner","expires"} */
    int64_t expires_ms; /* 0: never */
    bool used;
};

struct exceptions {
    struct rule *rules;
    size_t count;
    int64_t now_ms;
    bool audit_only;
    bool has_ids;            /* any rule has an id */
    char digest[SHA256_HEX]; /* of the text that EXCEPTIONS names; "": none */
    struct evaluator *evaluator;
    json_t *
        spelled; /* by "type account region": {id pattern of a rule: its canonical form}, or null */
    json_t *arns; /* by type: the ARN template that a function of the policy returned */
};

#endif
