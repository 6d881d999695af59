/* exceptions' own: rules, and where they come from. */
#ifndef EXCEPTIONS_EXCEPTIONS_INTERNAL_H
#define EXCEPTIONS_EXCEPTIONS_INTERNAL_H

#include <stdint.h>

#include "exceptions/exceptions.h"

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
    bool has_ids; /* any rule has an id */
    struct evaluator *evaluator;
    json_t *
        spelled; /* by "type account region": {pattern of a rule: the id's one spelling}, or null */
    json_t *arns; /* by type: the template of an ARN that a function of the policy made */
};

/* The region of what is of no region. */
#define EXCEPTIONS_GLOBAL "global"

/* Takes `fields` over. owner and expires may be NULL. */
void exceptions_add(struct exceptions *exceptions, json_t *fields, const char *name,
                    const char *reason, const char *owner, const char *expires, int64_t expires_ms);

/* The file of EXCEPTIONS; and the older variables. ERR_USAGE names the place. */
int exceptions_read_file(struct exceptions *exceptions, struct evaluator *evaluator,
                         const char *path, struct err *err);
int exceptions_read_variables(struct exceptions *exceptions, settings_getenv getenv_fn,
                              struct err *err);

/* A list of texts from a text or a list of texts; NULL when it is neither, or empty. New. */
json_t *exceptions_patterns(const json_t *value);

/* How many of the rule's fields do not fit; *field names one of them. */
size_t exceptions_misfits(const struct exceptions *exceptions, const struct rule *rule,
                          const struct exceptions_subject *subject, const char **field);
/* Does it speak of this account and type at all? */
bool exceptions_fits_place(const struct rule *rule, const struct exceptions_subject *subject);
/* In any spelling, ARNs included. */
bool exceptions_id_matches(const struct exceptions *exceptions, const json_t *patterns,
                           const struct exceptions_subject *subject);
/* Of a global type: has each resource a region nevertheless? */
bool exceptions_has_region(const struct policy *policy);
bool exceptions_expired(const struct exceptions *exceptions, const struct rule *rule);

/* '*' any text, '?' one character, all else itself. */
bool exceptions_glob(const char *pattern, const char *text);

#endif
