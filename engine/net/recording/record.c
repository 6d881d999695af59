#include "net/recording/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/recording/recorded_exchange.h"
#include "net/recording/redaction_names.h"
#include "value/json.h"

#define MAX_LINE (8 * HTTP_MAX_RESPONSE)

struct watched {
    struct record *record;
    struct watched *next, **link;
    struct http_transfer *inner;
    json_t *request;
    char *token;
    struct redaction_marks marks;
    bool change;
    json_int_t number; /* 0: no different request looks the same after redaction */
    http_done done;
    void *arg;
};

struct record {
    struct http_transport inner;
    struct watched *open;
    FILE *file;
    char *path;
    struct buf line;
    json_int_t started;
    int failed; /* errno of the first write that failed */
};

char *record_path(const char *dir, const char *command)
{
    return mem_printf("%s/%s.jsonl", dir, command);
}

static void write_line(struct record *record, const json_t *value)
{
    struct buf *line = &record->line;
    if (record->failed != 0)
        return;
    buf_reset(line);
    errno = EFBIG;
    if (json_write(value, line) != 0 || buf_addc(line, '\n') != 0 ||
        fwrite(line->data, 1, line->len, record->file) != line->len)
        record->failed = errno;
}

/* ---- the transport ---- */

static void forget(struct watched *watched)
{
    *watched->link = watched->next;
    if (watched->next != NULL)
        watched->next->link = watched->link;
    json_decref(watched->request);
    mem_free_secret(watched->token);
    mem_free(watched);
}

static void on_done(void *arg, const struct http_response *response, const struct err *err)
{
    struct watched *watched = arg;
    http_done done = watched->done;
    void *done_arg = watched->arg;
    json_t *recorded = json_pack("{s:O}", "request", watched->request);
    if (watched->change)
        json_object_set_new(recorded, "change", json_true());
    if (watched->number != 0)
        json_object_set_new(recorded, "number", json_integer(watched->number));
    json_t *answer = recorded_answer(&watched->marks, watched->token, response, err);
    json_object_set_new(recorded, "answer", answer);
    write_line(watched->record, recorded);
    json_decref(recorded);
    forget(watched);
    done(done_arg, response, err);
}

/* Requests that differ only in redacted values look the same: their order tells them apart. */
static bool has_secrets(const struct redaction_marks *marks)
{
    if (marks->model == NULL)
        return false;
    json_t *names = marks->names(marks, false);
    bool any = json_object_size(names) > 0;
    json_decref(names);
    return any;
}

static struct http_transfer *start(void *self, const struct http_request *request, http_done done,
                                   void *arg)
{
    struct record *record = self;
    struct watched *watched = mem_alloc(sizeof *watched);
    *watched = (struct watched){.record = record,
                                .next = record->open,
                                .link = &record->open,
                                .request = recorded_request(request),
                                .token = mem_strdup(recorded_token(request)),
                                .change = request->once,
                                .done = done,
                                .arg = arg};
    record->started++;
    if (request->marks != NULL)
        watched->marks = *request->marks;
    if (has_secrets(&watched->marks))
        watched->number = record->started;
    if (watched->next != NULL)
        watched->next->link = &watched->next;
    record->open = watched;
    watched->inner = record->inner.start(record->inner.self, request, on_done, watched);
    return (struct http_transfer *)watched;
}

static void cancel(void *self, struct http_transfer *transfer)
{
    struct record *record = self;
    struct watched *watched = (struct watched *)transfer;
    record->inner.cancel(record->inner.self, watched->inner);
    forget(watched);
}

struct http_transport record_transport(struct record *record)
{
    return (struct http_transport){start, cancel, record};
}

/* ---- the file ---- */

static int refuse(const char *path, struct err *err)
{
    if (errno == EEXIST)
        return err_set(err, ERR_USAGE,
                       "--record: %s already exists: name another directory, or remove it", path);
    return err_set(err, ERR_IO, "--record: %s: %s", path, strerror(errno));
}

static int open_file(struct record *record, const char *dir, struct err *err)
{
    if (mkdir(dir, 0700) != 0 && errno != EEXIST)
        return err_set(err, ERR_IO, "--record: %s: %s", dir, strerror(errno));
    int fd = open(record->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return refuse(record->path, err);
    record->file = fdopen(fd, "w");
    return 0;
}

void record_free(struct record *record)
{
    if (record == NULL)
        return;
    while (record->open != NULL)
        forget(record->open);
    if (record->file != NULL)
        fclose(record->file);
    buf_clear(&record->line);
    mem_free(record->path);
    mem_free(record);
}

static void write_head(struct record *record, const struct record_head *head)
{
    json_t *line = json_pack("{s:i, s:s, s:I}", "recording", RECORDING_FORMAT, "command",
                             head->command, "clock_ms", (json_int_t)head->clock_ms);
    if (head->endpoints != NULL)
        json_object_set(line, "endpoints", (json_t *)(uintptr_t)head->endpoints);
    write_line(record, line);
    json_decref(line);
}

struct record *record_open(const char *dir, const struct record_head *head,
                           const struct http_transport *inner, struct err *err)
{
    struct record *record = mem_alloc(sizeof *record);
    record->inner = *inner;
    record->path = record_path(dir, head->command);
    buf_init(&record->line, MAX_LINE);
    if (open_file(record, dir, err) != 0) {
        record_free(record);
        return NULL;
    }
    write_head(record, head);
    return record;
}

int record_flush(struct record *record, struct err *err)
{
    if (record == NULL)
        return 0;
    if (fflush(record->file) != 0 && record->failed == 0)
        record->failed = errno;
    if (record->failed == 0)
        return 0;
    return err_set(err, ERR_IO, "--record: %s is incomplete: %s", record->path,
                   strerror(record->failed));
}
