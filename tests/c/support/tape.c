#include "support/tape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"

struct tape tape;

/* ---- a network ---- */

static const struct http_header answer_headers[] = {
    {"content-type", "text/plain"}, {"set-cookie", "session=hidden"}, {"x-amzn-requestid", "r-1"}};

struct sent {
    struct tape_answer answer;
    struct loop_timer *timer;
    http_done done;
    void *arg;
};

static void answer_sent(void *arg)
{
    struct sent sent = *(struct sent *)arg;
    struct http_response response = {.status = sent.answer.status,
                                     .headers = (struct http_header *)answer_headers,
                                     .header_count = 3,
                                     .body = sent.answer.body,
                                     .body_length = strlen(sent.answer.body),
                                     .sent = true};
    struct err err = {.status = 1};
    mem_free(arg);
    if (sent.answer.status != 0) {
        sent.done(sent.arg, &response, NULL);
        return;
    }
    err_set(&err, ERR_TIMEOUT, "%s", sent.answer.body);
    err.status = 1;
    sent.done(sent.arg, NULL, &err);
}

static struct http_transfer *start(void *self, const struct http_request *request, http_done done,
                                   void *arg)
{
    struct sent *sent = mem_alloc(sizeof *sent);
    (void)self;
    (void)request;
    *sent = (struct sent){.answer = tape.next, .done = done, .arg = arg};
    sent->timer = loop_after(tape.loop, 0, answer_sent, sent);
    return (struct http_transfer *)sent;
}

static void cancel(void *self, struct http_transfer *transfer)
{
    struct sent *sent = (struct sent *)transfer;
    (void)self;
    loop_cancel(tape.loop, sent->timer);
    mem_free(sent);
}

const struct http_transport tape_network = {.start = start, .cancel = cancel};

/* ---- a case ---- */

void tape_note(void *arg, const struct http_response *response, const struct err *err)
{
    size_t length = strlen(tape.reported);
    (void)arg;
    if (response != NULL)
        snprintf(tape.reported + length, sizeof tape.reported - length, "%d:%.*s ",
                 response->status, (int)response->body_length, response->body);
    else
        snprintf(tape.reported + length, sizeof tape.reported - length, "%s:%s ",
                 err_kind_name(err->kind), err->message);
}

int tape_open(void **state)
{
    (void)state;
    tape.loop = loop_new();
    strcpy(tape.dir, "/tmp/engine-record-XXXXXX");
    assert_non_null(mkdtemp(tape.dir));
    tape.reported[0] = '\0';
    return 0;
}

int tape_close(void **state)
{
    char command[128];
    (void)state;
    snprintf(command, sizeof command, "rm -r %s", tape.dir);
    loop_free(tape.loop);
    return system(command);
}

struct http_request tape_request(const char *query)
{
    static char url[256];
    static const struct http_header headers[] = {
        {"Authorization", "AWS4-HMAC-SHA256 Credential=AKIDHIDDEN/20261123/us-east-1/sqs/"
                          "aws4_request, SignedHeaders=host, Signature=hidden"},
        {"X-Amz-Security-Token", "hidden-token"},
        {"X-Amz-Date", "20261123T100000Z"},
        {"X-Amz-Target", "AmazonSQS.ListQueues"}};
    snprintf(url, sizeof url, "https://sqs.example/path?%s", query);
    return (struct http_request){.method = "POST",
                                 .url = url,
                                 .headers = headers,
                                 .header_count = 4,
                                 .account = "111122223333"};
}

struct http_transfer *tape_ask(const struct http_transport *transport, const char *query)
{
    struct http_request request = tape_request(query);
    return transport->start(transport->self, &request, tape_note, NULL);
}

struct record *tape_record(const char *command)
{
    struct err err = {0};
    const struct record_head head = {command, CLOCK_MS, NULL};
    struct record *record = record_open(tape.dir, &head, &tape_network, &err);
    if (record == NULL)
        fail_msg("%s", err.message);
    return record;
}

void tape_end(struct record *record)
{
    struct err err = {0};
    assert_int_equal(record_flush(record, &err), 0);
    record_free(record);
    tape.reported[0] = '\0';
}

void tape_recorded(struct record *record, const char *query, int status, const char *body)
{
    struct http_transport transport = record_transport(record);
    tape.next = (struct tape_answer){status, body};
    tape_ask(&transport, query);
    loop_run(tape.loop);
}

struct replay *tape_replay(const char *command)
{
    struct err err = {0};
    struct replay *replay = replay_open(tape.loop, tape.dir, command, &err);
    if (replay == NULL)
        fail_msg("%s", err.message);
    return replay;
}

void tape_replay_all(struct replay *replay, const char *const *queries)
{
    struct http_transport transport = replay_transport(replay);
    tape.reported[0] = '\0';
    for (; *queries != NULL; queries++)
        tape_ask(&transport, *queries);
    loop_run(tape.loop);
}

char *tape_text(const char *command)
{
    char *path = record_path(tape.dir, command);
    FILE *file = fopen(path, "r");
    char *text = mem_alloc(1 << 16);
    assert_non_null(file);
    assert_true(fread(text, 1, (1 << 16) - 1, file) > 0);
    fclose(file);
    mem_free(path);
    return text;
}
