#include "support/report_findings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"
#include "value/json.h"

struct settings report_settings;
char report_path[96];
static char folder[64];
static char *written; /* the report as it was read back */

static int64_t noon(void)
{
    return 1795435200000; /* 2026-11-23T12:00:00Z */
}

int report_set_up(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/report-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(report_path, sizeof report_path, "%s/out", folder);
    report_settings = (struct settings){.output = report_path, .quiet = true};
    clock_replace(noon, NULL);
    unsetenv("COLUMNS");
    written = NULL;
    return 0;
}

int report_tear_down(void **state)
{
    (void)state;
    clock_replace(NULL, NULL);
    mem_free(written);
    unlink(report_path);
    return rmdir(folder); /* fails if a temporary file is left */
}

json_t *report_finding(const char *id, const char *check, const char *status,
                       const char *remediation)
{
    json_t *finding = json_object();
    finding_set(finding, "account", "111122223333");
    finding_set(finding, "region", "us-east-1");
    finding_set(finding, "type", "sqs");
    finding_set(finding, "id", id);
    finding_set(finding, "check", check);
    finding_set(finding, "title", "Queue <lets> \"anyone\" in & more");
    finding_set(finding, "severity", "high");
    finding_set(finding, "status", status);
    finding_set(finding, "summary", "anyone may send");
    finding_set(finding, "remediation", remediation);
    json_object_set_new(finding, "controls", json_pack("{s:[s]}", "securityhub", "SQS.3"));
    finding_set(finding, "time", "2026-11-23T12:00:00Z");
    return finding;
}

void report_give(struct report *report, json_t *finding)
{
    report_add(report, finding);
    json_decref(finding);
}

struct report *report_begin(enum settings_format format)
{
    struct err err = {0};
    report_settings.format = format;
    struct report *report = report_open(&report_settings, &err);
    assert_string_equal(err.message, "");
    assert_non_null(report);
    return report;
}

static const char *read_back(void)
{
    FILE *file = fopen(report_path, "r");
    assert_non_null(file);
    struct buf text;
    char chunk[4096];
    size_t got;
    buf_init(&text, 64u << 20);
    while ((got = fread(chunk, 1, sizeof chunk, file)) > 0)
        buf_add(&text, chunk, got);
    fclose(file);
    mem_free(written);
    written = buf_take(&text);
    return written;
}

const char *report_end(struct report *report)
{
    struct err err = {0};
    assert_int_equal(report_close(report, &err), 0);
    return read_back();
}

void report_has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("'%s' is not in:\n%s", part, text);
}

void report_lacks(const char *text, const char *part)
{
    if (strstr(text, part) != NULL)
        fail_msg("'%s' is in:\n%s", part, text);
}

/* One of each verdict; two resources. */
void report_add_all(struct report *report)
{
    static const char *const cases[][2] = {
        {"compliant", "none"},        {"non_compliant", "none"},  {"non_compliant", "available"},
        {"non_compliant", "planned"}, {"non_compliant", "fixed"}, {"non_compliant", "failed"},
        {"non_compliant", "held"},    {"unknown", "none"},        {"exempt", "available"},
        {"pending", "none"},          {"gone", "none"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char check[16];
        snprintf(check, sizeof check, "sqs.c%zu", i);
        json_t *finding = report_finding(i < 5 ? "a" : HOSTILE, check, cases[i][0], cases[i][1]);
        if (strcmp(cases[i][1], "held") == 0)
            finding_set(finding, "held", "a limit");
        if (strcmp(cases[i][0], "exempt") == 0)
            json_object_set_new(finding, "exemption", json_pack("{s:s}", "reason", "agreed"));
        json_object_set_new(finding, "evidence", json_pack("{s:s}", "Principal", "*</pre>"));
        report_give(report, finding);
    }
}
