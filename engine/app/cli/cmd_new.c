/* engine new TYPE --from SERVICE:OPERATION: writes a policy and its tests, from the API models. */
#include "app/cli/cmd_new.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/services/services.h"
#include "base/clean_text.h"
#include "base/mem.h"
#include "generate/new_policy_text.h"

#define MAX_TEXT ((size_t)1 << 20)

struct new_job {
    const char *folder;
    char *tests; /* the folder of the tests */
    char *policy_path, *test_path;
    struct buf policy, test;
};

static const char *option(const struct services *services, const char *name)
{
    return json_string_value(json_object_get(services->settings.extra, name));
}

/* As policies require it of a type. */
static int check_type(const char *type, struct err *err)
{
    bool good = type[0] >= 'a' && type[0] <= 'z' &&
                type[strspn(type, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
    if (good)
        return 0;
    return err_set(err, ERR_USAGE,
                   "\"%s\" is not a type name: use lower-case letters, digits and _, with a letter "
                   "first, such as dynamodb_table",
                   type);
}

static int check_options(const struct services *services, const struct text_list *words,
                         struct err *err)
{
    if (check_type(words->items[0], err) != 0)
        return -1;
    if (option(services, "from") == NULL)
        return err_set(err, ERR_USAGE,
                       "engine new requires --from SERVICE:OPERATION, an operation that reads one "
                       "resource, such as dynamodb:DescribeTable (engine models --show SERVICE "
                       "lists them)");
    if (option(services, "out") == NULL && services->settings.policy_folders.count == 0)
        return err_set(err, ERR_USAGE,
                       "no policies directory found: set --out DIR, --policies DIR or "
                       "ENGINE_POLICIES");
    return 0;
}

/* ---- files ---- */

static int make_folder(const char *path, struct err *err)
{
    if (mkdir(path, 0777) == 0 || errno == EEXIST)
        return 0;
    return err_set(err, ERR_IO, "%s cannot be created: %s", path, strerror(errno));
}

/* Never overwrites. */
static int write_file(const char *path, const struct buf *text, struct err *err)
{
    FILE *file = fopen(path, "wx");
    if (file == NULL)
        return err_set(err, ERR_IO, "%s cannot be created: %s", path, strerror(errno));
    bool written = fwrite(text->data, 1, text->len, file) == text->len;
    written = fclose(file) == 0 && written;
    if (written)
        return 0;
    int why = errno;
    unlink(path);
    return err_set(err, ERR_IO, "%s cannot be written: %s", path, strerror(why));
}

static int refuse_existing(const char *path, struct err *err)
{
    if (access(path, F_OK) != 0)
        return 0;
    return err_set(err, ERR_USAGE,
                   "%s exists: choose another type, or another directory with --out", path);
}

static int write_files(const struct new_job *job, struct err *err)
{
    if (refuse_existing(job->policy_path, err) != 0 || refuse_existing(job->test_path, err) != 0 ||
        make_folder(job->folder, err) != 0 || make_folder(job->tests, err) != 0 ||
        write_file(job->policy_path, &job->policy, err) != 0)
        return -1;
    if (write_file(job->test_path, &job->test, err) == 0)
        return 0;
    unlink(job->policy_path);
    return -1;
}

static void print_next(const struct new_job *job, const char *type)
{
    char *test = text_shell(job->test_path);
    char *policy = text_shell(job->policy_path);
    char *folder = text_shell(job->folder);
    printf("wrote %s and %s\n\n"
           "next:\n"
           "  engine test %s\n"
           "  engine check %s\n"
           "  edit both: the check is an example (docs/policy-authors.md)\n"
           "  engine scan --policies %s --types %s\n",
           job->policy_path, job->test_path, test, policy, folder, type);
    mem_free(test);
    mem_free(policy);
    mem_free(folder);
}

static int make(struct services *services, struct new_job *job, const char *type, struct err *err)
{
    struct new_policy policy;
    if (new_policy_find(&policy, services->models, option(services, "from"),
                        option(services, "list"), err) != 0)
        return -1;
    new_policy_text(&policy, type, &job->policy);
    new_policy_tests(&policy, type, &job->test);
    if (write_files(job, err) != 0)
        return -1;
    print_next(job, type);
    return fflush(stdout) == 0
               ? 0
               : err_set(err, ERR_IO, "stdout cannot be written: %s", strerror(errno));
}

static int run_new(struct services *services, const struct text_list *words, struct err *err)
{
    const char *type = words->items[0], *out = option(services, "out");
    struct new_job job = {.folder = out != NULL ? out : services->settings.policy_folders.items[0]};
    services_offline(services);
    if (services->models == NULL)
        return err_set(err, ERR_USAGE,
                       "no API models found: compile them with `engine models SRC --out DIR`, and "
                       "set --models DIR or ENGINE_MODELS");
    job.tests = mem_printf("%s/tests", job.folder);
    job.policy_path = mem_printf("%s/%s.lua", job.folder, type);
    job.test_path = mem_printf("%s/%s_test.lua", job.tests, type);
    buf_init(&job.policy, MAX_TEXT);
    buf_init(&job.test, MAX_TEXT);
    int result = make(services, &job, type, err);
    buf_clear(&job.policy);
    buf_clear(&job.test);
    mem_free(job.tests);
    mem_free(job.policy_path);
    mem_free(job.test_path);
    if (result != 0 && err->kind == ERR_PARAM)
        err->kind = ERR_USAGE;
    return result;
}

static const char *const new_options[] = {"from=",  "list=",     "out=", "policies",
                                          "models", "log-level", NULL};

const struct command command_new = {
    .name = "new",
    .arguments = "TYPE",
    .summary = "write a new policy and its tests",
    .help = "Writes TYPE.lua into the policies directory (or --out) and tests/TYPE_test.lua\n"
            "below it, and never overwrites a file. --from names the operation that reads\n"
            "one resource: dynamodb:DescribeTable. The operation that lists them, the id,\n"
            "the permissions and the error for a missing resource come from the API model.\n"
            "The check is an example to replace; the tests pass at once. Needs no network.\n",
    .options = new_options,
    .words = COMMAND_ONE_WORD,
    .check = check_options,
    .run = run_new,
};
