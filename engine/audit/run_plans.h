/* PLANS: the remediator writes a plan for each resource that it could repair to S3, and changes
 * nothing. The object's name follows from the calls: PLANS/ACCOUNT/REGION/TYPE/DIGEST.jsonl, so the
 * same plan is written once. `engine apply s3://…` makes its calls. Serves run_deliver; calls
 * message_object. */
#ifndef AUDIT_RUN_PLANS_H
#define AUDIT_RUN_PLANS_H

#include <jansson.h>

#include "audit/run.h"
#include "notify/message.h"

struct settings;

/* ERR_USAGE if PLANS names no bucket, or REMEDIATE is set as well. */
int run_plans_check(const struct settings *settings, struct err *err);

/* Sets "plan", the object's URL, in the planned findings of one resource. False: there is nothing
 * to plan, or PLANS is not set. */
bool run_plans_name(const struct run *run, json_t *findings);
/* Writes these findings to that object, unless it exists. */
void run_plans_write(struct run *run, const json_t *findings, message_done done, void *arg);

#endif
