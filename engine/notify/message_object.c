#include "notify/message_object.h"

#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "notify/message_arn.h"
#include "notify/message_internal.h"
#include "value/json.h"

/* One call. The message drops it with all that it holds if it ends before the response. */
struct transfer {
    struct message_part part; /* first: the message drops it */
    struct s3_url url;
    struct call_payload payload;
    char hex[SHA256_HEX];
    const char *verb; /* for errors: "read", … */
    char *version;    /* see message_object; NULL: not needed */
    client_done got;
    message_done done;
    void *arg;
};

static void drop(struct message_part *part)
{
    message_release(part);
    mem_free(part);
}

static void on_reply(void *arg, json_t *result, const struct err *err)
{
    struct transfer transfer = *(struct transfer *)arg;
    struct err failure = err != NULL ? *err : (struct err){0};
    drop(&((struct transfer *)arg)->part);
    if (err != NULL)
        err_prefix(&failure, "s3://%s/%s cannot be %s", transfer.url.bucket, transfer.url.key,
                   transfer.verb);
    else if (transfer.version != NULL)
        snprintf(transfer.version, MESSAGE_OBJECT_VERSION, "%s",
                 json_get_string(result, "ETag", ""));
    if (transfer.got != NULL)
        transfer.got(transfer.arg, result, err != NULL ? &failure : NULL);
    else
        transfer.done(transfer.arg, err != NULL ? &failure : NULL);
}

static struct transfer *transfer_new(struct message *message, const struct s3_url *url,
                                     const char *verb, void *arg)
{
    struct transfer *transfer = mem_alloc(sizeof *transfer);
    transfer->url = *url;
    transfer->verb = verb;
    transfer->arg = arg;
    transfer->part.drop = drop;
    message_hold(message, &transfer->part);
    return transfer;
}

/* The bucket's owner, if it is known: a bucket that was deleted may be another account's now. */
static void add_owner(const struct message *message, bool own, json_t *params)
{
    const char *owner = message->settings->bucket_owner;
    if (owner == NULL && own)
        owner = message->account;
    if (owner != NULL)
        json_object_set_new(params, "ExpectedBucketOwner", json_string(owner));
}

static void send(struct message *message, struct transfer *transfer, const char *operation,
                 bool own, json_t *params)
{
    add_owner(message, own, params);
    json_object_set_new(params, "Bucket", json_string(transfer->url.bucket));
    json_object_set_new(params, "Key", json_string(transfer->url.key));
    const struct message_order order = {
        .region = message_default_region(message),
        .service = "s3",
        .operation = operation,
        .params = params,
        .payload = transfer->payload.sha256 != NULL ? &transfer->payload : NULL,
        .repeatable = true,
        .done = on_reply,
        .arg = transfer};
    message_send(message, &order);
}

void message_object_get(struct message *message, const struct s3_url *url, client_done done,
                        void *arg)
{
    struct transfer *transfer = transfer_new(message, url, "read", arg);
    transfer->got = done;
    send(message, transfer, "GetObject", false, json_object());
}

/* Buckets with a default retention (Object Lock) require a checksum of the content. */
static json_t *put_params(const struct message_object *object, const unsigned char *digest)
{
    struct buf text;
    buf_init(&text, 64);
    base64_encode((const char *)digest, SHA256_BYTES, &text);
    json_t *params =
        json_pack("{s:s, s:s}", "ContentType", object->type, "ChecksumSHA256", buf_text(&text));
    if (object->only_new)
        json_object_set_new(params, "IfNoneMatch", json_string("*"));
    if (object->match != NULL)
        json_object_set_new(params, "IfMatch", json_string(object->match));
    buf_clear(&text);
    return params;
}

void message_object_put(struct message *message, const struct message_object *object,
                        message_done done, void *arg)
{
    unsigned char digest[SHA256_BYTES];
    struct transfer *transfer = transfer_new(message, &object->url, "written", arg);
    transfer->done = done;
    transfer->version = object->version;
    digest_sha256(object->bytes, object->length, digest);
    digest_hex(digest, sizeof digest, transfer->hex);
    transfer->payload = (struct call_payload){
        .bytes = object->bytes, .length = object->length, .sha256 = transfer->hex};
    send(message, transfer, "PutObject", object->own, put_params(object, digest));
}

void message_object_delete(struct message *message, const struct s3_url *url, message_done done,
                           void *arg)
{
    struct transfer *transfer = transfer_new(message, url, "deleted", arg);
    transfer->done = done;
    send(message, transfer, "DeleteObject", false, json_object());
}

bool message_object_exists(const struct err *err)
{
    return err != NULL && strcmp(err->code, "PreconditionFailed") == 0;
}

bool message_object_contended(const struct err *err)
{
    return err != NULL && strcmp(err->code, "ConditionalRequestConflict") == 0;
}

bool message_object_missing(const struct err *err)
{
    return err != NULL && strcmp(err->code, "NoSuchKey") == 0;
}
