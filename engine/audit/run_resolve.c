#include "audit/run_resolve.h"

#include "audit/run_deliver.h"
#include "audit/run_internal.h"
#include "base/mem.h"
#include "state/state_notify.h"
#include "value/json.h"

struct resolution {
    struct run *run;
    struct resource *target;
    json_t *findings;
};

bool run_is_notified_once(const struct run *run)
{
    const struct context *context = run->options.context;
    return context->state != NULL && settings_notifies(context->settings);
}

static void on_resolved(void *arg, const struct err *err)
{
    struct resolution *resolution = arg;
    struct run *run = resolution->run;
    if (err != NULL)
        run_note_unnotified(run, resolution->target, err);
    json_decref(resolution->findings);
    resource_free(resolution->target);
    mem_free(resolution);
    run->active--;
    run->pump->go_on(run);
}

void run_resolve(struct run *run, struct resource *target, json_t *finding)
{
    const struct context *context = run->options.context;
    struct resolution *resolution = mem_alloc(sizeof *resolution);
    *resolution = (struct resolution){.run = run, .target = target, .findings = json_array()};
    json_array_append_new(resolution->findings, finding);
    const struct state_look look = {.resource = target,
                                    .global = json_get_bool(finding, "global", false),
                                    .findings = resolution->findings};
    run->active++;
    state_notify(context, &look, on_resolved, resolution);
}
