/* The journal: what was written is read back as fixes, even with torn and foreign lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "journal/journal.h"
#include "journal/journal_sums.h"
#include "support/models.h"
#include "support/scratch_case.h"
#include "value/json.h"

#define BEGIN(fix) "{\"journal\":1,\"fix\":\"" fix "\",\"state\":\"begin\",\"check\":\"a.b\"}\n"
#define STEP(fix, n)                                                                               \
    "{\"journal\":1,\"fix\":\"" fix "\",\"state\":\"step\",\"step\":" n                            \
    ",\"call\":\"a:B\",\"undo\":{\"call\":\"a:C\"}}\n"
#define DONE(fix, n) "{\"journal\":1,\"fix\":\"" fix "\",\"state\":\"done\",\"step\":" n "}\n"
#define END(fix)                                                                                   \
    "{\"journal\":1,\"fix\":\"" fix "\",\"state\":\"end\",\"result\":\"fixed\","                   \
    "\"after\":\"d\"}\n"
#define WHOLE(fix) BEGIN(fix) STEP(fix, "0") DONE(fix, "0") END(fix)

/* As undo reads it. */
static json_t *read_there(void)
{
    struct journal *journal = journal_new(scratch.path);
    json_t *fixes = journal_open_to_undo(journal, &scratch.err) == 0
                        ? journal_fixes(journal, &scratch.err)
                        : NULL;
    journal_free(journal);
    return fixes;
}

static json_t *read_plain(const char *text)
{
    scratch_write(scratch.path, text, strlen(text));
    return read_there();
}

/* Adds one line (of `length`, with its newline) to `out`, with its sum if it is a line of a
 * journal. */
static void seal_line(struct buf *out, json_t *sums, const char *line, size_t length)
{
    const char *start = strstr(line, JOURNAL_MARK);
    const char *next = start;
    json_t *value = NULL;
    while (next != NULL && next < line + length && value == NULL) {
        start = next;
        value = json_parse(start, strcspn(start, "\n"), NULL);
        next = strstr(start + 1, JOURNAL_MARK);
    }
    if (value == NULL) {
        buf_add(out, line, length);
        return;
    }
    journal_sum_add(sums, value);
    journal_sum_keep(sums, value);
    buf_add(out, line, (size_t)(start - line));
    json_write(value, out);
    buf_addc(out, '\n');
    json_decref(value);
}

/* The text with the sums of its lines. mem_free. */
static char *sealed(const char *text)
{
    struct buf out;
    json_t *sums = json_object();
    buf_init(&out, 1 << 16);
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        length += text[length] == '\n';
        seal_line(&out, sums, text, length);
        text += length;
    }
    char *copy = mem_strdup(buf_text(&out));
    buf_clear(&out);
    json_decref(sums);
    return copy;
}

static json_t *read_text(const char *text)
{
    char *copy = sealed(text);
    json_t *fixes = read_plain(copy);
    mem_free(copy);
    return fixes;
}

/* The names of the fixes, newest last, with ! before damaged ones. Frees the fixes. */
static void assert_names(json_t *fixes, const char *names)
{
    char found[256] = "";
    size_t i;
    json_t *fix;
    assert_non_null(fixes);
    json_array_foreach (fixes, i, fix) {
        strcat(found, json_object_get(fix, "damage") != NULL ? "!" : "");
        strcat(found, json_get_string(fix, "fix", "?"));
    }
    assert_string_equal(found, names);
    json_decref(fixes);
}

static void assert_fixes(const char *text, const char *names)
{
    assert_names(read_text(text), names);
}

/* One fix is damaged, and the message names that line. Frees the fixes. */
static void assert_damage(json_t *fixes, const char *why)
{
    size_t i;
    json_t *fix;
    const char *found = "";
    assert_non_null(fixes);
    json_array_foreach (fixes, i, fix)
        found = json_get_string(fix, "damage", found);
    if (strstr(found, why) == NULL)
        fail_msg("%s, not %s", found, why);
    json_decref(fixes);
}

static void writes_what_it_reads(void **state)
{
    (void)state;
    struct stat info;
    struct journal *journal = journal_new(scratch.path);
    assert_null(journal_written(journal));
    json_t *line = json_pack("{s:s, s:s, s:s}", "fix", "A", "state", "begin", "id", "x\ny");
    assert_int_equal(journal_write(journal, line, &scratch.err), 0);
    line = json_pack("{s:s, s:s, s:i, s:s}", "fix", "A", "state", "step", "step", 0, "call", "a:B");
    assert_int_equal(journal_write(journal, line, &scratch.err), 0);
    assert_string_equal(journal_written(journal), scratch.path);
    journal_free(journal);
    assert_int_equal(stat(scratch.path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    json_t *fixes = read_there();
    const json_t *fix = json_array_get(fixes, 0);
    const json_t *step = json_array_get(json_object_get(fix, "steps"), 0);
    assert_string_equal(json_get_string(fix, "id", ""), "x\ny");
    assert_string_equal(json_get_string(step, "call", ""), "a:B");
    assert_true(json_is_false(json_object_get(step, "done")));
    json_decref(fixes);
}

static void keeps_steps_and_their_outcome(void **state)
{
    (void)state;
    json_t *fixes = read_text(BEGIN("A") STEP("A", "0") BEGIN("B") STEP("B", "0") DONE("A", "0")
                                  STEP("A", "1") END("A"));
    const json_t *fix = json_array_get(fixes, 0);
    const json_t *steps = json_object_get(fix, "steps");
    assert_int_equal(json_array_size(fixes), 2);
    assert_string_equal(json_get_string(fix, "after", ""), "d");
    assert_true(json_is_true(json_object_get(json_array_get(steps, 0), "done")));
    assert_true(json_is_false(json_object_get(json_array_get(steps, 1), "done")));
    json_decref(fixes);
}

static void leaves_out_what_was_undone(void **state)
{
    (void)state;
    static const char undone[] = "{\"journal\":1,\"fix\":\"A\",\"state\":\"undone\"}\n";
    static const char inverse[] =
        "{\"journal\":1,\"fix\":\"C\",\"state\":\"begin\",\"undoes\":\"A\"}\n";
    char text[2048];
    snprintf(text, sizeof text, "%s%s%s", WHOLE("A") WHOLE("B"), inverse, undone);
    assert_fixes(text, "B");
}

static void ignores_foreign_lines(void **state)
{
    (void)state;
    assert_fixes(
        "START RequestId\n2026-01-01 info " WHOLE("A") "{\"message\":\"{\\\"journal\\\":\"}"
                                                       "\n\n",
        "A");
}

static void survives_a_torn_line(void **state)
{
    (void)state;
    assert_fixes(WHOLE("A") "{\"journal\":1,\"fix\":\"B\",\"sta", "A");
    assert_fixes(WHOLE("A") "{\"journal\":", "A");
    assert_fixes(WHOLE("A") "{\"jour", "A");
    assert_fixes(WHOLE("A") "{\"journal\":1,\"fix\":\"B\",\"sta" WHOLE("C"), "AC");
}

/* The text, with the first occurrence of `from` replaced. */
static json_t *read_edited(const char *text, const char *from, const char *to)
{
    char *copy = sealed(text);
    char *at = strstr(copy, from);
    assert_non_null(at);
    *at = '\0';
    char *edited = mem_printf("%s%s%s", copy, to, at + strlen(from));
    json_t *fixes = read_plain(edited);
    mem_free(edited);
    mem_free(copy);
    return fixes;
}

static void detects_edited_lines(void **state)
{
    (void)state;
    assert_damage(read_edited(WHOLE("A"), "a.b", "a.c"), "line 1 of the journal was changed");
    assert_damage(read_edited(WHOLE("A"), "a:C", "a:D"), "line 2 of");
    assert_damage(read_edited(WHOLE("A"), "\"done\"", "\"failed\""), "line 3 of");
    assert_damage(read_edited(WHOLE("A"), "\"after\":\"d\"", "\"after\":\"e\""), "line 4 of");
    assert_damage(read_edited(BEGIN("A"), "\"sum\"", "\"son\""), "line 1 of");
    assert_damage(read_edited(BEGIN("A"), ",\"check\":\"a.b\"", ""), "line 1 of");
}

static void a_damaged_line_costs_one_fix(void **state)
{
    (void)state;
    static const char three[] = WHOLE("A") WHOLE("B") WHOLE("C");
    assert_names(read_edited(three, "\"fix\":\"B\",\"state\":\"step\"", "\"fix\":\"B\",\"st"),
                 "A!BC");
    assert_names(read_edited(three, "\"fix\":\"B\",\"state\":\"begin\",", "\"fix\":\"B\","),
                 "A!BC");
    assert_names(read_edited(three, "{\"journal\":1,\"fix\":\"B\",\"state\":\"step\"", "{{"),
                 "A!BC");
    assert_names(read_edited(three, "\"fix\":\"B\",\"state\":\"end\"", "\"fax\":\"state\""),
                 "AB!C");
    assert_names(read_edited(three, "\"fix\":\"B\"", "\"fix\":\"A\""), "A!!BC");
}

/* A fix that was undone before its lines were damaged does not matter. */
static void what_was_undone_needs_no_lines(void **state)
{
    (void)state;
    assert_names(
        read_edited(WHOLE("A") "{\"journal\":1,\"fix\":\"A\",\"state\":\"undone\"}\n" WHOLE("B"),
                    "a:C", "a:D"),
        "B");
}

static void detects_missing_lines(void **state)
{
    (void)state;
    char *copy = sealed(BEGIN("A") STEP("A", "0") DONE("A", "0"));
    char *second = strchr(copy, '\n') + 1;
    char *third = strchr(second, '\n') + 1;
    memmove(second, third, strlen(third) + 1);
    assert_damage(read_plain(copy), "line 2 of");
    mem_free(copy);
}

static void accepts_other_spaces_and_order(void **state)
{
    (void)state;
    char *copy = sealed(BEGIN("A") STEP("A", "0"));
    json_t *line = json_loads(copy, JSON_DISABLE_EOF_CHECK, NULL);
    char *sum = mem_strdup(json_get_string(line, "sum", ""));
    char *text = mem_printf("{\"journal\": 1, \"sum\": \"%s\", \"check\": \"a.b\", "
                            "\"state\": \"begin\",\t\"fix\":\"A\"}\r\n%s",
                            sum, strchr(copy, '\n') + 1);
    assert_names(read_plain(text), "A");
    json_decref(line);
    mem_free(text);
    mem_free(sum);
    mem_free(copy);
}

static void reports_what_belongs_to_no_fix(void **state)
{
    (void)state;
    assert_damage(read_text(BEGIN("A") "{\"journal\":1,\"fix\"\n" END("A")), "line 2 of");
    assert_damage(read_text(BEGIN("A") END("B")),
                  "belongs to a fix whose first line is not in this journal");
    assert_damage(read_text(BEGIN("A") DONE("A", "0")),
                  "line 2 of the journal belongs to a fix whose first line is not in this journal");
    assert_damage(read_text("{\"journal\":1}\n"),
                  "line 1 of the journal belongs to a fix whose first line is not in this journal");
}

static void an_empty_journal_has_no_fixes(void **state)
{
    (void)state;
    assert_fixes("", "");
    assert_fixes("\n \n", "");
    assert_fixes("{\"journ", "");
    assert_null(read_text("{\"check\":\"sqs.public\"}\n"));
    assert_non_null(strstr(scratch.err.message, "is not a journal"));
    assert_non_null(
        strstr(scratch.err.message, "(engine apply writes the journal of a plan beside it"));
}

/* One line of a newer engine, which an older one may misunderstand, makes the whole journal one. */
static void a_newer_journal_is_refused(void **state)
{
    (void)state;
    assert_null(read_text(WHOLE("A") "{\"journal\":2,\"fix\":\"B\",\"state\":\"begin\"}\n"));
    assert_non_null(
        strstr(scratch.err.message, " line 5: a newer engine wrote this (\"journal\" is 2)"));
    assert_int_equal(scratch.err.kind, ERR_USAGE);
}

static void what_was_not_made_is_not_a_fix(void **state)
{
    (void)state;
    assert_fixes(BEGIN("A") BEGIN("B") STEP("B", "0"), "B");
    assert_fixes(BEGIN("A") STEP("A", "0") "{\"journal\":1,\"fix\":\"A\",\"state\":\"failed\","
                                           "\"step\":0,\"refused\":true}\n",
                 "");
    assert_fixes(BEGIN("A") STEP("A", "0") "{\"journal\":1,\"fix\":\"A\",\"state\":\"failed\","
                                           "\"step\":0,\"refused\":false}\n",
                 "A");
}

/* The result of the last attempt to undo it. */
static void reports_who_tried_to_undo_it(void **state)
{
    (void)state;
    json_t *fixes = read_text(WHOLE("A") "{\"journal\":1,\"fix\":\"C\",\"state\":\"begin\","
                                         "\"undoes\":\"A\"}\n" STEP("C", "0"));
    const json_t *inverse = json_object_get(json_array_get(fixes, 0), "inverse");
    assert_int_equal(json_array_size(fixes), 1);
    assert_string_equal(json_get_string(inverse, "fix", ""), "C");
    assert_int_equal(json_array_size(json_object_get(inverse, "steps")), 1);
    json_decref(fixes);
}

static void ignores_zero_bytes(void **state)
{
    (void)state;
    char *copy = sealed(WHOLE("A"));
    size_t half = (size_t)(strchr(copy, '\n') + 1 - copy), length = strlen(copy);
    char *text = mem_alloc(length + 8);
    memcpy(text, copy, half);
    memcpy(text + half + 7, copy + half, length - half);
    scratch_write(scratch.path, text, length + 7);
    assert_names(read_there(), "A");
    mem_free(text);
    mem_free(copy);
}

static void refuses_lines_without_end(void **state)
{
    (void)state;
    struct journal *journal = journal_new(scratch.path);
    char *text = mem_alloc((1 << 20) + 1);
    memset(text, 'x', 1 << 20);
    assert_int_equal(journal_write(journal, json_pack("{s:s}", "fix", text), &scratch.err), -1);
    assert_int_equal(scratch.err.kind, ERR_LIMIT);
    mem_free(text);
    journal_free(journal);
    assert_int_equal(access(scratch.path, F_OK), -1);
}

#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, scratch_case_set_up, scratch_case_tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(writes_what_it_reads),           TEST(keeps_steps_and_their_outcome),
        TEST(leaves_out_what_was_undone),     TEST(ignores_foreign_lines),
        TEST(survives_a_torn_line),           TEST(detects_edited_lines),
        TEST(a_damaged_line_costs_one_fix),   TEST(what_was_undone_needs_no_lines),
        TEST(detects_missing_lines),          TEST(accepts_other_spaces_and_order),
        TEST(reports_what_belongs_to_no_fix), TEST(an_empty_journal_has_no_fixes),
        TEST(a_newer_journal_is_refused),     TEST(what_was_not_made_is_not_a_fix),
        TEST(reports_who_tried_to_undo_it),   TEST(ignores_zero_bytes),
        TEST(refuses_lines_without_end),
    };
    mem_install();
    return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
