/* The text of the summary. Serves report_summary, which counts; calls report_next for the commands
 * that continue. report->kept holds
 * {"types":{TYPE:{"critical","high","medium","low","unknown"}}: findings that are left,
 *  "impacts":{IMPACT:{"ready","held"}}: those of them with a fix,
 *  "checks":{CHECK:{"rank","count"}}: those of them by check,
 *  "causes":{KEY:{"why","resources","accounts":{…},"last"}}: why something is not known}. */
#ifndef REPORT_REPORT_SUMMARY_TEXT_H
#define REPORT_REPORT_SUMMARY_TEXT_H

struct report;

#define SUMMARY_NO_IMPACT "not declared"
/* By severity_rank. */
extern const char *const summary_severities[4];

void summary_text(struct report *report);

#endif
