/* One page that needs nothing else: no script, no resource of others, which its content policy says
 * too. It is filtered by radio buttons and style sheets alone. */
#ifndef REPORT_REPORT_HTML_H
#define REPORT_REPORT_HTML_H

#include "report/report_internal.h"

extern const struct report_format report_html;

#endif
