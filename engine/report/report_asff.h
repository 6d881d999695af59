/* AWS Security Finding Format, as BatchImportFindings accepts it (at most 100 findings per call:
 * the sender divides a longer list). Source: AWS Security Hub User Guide, "Required top-level ASFF
 * attributes", "Optional top-level ASFF attributes", "Resources ASFF object"; lengths are those of
 * the API reference, AwsSecurityFinding. */
#ifndef REPORT_REPORT_ASFF_H
#define REPORT_REPORT_ASFF_H

#include "report/report_internal.h"

extern const struct report_format report_asff;
/* The finding in that format, new. "names" has "arn" and "type" of its resource. */
json_t *report_asff_entry(const json_t *finding);

#endif
