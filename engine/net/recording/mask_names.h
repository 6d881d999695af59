/* Which names stand for secrets: what the API's model marks in one request or answer, and a list of
 * names besides. Serves the other files that mask, and exchange. */
#ifndef NET_RECORDING_MASK_NAMES_H
#define NET_RECORDING_MASK_NAMES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MASKED "MASKED"

/* What the API's model marks as secret in one operation, as aws/client/marks.h makes it. */
struct mask_marks {
    const void *model; /* NULL: nothing is known */
    uint32_t operation;
    /* Wire names in lower case, each with what stands for its texts; "" where the whole body is
     * secret, "/" where the path holds something. New reference, or NULL: none. */
    json_t *(*names)(const struct mask_marks *marks, bool answer);
    /* In a body of JSON, in place, by the members' places and not their names alone; true when
     * there were any. */
    bool (*cover)(const struct mask_marks *marks, bool answer, json_t *body);
};

/* Of one request, or of one answer. */
struct mask {
    const struct mask_marks *marks;
    bool answer;
    const char *token;
    json_t *names;
};
/* token: the request's own session token, masked wherever it stands; NULL: none. marks: or NULL.
 * Both are borrowed. */
void mask_begin(struct mask *mask, const struct mask_marks *marks, bool answer, const char *token);
void mask_end(struct mask *mask);
/* What stands for a value that the model marks, by its wire name; NULL: it is none. */
const char *mask_marked(const struct mask *mask, const char *name, size_t length);

/* Whether a name is this one, whatever its case. */
bool mask_is(const char *name, size_t length, const char *known);
/* The id of a key is no secret where users and their keys are listed, but belongs to one where the
 * key itself is handed out (with_ids). */
bool mask_is_secret(const char *name, size_t length, bool with_ids);
/* Does the text hold the name of any secret? */
bool mask_names_a_secret(const struct mask *mask, const char *text, size_t length);
/* Where a word stands, whatever its case; NULL: nowhere. */
const char *mask_find(const char *text, size_t length, const char *word);

/* What is written for the texts of a secret's name, or NULL. */
const char *mask_stands_for(const struct mask *mask, const char *name, size_t length,
                            bool with_ids);

#endif
