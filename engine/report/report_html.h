/* One self-contained page: data, style and script, and no resources from elsewhere, which its
 * content policy enforces. Files in page/ are built in: page.html is the frame, in which a {{name}}
 * is replaced; the script shows the findings. Findings are written as they come, before the text
 * that only the end knows. */
#ifndef REPORT_REPORT_HTML_H
#define REPORT_REPORT_HTML_H

#include "report/report_internal.h"

extern const struct report_format report_html;

#endif
