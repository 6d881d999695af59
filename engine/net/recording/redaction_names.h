/* Decides which names stand for secrets: those that the API's model marks in one request or
 * response, and a fixed list. Serves the other files that redact, and recorded_exchange. */
#ifndef NET_RECORDING_REDACTION_NAMES_H
#define NET_RECORDING_REDACTION_NAMES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECORDED_SECRET "MASKED"

/* What the API's model marks as secret in one operation; created by aws/client/marks.h. */
struct redaction_marks {
    const void *model; /* NULL: the operation is not known */
    uint32_t operation;
    /* Wire names in lower case, each with the replacement for its texts; "" if the whole body is
     * secret, "/" if the path holds a secret. New reference, or NULL: none. */
    json_t *(*names)(const struct redaction_marks *marks, bool answer);
    /* Redacts a JSON body in place, by the position of members, not only by their names. Returns
     * true if anything was redacted. */
    bool (*redact_body)(const struct redaction_marks *marks, bool answer, json_t *body);
};

/* For one request, or one response. */
struct redaction {
    const struct redaction_marks *marks;
    bool answer;
    const char *token;
    json_t *names;
};
/* token: the request's own session token, redacted everywhere; NULL: none. marks: may be NULL. Both
 * are borrowed. */
void redaction_begin(struct redaction *redaction, const struct redaction_marks *marks, bool answer,
                     const char *token);
void redaction_end(struct redaction *redaction);
/* The replacement for a value that the model marks, by its wire name; NULL: not marked. */
const char *redaction_marked(const struct redaction *redaction, const char *name, size_t length);

/* Whether a name equals `known`, ignoring case. */
bool redaction_is(const char *name, size_t length, const char *known);
/* The id of a key is no secret in a list of users and their keys. It is one in a response that also
 * holds the key itself (with_ids). */
bool redaction_is_secret(const char *name, size_t length, bool with_ids);
/* Does the text contain the name of any secret? */
bool redaction_names_a_secret(const struct redaction *redaction, const char *text, size_t length);
/* Finds a word, ignoring case; NULL: not found. */
const char *redaction_find(const char *text, size_t length, const char *word);

/* The replacement for texts under a secret's name, or NULL. */
const char *redaction_replacement(const struct redaction *redaction, const char *name,
                                  size_t length, bool with_ids);

#endif
