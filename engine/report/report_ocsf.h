/* Events of the Open Cybersecurity Schema Framework: class 2003, Compliance Finding, as a JSON
 * array (schema.ocsf.io, version 1.6.0). Serves report. */
#ifndef REPORT_REPORT_OCSF_H
#define REPORT_REPORT_OCSF_H

#include "report/report_internal.h"

extern const struct report_format report_ocsf;

#endif
