/* The engine around one policy under test: evaluator, run, gate, journal, report and client are the
 * real ones; the client gets its answers from the test (canned.h). Files are written to a temporary
 * folder. Serves test_case. */
#ifndef TESTING_TEST_WORLD_H
#define TESTING_TEST_WORLD_H

#include <jansson.h>

#include "accounts/context.h"
#include "audit/run.h"
#include "testing/canned.h"

struct test_world {
    struct loop *loop;
    struct model_set *models;
    struct evaluator *evaluator;
    const struct policy *policy;
    const char *base; /* where paths of recordings begin */
    struct canned canned;
    char *folder, *report, *journal;
    /* of the current case */
    struct settings settings;
    struct context context;
    struct endpoints *endpoints;
    struct creds_env creds_env;
    struct creds_provider *provider;
    struct replay *replay; /* NULL: the case is not recorded */
    const char *account, *region;
};

/* The first five members must be set. */
int test_world_open(struct test_world *world, struct err *err);
void test_world_close(struct test_world *world);

/* Sets up account, region, settings and replies of a case or a listing (test_file.h), which must
 * live until test_world_end. After an error, too, call test_world_end. */
int test_world_begin(struct test_world *world, const json_t *item, struct err *err);
void test_world_end(struct test_world *world);

/* Audits the resource of that id, in this mode; new array of findings, NULL on an error. The
 * replies start from the beginning, and `refused` (or NULL) is refused. */
json_t *test_world_run(struct test_world *world, const char *id, enum run_mode mode,
                       const char *refused, struct err *err);
/* The fixes that the last run made, as journal_fixes returns them: new array. */
json_t *test_world_fixes(struct test_world *world, struct err *err);
/* Undoes what the last run changed; new array of results, as `engine undo` prints them. */
json_t *test_world_undo(struct test_world *world, struct err *err);
/* The tags that the policy reads of that resource, from the replies; new reference. NULL if they
 * are not known; err has the reason if there was an error. */
json_t *test_world_tags(struct test_world *world, const char *id, struct err *err);
/* Lists the resources: new array of ids, or of {"id","region","test"} where there is more. */
json_t *test_world_list(struct test_world *world, struct err *err);

#endif
