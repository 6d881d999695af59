/* The last word on what may be repaired is the gate's, whoever planned it. */
#include "base/mem.h"
#include "change/admission.h"
#include "change/gate_internal.h"

bool repair_is_refused(struct repair *repair)
{
    const struct admission *admission = repair->gate->context->admission;
    if (admission == NULL)
        return false;
    char *why =
        admission_refusal(admission, repair->policy, repair->read.check, repair->resource->account);
    if (why == NULL)
        return false;
    repair_hold(repair, why);
    mem_free(why);
    return true;
}
