/* The HTML page: what it holds as data, and that nothing of it is taken for HTML. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <zlib.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/mem.h"
#include "support/report_findings.h"
#include "value/json.h"

#define DATA "<script type=\"application/json\""
#define MANY 600
#define UNPACKED (8u << 20)

/* The JSON of the script element that begins at `at`; moves `at` behind it. */
static json_t *element(const char **at)
{
    struct err err = {0};
    const char *start = strchr(*at, '>') + 1, *end = strstr(start, "</script>");
    assert_non_null(end);
    json_t *value = json_parse(start, (size_t)(end - start), &err);
    assert_string_equal(err.message, "");
    *at = end;
    return value;
}

static json_t *unpack(const char *text)
{
    struct buf packed;
    struct err err = {0};
    unsigned long length = UNPACKED;
    unsigned char *bytes = mem_alloc(length);
    buf_init(&packed, UNPACKED);
    assert_int_equal(base64_decode(text, strlen(text), &packed), 0);
    assert_int_equal(uncompress(bytes, &length, (const unsigned char *)packed.data, packed.len),
                     Z_OK);
    json_t *details = json_parse((const char *)bytes, length, &err);
    assert_string_equal(err.message, "");
    buf_clear(&packed);
    mem_free(bytes);
    return details;
}

/* What the page holds: {"rows":[…],"details":[…],"blocks":n,"report":{…}}. */
static json_t *read_page(const char *text)
{
    json_t *rows = json_array(), *details = json_array();
    int blocks = 0;
    const char *at = text;
    while ((at = strstr(at, DATA " class=\"findings\">")) != NULL) {
        json_t *block = element(&at);
        json_t *unpacked = unpack(json_get_string(block, "details", ""));
        assert_int_equal(json_array_size(json_object_get(block, "rows")),
                         json_array_size(unpacked));
        json_array_extend(rows, json_object_get(block, "rows"));
        json_array_extend(details, unpacked);
        json_decref(unpacked);
        json_decref(block);
        blocks++;
    }
    at = strstr(text, DATA " id=\"report\">");
    assert_non_null(at);
    return json_pack("{s:o, s:o, s:i, s:o}", "rows", rows, "details", details, "blocks", blocks,
                     "report", element(&at));
}

static const char *cell(const json_t *page, size_t row, size_t column)
{
    const json_t *cells = json_array_get(json_object_get(page, "rows"), row);
    return json_string_value(json_array_get(cells, column));
}

static json_int_t digit(const json_t *page, size_t row, size_t column)
{
    const json_t *cells = json_array_get(json_object_get(page, "rows"), row);
    return json_integer_value(json_array_get(cells, column));
}

static const json_t *detail(const json_t *page, size_t row, const char *key)
{
    return json_object_get(json_array_get(json_object_get(page, "details"), row), key);
}

static const json_t *check_of(const json_t *page, size_t row)
{
    const json_t *checks = json_object_get(json_object_get(page, "report"), "checks");
    return json_array_get(checks, (size_t)digit(page, row, 0));
}

static void test_every_finding(void **state)
{
    (void)state;
    struct report *report = report_begin(FORMAT_HTML);
    report_settings.all = true;
    report_add_all(report);
    json_t *page = read_page(report_end(report));
    assert_int_equal(json_array_size(json_object_get(page, "rows")), VERDICTS);
    for (size_t i = 0; i < VERDICTS; i++) {
        char check[16];
        snprintf(check, sizeof check, "sqs.c%zu", i);
        assert_string_equal(finding_get(check_of(page, i), "check"), check);
        assert_string_equal(cell(page, i, 1), "111122223333");
        assert_string_equal(cell(page, i, 3), "sqs");
        assert_string_equal(cell(page, i, 7), "anyone may send");
        assert_string_equal(finding_get(detail(page, i, "evidence"), "Principal"), "*</pre>");
        assert_null(detail(page, i, "title"));
        assert_null(detail(page, i, "id"));
    }
    assert_string_equal(cell(page, 6, 8), "a limit"); /* why it is held */
    assert_string_equal(json_string_value(detail(page, 6, "remediation")), "held");
    json_decref(page);
}

static void test_counts_what_is_not_listed(void **state)
{
    (void)state;
    struct report *report = report_begin(FORMAT_HTML);
    report_add_all(report);
    const char *text = report_end(report);
    report_has(text, "<li class=\"r10\"><b>1</b> compliant</li>");
    report_has(text, "<li class=\"r1\"><b>1</b> unknown</li>");
    report_has(text, "<li class=\"all\"><b>11</b> checks</li>");
    report_has(text, "<noscript>");
    json_t *page = read_page(text);
    assert_int_equal(json_array_size(json_object_get(page, "rows")), VERDICTS - 1);
    json_decref(page);
}

static void test_no_findings(void **state)
{
    (void)state;
    const char *text = report_end(report_begin(FORMAT_HTML));
    json_t *page = read_page(text);
    assert_int_equal(json_array_size(json_object_get(page, "rows")), 0);
    report_lacks(text, "{{");
    report_lacks(text, "role=\"alert\"");
    json_decref(page);
}

static json_t *described(const char *risk)
{
    json_t *finding = report_finding("a", "sqs.public", "non_compliant", "available");
    finding_set(finding, "risk", risk);
    finding_set(finding, "impact", "interrupts");
    return finding;
}

/* What a check says about itself stands once, however many findings it has. */
static void test_checks_once(void **state)
{
    (void)state;
    struct report *report = report_begin(FORMAT_HTML);
    for (size_t i = 0; i < MANY; i++)
        report_give(report, described("Anyone reads it."));
    const char *text = report_end(report);
    const char *first = strstr(text, "Anyone reads it.");
    assert_non_null(first);
    assert_null(strstr(first + 1, "Anyone reads it."));
    json_t *page = read_page(text);
    const json_t *checks = json_object_get(json_object_get(page, "report"), "checks");
    assert_int_equal(json_array_size(checks), 1);
    assert_string_equal(finding_get(check_of(page, MANY - 1), "impact"), "interrupts");
    assert_string_equal(finding_get(check_of(page, 0), "title"),
                        "Queue <lets> \"anyone\" in & more");
    assert_int_equal(json_array_size(json_object_get(page, "rows")), MANY);
    assert_int_equal(json_get_integer(page, "blocks", 0), 3);
    json_decref(page);
}

/* A block ends after a large finding: a browser unpacks no more than it must. */
static void test_large_findings(void **state)
{
    (void)state;
    char *large = mem_alloc((1u << 20) + 1);
    memset(large, '<', 1u << 20);
    struct report *report = report_begin(FORMAT_HTML);
    for (size_t i = 0; i < 3; i++) {
        json_t *finding = report_finding("a", "sqs.public", "unknown", "none");
        json_object_set_new(finding, "evidence", json_string(large));
        report_give(report, finding);
    }
    json_t *page = read_page(report_end(report));
    assert_int_equal(json_get_integer(page, "blocks", 0), 3);
    assert_string_equal(json_string_value(detail(page, 2, "evidence")), large);
    json_decref(page);
    mem_free(large);
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, part)) != NULL; at++)
        count++;
    return count;
}

static const char *hostile[] = {
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "]]>--><b onclick=\"x\">&lt;&amp;",
    "\xe2\x80\xa8\xe2\x80\xa9\x7f\xc2\x9b",
    "{{script}}{{findings}}",
};

/* Each text in each place that takes text from outside. */
static void test_hostile_texts(void **state)
{
    (void)state;
    static const char *const keys[] = {"account", "region",   "type", "id",  "check",   "title",
                                       "summary", "severity", "risk", "url", "invented"};
    size_t plain_scripts, plain_ends;
    const char *text = report_end(report_begin(FORMAT_HTML));
    plain_scripts = count_of(text, "<script");
    plain_ends = count_of(text, "</script");
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        struct report *report = report_begin(FORMAT_HTML);
        json_t *finding = report_finding("a", "sqs.public", "unknown", "none");
        for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
            finding_set(finding, keys[k], hostile[i]);
        json_object_set_new(finding, "error", json_pack("{s:s}", "message", hostile[i]));
        report_give(report, finding);
        report_missing(report, "interrupted", hostile[i]);
        text = report_end(report);
        assert_int_equal(count_of(text, "<script"), plain_scripts + 1); /* its block */
        assert_int_equal(count_of(text, "</script"), plain_ends + 1);
        report_lacks(text, "<!--");
        report_lacks(text, "onclick=\"x\"");
        report_lacks(text, "\x7f");
        report_lacks(text, "\xc2\x9b");
        json_t *page = read_page(text);
        for (size_t column = 1; column <= 4; column++)
            assert_string_equal(cell(page, 0, column), hostile[i]);
        assert_string_equal(finding_get(check_of(page, 0), "risk"), hostile[i]);
        assert_string_equal(json_string_value(detail(page, 0, "invented")), hostile[i]);
        json_decref(page);
    }
}

/* Is what stands between the marks allowed by its hash, for the directive? */
static void check_hash(const char *text, const char *open, const char *close, const char *directive)
{
    unsigned char digest[SHA256_BYTES];
    struct buf allowed;
    const char *start = strstr(text, open);
    assert_non_null(start);
    start += strlen(open);
    assert_null(strstr(start, open)); /* there is no other */
    digest_sha256(start, (size_t)(strstr(start, close) - start), digest);
    buf_init(&allowed, 4096);
    buf_addf(&allowed, "; %s 'sha256-", directive);
    base64_encode(digest, sizeof digest, &allowed);
    buf_adds(&allowed, "';");
    report_has(text, buf_text(&allowed));
    buf_clear(&allowed);
}

static void test_content_policy(void **state)
{
    (void)state;
    struct report *report = report_begin(FORMAT_HTML);
    report_add_all(report);
    const char *text = report_end(report);
    report_has(text, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ");
    check_hash(text, "<style>", "</style>", "style-src");
    check_hash(text, "<script>", "</script>", "script-src");
    report_has(text, "; require-trusted-types-for 'script'; trusted-types 'none'\">");
    report_lacks(text, "innerHTML");
    report_lacks(text, " style=");
    report_lacks(text, " onclick=");
    report_lacks(text, "src=");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, report_set_up, report_tear_down)

int main(void)
{
    mem_install();
    const struct CMUnitTest tests[] = {
        TEST(test_every_finding),  TEST(test_counts_what_is_not_listed),
        TEST(test_no_findings),    TEST(test_checks_once),
        TEST(test_large_findings), TEST(test_hostile_texts),
        TEST(test_content_policy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
