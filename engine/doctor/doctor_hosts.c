#include "doctor/doctor_hosts.h"

#include <stdlib.h>
#include <string.h>

#include "aws/endpoint/endpoint.h"
#include "aws/model/model_open.h"
#include "aws/retry/retry.h"
#include "base/mem.h"
#include "intake/poll.h"
#include "value/json.h"

#define MOST_AT_A_TIME 32
#define TIMEOUT_MS 10000
#define MAX_REPLY ((size_t)1 << 20)
#define DIFFERS_MS 30000 /* worth a warning, though a signature is still accepted */

struct host {
    struct doctor_hosts *hosts;
    char *url, *service, *region; /* the first service and region that use it */
    struct http_transfer *transfer;
    struct err err;
    int status; /* of HTTP */
    bool dated, wrong;
    int64_t skew_ms;
};

struct doctor_hosts {
    const struct doctor *doctor;
    struct doctor_section *section;
    struct host **items;
    size_t count, next, active;
    json_t *by_url;  /* maps a URL to an index */
    json_t *by_name; /* maps "sqs us-east-1" to an index */
    loop_fn done;
    void *arg;
};

/* ---- which ---- */

static size_t add_host(struct doctor_hosts *hosts, const char *url, const char *service,
                       const char *region)
{
    struct host *host = mem_alloc(sizeof *host);
    *host = (struct host){.hosts = hosts,
                          .url = mem_strdup(url),
                          .service = mem_strdup(service),
                          .region = mem_strdup(region)};
    hosts->items = mem_resize(hosts->items, (hosts->count + 1) * sizeof *hosts->items);
    hosts->items[hosts->count] = host;
    return hosts->count++;
}

/* Many services share an endpoint where one URL overrides all. */
static size_t host_of(struct doctor_hosts *hosts, const char *service, const char *region)
{
    const struct context *context = hosts->doctor->context;
    struct endpoint endpoint;
    struct err err = {0};
    const struct model *model = model_open(client_models(context->client), service, &err);
    if (model == NULL || endpoint_resolve(client_endpoints(context->client), model, region, NULL,
                                          NULL, &endpoint, &err) != 0) {
        size_t index = add_host(hosts, service, service, region);
        hosts->items[index]->err = err;
        return index;
    }
    char *url = mem_printf("%s%s/", endpoint.base, endpoint.path_prefix);
    const json_t *known = json_object_get(hosts->by_url, url);
    size_t index =
        known != NULL ? (size_t)json_integer_value(known) : add_host(hosts, url, service, region);
    json_object_set_new(hosts->by_url, url, json_integer((json_int_t)index));
    mem_free(url);
    return index;
}

static void add_service(struct doctor_hosts *hosts, const char *service, const char *region)
{
    char *name = mem_printf("%s %s", service, region);
    if (json_object_get(hosts->by_name, name) == NULL)
        json_object_set_new(hosts->by_name, name,
                            json_integer((json_int_t)host_of(hosts, service, region)));
    mem_free(name);
}

/* Calls fn with each service that the policy reads, until it returns false. */
static void each_service(const struct policy *policy, bool (*fn)(void *arg, const char *service),
                         void *arg)
{
    const json_t *permissions = json_object_get(policy->meta, "permissions");
    size_t i, j;
    json_t *permission, *operation;
    json_array_foreach (json_object_get(permissions, "read"), i, permission) {
        json_array_foreach (json_object_get(permission, "operations"), j, operation) {
            const char *name = json_string_value(operation);
            char *service = mem_strndup(name, strcspn(name, ":"));
            bool more = fn(arg, service);
            mem_free(service);
            if (!more)
                return;
        }
    }
}

struct service_walk {
    struct doctor_hosts *hosts;
    const char *region;
    const char *dead;
};

static bool add_to(void *arg, const char *service)
{
    const struct service_walk *walk = arg;
    add_service(walk->hosts, service, walk->region);
    return true;
}

/* Of one account, whichever it is: endpoints are the same for all. */
static void add_all(struct doctor_hosts *hosts)
{
    static const struct text_list no_accounts;
    struct context context = *hosts->doctor->context;
    const char *home = context.settings->region;
    struct err err = {0};
    context.accounts = &no_accounts;
    add_service(hosts, "sts", home != NULL ? home : "us-east-1");
    struct poll *poll = poll_new(&context, "", NULL, &err);
    for (size_t i = 0; poll != NULL && i < poll_targets(poll); i++) {
        struct service_walk walk = {.hosts = hosts, .region = poll_target(poll, i)->region};
        each_service(poll_target(poll, i)->policy, add_to, &walk);
    }
    if (poll == NULL)
        doctor_add(hosts->section, DOCTOR_FAILED, "regions", "%s", err.message);
    poll_free(poll);
}

static bool is_alive(void *arg, const char *service)
{
    struct service_walk *walk = arg;
    char *name = mem_printf("%s %s", service, walk->region);
    const json_t *index = json_object_get(walk->hosts->by_name, name);
    mem_free(name);
    const struct host *host = index != NULL ? walk->hosts->items[json_integer_value(index)] : NULL;
    if (host != NULL && host->err.kind != ERR_NONE)
        walk->dead = host->url;
    return walk->dead == NULL;
}

const char *doctor_hosts_dead(struct doctor_hosts *hosts, const struct policy *policy,
                              const char *region)
{
    struct service_walk walk = {.hosts = hosts, .region = region};
    each_service(policy, is_alive, &walk);
    return walk.dead;
}

/* STS is the first that add_all adds. */
bool doctor_hosts_sts_is_silent(const struct doctor_hosts *hosts)
{
    return hosts->items[0]->err.kind == ERR_TIMEOUT;
}

/* ---- what they say ---- */

/* Source: IAM User Guide, "Signing AWS API requests": in most cases a request must reach AWS within
 * five minutes of its time stamp. */
static void tell_difference(const struct doctor_hosts *hosts, const struct host *host)
{
    long long seconds = (long long)(llabs(host->skew_ms) / 1000);
    const char *side = host->skew_ms > 0 ? "behind" : "ahead of";
    json_t *item =
        doctor_add(hosts->section, host->wrong ? DOCTOR_FAILED : DOCTOR_WARNING, "clock",
                   "this machine's clock is %lld seconds %s that of %s", seconds, side, host->url);
    doctor_advise(item, "set the clock (NTP): AWS refuses requests whose time is wrong by five "
                        "minutes, and ages and expiry times are wrong by as much");
}

static void tell_clock(const struct doctor_hosts *hosts)
{
    size_t i = 0;
    while (i < hosts->count && !hosts->items[i]->dated)
        i++;
    if (i == hosts->count)
        doctor_add(hosts->section, DOCTOR_NOT_CHECKED, "clock",
                   "no endpoint returned a Date header");
    else if (llabs(hosts->items[i]->skew_ms) < DIFFERS_MS)
        doctor_add(hosts->section, DOCTOR_OK, "clock", "agrees with that of %s",
                   hosts->items[i]->url);
    else
        tell_difference(hosts, hosts->items[i]);
}

/* The name and port in its URL, new. */
static char *name_of(const struct host *host)
{
    const char *start = strstr(host->url, "://");
    start = start != NULL ? start + 3 : host->url;
    return mem_strndup(start, strcspn(start, "/"));
}

/* The error without the endpoint's name, new: without a network, all have the same. */
static char *sentence_of(const struct host *host)
{
    char *name = name_of(host);
    size_t length = strcspn(name, ":"); /* errors of DNS name no port */
    const char *found = strstr(host->err.message, name), *message = host->err.message;
    size_t cut = found != NULL ? strlen(name) : length;
    if (found == NULL && length > 0) {
        name[length] = '\0';
        found = strstr(message, name);
    }
    char *text = found == NULL
                     ? mem_strdup(message)
                     : mem_printf("%.*s…%s", (int)(found - message), message, found + cut);
    mem_free(name);
    return text;
}

static json_t *member(json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);
    if (value == NULL) {
        value = json_object();
        json_object_set_new(object, key, value);
    }
    return value;
}

/* Several endpoints that fail alike are one item, with the list of them. */
static void tell_alike(const struct doctor_hosts *hosts, const char *sentence, const json_t *alike)
{
    char *names;
    json_t *list = doctor_keys(alike, &names);
    json_t *item = doctor_add(hosts->section, DOCTOR_FAILED, "endpoints", "%zu endpoints (%s): %s",
                              json_object_size(alike), names, sentence);
    doctor_advise(item, "check the network, HTTPS_PROXY, AWS_CA_BUNDLE and AWS_ENDPOINT_URL");
    doctor_set(item, "endpoints", list);
    mem_free(names);
}

static void tell_failure(const struct doctor_hosts *hosts, const struct host *host)
{
    json_t *item;
    if (host->err.kind != ERR_NONE) {
        item = doctor_add(hosts->section, DOCTOR_FAILED, "endpoints", "%s in %s: %s", host->service,
                          host->region, host->err.message);
        doctor_advise(item,
                      "check HTTPS_PROXY, AWS_CA_BUNDLE and AWS_ENDPOINT_URL, if they are set");
    } else {
        item = doctor_add(hosts->section, DOCTOR_WARNING, "endpoints", "%s returns status %d",
                          host->url, host->status);
        doctor_advise(item, "this may be a proxy, or the service may be down: try again later");
    }
    doctor_set(item, "region", json_string(host->region));
    doctor_set(item, "service", json_string(host->service));
}

static bool is_sound(const struct host *host)
{
    return host->err.kind == ERR_NONE && (host->status < 502 || host->status > 504);
}

/* {sentence: {"sqs in us-east-1": true}}, new. */
static json_t *failures_of(const struct doctor_hosts *hosts)
{
    json_t *failures = json_object();
    for (size_t i = 0; i < hosts->count; i++) {
        const struct host *host = hosts->items[i];
        if (host->err.kind == ERR_NONE)
            continue;
        char *sentence = sentence_of(host);
        char *place = mem_printf("%s in %s", host->service, host->region);
        json_object_set_new(member(failures, sentence), place, json_true());
        mem_free(place);
        mem_free(sentence);
    }
    return failures;
}

/* Those that fail like others are told once, together. */
static void tell_failures(const struct doctor_hosts *hosts)
{
    json_t *failures = failures_of(hosts), *alike;
    const char *text;
    for (size_t i = 0; i < hosts->count; i++) {
        char *sentence = sentence_of(hosts->items[i]);
        bool alone = json_object_size(json_object_get(failures, sentence)) < 2;
        if (!is_sound(hosts->items[i]) && alone)
            tell_failure(hosts, hosts->items[i]);
        mem_free(sentence);
    }
    json_object_foreach (failures, text, alike) {
        if (json_object_size(alike) > 1)
            tell_alike(hosts, text, alike);
    }
    json_decref(failures);
}

static void tell_endpoints(const struct doctor_hosts *hosts)
{
    size_t sound = 0;
    const char *url = "";
    tell_failures(hosts);
    for (size_t i = 0; i < hosts->count; i++) {
        if (is_sound(hosts->items[i])) {
            sound++;
            url = hosts->items[i]->url;
        }
    }
    if (sound == 1)
        doctor_add(hosts->section, DOCTOR_OK, "endpoints", "%s responds", url);
    else if (sound > 0)
        doctor_add(hosts->section, DOCTOR_OK, "endpoints", "%zu service endpoints respond", sound);
}

/* ---- asking ---- */

static void start_more(struct doctor_hosts *hosts);

static void on_answer(void *arg, const struct http_response *response, const struct err *err)
{
    struct host *host = arg;
    host->transfer = NULL;
    if (err != NULL)
        host->err = *err;
    if (response != NULL) {
        host->status = response->status;
        host->dated = http_header_value(response, "date") != NULL;
        host->skew_ms = retry_clock_skew(response);
        host->wrong = retry_clock_is_wrong(response);
    }
    host->hosts->active--;
    start_more(host->hosts);
}

static void ask(struct host *host)
{
    const struct http_transport *transport = &host->hosts->doctor->transport;
    const struct http_request request = {.method = "GET",
                                         .url = host->url,
                                         .total_timeout_ms = TIMEOUT_MS,
                                         .connect_timeout_ms = TIMEOUT_MS,
                                         .max_response = MAX_REPLY};
    host->hosts->active++;
    host->transfer = transport->start(transport->self, &request, on_answer, host);
}

static void start_more(struct doctor_hosts *hosts)
{
    while (hosts->active < MOST_AT_A_TIME && hosts->next < hosts->count) {
        struct host *host = hosts->items[hosts->next++];
        if (host->err.kind == ERR_NONE)
            ask(host);
    }
    if (hosts->active > 0)
        return;
    tell_clock(hosts);
    tell_endpoints(hosts);
    doctor_section_end(hosts->section);
    hosts->done(hosts->arg);
}

static void start(void *arg)
{
    start_more(arg);
}

struct doctor_hosts *doctor_hosts_start(const struct doctor *doctor, loop_fn done, void *arg)
{
    struct doctor_hosts *hosts = mem_alloc(sizeof *hosts);
    *hosts = (struct doctor_hosts){.doctor = doctor,
                                   .section = doctor_section_new(doctor->report, NULL),
                                   .by_url = json_object(),
                                   .by_name = json_object(),
                                   .done = done,
                                   .arg = arg};
    add_all(hosts);
    loop_defer(doctor->context->loop, start, hosts);
    return hosts;
}

void doctor_hosts_free(struct doctor_hosts *hosts)
{
    if (hosts == NULL)
        return;
    const struct http_transport *transport = &hosts->doctor->transport;
    for (size_t i = 0; i < hosts->count; i++) {
        struct host *host = hosts->items[i];
        if (host->transfer != NULL)
            transport->cancel(transport->self, host->transfer);
        mem_free(host->url);
        mem_free(host->service);
        mem_free(host->region);
        mem_free(host);
    }
    mem_free(hosts->items);
    json_decref(hosts->by_url);
    json_decref(hosts->by_name);
    mem_free(hosts);
}
