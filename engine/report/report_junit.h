/* JUnit XML for Jenkins, GitLab and others: a test case for each resource and check. */
#ifndef REPORT_REPORT_JUNIT_H
#define REPORT_REPORT_JUNIT_H

#include "report/report_internal.h"

extern const struct report_format report_junit;

#endif
