/* Converts CloudTrail events to resource lines: the resources that an event may have changed.
 * Serves the command and the Lambda handler; calls the evaluator (each policy says which events it
 * watches, and where they contain the id). Each event is converted at once: no calls to AWS, no
 * state.
 *
 * An event is the EventBridge envelope with the CloudTrail record as "detail", or with findings of
 * Security Hub (translate_hub.h). There is no line for an event that no policy watches, for one
 * that failed, or for one that the engine caused itself. The first two are not reported either. If
 * the same event is delivered twice, it makes its lines twice. */
#ifndef INTAKE_TRANSLATE_H
#define INTAKE_TRANSLATE_H

#include <jansson.h>

#include "accounts/context.h"
#include "policy/resource.h"

enum translate_problem {
    TRANSLATE_LACKS_ID, /* a watched event names no resource: worth a warning */
    TRANSLATE_MISNAMED, /* no audit will accept the line: also worth a warning */
    TRANSLATE_FAILED    /* not an event, or one that cannot be understood */
};

/* Receives the results of an event during the call. After a problem the rest of the event is still
 * processed. */
struct translate_target {
    void (*resource)(void *arg, const struct resource *resource); /* borrowed */
    void (*problem)(void *arg, enum translate_problem problem, const struct err *err);
    /* A watched event that names no resource: {"type":"poll","account","region","resource_type"},
     * borrowed; returns true if that target will be listed. NULL, or false: it is a problem. */
    bool (*listing)(void *arg, const json_t *message);
    void *arg;
};

/* Uses from the context: the evaluator, and the settings types, member_role and no_assume_role. */
void translate_event(const struct context *context, const json_t *event,
                     const struct translate_target *target);
/* The same for a record of CloudTrail without an envelope. Nothing says that AWS wrote it: only for
 * what an operator hands over. */
void translate_record(const struct context *context, const json_t *record,
                      const struct translate_target *target);

#endif
