/* SARIF 2.1.0 (OASIS standard, 27 March 2020). The rules come after the results, so that results
 * can be written as they are added. GitHub requires a physical location and reads
 * "security-severity". */
#ifndef REPORT_REPORT_SARIF_H
#define REPORT_REPORT_SARIF_H

#include "report/report_internal.h"

extern const struct report_format report_sarif;

#endif
