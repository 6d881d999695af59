/* Cases of tests/fixtures/protocols, each made into a small compiled service. */
#ifndef SUPPORT_PROTOCOL_CASE_H
#define SUPPORT_PROTOCOL_CASE_H

#include <jansson.h>
#include <stdbool.h>

#include "aws/model/model.h"

struct protocol_case {
    char id[160]; /* the case's own, or "suite:case" by position */
    const json_t *suite;
    const json_t *test;
    struct model_set *set;
    const struct model *model;
    model_operation operation;
};

/* The whole table; the test fails if it cannot be read or has no case. */
json_t *protocol_table(const char *path);
/* Compiles and opens; the test fails if that is not possible. */
void protocol_case_open(struct protocol_case *opened, const json_t *suite, size_t suite_index,
                        size_t case_index);
/* A service given as text, in botocore's form, under a name on which special cases may depend.
 * `opened` has only the service; see protocol_case_operation. */
void protocol_service_open(struct protocol_case *opened, const char *name, const char *text);
void protocol_case_operation(struct protocol_case *opened, const char *name);
void protocol_case_close(struct protocol_case *opened);

#endif
