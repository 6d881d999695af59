/* A resource line: the resource to audit. Serves sources, run, evaluator and every report.
 * Format: {"account","region","type","id"} (+ optional "delay", "attempt"). Other keys are kept in
 * `line` and passed on. "format" is the version of the format, see LINE_FORMAT. */
#ifndef POLICY_RESOURCE_H
#define POLICY_RESOURCE_H

#include <jansson.h>
#include <stdint.h>

#include "base/err.h"
#include "base/log.h"

/* The newest version of resource lines, and of the findings in reports and plans, that this engine
 * reads and writes. It grows when an older engine would misunderstand a line. */
#define LINE_FORMAT 1
#define LINE_FORMAT_KEY "format"

struct resource {
    char *account; /* 12 digits */
    char *region;  /* "us-east-1" */
    char *type;    /* "sqs" */
    char *id;
    int delay;    /* seconds, 0 if absent */
    int attempt;  /* number of earlier attempts, 0 if absent */
    json_t *line; /* the whole object as it was received; shared, so never changed */
    /* What a listing in this process said about it at listed_ms of the monotonic clock, as JSON
     * text; NULL: nothing. */
    char *listed;
    int64_t listed_ms;
    char *packed; /* its text, while nothing else of the line is kept (resource_pack) */
};

/* Makes a resource from the object of one line; ERR_PARSE names the member that is missing or
 * wrong. The resource shares the object. NULL on error. */
struct resource *resource_from_json(const json_t *line, struct err *err);
struct resource *resource_parse(const char *text, size_t length, struct err *err);
struct resource *resource_new(const char *account, const char *region, const char *type,
                              const char *id);
void resource_free(struct resource *resource);

/* Keeps the line as text only, in a fifth of the memory: until resource_unpack, account, region,
 * type, id and line are NULL. Call it before the type and the id are made canonical. Returns about
 * how many bytes the resource takes now. */
size_t resource_pack(struct resource *resource);
/* Does nothing if the resource is not packed. */
void resource_unpack(struct resource *resource);

/* For a log line about this resource; borrows its texts. */
struct log_subject resource_subject(const struct resource *resource);

/* New reference: the line to pass on, with unknown keys. */
json_t *resource_to_json(const struct resource *resource);

#endif
