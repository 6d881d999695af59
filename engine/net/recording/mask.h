/* Takes secrets out of what is recorded: keys, tokens, passwords, private keys, decrypted texts,
 * what stands in environments and user data. By name, since that is how every protocol of AWS tells
 * them: members of JSON, elements of XML, fields of forms and queries; and by what the API's model
 * marks, where the request says whose it is. Serves exchange; calls value. */
#ifndef NET_RECORDING_MASK_H
#define NET_RECORDING_MASK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

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

/* Replaces the texts of secret members, at any depth; true when there were any. */
bool mask_json(const struct mask *mask, json_t *value);
/* Appends `a=b&c=d` with secret values replaced, and without what is another one every time
 * (RoleSessionName) or a shared secret that the replaying side need not know (ExternalId). */
void mask_form(const struct mask *mask, struct buf *out, const char *text, size_t length);
/* Appends a body. What holds no secret stays as it is, byte for byte. */
void mask_body(const struct mask *mask, struct buf *out, const char *body, size_t length);
/* What stands for a value that the model marks, by its wire name; NULL: it is none. */
const char *mask_marked(const struct mask *mask, const char *name, size_t length);

#endif
