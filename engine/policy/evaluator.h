/* What the core asks of a policy language. bindings/policy implements it with Lua; main.c hands the
 * implementation in; nothing in engine/ knows more. The evaluator reads and decides. It has no
 * way to change anything: it is given sessions that may sign reads only, and returns steps as data.
 *
 * Serves run, gate, translate, generate, check, exceptions. */
#ifndef POLICY_EVALUATOR_H
#define POLICY_EVALUATOR_H

#include <jansson.h>
#include <stdbool.h>

#include "aws/client/client.h"
#include "policy/resource.h"

/* A loaded policy file. Owned by the evaluator, unchanged for its lifetime. */
struct policy {
    const char *type;
    const char *title;
    const char *file;
    bool global;                /* scope = "global" */
    const struct opset *reads;  /* operations that the file may call ("sqs:GetQueueAttributes") */
    const struct opset *writes; /* operations that its steps may name */
    /* Of the reads those that were not reviewed, for which the file gives reasons. */
    const struct opset *reviewed;
    /* Members of answers that are not redacted: "sqs:GetQueueAttributes.Attributes". */
    const struct opset *sensitive;
    /* {"type","title","scope","aliases":[…],"file",
     *  "permissions":{"read":[{"action":"s3:GetEncryptionConfiguration",
     *                          "operations":["s3:GetBucketEncryption"],
     *                          "on":["arn:${partition}:s3:::*"] (only where it is limited),
     *                          "reviewed":"why it is a read" (only where it must say so)}…],
     *                 "write":[…], "sensitive":{"sqs:DescribeVault.Password":"why"}},
     *  "events":{"sqs:CreateQueue":{"delay":0}…},
     *  "checks":[{"id","title","severity","controls":{…},"fix":true,
     *             "risk","advice","url","impact","repair" as far as declared}…],
     *  "discover":true, "tags":true, "canonical":true, "arn":"arn:${partition}:sqs:…" (where it
     *  is no function), "aws_type":"AWS::SQS::Queue", "asff":"…"} */
    const json_t *meta;
};

/* Where a policy works: the doors that `scope` and `resource` open. Borrowed for the job. */
struct scope {
    struct client *client;
    const struct session *session; /* PERMIT_READ, allowed = policy->reads */
    const char *account;
    const char *region;
    const json_t *settings; /* lower-case names; lists are arrays */
    /* 1 trusted, 0 not, -1 cannot be told (then a verdict that hangs on it is unknown): an account,
     * an organization, a unit or a root. NULL: nobody is. */
    int (*trusted)(void *arg, const char *id);
    /* Why no fix may remove this one, which is not trusted; NULL: it may. NULL: any may. */
    const char *(*doubt)(void *arg, const char *id);
    void *trusted_arg;
    /* Asked by a discovery after what it found: while true, it waits. NULL: never. */
    bool (*full)(void *arg);
    void *full_arg;
    /* The run's start in milliseconds; `now` of a policy. 0: the clock. */
    int64_t now_ms;
};

/* discover: ids page by page. `options` is NULL or {"test":bool,"region":"…"}. */
typedef void (*evaluator_found)(void *arg, const char *id, const json_t *options);
typedef void (*evaluator_done)(void *arg, const struct err *err); /* err NULL: all went well */

/* What may_fix is asked about. */
struct audit_asked {
    const char *check;
    const json_t *tags; /* object or NULL */
    const char *region; /* of a global type's resource; NULL: not asked for, or not known */
    const char *part; /* NULL: the resource; else one of the ids that the evidence names in "ids" */
};

/* When the resource's tags are read: they may cost a call, and only rules by tag look at them. */
enum audit_tags {
    AUDIT_TAGS,            /* always */
    AUDIT_TAGS_OF_FAILING, /* when a check did not pass */
    AUDIT_NO_TAGS
};

struct audit_options {
    bool want_fixes;        /* run `fix` of the checks that failed and may be fixed */
    const char *only_check; /* NULL: all; otherwise only this check is audited (and fixed) */
    const json_t *checks;   /* ids of those that are audited; NULL: all. Outlives the job */
    bool no_digest;         /* no "digests": nothing is going to be proven by the outcome */
    bool fresh; /* what the policy shares between its resources is asked anew (before a change) */
    /* Parts of the state that are read and digested even where nothing looks at them: an array of
     * names; NULL: none. A name that the policy has no part of is left out. */
    const json_t *parts;
    enum audit_tags tags;
    bool want_region; /* the outcome should say where a resource of a global type is */
    /* May this check's fix be asked for, or touch that part? (Exceptions say no.) A check all of
     * whose parts are left alone passes; the fix gets the others. Called after fetch. NULL: always.
     */
    bool (*may_fix)(void *arg, const struct audit_asked *asked);
    void *may_fix_arg;
};

/* Exactly one of outcome (borrowed) and err is set. err means that nothing at all could be told
 * (fetch failed, budget spent): every check of the resource is unknown. Otherwise
 * {"state":"ok"|"gone"|"later", "reason":"AWS's own of this state" (if known), "delay":seconds,
 *  "tags":{…}|null, "region", "arn" (a template),
 *  "digests":{"part":"…"} (of each top-level part of the state that was read, SHA-256 in hex of its
 *  canonical JSON: equal parts, equal digests; functions and what JSON cannot say are left out),
 *  "unread":[{"part","error":{…}}…] (of the `parts` asked for, those that could not be read),
 *  "checks":[
 *   {"id", "status":"compliant"|"non_compliant"|"unknown"|"skipped", (skipped: when() said no)
 *    "summary", "evidence":…, (of a compliant one only where it is "spared": true, since all of the
 *    ids in the evidence's "ids" are left alone; or a note: what the pass hangs on, and "later",
 *    the seconds after which it will judge anew)
 *    "error":{"kind","code","message","operation","request_id"} with unknown,
 *    "fix":"none"      no fix exists, was not asked for, or returned no steps
 *         |"steps"     "steps":[{"call","with","undo":{"call","with"}|"irreversible":"why",
 *                      "expected":{"part":"…"}}…]: with digests, those of all parts after the step
 *                      (a part that is gone by then is not there); none where nobody knows
 *         |"covered"   "covered_by":"check": an earlier fix's `after` makes it compliant
 *         |"waits"     an earlier fix gave no `after`, or the steps cannot be made yet: decided at
 *                      the next read (state "later" when just this check's fix was asked for)
 *         |"held"      "held":"why": the fix says that it must not be made
 *         |"failed"    "error":{…}: the fix itself raised}…]}
 * status is always the verdict on the state as read, never on an `after`. Without want_fixes there
 * is no "fix". */
typedef void (*evaluator_audited)(void *arg, const json_t *outcome, const struct err *err);

struct evaluation; /* a job under way */

struct evaluator {
    void *self;
    /* Loads one file, or every *.lua of a directory (not lib/). ERR_POLICY names file, line, field;
     * 0 when all loaded. Two files of one type are an error. */
    int (*load)(void *self, const char *path, struct err *err);
    /* By type or alias; NULL when there is none. */
    const struct policy *(*find)(void *self, const char *type_or_alias);
    /* All, sorted by type. */
    const struct policy *const *(*all)(void *self, size_t *count);

    /* Jobs. done is called once, from the loop, never from within the start. */
    struct evaluation *(*discover)(void *self, const struct policy *policy,
                                   const struct scope *scope, evaluator_found found,
                                   evaluator_done done, void *arg);
    struct evaluation *(*audit)(void *self, const struct policy *policy,
                                const struct resource *resource, const struct scope *scope,
                                const struct audit_options *options, evaluator_audited done,
                                void *arg);
    void (*cancel)(void *self, struct evaluation *evaluation); /* done is not called */
    /* The loop has nothing left to wait for: what is under way never ends by itself, and fails with
     * ERR_INTERNAL. False: nothing was. */
    bool (*strand)(void *self);
    /* What policies kept in variables of their own is not seen by jobs that start from now on. */
    void (*forget)(void *self);

    /* Ids of the resources that a watched event names: new array of
     * {"id","delay"[,"region"]}; ERR_POLICY when the id is missing (code "MissingId") or of the
     * wrong type. `event` is "sqs:CreateQueue", `settings` those of a scope or NULL. Synchronous:
     * event rules make no calls. */
    json_t *(*event_ids)(void *self, const struct policy *policy, const char *event,
                         const json_t *detail, const json_t *settings, struct err *err);

    /* The one spelling of each of these ids of a resource line's account, region and type, as the
     * policy's `id.canonical` says it: new array in their order, of the id or {"error":{…}} where
     * it raised. The line has "pattern": true where they are of rules, and may hold '*' and '?'.
     * Asked only of policies whose meta says "canonical". NULL with ERR_POLICY or ERR_LIMIT when
     * the budget was spent. Synchronous; not to be called from within a job. */
    json_t *(*spell_ids)(void *self, const struct policy *policy, const json_t *line,
                         const json_t *ids, struct err *err);

    /* The template of a line's ARN, of a policy whose `arn` is a function; NULL when it raised, or
     * when the policy has none. mem_free. Synchronous, as spell_ids. */
    char *(*arn)(void *self, const struct policy *policy, const json_t *line, struct err *err);

    /* What a loaded policy says against its own permissions and events, and against the API models:
     * new array of {"level":"error"|"warning","message","line"}, in the order of lines; empty where
     * there are no models. */
    json_t *(*lint)(void *self, const struct policy *policy);

    /* What a file of the policy language returns when it is nothing but data: no function of any
     * library can be reached, and little work done. New reference; NULL with ERR_POLICY, ERR_IO or
     * ERR_LIMIT naming the file, and the line where there is one. */
    json_t *(*data)(void *self, const char *path, struct err *err);
};

#endif
