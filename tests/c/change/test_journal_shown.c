/* A fix of a journal as people see it: its result, who made it, and what can be undone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/mem.h"
#include "change/journal_shown.h"
#include "policy/finding.h"
#include "value/json.h"

#define MADE "{\"call\":\"sqs:SetQueueAttributes\",\"undo\":{\"call\":\"x\"},\"done\":true}"
#define FINAL "{\"call\":\"ec2:TerminateInstances\",\"irreversible\":\"why\",\"done\":true}"
#define REFUSED "{\"call\":\"sqs:SetQueueAttributes\",\"undo\":{\"call\":\"x\"},\"refused\":true}"

static void shows(const char *members, const char *summary, const char *status,
                  const char *remediation)
{
    char *text = mem_printf("{\"account\":\"1\",\"region\":\"r\",\"type\":\"sqs\",\"id\":\"q\","
                            "\"check\":\"sqs.public\",\"time\":\"T\",\"fix\":\"F\",%s}",
                            members);
    json_t *fix = json_loads(text, 0, NULL);
    assert_non_null(fix);
    json_t *finding = journal_shown(fix);
    assert_string_equal(finding_get(finding, "summary"), summary);
    assert_string_equal(finding_get(finding, "status"), status);
    assert_string_equal(finding_get(finding, "remediation"), remediation);
    assert_string_equal(finding_get(finding, "id"), "q");
    json_decref(finding);
    json_decref(fix);
    mem_free(text);
}

static void test_results(void **state)
{
    (void)state;
    shows("\"result\":\"fixed\",\"made_by\":{\"caller\":\"arn:x\"},\"steps\":[" MADE "]",
          "fixed on T by arn:x: 1 call; can be undone", "non_compliant", "fixed");
    shows("\"result\":\"fixed\",\"steps\":[" MADE "," FINAL "]",
          "fixed on T: 2 calls; 1 of its calls can be undone", "non_compliant", "fixed");
    shows("\"result\":\"fixed\",\"steps\":[" FINAL "]", "fixed on T: 1 call; cannot be undone",
          "non_compliant", "fixed");
    shows("\"result\":\"pending\",\"steps\":[" MADE "]", "pending on T: 1 call; can be undone",
          "pending", "none");
    shows("\"steps\":[" MADE "]", "the result is not known on T: 1 call; can be undone",
          "non_compliant", "failed");
    shows("\"result\":\"failed\",\"steps\":[" REFUSED "]",
          "nothing was changed on T: 0 calls, 1 refused", "non_compliant", "failed");
}

static void test_undone(void **state)
{
    (void)state;
    shows("\"result\":\"fixed\",\"undone\":true,\"steps\":[" MADE
          "],\"inverse\":{\"time\":\"U\",\"result\":\"undone\","
          "\"made_by\":{\"caller\":\"arn:y\"}}",
          "fixed on T: 1 call; undone on U by arn:y", "non_compliant", "available");
    shows("\"result\":\"fixed\",\"steps\":[" MADE "],\"inverse\":{\"result\":\"held\"}",
          "fixed on T: 1 call; engine undo: held; can be undone", "non_compliant", "fixed");
}

static void test_damaged(void **state)
{
    (void)state;
    shows("\"steps\":[],\"damage\":\"line 3 of the journal cannot be read\"",
          "line 3 of the journal cannot be read", "unknown", "failed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_results),
                                       cmocka_unit_test(test_undone),
                                       cmocka_unit_test(test_damaged)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
