/* Objects in S3 that the operator named: reports, plans, journals and their locks. Source: Amazon
 * S3 API Reference, GetObject, PutObject, DeleteObject; Amazon S3 User Guide, "How to prevent
 * object overwrites with conditional writes". The client finds out the bucket's region by itself;
 * the bucket's default encryption applies. Serves the commands and audit; calls message.
 *
 * Each call is repeated after a transient fault: an object is written as a whole, so nothing is
 * done twice. After a lost response, a repeated put of an object that must be new finds itself
 * there.
 */
#ifndef NOTIFY_MESSAGE_OBJECT_H
#define NOTIFY_MESSAGE_OBJECT_H

#include "aws/client/client.h"
#include "notify/message.h"
#include "value/s3_url.h"

/* Amazon S3 User Guide, "Uploading objects": the most that one PutObject may send. */
#define MESSAGE_OBJECT_MAX (UINT64_C(5) << 30)
/* The most that can be read: no response may be longer (net/http/http.h). */
#define MESSAGE_OBJECT_READ (64u << 20)

/* `result` has "Body" and "ETag"; the error names the object. */
void message_object_get(struct message *message, const struct s3_url *url, client_done done,
                        void *arg);

#define MESSAGE_OBJECT_VERSION 128 /* bytes; an ETag */

/* With BUCKET_OWNER, every call is refused if the bucket belongs to another account. */
struct message_object {
    struct s3_url url;
    const void *bytes; /* borrowed until done */
    size_t length;
    const char *type; /* Content-Type */
    bool own;         /* the bucket must belong to the caller's account, if that is known */
    bool only_new;    /* do not replace an object: see message_object_exists */
    const char
        *match;    /* replace only this version, otherwise as only_new; borrowed until the call */
    char *version; /* gets the version that was written; NULL: not needed */
};
void message_object_put(struct message *message, const struct message_object *object,
                        message_done done, void *arg);
void message_object_delete(struct message *message, const struct s3_url *url, message_done done,
                           void *arg);

/* Did a put with only_new or match fail because there is such, or another, object? */
bool message_object_exists(const struct err *err);
/* Or because others were writing or deleting it at that moment, also when it was repeated? */
bool message_object_contended(const struct err *err);
/* Is there no such object? S3 says so only to those who may list the bucket (s3:ListBucket). */
bool message_object_missing(const struct err *err);

#endif
