/* An earlier report and this run: which findings are new, unchanged, or resolved. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "baseline/baseline.h"
#include "baseline/baseline_file.h"
#include "policy/finding_entry.h"
#include "policy/verdict.h"
#include "support/report_findings.h"
#include "value/json.h"

static char path[] = "/tmp/baseline-XXXXXX";
static struct settings settings;
static struct policy queues = {.type = "sqs"}, buckets = {.type = "s3_bucket", .global = true};
static json_t *reported;

static const struct policy *find(void *self, const char *type)
{
    (void)self;
    if (strcmp(type, "sqs") == 0)
        return &queues;
    return strcmp(type, "s3_bucket") == 0 ? &buckets : NULL;
}

static struct evaluator evaluator = {.find = find};

static int set_up(void **state)
{
    (void)state;
    char master[] = "us-east-1";
    strcpy(path, "/tmp/baseline-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    settings = (struct settings){.master_region = strdup(master), .baseline = path};
    queues.meta = json_pack("{s:[{s:s, s:s}, {s:s, s:s}]}", "checks", "id", "sqs.public",
                            "severity", "high", "id", "sqs.tls", "severity", "low");
    buckets.meta = json_pack("{s:b, s:[{s:s}]}", "located", 1, "checks", "id", "s3_bucket.tls");
    reported = json_array();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    json_decref((json_t *)(uintptr_t)queues.meta);
    json_decref((json_t *)(uintptr_t)buckets.meta);
    json_decref(reported);
    free(settings.master_region);
    text_list_clear(&settings.regions);
    return unlink(path);
}

static void write_file(const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void append(json_t *finding)
{
    FILE *file = fopen(path, "a");
    assert_non_null(file);
    assert_int_equal(json_dumpf(finding, file, 0), 0);
    fputs("\n", file);
    fclose(file);
    json_decref(finding);
}

static struct baseline *open_file(void)
{
    struct err err = {0};
    struct baseline *baseline = baseline_open(path, &settings, &evaluator, &err);
    assert_string_equal(err.message, "");
    assert_non_null(baseline);
    return baseline;
}

static void refuses(const char *text, const char *why)
{
    struct err err = {0};
    char expected[256];
    snprintf(expected, sizeof expected, "--baseline: %s line %s", path, why);
    write_file(text);
    assert_null(baseline_open(path, &settings, &evaluator, &err));
    assert_int_equal(err.kind, ERR_USAGE);
    assert_int_equal(strncmp(err.message, expected, strlen(expected)), 0);
}

static void marks(struct baseline *baseline, json_t *finding, const char *mark)
{
    baseline_mark(baseline, finding);
    assert_string_equal(verdict_mark_name(verdict_mark(finding)), mark);
    json_decref(finding);
}

static void test_bad_files(void **state)
{
    (void)state;
    struct err err = {0};
    refuses("{\"account\":1}\n", "1: this is not a finding: it has no \"account\"");
    refuses("{\"journal\":1}\n", "1: this is a journal, which engine undo and engine show read");
    refuses("{\"format\":2}\n", "1: a newer engine wrote this (\"format\" is 2)");
    refuses("\n\nhello\n", "3: this is not a report in jsonl or json");
    refuses("[\n{\"account\":\n\"1\"", "3: ");
    append(report_finding("a", "sqs.public", "non_compliant", "none"));
    refuses("[\n", "2: the report is cut off");
    assert_null(baseline_open("/nonexistent", &settings, &evaluator, &err));
    assert_string_equal(err.message, "--baseline: /nonexistent: No such file or directory");
}

static void test_the_second_finding_is_bad(void **state)
{
    (void)state;
    struct err err = {0};
    append(report_finding("a", "sqs.public", "non_compliant", "none"));
    json_t *finding = report_finding("b", "sqs.public", "non_compliant", "none");
    json_object_del(finding, "id");
    append(finding);
    assert_null(baseline_open(path, &settings, &evaluator, &err));
    assert_non_null(strstr(err.message, " line 2: this is not a finding: it has no \"id\""));
}

static void count_one(void *arg, const json_t *finding)
{
    (void)finding;
    ++*(size_t *)arg;
}

static size_t read_most(size_t max, struct err *err)
{
    const struct baseline_taker taker = {.take = count_one, .arg = &(size_t){0}};
    int result = baseline_file_read(path, path, max, &taker, err);
    assert_int_equal(result, err->message[0] == '\0' ? 0 : -1);
    return *(size_t *)taker.arg;
}

static size_t file_size(void)
{
    struct stat file;
    assert_int_equal(stat(path, &file), 0);
    return (size_t)file.st_size;
}

static void is_too_large(size_t max, size_t count)
{
    struct err err = {0};
    char expected[128];
    assert_int_equal(read_most(max, &err), count);
    snprintf(expected, sizeof expected, "%s: the file is too large: the maximum is %zu bytes", path,
             max);
    assert_string_equal(err.message, expected);
    assert_int_equal(err.kind, ERR_USAGE);
}

/* Wherever the maximum is reached: within a finding, or in the space after it. */
static void test_too_large(void **state)
{
    (void)state;
    struct err err = {0};
    append(report_finding("a", "sqs.public", "non_compliant", "none"));
    size_t one = file_size();
    append(report_finding("b", "sqs.public", "non_compliant", "none"));
    assert_int_equal(read_most(2 * one, &err), 2);
    assert_string_equal(err.message, "");
    is_too_large(2 * one - 1, 2);
    is_too_large(2 * one - 2, 1);
    is_too_large(one + 1, 1);
    is_too_large(one, 1);
    is_too_large(one - 2, 0);
    is_too_large(0, 0);
}

static void test_both_formats_and_none(void **state)
{
    (void)state;
    baseline_free(open_file()); /* empty */
    write_file("[]\n");
    baseline_free(open_file());
    json_t *list = json_pack("[o, o]", report_finding("a", "sqs.public", "non_compliant", "none"),
                             report_finding("b", "sqs.public", "unknown", "none"));
    FILE *file = fopen(path, "w");
    json_dumpf(list, file, JSON_INDENT(2));
    fclose(file);
    json_decref(list);
    struct baseline *baseline = open_file();
    marks(baseline, report_finding("a", "sqs.public", "non_compliant", "none"), "unchanged");
    marks(baseline, report_finding("b", "sqs.public", "unknown", "none"), "unchanged");
    marks(baseline, report_finding("c", "sqs.public", "unknown", "none"), "new");
    baseline_free(baseline);
}

static void test_marks(void **state)
{
    (void)state;
    static const struct {
        const char *before, *was, *now, *is, *mark;
    } cases[] = {
        {"non_compliant", "none", "non_compliant", "available", "unchanged"},
        {"non_compliant", "none", "non_compliant", "failed", "unchanged"},
        {"non_compliant", "none", "exempt", "none", "unchanged"},
        {"non_compliant", "none", "unknown", "none", "unchanged"},
        {"non_compliant", "none", "compliant", "none", "resolved"},
        {"non_compliant", "none", "gone", "none", "resolved"},
        {"non_compliant", "none", "non_compliant", "fixed", "resolved"},
        {"exempt", "none", "non_compliant", "none", "new"},
        {"unknown", "none", "non_compliant", "none", "new"},
        {"unknown", "none", "compliant", "none", "resolved"},
        {"pending", "none", "unknown", "none", "unchanged"},
        {"compliant", "none", "non_compliant", "none", "new"},
        {"compliant", "none", "compliant", "none", ""},
        {"non_compliant", "fixed", "non_compliant", "none", "new"},
        {"gone", "none", "non_compliant", "fixed", "new"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        write_file("");
        append(report_finding("a", "sqs.public", cases[i].before, cases[i].was));
        struct baseline *baseline = open_file();
        marks(baseline, report_finding("a", "sqs.public", cases[i].now, cases[i].is),
              cases[i].mark);
        baseline_free(baseline);
    }
}

static json_t *bucket(const char *id, const char *region)
{
    json_t *finding = report_finding(id, "s3_bucket.tls", "non_compliant", "none");
    finding_set(finding, "type", "s3_bucket");
    finding_set(finding, "region", region);
    json_object_set_new(finding, "global", json_true());
    return finding;
}

/* Account, region, type, id and check; no region if the type has none. */
static void test_identity(void **state)
{
    (void)state;
    append(report_finding("a", "sqs.public", "non_compliant", "none"));
    append(bucket("b", "us-east-1"));
    struct baseline *baseline = open_file();
    json_t *other = report_finding("a", "sqs.public", "non_compliant", "none");
    finding_set(other, "region", "eu-west-1");
    marks(baseline, other, "new");
    other = report_finding("a", "sqs.public", "non_compliant", "none");
    finding_set(other, "account", "444455556666");
    marks(baseline, other, "new");
    marks(baseline, report_finding("a", "sqs.tls", "non_compliant", "none"), "new");
    marks(baseline, bucket("b", "eu-west-1"), "unchanged");
    baseline_free(baseline);
}

static void tell(void *arg, const json_t *finding)
{
    (void)arg;
    json_array_append(reported, (json_t *)(uintptr_t)finding);
}

static size_t absent(struct baseline *baseline, const json_t *selected)
{
    json_array_clear(reported);
    baseline_report_absent(baseline, selected, tell, NULL);
    return json_array_size(reported);
}

static void look_at(struct baseline *baseline, const struct policy *policy, const char *id)
{
    struct resource *resource = resource_new("111122223333", "us-east-1", policy->type, id);
    baseline_note_seen(baseline, policy, resource);
    resource_free(resource);
}

/* A finding is resolved only if it was looked for and is not there. */
static void test_absent(void **state)
{
    (void)state;
    append(report_finding("a", "sqs.public", "non_compliant", "none"));
    append(report_finding("a", "sqs.tls", "non_compliant", "none"));
    append(report_finding("a", "sqs.retired", "non_compliant", "none"));
    append(report_finding("b", "sqs.public", "non_compliant", "none"));
    struct baseline *baseline = open_file();
    look_at(baseline, &queues, "b");
    assert_int_equal(absent(baseline, NULL), 0);
    baseline_note_listed(baseline, &queues, "111122223333", "eu-west-1");
    baseline_note_listed(baseline, &buckets, "111122223333", "us-east-1");
    assert_int_equal(absent(baseline, NULL), 0);
    baseline_note_listed(baseline, &queues, "111122223333", "us-east-1");
    assert_int_equal(absent(baseline, NULL), 2);
    const json_t *first = json_array_get(reported, 0);
    assert_string_equal(finding_get(first, "status"), "gone");
    assert_string_equal(finding_get(first, "baseline"), "resolved");
    assert_string_equal(finding_get(first, "id"), "a");
    json_t *selected = json_pack("{s:b}", "sqs.tls", 1);
    assert_int_equal(absent(baseline, selected), 1);
    json_decref(selected);
    settings.only_use_test_resources = true;
    assert_int_equal(absent(baseline, NULL), 0);
    baseline_free(baseline);
}

/* A place that could not be listed, but now was, even if it has no such resource. */
static void test_listed_again(void **state)
{
    (void)state;
    append(report_finding("*", "sqs.listed", "unknown", "none"));
    struct baseline *baseline = open_file();
    assert_int_equal(absent(baseline, NULL), 0);
    baseline_note_listed(baseline, &queues, "111122223333", "us-east-1");
    settings.only_use_test_resources = true;
    json_t *selected = json_pack("{s:b}", "sqs.tls", 1);
    assert_int_equal(absent(baseline, selected), 1);
    json_decref(selected);
    const json_t *first = json_array_get(reported, 0);
    assert_string_equal(finding_get(first, "check"), "sqs.listed");
    assert_string_equal(finding_get(first, "status"), "compliant");
    assert_string_equal(finding_get(first, "baseline"), "resolved");
    look_at(baseline, &queues, "*");
    assert_int_equal(absent(baseline, NULL), 0);
    baseline_free(baseline);
}

/* Whatever its region was: an account that cannot be entered, and now was. */
static void test_entered_again(void **state)
{
    (void)state;
    json_t *error = json_pack("{s:s}", "message", "AccessDenied");
    struct resource *place = finding_entry_place("111122223333", "us-east-1");
    append(finding_not_entered(place, error));
    struct baseline *baseline = open_file();
    baseline_note_listed(baseline, &queues, "111122223333", "us-east-1");
    assert_int_equal(absent(baseline, NULL), 0);
    baseline_note_entered(baseline, place);
    assert_int_equal(absent(baseline, NULL), 1);
    const json_t *first = json_array_get(reported, 0);
    assert_string_equal(finding_get(first, "check"), "account.entered");
    assert_string_equal(finding_get(first, "baseline"), "resolved");
    json_t *again = finding_not_entered(place, error);
    baseline_mark(baseline, again);
    assert_string_equal(finding_get(again, "baseline"), "unchanged");
    assert_int_equal(absent(baseline, NULL), 0); /* not resolved as well */
    json_decref(again);
    json_decref(error);
    resource_free(place);
    baseline_free(baseline);
}

/* --regions leaves out buckets of other regions, even those of the master region. */
static void test_absent_bucket(void **state)
{
    (void)state;
    append(bucket("b", "eu-west-1"));
    append(bucket("m", "us-east-1"));
    struct baseline *baseline = open_file();
    baseline_note_listed(baseline, &buckets, "111122223333", "us-east-1");
    assert_int_equal(absent(baseline, NULL), 2);
    text_list_add(&settings.regions, "eu-central-1");
    assert_int_equal(absent(baseline, NULL), 0);
    text_list_add(&settings.regions, "eu-west-1");
    assert_int_equal(absent(baseline, NULL), 1);
    assert_string_equal(finding_get(json_array_get(reported, 0), "id"), "b");
    baseline_free(baseline);
}

/* Users have no region: --regions selects none of them, and they are listed nevertheless. */
static void test_absent_user(void **state)
{
    (void)state;
    append(bucket("u", "us-east-1"));
    json_object_del((json_t *)(uintptr_t)buckets.meta, "located");
    text_list_add(&settings.regions, "eu-west-1");
    struct baseline *baseline = open_file();
    baseline_note_listed(baseline, &buckets, "111122223333", "us-east-1");
    assert_int_equal(absent(baseline, NULL), 1);
    baseline_free(baseline);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_bad_files),     TEST(test_the_second_finding_is_bad),
        TEST(test_too_large),     TEST(test_both_formats_and_none),
        TEST(test_marks),         TEST(test_identity),
        TEST(test_absent),        TEST(test_listed_again),
        TEST(test_entered_again), TEST(test_absent_bucket),
        TEST(test_absent_user)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
