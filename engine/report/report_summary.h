/* An overview on one screen: what is left by type and severity, what is unknown and why, and how to
 * continue. It counts findings as they are added, so its size does not grow with their number. */
#ifndef REPORT_REPORT_SUMMARY_H
#define REPORT_REPORT_SUMMARY_H

#include "report/report_internal.h"

extern const struct report_format report_summary;

#endif
