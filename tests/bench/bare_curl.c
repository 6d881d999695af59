/* What the engine's calls cost without the engine: libcurl's multi interface alone. It sends the
 * requests of an audit of N queues, signed by the same code, and discards the answers.
 *
 *   bare_curl URL QUEUES IN-FLIGHT
 *
 * Requests the attributes of each queue. Handles and connections are reused.
 * Prints "requests N"; exit status 1 when an answer was not 200. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/sigv4/sigv4.h"
#include "aws/sigv4/sigv4_keys.h"
#include "base/clock.h"
#include "base/mem.h"

#define FIXED_HEADERS 3
#define CALLS 1 /* for each queue */

static const struct {
    const char *target;
    const char *more; /* after the queue's URL */
} calls[CALLS] = {
    {"AmazonSQS.GetQueueAttributes", ",\"AttributeNames\":[\"Policy\",\"QueueArn\"]"},
};

struct slot {
    CURL *easy;
    struct curl_slist *headers;
    long queue;
    int call;
    char body[256];
};

struct bench {
    CURLM *multi;
    const char *host;
    struct sigv4_result signature;
    long queues;
    long started; /* number of queues */
    long answered;
    long failed;
    int busy;
};

static size_t ignore(char *bytes, size_t size, size_t count, void *arg)
{
    (void)bytes;
    (void)arg;
    return size * count;
}

static void add_header(struct slot *slot, const struct http_header *header)
{
    char line[1024];
    snprintf(line, sizeof line, "%s: %s", header->name, header->value);
    slot->headers = curl_slist_append(slot->headers, line);
}

static void sign(struct bench *bench, struct slot *slot, const struct http_header *headers)
{
    static const struct sigv4_key key = {"ASIABENCH", "secret", "session"};
    struct sigv4_request request = {
        .method = "POST",
        .host = bench->host,
        .path = "/",
        .query = "",
        .headers = headers,
        .header_count = FIXED_HEADERS,
        .body = slot->body,
        .body_length = strlen(slot->body),
        .region = "us-east-1",
        .service = "sqs",
        .time_ms = clock_wall_ms(),
        .normalize_path = true,
        .encode_path = true,
    };
    struct err err = {0};
    if (sigv4_sign(&request, &key, &bench->signature, &err) != 0) {
        fprintf(stderr, "bare_curl: %s\n", err.message);
        exit(1);
    }
}

static void write_headers(struct bench *bench, struct slot *slot)
{
    const struct http_header fixed[FIXED_HEADERS] = {
        {"X-Amz-Target", calls[slot->call].target},
        {"Content-Type", "application/x-amz-json-1.0"},
        {"x-amzn-query-mode", "true"},
    };
    curl_slist_free_all(slot->headers);
    slot->headers = NULL;
    for (size_t i = 0; i < FIXED_HEADERS; i++)
        add_header(slot, &fixed[i]);
    sign(bench, slot, fixed);
    for (size_t i = 0; i < bench->signature.header_count; i++)
        add_header(slot, &bench->signature.headers[i]);
}

static void send_call(struct bench *bench, struct slot *slot)
{
    snprintf(slot->body, sizeof slot->body,
             "{\"QueueUrl\":\"https://sqs.us-east-1.amazonaws.com/123456789012/q%ld\"%s}",
             slot->queue, calls[slot->call].more);
    write_headers(bench, slot);
    curl_easy_setopt(slot->easy, CURLOPT_HTTPHEADER, slot->headers);
    curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDS, slot->body);
    curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDSIZE, (long)strlen(slot->body));
    curl_multi_add_handle(bench->multi, slot->easy);
    bench->busy++;
}

/* Starts the slot's next call, if there is one. */
static void advance(struct bench *bench, struct slot *slot)
{
    if (++slot->call == CALLS) {
        if (bench->started == bench->queues)
            return;
        slot->queue = bench->started++;
        slot->call = 0;
    }
    send_call(bench, slot);
}

static void collect(struct bench *bench)
{
    int left;
    CURLMsg *message;
    while ((message = curl_multi_info_read(bench->multi, &left)) != NULL) {
        struct slot *slot;
        long status = 0;
        bool failed = message->data.result != CURLE_OK;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &slot);
        curl_easy_getinfo(slot->easy, CURLINFO_RESPONSE_CODE, &status);
        curl_multi_remove_handle(bench->multi, slot->easy);
        bench->busy--;
        bench->answered++;
        bench->failed += failed || status != 200;
        advance(bench, slot);
    }
}

static void run(struct bench *bench)
{
    int running;
    while (bench->busy > 0) {
        if (curl_multi_poll(bench->multi, NULL, 0, 1000, NULL) != CURLM_OK ||
            curl_multi_perform(bench->multi, &running) != CURLM_OK)
            exit(1);
        collect(bench);
    }
}

static void slot_init(struct bench *bench, struct slot *slot, const char *url)
{
    slot->easy = curl_easy_init();
    slot->call = CALLS - 1;
    curl_easy_setopt(slot->easy, CURLOPT_URL, url);
    curl_easy_setopt(slot->easy, CURLOPT_POST, 1L);
    curl_easy_setopt(slot->easy, CURLOPT_PRIVATE, slot);
    curl_easy_setopt(slot->easy, CURLOPT_WRITEFUNCTION, ignore);
    curl_easy_setopt(slot->easy, CURLOPT_USERAGENT, "engine/" ENGINE_VERSION);
    advance(bench, slot);
}

int main(int argc, char **argv)
{
    long in_flight = argc == 4 ? strtol(argv[3], NULL, 10) : 0;
    struct bench bench = {.queues = argc == 4 ? strtol(argv[2], NULL, 10) : 0};
    if (in_flight < 1 || bench.queues < in_flight || strncmp(argv[1], "http://", 7) != 0) {
        fputs("usage: bare_curl http://HOST:PORT QUEUES IN-FLIGHT\n", stderr);
        return 64;
    }
    struct slot *slots = mem_alloc((size_t)in_flight * sizeof *slots);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    sigv4_result_init(&bench.signature);
    bench.host = argv[1] + 7;
    bench.multi = curl_multi_init();
    curl_multi_setopt(bench.multi, CURLMOPT_MAXCONNECTS, in_flight);
    for (long i = 0; i < in_flight; i++)
        slot_init(&bench, &slots[i], argv[1]);
    run(&bench);
    for (long i = 0; i < in_flight; i++) {
        curl_slist_free_all(slots[i].headers);
        curl_easy_cleanup(slots[i].easy);
    }
    curl_multi_cleanup(bench.multi);
    curl_global_cleanup();
    sigv4_result_clear(&bench.signature);
    sigv4_forget();
    mem_free(slots);
    printf("requests %ld\n", bench.answered);
    return bench.failed > 0 ? 1 : 0;
}
