/* The controls of all frameworks, found by the names that people write: "S3.8", "CIS 3.0 2.1.4",
 * "PCI DSS v4.0.1/8.3.6", "nist-800-53-r5 AC-2(1)", "cis-aws-foundations-benchmark/v/3.0.0/1.10".
 * Serves `engine explain`; calls compliance.
 *
 * A framework is what compliance_coverage returns. Beside those with a file there is one for each
 * key under which policies declare controls and which belongs to no file, such as "securityhub". */
#ifndef COMPLIANCE_CONTROLS_H
#define COMPLIANCE_CONTROLS_H

#include <jansson.h>

#include "base/err.h"
#include "base/suggest.h"
#include "base/text_list.h"
#include "policy/evaluator.h"

/* All frameworks, those with a file first. NULL with ERR_USAGE if a file has another shape. New
 * reference. */
json_t *controls_frameworks(const struct text_list *folders, struct evaluator *evaluator,
                            struct err *err);
/* The frameworks that the words name: by their own name, or by words of their title in its order
 * ("CIS", "PCI DSS 4.0.1"). A list, empty if there is none. New reference. */
json_t *controls_named(const json_t *frameworks, const char *words);
/* [{"framework","title","id","near":true,"checks":[…]}]: the controls of this id, in the
 * frameworks that the words before it name, or in all. New reference. */
json_t *controls_find(json_t *frameworks, const char *text);
/* Offers all frameworks and the controls of those that `text` names, or of all. `offered`
 * holds the names, and must outlive `suggest`. */
void controls_offer(json_t *frameworks, const char *text, struct suggest *suggest,
                    struct text_list *offered);

#endif
