#include "app/services/services_objects.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "value/json.h"

/* The result of one call. It is on the stack of the function that waits for it. */
struct answer {
    bool ended;
    json_t *body;
    char version[MESSAGE_OBJECT_VERSION];
    struct err err;
};

static void on_got(void *arg, json_t *result, const struct err *err)
{
    struct answer *answer = arg;
    answer->ended = true;
    answer->body = json_incref(json_object_get(result, "Body"));
    snprintf(answer->version, sizeof answer->version, "%s", json_get_string(result, "ETag", ""));
    if (err != NULL)
        answer->err = *err;
}

static void on_done(void *arg, const struct err *err)
{
    on_got(arg, NULL, err);
}

/* A second signal ends the process (services_signals.h), so this always ends. */
static int wait_for(struct services *services, const struct answer *answer, struct err *err)
{
    while (!answer->ended && loop_turn(services->loop, -1))
        continue;
    if (!answer->ended)
        return err_set(err, ERR_INTERNAL, "internal error: no response came; please report this");
    if (answer->err.kind == ERR_NONE)
        return 0;
    *err = answer->err;
    return -1;
}

json_t *services_object_get_version(struct services *services, const struct s3_url *url, size_t max,
                                    char *version, struct err *err)
{
    struct answer answer = {0};
    message_object_get(services->message, url, on_got, &answer);
    int result = wait_for(services, &answer, err);
    if (version != NULL)
        memcpy(version, answer.version, sizeof answer.version);
    if (result == 0 && json_string_length(answer.body) <= max)
        return answer.body != NULL ? answer.body : json_string("");
    bool longer = answer.err.kind == ERR_LIMIT || (answer.err.kind == ERR_NONE && answer.ended);
    if (longer)
        err_set(err, ERR_LIMIT,
                "s3://%s/%s is longer than %zu bytes, and only smaller objects can be read: copy "
                "it to a file with `aws s3 cp`, and name that",
                url->bucket, url->key, max < MESSAGE_OBJECT_READ ? max : MESSAGE_OBJECT_READ);
    json_decref(answer.body);
    return NULL;
}

json_t *services_object_get(struct services *services, const struct s3_url *url, size_t max,
                            struct err *err)
{
    return services_object_get_version(services, url, max, NULL, err);
}

int services_object_put(struct services *services, const struct message_object *object,
                        struct err *err)
{
    struct answer answer = {0};
    message_object_put(services->message, object, on_done, &answer);
    return wait_for(services, &answer, err);
}

int services_object_delete(struct services *services, const struct s3_url *url, struct err *err)
{
    struct answer answer = {0};
    message_object_delete(services->message, url, on_done, &answer);
    return wait_for(services, &answer, err);
}

static void on_caller(void *arg, const char *account, const char *arn, const struct err *err)
{
    struct answer *answer = arg;
    (void)account, (void)err;
    answer->ended = true;
    answer->body = json_string_nocheck(arn != NULL ? arn : "");
}

char *services_caller_arn(struct services *services)
{
    struct answer answer = {0};
    struct err ignored;
    const char *region = services->settings.region;
    message_whoami(services->message, region != NULL ? region : "us-east-1", on_caller, &answer);
    wait_for(services, &answer, &ignored);
    char *arn = mem_strdup(answer.body != NULL ? json_string_value(answer.body) : "");
    json_decref(answer.body);
    return arn;
}

/* ---- files ---- */

/* So that a browser shows a report, and other tools recognize it. */
static const char *type_of(const char *key)
{
    static const char *const types[][2] = {
        {".html", "text/html; charset=utf-8"},   {".json", "application/json"},
        {".jsonl", "application/x-ndjson"},      {".journal", "application/x-ndjson"},
        {".sarif", "application/sarif+json"},    {".csv", "text/csv; charset=utf-8"},
        {".md", "text/markdown; charset=utf-8"}, {".xml", "application/xml"}};
    const char *end = strrchr(key, '.');
    for (size_t i = 0; end != NULL && i < sizeof types / sizeof *types; i++) {
        if (strcmp(end, types[i][0]) == 0)
            return types[i][1];
    }
    return "application/octet-stream";
}

int object_file_map(struct object_file *file, const struct s3_url *url, int fd, struct err *err)
{
    struct stat info;
    *file = (struct object_file){.object = {.url = *url, .type = type_of(url->key), .bytes = ""}};
    if (fstat(fd, &info) != 0)
        return err_set(err, ERR_IO, "s3://%s/%s cannot be written: %s", url->bucket, url->key,
                       strerror(errno));
    if ((uint64_t)info.st_size > MESSAGE_OBJECT_MAX)
        return err_set(err, ERR_LIMIT,
                       "s3://%s/%s cannot be written: it would have %lld bytes, and S3 accepts 5 "
                       "GiB at once: write it to a file, and copy that with `aws s3 cp`",
                       url->bucket, url->key, (long long)info.st_size);
    if (info.st_size == 0)
        return 0;
    void *bytes = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED)
        return err_set(err, ERR_IO, "s3://%s/%s cannot be written: %s", url->bucket, url->key,
                       strerror(errno));
    file->object.bytes = bytes;
    file->object.length = file->mapped = (size_t)info.st_size;
    return 0;
}

void object_file_unmap(struct object_file *file)
{
    if (file->mapped > 0)
        munmap((void *)(uintptr_t)file->object.bytes, file->mapped);
    file->mapped = 0;
}

int services_object_put_file(struct services *services, const char *url, int fd, struct err *err)
{
    struct s3_url place;
    struct object_file file;
    if (s3_url_parse(url, &place, err) != 0 || object_file_map(&file, &place, fd, err) != 0)
        return -1;
    int result = services_object_put(services, &file.object, err);
    object_file_unmap(&file);
    return result;
}

static int put_report(void *self, const char *url, int fd, struct err *err)
{
    return services_object_put_file(self, url, fd, err);
}

struct report_store services_report_store(struct services *services)
{
    return (struct report_store){.put = put_report, .self = services};
}
