/* Reads and checks the file with the tests of one policy:
 *   return {
 *     policy = "sqs",                       -- default: the file's name without _test.lua
 *     cases = { {
 *       name =, id =, account =, region =, now = (epoch seconds), settings = { VARIABLE = "…" },
 *       replies = { ["sqs:GetQueueAttributes"] = reply (reply.h) },
 *       recorded = "folder of --record" (in place of replies and changes),
 *       expect = { ["sqs.public"] = "non_compliant" or { status =, summary = } } or a status,
 *       changes = { { call =, with =, undo = { call =, with = } or irreversible = true,
 *                     replies = (those after it), reply = (its own) } },
 *       repaired = { ["sqs.public"] = "fixed" },
 *       tags = { team = "shop" } (what the policy's function tags returns),
 *     } },
 *     listings = { { name =, account =, region =, settings =, replies =, ids = {…} } },
 *     events = { { event = "sqs:CreateQueue", detail =, ids = {…} } },
 *   }
 * Serves test_run. */
#ifndef TESTING_TEST_FILE_H
#define TESTING_TEST_FILE_H

#include <jansson.h>

#include "aws/model/model.h"
#include "policy/evaluator.h"

/* ERR_POLICY names the file and the position. New reference. */
json_t *test_file_read(struct evaluator *evaluator, const char *path, struct err *err);
/* Checks what depends on the policy: names of checks, operations, replies. */
int test_file_check(const json_t *file, const char *path, const struct policy *policy,
                    struct model_set *models, struct err *err);

#endif
