/* The findings of an HTML page, as its script reads them: in blocks, each a script element that
 * holds JSON,
 *
 *   {"rows":[[check,account,region,type,id,result,mark,summary,why],…],"details":"…"}
 *
 * where check is an index of html_data_checks, result an enum total and mark an enum verdict_mark.
 * `details` are the other members of these findings: a JSON list of objects, compressed (zlib) and
 * in base64. What a check says about itself is written once, not with each finding. Memory does not
 * grow with the number of findings. Serves report_html; calls report_output. */
#ifndef REPORT_REPORT_HTML_DATA_H
#define REPORT_REPORT_HTML_DATA_H

#include <jansson.h>

struct report;
struct html_data;

struct html_data *html_data_new(void);
void html_data_free(struct html_data *data);
void html_data_add(struct html_data *data, struct report *report, const json_t *finding);
/* Ends the last block. */
void html_data_end(struct html_data *data, struct report *report);
/* [{"check","title","severity","risk",…,"controls"},…], complete at the end. Borrowed. */
const json_t *html_data_checks(const struct html_data *data);

#endif
