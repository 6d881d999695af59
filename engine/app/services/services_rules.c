#include "app/services/services_rules.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "exceptions/exceptions.h"
#include "notify/message_object.h"
#include "notify/message_parameter.h"
#include "value/json.h"

#define MOST_BYTES (4u << 20) /* as of a file */
#define VALID_MS (5 * 60 * 1000)
/* Rules that could not be read: nothing is repaired until they can be. */
#define AGAIN_MS (60 * 1000)
/* Lambda gives a function ten seconds to start: AWS Lambda Developer Guide, "Lambda execution
 * environment". */
#define FUNCTION_PATIENCE_MS 8000
#define PATIENCE_MS 60000

struct services_rules {
    bool asked; /* a response is outstanding */
    bool late;
    bool read;     /* there was a response, at read_ms */
    json_t *value; /* the text */
    struct err err;
    int64_t read_ms;
};

bool services_rules_are_remote(const char *name)
{
    return name != NULL && (s3_url_is(name) || message_parameter_is(name));
}

void services_rules_free(struct services_rules *rules)
{
    if (rules == NULL)
        return;
    json_decref(rules->value);
    mem_free(rules);
}

/* ---- the response ---- */

static void end(struct services_rules *rules, json_t *value, const struct err *err)
{
    rules->asked = false;
    rules->read = true;
    rules->read_ms = clock_wall_ms();
    json_decref(rules->value);
    rules->value = json_incref(value);
    rules->err = err != NULL ? *err : (struct err){0};
}

static void on_object(void *arg, json_t *result, const struct err *err)
{
    end(arg, json_object_get(result, "Body"), err);
}

static void on_parameter(void *arg, json_t *result, const struct err *err)
{
    struct err refusal;
    const json_t *parameter = json_object_get(result, "Parameter");
    if (err == NULL && strcmp(json_get_string(parameter, "Type", ""), "SecureString") == 0) {
        err_set(&refusal, ERR_USAGE,
                "the parameter is a SecureString: rules are not secret: store them as a String");
        err = &refusal;
    }
    end(arg, json_object_get(parameter, "Value"), err);
}

/* ---- the request ---- */

static void on_late(void *arg)
{
    struct services_rules *rules = arg;
    rules->late = true;
}

static int ask(struct services *services, const char *name, struct err *err)
{
    struct s3_url url;
    if (!s3_url_is(name)) {
        if (message_parameter_check(name, err) != 0)
            return -1;
        message_parameter_get(services->message, name, on_parameter, services->rules);
    } else {
        if (s3_url_parse(name, &url, err) != 0)
            return -1;
        message_object_get(services->message, &url, on_object, services->rules);
    }
    services->rules->asked = true;
    return 0;
}

/* If the response comes later, the next run uses it. */
static void wait(struct services *services)
{
    struct services_rules *rules = services->rules;
    int64_t most_ms = services->in_function ? FUNCTION_PATIENCE_MS : PATIENCE_MS;
    struct loop_timer *timer = loop_after(services->loop, most_ms, on_late, rules);
    rules->late = false;
    while (rules->asked && !rules->late && loop_turn(services->loop, -1))
        continue;
    if (!rules->late)
        loop_cancel(services->loop, timer);
}

/* By the wall clock: between two messages Lambda freezes the function, and the monotonic clock does
 * not count that time (clock_gettime(2), CLOCK_MONOTONIC). */
static bool is_fresh(const struct services_rules *rules)
{
    int64_t age_ms = clock_wall_ms() - rules->read_ms;
    return rules->read && age_ms >= 0 &&
           age_ms < (rules->err.kind == ERR_NONE ? VALID_MS : AGAIN_MS);
}

static void check(struct services_rules *rules, const char *name)
{
    if (rules->err.kind == ERR_NONE && json_string_length(rules->value) > MOST_BYTES)
        err_set(&rules->err, ERR_LIMIT, "%s is longer than %u bytes", name, MOST_BYTES);
}

static void renew(struct services *services, const char *name)
{
    struct err err = {0};
    struct services_rules *rules = services->rules;
    if (!rules->asked && ask(services, name, &err) != 0) {
        end(rules, NULL, &err);
        return;
    }
    wait(services);
    if (!rules->asked)
        return;
    rules->read = true;
    rules->read_ms = clock_wall_ms();
    err_set(&rules->err, ERR_TIMEOUT, "%s cannot be read: there was no response in time", name);
}

void services_rules_read(struct services *services, struct exceptions_text *text)
{
    const char *name = services->settings.exceptions;
    if (services->rules == NULL)
        services->rules = mem_alloc(sizeof *services->rules);
    struct services_rules *rules = services->rules;
    if (!is_fresh(rules))
        renew(services, name);
    check(rules, name);
    *text = (struct exceptions_text){.bytes = json_string_value(rules->value),
                                     .length = json_string_length(rules->value),
                                     .unread = rules->err.kind != ERR_NONE ? &rules->err : NULL};
}
