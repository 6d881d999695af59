/* One self-contained page: no script and no external resources, which its content policy also
 * enforces. Radio buttons and style sheets alone filter it. */
#ifndef REPORT_REPORT_HTML_H
#define REPORT_REPORT_HTML_H

#include "report/report_internal.h"

extern const struct report_format report_html;

#endif
