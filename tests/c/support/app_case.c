#include "support/app_case.h"

#include <ftw.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/cli/app.h"
#include "base/mem.h"
#include "support/app_policy.h"
#include "support/models.h"
#include "support/prepared.h"
#include "support/slowed.h"

#define MOST_WORDS 24
#define MOST_VARIABLES 16
#define MOST_DESCRIPTORS 24

struct app_case app_case;

static struct {
    const char *name, *value;
} variables[MOST_VARIABLES];

/* ---- AWS ---- */

static const struct app_answer account[] = {
    {"Action=GetCallerIdentity", 200,
     "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::" APP_ACCOUNT
     ":user/u</Arn><UserId>A</UserId><Account>" APP_ACCOUNT
     "</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"},
    {"AmazonSQS.ListQueues", 200, "{\"QueueUrls\":[\"" APP_QUEUE "\"]}"},
    {"AmazonSQS.SetQueueAttributes", 200, "{}"},
    {"AmazonSQS.SendMessageBatch", 200,
     "{\"Successful\":[{\"Id\":\"0\",\"MessageId\":\"m\",\"MD5OfMessageBody\":\"x\"}]}"},
    {0},
};

/* The operation of a request: the end of X-Amz-Target, or Action. */
static void note_operation(const struct peer_request *request)
{
    const char *target = strcasestr(request->text, "X-Amz-Target:");
    const char *action = strstr(request->text + request->body, "Action=");
    const char *name = target != NULL ? strpbrk(target, ".") : action;
    size_t used = strlen(app_case.asked);
    if (name != NULL)
        name += target != NULL ? 1 : strlen("Action=");
    if (name != NULL)
        snprintf(app_case.asked + used, sizeof app_case.asked - used, "%.*s\n",
                 (int)strcspn(name, "&\r\n"), name);
}

static void reply(const struct peer_request *request, int status, const char *body)
{
    char *text =
        mem_printf("HTTP/1.1 %d X\r\nContent-Length: %zu\r\n\r\n%s", status, strlen(body), body);
    peer_send(request, text);
    mem_free(text);
}

static bool try_answers(const struct peer_request *request, const struct app_answer *answers)
{
    for (; answers != NULL && answers->part != NULL; answers++) {
        if (strstr(request->text, answers->part) == NULL)
            continue;
        reply(request, answers->status, answers->body);
        return true;
    }
    return false;
}

static void on_request(void *arg, const struct peer_request *request)
{
    (void)arg;
    if (app_case.hook != NULL && app_case.hook(request))
        return;
    note_operation(request);
    if (try_answers(request, app_case.answers))
        return;
    if (strstr(request->text, "SetQueueAttributes") != NULL)
        app_case.open = strstr(request->text, "\"Policy\":\"\"") == NULL;
    if (strstr(request->text, "GetQueueAttributes") != NULL)
        reply(request, 200, app_case.open ? "{\"Attributes\":{\"Policy\":\"open\"}}" : "{}");
    else if (!try_answers(request, account))
        reply(request, 400, "{\"__type\":\"UnknownOperation\",\"message\":\"not played\"}");
}

/* ---- a test ---- */

void app_setenv(const char *name, const char *value)
{
    for (size_t i = 0; i < MOST_VARIABLES; i++) {
        if (variables[i].name != NULL && strcmp(variables[i].name, name) != 0)
            continue;
        variables[i].name = name;
        variables[i].value = value;
        return;
    }
    fail_msg("more variables than %d", MOST_VARIABLES);
}

static void begin(void)
{
    memset(variables, 0, sizeof variables);
    app_case = (struct app_case){.folder = scratch_folder(), .loop = loop_new(), .open = true};
    app_case.aws = peer_new(app_case.loop, on_request, NULL);
    app_case.policies = scratch_path(app_case.folder, "policies");
    assert_int_equal(mkdir(app_case.policies, 0700), 0);
    app_file("policies/queue.lua", app_policy);
}

static int remove_one(const char *path, const struct stat *found, int kind, struct FTW *place)
{
    (void)found, (void)kind, (void)place;
    return remove(path);
}

static void end(void)
{
    mem_free(app_case.out);
    mem_free(app_case.err);
    peer_free(app_case.aws);
    loop_free(app_case.loop);
    nftw(app_case.folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    mem_free(app_case.policies);
    mem_free(app_case.folder);
}

void app_file(const char *name, const char *text)
{
    char *path = scratch_path(app_case.folder, name);
    scratch_write(path, text, strlen(text));
    mem_free(path);
}

char *app_read(const char *name)
{
    size_t length;
    char *path = scratch_path(app_case.folder, name);
    char *text = access(path, R_OK) == 0 ? (char *)scratch_read(path, &length) : mem_strdup("");
    mem_free(path);
    return text;
}

/* ---- a run ---- */

static void set_variables(void)
{
    char url[40];
    const char *models = getenv("ENGINE_MODELS");
    assert_non_null(models);
    char *kept = mem_strdup(models);
    clearenv();
    snprintf(url, sizeof url, "http://127.0.0.1:%d", peer_port(app_case.aws));
    setenv("HOME", app_case.folder, 1);
    setenv("ENGINE_MODELS", kept, 1);
    setenv("ENGINE_POLICIES", app_case.policies, 1);
    setenv("AWS_ENDPOINT_URL", url, 1);
    setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
    setenv("AWS_REGION", "us-east-1", 1);
    setenv("MEMBER_ROLE", "none", 1);
    setenv("VERIFY_SECONDS", "1", 1);
    mem_free(kept);
    for (size_t i = 0; i < MOST_VARIABLES && variables[i].name != NULL; i++) {
        if (variables[i].value != NULL)
            setenv(variables[i].name, variables[i].value, 1);
        else
            unsetenv(variables[i].name);
    }
}

static sigset_t child_ended(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    return set;
}

/* app_main with these words. */
static int program(const char *words, const struct language *lua)
{
    char *argv[MOST_WORDS + 2] = {mem_strdup("engine")};
    int argc = 1;
    char *text = mem_strdup(words), *rest = text, *word;
    while (argc <= MOST_WORDS && (word = strsep(&rest, " ")) != NULL) {
        if (word[0] != '\0')
            argv[argc++] = word;
    }
    int status = app_main(argc, argv, lua);
    mem_free(argv[0]);
    mem_free(text);
    return status;
}

static _Noreturn void be_the_program(FILE *const *streams, const char *words)
{
    const sigset_t set = child_ended();
    const struct language *lua = prepared_language();
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    for (int fd = 0; fd < 3; fd++)
        dup2(fileno(streams[fd]), fd);
    for (int fd = 3; fd < MOST_DESCRIPTORS; fd++)
        close(fd); /* the variables of the test */
    set_variables();
    if (chdir(app_case.folder) != 0)
        exit(99);
    exit(program(words, lua));
}

static void on_ended(void *arg, int fd, bool readable, bool writable)
{
    (void)arg, (void)fd, (void)readable, (void)writable;
    loop_stop(app_case.loop);
}

/* Plays AWS until the program has ended. */
static int wait_for_end(void)
{
    int status = 0;
    const sigset_t set = child_ended();
    int ended = signalfd(-1, &set, 0);
    assert_true(ended >= 0);
    struct loop_watch *watch = loop_watch(app_case.loop, ended, true, false, on_ended, NULL);
    loop_run(app_case.loop);
    loop_unwatch(app_case.loop, watch);
    struct signalfd_siginfo info;
    assert_int_equal(read(ended, &info, sizeof info), sizeof info);
    close(ended);
    assert_int_equal(waitpid(app_case.pid, &status, 0), app_case.pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static char *text_of(FILE *file)
{
    char *text = mem_alloc(1 << 20);
    rewind(file);
    size_t length = fread(text, 1, (1 << 20) - 1, file);
    text[length] = '\0';
    fclose(file);
    return text;
}

/* Runs the program in this process, while a child plays AWS. */
static void run_here(const char *words)
{
    pid_t aws = fork();
    assert_true(aws >= 0);
    if (aws == 0) {
        loop_hold(app_case.loop, 1);
        loop_run(app_case.loop);
    }
    assert_int_equal(program(words, prepared_language()), 0);
    kill(aws, SIGKILL);
    waitpid(aws, NULL, 0);
}

/* Valgrind translates the program's code anew in each process, but a child inherits what its parent
 * has. So this process runs the program a few times itself. */
static void warm_up(void)
{
    begin();
    set_variables();
    setenv("ENGINE_TEST_SLOWED", "1", 1);
    run_here("check");
    run_here("scan --remediate --all");
    end();
}

int app_case_set_up(void **state)
{
    static bool warm;
    (void)state;
    if (!warm && is_slowed())
        warm_up();
    warm = true;
    begin();
    return 0;
}

int app_case_tear_down(void **state)
{
    (void)state;
    end();
    return 0;
}

static FILE *pipe_for_stdout(void)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    app_case.reader = app_case.unread ? -1 : ends[0];
    if (app_case.unread)
        close(ends[0]);
    return fdopen(ends[1], "w");
}

static FILE *terminal_for_stderr(int *master)
{
    int slave;
    assert_int_equal(openpty(master, &slave, NULL, NULL, NULL), 0);
    return fdopen(slave, "w");
}

/* What was written to the terminal, which passes on any amount at a time. */
static char *text_on_terminal(FILE *slave, int master)
{
    char *text = mem_alloc(1 << 20);
    size_t length = 0;
    ssize_t got;
    fclose(slave);
    while ((got = read(master, text + length, (1 << 20) - 1 - length)) > 0)
        length += (size_t)got;
    close(master);
    return text;
}

int app_run(const char *input, const char *words)
{
    int master = -1;
    FILE *streams[] = {tmpfile(), app_case.piped ? pipe_for_stdout() : tmpfile(), tmpfile()};
    const sigset_t set = child_ended();
    if (app_case.terminal) {
        fclose(streams[2]);
        streams[2] = terminal_for_stderr(&master);
    }
    sigprocmask(SIG_BLOCK, &set, NULL); /* before it can end */
    for (int i = 0; i < 3; i++)
        assert_non_null(streams[i]);
    fputs(input, streams[0]);
    rewind(streams[0]);
    fflush(NULL);
    app_case.asked[0] = '\0';
    app_case.pid = fork();
    assert_true(app_case.pid >= 0);
    if (app_case.pid == 0)
        be_the_program(streams, words);
    if (app_case.piped) {
        fclose(streams[1]);
        streams[1] = tmpfile();
    }
    int status = wait_for_end();
    if (app_case.piped && app_case.reader >= 0)
        close(app_case.reader);
    mem_free(app_case.out);
    mem_free(app_case.err);
    fclose(streams[0]);
    app_case.out = text_of(streams[1]);
    app_case.err = master >= 0 ? text_on_terminal(streams[2], master) : text_of(streams[2]);
    return status;
}

void app_wrote(const char *part)
{
    if (strstr(app_case.out, part) == NULL && strstr(app_case.err, part) == NULL)
        fail_msg("\"%s\" is not in \"%s\" nor in \"%s\"", part, app_case.out, app_case.err);
}

void app_expect(int status, const char *part, const char *words)
{
    int got = app_run("", words);
    if (got != status)
        fail_msg("engine %s: status %d instead of %d: %s%s", words, got, status, app_case.out,
                 app_case.err);
    app_wrote(part);
}

size_t app_calls(const char *operation)
{
    size_t count = 0, length = strlen(operation);
    for (const char *line = app_case.asked; *line != '\0'; line = strchr(line, '\n') + 1)
        count += strncmp(line, operation, length) == 0 && line[length] == '\n';
    return count;
}
