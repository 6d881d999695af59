#include "app/services/recording.h"

#include <string.h>
#include <unistd.h>

#include "app/services/services_rules.h"
#include "aws/endpoint/endpoint_choice.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/recording/record.h"
#include "net/recording/replay.h"
#include "value/s3_url.h"

static int64_t replayed_ms;

const char *recording_name(const char *word)
{
    static const char *const names[] = {"poll", "scan", "remediate", "plan", "run", "repl"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i], word) == 0)
            return names[i];
    }
    return "single";
}

static int64_t replayed_clock(void)
{
    return replayed_ms;
}

static int check(const struct services *services, struct err *err)
{
    const struct settings *settings = &services->settings;
    bool changes = strcmp(services->command, "remediate") == 0 ||
                   strcmp(services->command, "scan") == 0 ||
                   strcmp(services->command, "single") == 0;
    if (settings->output != NULL && s3_url_is(settings->output) &&
        (settings->replay != NULL || settings->record != NULL))
        return err_set(err, ERR_USAGE,
                       "--output s3:// cannot be combined with --record or --replay: write the "
                       "report to a file, and copy that");
    if (services_rules_are_remote(settings->exceptions) &&
        (settings->replay != NULL || settings->record != NULL))
        return err_set(err, ERR_USAGE,
                       "exceptions in S3 or SSM cannot be combined with --record or --replay: copy "
                       "them to a file, and name that");
    if (settings->replay == NULL)
        return 0;
    if (settings->record != NULL)
        return err_set(err, ERR_USAGE, "--record and --replay cannot be combined");
    if (changes && settings->remediate && !settings->dry_run)
        return err_set(err, ERR_USAGE, "--replay changes nothing: omit --remediate (REMEDIATE)");
    if (settings->sqs != NULL)
        return err_set(err, ERR_USAGE, "--replay sends nothing: omit --sqs");
    return 0;
}

static void forget(char **text)
{
    mem_free(*text);
    *text = NULL;
}

/* Notifications were already sent when the run was recorded. */
static void send_nothing(struct settings *settings)
{
    settings->to_stdout = true;
    forget(&settings->notification_topic);
    forget(&settings->event_bus);
    settings->security_hub = false;
    forget(&settings->sqs_queue);
    forget(&settings->state_table); /* of notifications and changes */
    settings->max_changes_per_day = -1;
}

static int open_replay(struct services *services, struct err *err)
{
    struct settings *settings = &services->settings;
    services->replay = replay_open(services->loop, settings->replay, services->command, err);
    if (services->replay == NULL)
        return -1;
    services->transport = replay_transport(services->replay);
    const json_t *endpoints = replay_endpoints(services->replay);
    if (endpoints != NULL)
        endpoint_choice_use(endpoints, environ, &services->profile);
    replayed_ms = replay_clock_ms(services->replay);
    clock_replace(replayed_clock, NULL);
    send_nothing(settings);
    return 0;
}

static int open_record(struct services *services, struct err *err)
{
    int64_t now_ms = clock_wall_ms();
    json_t *endpoints = endpoint_choice(environ, services->profile);
    const struct record_head head = {services->command, now_ms, endpoints};
    services->record = record_open(services->settings.record, &head, &services->transport, err);
    json_decref(endpoints);
    if (services->record == NULL)
        return -1;
    services->transport = record_transport(services->record);
    clock_stop_stamp(now_ms);
    return 0;
}

int recording_open(struct services *services, const struct http_options *http, struct err *err)
{
    if (check(services, err) != 0)
        return -1;
    if (services->settings.replay != NULL)
        return open_replay(services, err);
    services->http = http_new(services->loop, http);
    services->transport = http_transport_of(services->http);
    return services->settings.record != NULL ? open_record(services, err) : 0;
}

struct creds_provider *recording_provider(void)
{
    struct creds *creds = creds_new("REPLAY", "REPLAY", NULL, 0);
    struct creds_provider *provider = creds_static(creds);
    creds_drop(creds);
    return provider;
}

void recording_finish(struct services *services)
{
    struct err err = {0};
    if (record_flush(services->record, &err) == 0)
        return;
    log_error("%s", err.message);
    services->failed = true;
}

void recording_free(struct services *services)
{
    record_free(services->record);
    replay_free(services->replay);
}
