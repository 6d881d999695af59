/* How things stand, on one screen: what is left by type and severity, what is not known and why,
 * and the way on. Counts as findings come, so its size does not grow with their number. */
#ifndef REPORT_REPORT_SUMMARY_H
#define REPORT_REPORT_SUMMARY_H

#include "report/report_internal.h"

extern const struct report_format report_summary;

#endif
