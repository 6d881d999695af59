#include "app/services/services.h"

#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "accounts/accounts.h"
#include "accounts/enabled_regions.h"
#include "accounts/organization_walk.h"
#include "accounts/sessions.h"
#include "accounts/trust.h"
#include "app/services/recording.h"
#include "app/services/services_rules.h"
#include "app/services/services_signals.h"
#include "aws/creds/creds_chain.h"
#include "aws/creds/creds_region.h"
#include "aws/endpoint/endpoint_settings.h"
#include "aws/model/model_open.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "baseline/baseline.h"
#include "change/admission.h"
#include "compliance/compliance.h"
#include "intake/listing_schedule.h"
#include "publish/security_hub.h"
#include "settings/settings_again.h"
#include "settings/settings_file.h"
#include "settings/settings_locate.h"
#include "settings/settings_options.h"
#include "state/organization_list.h"
#include "state/state_table.h"
#include "value/log_json.h"

/* For standard streams, loop, signals, files while they are read, reports, journal and resolver. */
#define OTHER_DESCRIPTORS 24
#define USER_AGENT "engine/" ENGINE_VERSION

const char *services_getenv(const char *name)
{
    return getenv(name);
}

/* Without /proc, as in a bare chroot, the kernel's own note of the path must do. */
static void find_executable(char path[PATH_MAX])
{
    ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 1);
    const char *noted = (const char *)(uintptr_t)getauxval(AT_EXECFN);
    path[length > 0 ? length : 0] = '\0';
    if (length <= 0 && (noted == NULL || realpath(noted, path) == NULL))
        path[0] = '\0';
}

const char *services_executable_dir(void)
{
    static char path[PATH_MAX];
    if (path[0] != '\0')
        return path;
    find_executable(path);
    char *slash = strrchr(path, '/');
    if (slash != NULL)
        *slash = '\0';
    return path;
}

/* Values of the file become variables, so that everything that reads variables sees them: also
 * libcurl (HTTPS_PROXY) and the command of a profile (credential_process). */
static int read_settings_file(int argc, char **argv, int from, struct err *err)
{
    const char *label, *name;
    json_t *value;
    const char *path = settings_file_named(argc, argv, from, services_getenv, &label);
    json_t *values = path != NULL ? settings_file_read(label, path, err) : NULL;
    json_object_foreach (values, name, value) {
        const char *given = getenv(name);
        if (given == NULL || given[0] == '\0')
            setenv(name, json_string_value(value), 1);
    }
    json_decref(values);
    return path == NULL || values != NULL ? 0 : -1;
}

int services_settings(struct services *services, int argc, char **argv, int from,
                      const char *const *allowed, struct text_list *rest, struct err *err)
{
    struct settings *settings = &services->settings;
    services->signal_fd = -1;
    services->command = recording_name(argv[from - 1]);
    if (read_settings_file(argc, argv, from, err) != 0 ||
        settings_init(settings, services_getenv, services_executable_dir(), err) != 0)
        return -1;
    settings_again_begin(settings, argv[0], from > 1 ? argv[from - 1] : "");
    int result = settings_options(settings, argc, argv, from, allowed, rest, err);
    if (settings->log_format == LOG_FORMAT_JSON && !services->in_function)
        log_json_start(from > 1 ? argv[from - 1] : services->command);
    if (result != 0)
        return -1;
    log_set_level(settings->log_level);
    return settings_locate(settings, services_getenv, services_executable_dir(), err);
}

static int need_models(const struct services *services, struct err *err)
{
    if (services->settings.models != NULL)
        return 0;
    return err_set(err, ERR_USAGE,
                   "no API models found: compile them with `engine models SRC --out DIR`, and set "
                   "--models DIR or ENGINE_MODELS");
}

static int64_t patience_ms(const struct services *services)
{
    int seconds = services->settings.patience_s;
    return seconds > 0 ? (int64_t)seconds * 1000 : 0;
}

/* --explain of one resource. */
static void print_call(const struct client_ended *ended)
{
    const char *code = ended->err != NULL ? ended->err->code : "";
    fprintf(stderr, "engine: call: %s:%s in %s, %lld ms", ended->service, ended->operation,
            ended->region, (long long)ended->ms);
    if (ended->attempts > 1)
        fprintf(stderr, ", %d requests", ended->attempts);
    if (ended->err != NULL)
        fprintf(stderr, ", %s", code[0] != '\0' ? code : "no response");
    fputc('\n', stderr);
}

static void make_client(struct services *services)
{
    const struct settings *settings = &services->settings;
    struct client_options options = {
        .loop = services->loop,
        .transport = services->transport,
        .models = services->models,
        .endpoints = services->endpoints,
        .max_in_flight = settings->concurrency,
        .patience_ms = patience_ms(services),
        .max_attempts = settings->max_attempts,
        .idle_timeout_ms = services->idle_timeout_ms,
        .ended = settings->explain && settings->resource != NULL ? print_call : NULL,
        .alone = settings->record != NULL || settings->replay != NULL,
    };
    services->client = client_new(&options);
}

void services_offline(struct services *services)
{
    if (services->loop == NULL)
        services->loop = loop_new();
    if (services->settings.models != NULL)
        services->models = model_set_new(services->settings.models);
}

/* Each request in flight needs a descriptor; the usual soft limit is 1,024. If even the hard limit
 * is too low for --concurrency, fewer requests are made at a time, and the result is -1. */
static int allow_descriptors(struct settings *settings)
{
    struct rlimit limit;
    int wanted = settings->concurrency;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 0;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max >= (rlim_t)wanted + OTHER_DESCRIPTORS)
        return 0;
    settings->concurrency =
        limit.rlim_max > OTHER_DESCRIPTORS ? (int)(limit.rlim_max - OTHER_DESCRIPTORS) : 1;
    log_warn("this process may open %llu files (ulimit -n), so at most %d requests are in flight, "
             "not %d",
             (unsigned long long)limit.rlim_max, settings->concurrency, wanted);
    return -1;
}

static int read_profile(struct services *services, struct err *err)
{
    const struct creds_env env = {.getenv = services_getenv,
                                  .profile_name = services->settings.profile};
    services->profile = creds_profile_settings(&env, err);
    return err->kind == ERR_NONE ? 0 : -1;
}

/* An invalid endpoint setting that applies to every service is refused before anything is sent. */
static int make_endpoints(struct services *services, struct err *err)
{
    const char *source;
    unsigned variant;
    if (endpoint_variant(services_getenv, services->profile, &variant, err) != 0)
        return -1;
    if (variant != 0 && endpoint_own_url(services_getenv, services->profile, "", &source) != NULL)
        return endpoint_refuse_both(source, err);
    services->endpoints = endpoints_new(services->models, services_getenv);
    endpoints_configure(services->endpoints, services->profile);
    return 0;
}

static void make_credentials(struct services *services)
{
    struct creds_env env = {.loop = services->loop,
                            .transport = services->transport,
                            .getenv = services_getenv,
                            .profile_name = services->settings.profile,
                            .region = services->settings.region,
                            .profile = services->profile,
                            .max_attempts = services->settings.max_attempts,
                            .patience_ms = patience_ms(services)};
    char *region = creds_profile_region(&env);
    settings_fallback_region(&services->settings, region);
    mem_free(region);
    services->creds_env = env;
    services->creds_env.region = services->settings.region;
    services->chain_env = services->creds_env;
    if (services->replay == NULL)
        services->chain_env.transport = http_transport_of(services->http);
    services->provider =
        services->replay == NULL ? creds_chain(&services->chain_env) : recording_provider();
}

static struct organization_list *open_organization(const struct settings *settings)
{
    if (json_object_get(settings->for_policies, "organization_account") == NULL)
        return NULL;
    struct organization_list *list = organization_list_new(settings);
    organization_list_add(list, ORGANIZATION_WHOLE);
    return list;
}

int services_connect(struct services *services, struct err *err)
{
    struct http_options http = {.ca_bundle = getenv("AWS_CA_BUNDLE"), .user_agent = USER_AGENT};
    if (need_models(services, err) != 0)
        return -1;
    /* Ignore SIGPIPE: a closed pipe must fail the write, not kill us in the middle of a change. */
    signal(SIGPIPE, SIG_IGN);
    services_offline(services);
    services_watch_signals(services);
    if (allow_descriptors(&services->settings) != 0)
        http.max_idle_connections = services->settings.concurrency;
    if (read_profile(services, err) != 0 || recording_open(services, &http, err) != 0)
        return -1;
    if (make_endpoints(services, err) != 0)
        return -1;
    make_credentials(services);
    make_client(services);
    services->sessions = sessions_new(&services->creds_env, services->provider, &services->settings,
                                      services->endpoints);
    services->message = message_new(services->client, services->provider, &services->settings);
    services->trust = trust_new(&services->settings);
    services->organization = open_organization(&services->settings);
    return 0;
}

static void unwatch(struct services *services)
{
    if (services->loop != NULL) {
        loop_unwatch(services->loop, services->signal_watch);
        loop_unwatch(services->loop, services->stdout_watch);
    }
    if (services->signal_fd >= 0)
        close(services->signal_fd);
}

static void forget_caller(struct services *services)
{
    mem_free(services->caller);
    mem_free(services->caller_arn);
    json_decref(services->made_by);
}

void services_free(struct services *services)
{
    unwatch(services);
    services->language->host_free(services->host);
    exceptions_free(services->exceptions);
    baseline_free(services->baseline);
    compliance_free(services->compliance);
    enabled_regions_free(services->regions);
    accounts_free(services->accounts);
    admission_free(services->admission);
    json_decref(services->selected);
    trust_free(services->trust);
    organization_list_free(services->organization);
    message_free(services->message);
    services_rules_free(services->rules);
    state_table_free(services->state);
    security_hub_free(services->hub);
    listing_schedule_free(services->listing_schedule);
    sessions_free(services->sessions);
    client_free(services->client);
    creds_provider_drop(services->provider);
    endpoints_free(services->endpoints);
    json_decref(services->profile);
    model_set_free(services->models);
    http_free(services->http);
    recording_free(services);
    loop_free(services->loop);
    forget_caller(services);
    settings_clear(&services->settings);
}
