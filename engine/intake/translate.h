/* CloudTrail events to resource lines: which resources an event may have changed. Serves the
 * command and the Lambda handler; calls the evaluator (each policy says which events it watches,
 * and where the id stands). One event in, at once: nothing is asked of AWS, nothing is kept.
 *
 * An event is EventBridge's envelope with CloudTrail's record as "detail". No line comes of an
 * event that no policy watches, that failed, or that the engine caused itself; the first two say
 * nothing either. The same event twice gives its lines twice. */
#ifndef INTAKE_TRANSLATE_H
#define INTAKE_TRANSLATE_H

#include <jansson.h>

#include "accounts/context.h"
#include "policy/resource.h"

enum translate_problem {
    TRANSLATE_LACKS_ID, /* a watched event that names no resource: worth a warning */
    TRANSLATE_MISNAMED, /* a line that no audit will be able to judge: worth a warning too */
    TRANSLATE_FAILED    /* no event, or one that cannot be understood */
};

/* How an event's outcome is told, within the call. The rest of an event goes on after a problem. */
struct translate_target {
    void (*resource)(void *arg, const struct resource *resource); /* borrowed */
    void (*problem)(void *arg, enum translate_problem problem, const struct err *err);
    /* A watched event that names no resource: {"type":"poll","account","region","resource_type"},
     * borrowed; true when somebody will list that place. NULL, or false: it is a problem. */
    bool (*place)(void *arg, const json_t *message);
    void *arg;
};

/* Of the context: the evaluator, and of the settings types, member_role and no_assume_role. */
void translate_event(const struct context *context, const json_t *event,
                     const struct translate_target *target);
/* The same of a JSON text. */
void translate_text(const struct context *context, const char *text, size_t length,
                    const struct translate_target *target);

/* ERR_USAGE when a policy of the types that the settings name is not there. */
int translate_check_types(const struct context *context, struct err *err);

#endif
