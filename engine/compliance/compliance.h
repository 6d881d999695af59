/* A framework (--compliance NAME): a file beside the policies, frameworks/NAME.json, that lists the
 * framework's controls and what covers each: controls of Security Hub, as policies declare them
 * (controls.securityhub), or checks. So a new check is part of every framework without a change to
 * these files. Serves services, which open it, run and report; calls the evaluator.
 *
 * {"title", "sources":[URL…], "controls":{CONTROL:[COVERING…]}, "declared": the key of `controls`
 * under which policies name this framework's controls themselves; optional, "near": true if no
 * check proves any of its controls; optional} A name that ends with " ~" is similar, not equal:
 * such a check does not prove the control. */
#ifndef COMPLIANCE_COMPLIANCE_H
#define COMPLIANCE_COMPLIANCE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "base/text_list.h"
#include "policy/evaluator.h"

struct compliance;

/* `folders` are the directories of the policies; the first that has the framework counts.
 * ERR_USAGE: there is no such framework, with a did-you-mean, or its file has another shape. */
struct compliance *compliance_open(const struct text_list *folders, const char *name,
                                   struct evaluator *evaluator, struct err *err);
/* One that only has the result of an earlier run, as compliance_result returned it: its counting
 * does nothing. */
struct compliance *compliance_given(json_t *result);
/* The run audits only these checks (NULL: all) of these types (none: all). A control that another
 * check covers as well cannot pass. */
void compliance_select(struct compliance *compliance, struct evaluator *evaluator,
                       const json_t *selected, const struct text_list *types);
void compliance_free(struct compliance *compliance);

/* Adds the framework's controls to the finding's `controls`, under the framework's name. */
void compliance_name(const struct compliance *compliance, json_t *finding);

/* Counts a finding for its controls. A place that could not be listed makes the controls of its
 * type unknown; an account that could not be entered and an incomplete run, all of them. */
void compliance_count(struct compliance *compliance, const json_t *finding);

/* {"framework","title","sources","statuses":{STATUS:count},
 * "controls":[{"id","status","near":true,"checks":[…],"passed","failed","unknown","exempt"}]} in
 * the order of the file. Status, the first that applies: "not_covered" (no check covers it),
 * "failed", "unknown", "not_audited" (one of its checks was not selected), "exempt" (exceptions
 * match all failing findings), "passed", "not_audited" (its checks had no resource). "near"
 * unless checks equal to the control, or to each of its parts, cover it. New reference. */
json_t *compliance_result(const struct compliance *compliance);
/* What the checks cover, without a run:
 * {"framework","title","sources","controls":[{"id","near":true,"checks":[…]}], "declared" as in
 * the file}. New reference. */
json_t *compliance_coverage(const struct compliance *compliance);

#endif
