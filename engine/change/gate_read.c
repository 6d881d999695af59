#include "change/gate_read.h"

#include <string.h>

#include "accounts/trust_record.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/mem.h"
#include "policy/verdict.h"
#include "value/json.h"

#define FIRST_PAUSE_MS 250
#define LONGEST_PAUSE_MS 8000

static const json_t *entry_of(const json_t *outcome, const char *check)
{
    size_t i;
    json_t *entry;
    if (verdict_state(outcome) != STATE_OK)
        return NULL;
    json_array_foreach (json_object_get(outcome, "checks"), i, entry) {
        if (strcmp(json_get_string(entry, "id", ""), check) == 0)
            return entry;
    }
    return NULL;
}

static void on_audited(void *arg, const json_t *outcome, const struct err *err)
{
    struct gate_read *read = arg;
    const json_t *entry = outcome != NULL ? entry_of(outcome, read->check) : NULL;
    read->done(read->arg, outcome, entry, err);
}

static void report_failure(void *arg)
{
    struct gate_read *read = arg;
    read->done(read->arg, NULL, NULL, &read->failure);
}

/* It was decided before whether the whole finding is exempt. */
static bool may_touch(void *arg, const struct audit_asked *asked)
{
    const struct gate_read *read = arg;
    return asked->part == NULL ||
           exceptions_may_fix(read->gate->context->exceptions, read->policy, read->resource, asked);
}

void gate_read_start(struct gate_read *read)
{
    const struct context *context = read->gate->context;
    struct evaluator *evaluator = context->evaluator;
    struct audit_options options = {
        .parts = read->parts,
        .fresh = true,
        .want_fixes = read->want_fixes,
        .only_check = read->check,
        .want_region = exceptions_ask_region(context->exceptions, read->policy),
        .tags = exceptions_ask_tags(context->exceptions, read->policy, read->resource),
        .may_fix = may_touch,
        .may_fix_arg = read};
    if (context_scope(context, read->policy, read->resource->account, read->resource->region,
                      &read->scope, &read->failure) != 0) {
        loop_defer(context->loop, report_failure, read);
        return;
    }
    trust_record_replay(read->findings, &read->scope);
    evaluator->audit(evaluator->self, read->policy, read->resource, &read->scope, &options,
                     on_audited, read);
}

void gate_read_window(struct gate_read *read)
{
    const struct context *context = read->gate->context;
    read->deadline = clock_mono_ms() + (int64_t)context->settings->verify_s * 1000;
    if (context->stop_ms != 0 && context->stop_ms < read->deadline)
        read->deadline = context->stop_ms;
    read->pause_ms = FIRST_PAUSE_MS;
}

static void again(void *arg)
{
    gate_read_start(arg);
}

bool gate_read_again(struct gate_read *read)
{
    int64_t left = read->deadline - clock_mono_ms();
    if (left <= 0)
        return false;
    loop_after(read->gate->context->loop, read->pause_ms < left ? read->pause_ms : left, again,
               read);
    read->pause_ms = read->pause_ms * 2 < LONGEST_PAUSE_MS ? read->pause_ms * 2 : LONGEST_PAUSE_MS;
    return true;
}

char *gate_with_reason(const char *what, const json_t *outcome)
{
    const char *reason = json_get_string(outcome, "reason", "");
    return mem_printf("%s%s%s", what, reason[0] != '\0' ? "; AWS says: " : "", reason);
}
