/* What the core asks of a policy language. bindings/policy implements it with Lua, and main.c
 * passes the implementation in; nothing else in engine/ knows the language. The evaluator reads and
 * decides. It cannot change anything: its sessions may sign reads only, and it returns steps as
 * data.
 *
 * Serves run, gate, translate, generate, check, exceptions. */
#ifndef POLICY_EVALUATOR_H
#define POLICY_EVALUATOR_H

#include <jansson.h>
#include <stdbool.h>

#include "aws/client/client.h"
#include "policy/resource.h"

/* A loaded policy file. The evaluator owns it and never changes it. */
struct policy {
    const char *type;
    const char *title;
    const char *file;
    bool global;                /* scope = "global" */
    const struct opset *reads;  /* operations that the file may call ("sqs:GetQueueAttributes") */
    const struct opset *writes; /* operations that its steps may name */
    /* The members of `reads` that are not reviewed as reads; the file gives a reason for each. */
    const struct opset *reviewed;
    /* Members of responses that are not redacted: "sqs:GetQueueAttributes.Attributes". */
    const struct opset *sensitive;
    /* {"type","title","scope","aliases":[…],"file",
     *  "permissions":{"read":[{"action":"s3:GetEncryptionConfiguration",
     *                          "operations":["s3:GetBucketEncryption"],
     *                          "on":["arn:${partition}:s3:::*"] (only where it is limited),
     *                          "reviewed":"why it is a read" (only where a reason is required)}…],
     *                 "write":[…], "sensitive":{"sqs:DescribeVault.Password":"why"}},
     *  "events":{"sqs:CreateQueue":{"delay":0}…},
     *  "checks":[{"id","title","severity","controls":{…},"fix":true,
     *             "risk","advice","url","impact","repair" where they are declared}…],
     *  "discover":true, "tags":true, "canonical":true, "form":"${word}" (where it is declared),
     *  "arn":"arn:${partition}:sqs:…" (where it is not a function),
     *  "aws_type":"AWS::SQS::Queue", "asff":"…"} */
    const json_t *meta;
};

/* Where a discovery can wait for the receiver of what it finds. */
enum listing_point {
    LISTING_FOUND,     /* after a resource, or a list of them, was found */
    LISTING_TURNS_PAGE /* before a further page is asked for, and nothing of the last one is kept */
};

/* Where a policy works: what `scope` and `resource` in a policy give access to. Borrowed for the
 * job. */
struct scope {
    struct client *client;
    const struct session *session; /* PERMIT_READ, allowed = policy->reads */
    const char *account;
    const char *region;
    const json_t *settings; /* lower-case names; lists are arrays */
    /* Is this account, organization, unit or root trusted? 1: yes; 0: no; -1: cannot be determined
     * (a verdict that depends on it is then unknown). If the pointer is NULL, nobody is trusted. */
    int (*trusted)(void *arg, const char *id);
    /* Why no fix may remove this id, which is not trusted; returns NULL if a fix may. If the
     * pointer is NULL, a fix may remove any id. */
    const char *(*doubt)(void *arg, const char *id);
    void *trusted_arg;
    /* A discovery should also report what its responses say about each resource ("listed"). */
    bool wants_listed;
    /* A discovery calls this at these points, and waits while it returns true. NULL: the discovery
     * never waits. */
    bool (*full)(void *arg, enum listing_point point);
    void *full_arg;
    /* Start of the run in milliseconds, which policies see as `now`. 0: use the clock. */
    int64_t now_ms;
};

/* discover: ids page by page. `options` is NULL or {"test":bool, "region":"…", "listed":{…}}; the
 * last is what the response says about the resource, if the scope wants it: for audit_options, in
 * this process. */
typedef void (*evaluator_found)(void *arg, const char *id, const json_t *options);
typedef void (*evaluator_done)(void *arg, const struct err *err); /* err NULL: success */

/* What may_fix is asked about. */
struct audit_asked {
    const char *check;
    const json_t *tags; /* object or NULL */
    const char *region; /* of a resource of a global type; NULL: not requested, or not known */
    const char *part;   /* NULL: the whole resource; else one of the ids in "ids" of the evidence */
};

/* When the tags of the resource are read: they may cost a call, and only rules that match tags use
 * them. */
enum audit_tags {
    AUDIT_TAGS,            /* always */
    AUDIT_TAGS_OF_FAILING, /* if a check did not pass */
    AUDIT_NO_TAGS
};

struct audit_options {
    bool want_fixes;        /* run `fix` of the checks that failed and may be fixed */
    const char *only_check; /* NULL: all; otherwise audit (and fix) only this check */
    const json_t *checks;   /* ids of the checks to audit; NULL: all. Must outlive the job */
    bool no_digest;         /* no "digests": the state of this outcome will not be compared */
    bool trace; /* each check has "looked_at": the names of the parts that it looked at */
    bool fresh; /* read again what the policy shares between its resources (before a change) */
    /* An earlier audit had no answer: gather no reads with those of other jobs, and make shared
     * reads that failed once more. */
    bool alone;
    /* Parts of the state to read and digest even if no check uses them: an array of names; NULL:
     * none. Names of parts that the policy does not have are ignored. */
    const json_t *parts;
    /* What a listing said about the resource a short time ago: the audit may use it in place of a
     * call. NULL: nothing; always so before a change. Borrowed until the job ends. */
    const json_t *listed;
    enum audit_tags tags;
    bool want_region; /* the outcome should include the region of a resource of a global type */
    /* May the fix of this check run, or touch that part? (Exceptions may forbid it.) If all parts
     * of a check are exempt, the check passes; otherwise the fix gets the remaining parts. Called
     * after fetch. NULL: always allowed. */
    bool (*may_fix)(void *arg, const struct audit_asked *asked);
    void *may_fix_arg;
};

/* Exactly one of outcome (borrowed) and err is set. err means that nothing could be determined
 * (fetch failed, budget spent): every check of the resource is unknown. Otherwise
 * {"state":"ok"|"gone"|"later", "reason":"the reason AWS gives for this state" (if known),
 *  "delay":seconds, "tags":{…}|null, "tags_error":{…} (if they could not be read),
 *  "region", "arn" (a template),
 *  "digests":{"part":"…"} (for each top-level part of the state that was read: SHA-256 in hex of
 *  its canonical JSON, so equal parts have equal digests; functions and values that JSON cannot
 *  represent are left out),
 *  "unread":[{"part","error":{…}}…] (those of the requested `parts` that could not be read),
 *  "checks":[
 *   {"id", "status":"compliant"|"non_compliant"|"unknown"|"skipped", (skipped: when() said no)
 *          |"pending" (a part that the check looked at is not ready until "later" seconds have
 *          passed; if it is the only check that was requested, the state is "later")
 *    "looked_at":["part"…] (if a trace was requested),
 *    "summary", "evidence":…, (a compliant check has evidence only if it is "spared": true, because
 *    all "ids" in the evidence are exempt; or it has a note that says on which condition the check
 *    passes, and "later", the number of seconds after which the verdict may differ)
 *    "error":{"kind","code","message","operation","request_id"} with unknown,
 *    "fix":"none"      no fix exists, was not requested, or returned no steps
 *         |"steps"     "steps":[{"call","with","undo":{"call","with"}|"irreversible":"why",
 *                      "expected":{"part":"…"}}…]: with digests, those of all parts after the step
 *                      (without a part that no longer exists then); absent if not known
 *         |"covered"   "covered_by":"check": the `after` of an earlier fix makes it compliant
 *         |"waits"     an earlier fix gave no `after`, or the steps cannot be made yet: decided at
 *                      the next read (state "later" if only the fix of this check was requested)
 *         |"held"      "held":"why": the fix says that it must not be made
 *         |"failed"    "error":{…}: the fix itself raised an error}…]}
 * status is always the verdict on the state as it was read, never on an `after`. Without want_fixes
 * there is no "fix". */
typedef void (*evaluator_audited)(void *arg, const json_t *outcome, const struct err *err);

struct evaluation; /* a running job */

struct evaluator {
    void *self;
    /* Loads one file, or every *.lua of a directory (not lib/). ERR_POLICY names file, line and
     * field; 0 when all files loaded. Two files for one type are an error, except that a file of a
     * directory is left out if one of a directory that was loaded before has its type. */
    int (*load)(void *self, const char *path, struct err *err);
    /* Finds a policy by type or alias; NULL if there is none. */
    const struct policy *(*find)(void *self, const char *type_or_alias);
    /* All policies, sorted by type. */
    const struct policy *const *(*all)(void *self, size_t *count);

    /* Which policies these are: new {"sha256":"…" (of the set), "types":{"sqs":"…"}}, SHA-256 in
     * hex of each policy's file, and of the lines that sha256sum prints for all files and the
     * modules that they require, sorted by their paths below the folder. NULL: not supported. Not
     * within a job. */
    json_t *(*digests)(void *self);

    /* Jobs. done is called once, from the loop, never before the function that starts the job has
     * returned. */
    struct evaluation *(*discover)(void *self, const struct policy *policy,
                                   const struct scope *scope, evaluator_found found,
                                   evaluator_done done, void *arg);
    struct evaluation *(*audit)(void *self, const struct policy *policy,
                                const struct resource *resource, const struct scope *scope,
                                const struct audit_options *options, evaluator_audited done,
                                void *arg);
    void (*cancel)(void *self, struct evaluation *evaluation); /* done is not called */
    /* Called when the loop has nothing left to wait for: running jobs could never end, so they fail
     * with ERR_INTERNAL. Returns false if there were none. */
    bool (*strand)(void *self);
    /* Jobs that start from now on do not see what policies kept in their own variables. */
    void (*forget)(void *self);

    /* Ids of the resources that a watched event names: new array of {"id","delay"[,"region"]}.
     * ERR_POLICY when the id is missing (code "MissingId") or has the wrong type. `event` is
     * "sqs:CreateQueue"; `settings` are those of a scope, or NULL. Synchronous: event rules make no
     * calls. */
    json_t *(*event_ids)(void *self, const struct policy *policy, const char *event,
                         const json_t *detail, const json_t *settings, struct err *err);

    /* The canonical form of each of these ids, as the policy's `id.canonical` returns it. `line`
     * gives account, region and type. Returns a new array in the same order: the id, or
     * {"error":{…}} where the function raised an error. When the ids come from rules, the line has
     * "pattern": true, and they may contain '*' and '?'. Call it only for policies whose meta has
     * "canonical". NULL with ERR_POLICY, or with ERR_LIMIT when the budget was spent. Synchronous;
     * do not call it from within a job. */
    json_t *(*canonical_ids)(void *self, const struct policy *policy, const json_t *line,
                             const json_t *ids, struct err *err);

    /* The ARN template of a line, for a policy whose `arn` is a function; NULL when the function
     * raised an error, or when the policy has none. mem_free. Synchronous, as canonical_ids. */
    char *(*arn)(void *self, const struct policy *policy, const json_t *line, struct err *err);

    /* Where a loaded policy contradicts its own permissions and events, or the API models: new
     * array of {"level":"error"|"warning","message","line"}, sorted by line; empty if there are no
     * models. */
    json_t *(*lint)(void *self, const struct policy *policy);

    /* Runs a file of the policy language that contains only data, and returns its value. The file
     * cannot call functions of any library, and its work is limited. New reference; NULL with
     * ERR_POLICY, ERR_IO or ERR_LIMIT, which name the file, and the line where there is one. */
    json_t *(*data)(void *self, const char *path, struct err *err);
    /* Runs a file with the tests of a policy, which may use what a policy file may use, and returns
     * its value. New reference; NULL as for `data`. */
    json_t *(*test_file)(void *self, const char *path, struct err *err);
};

#endif
