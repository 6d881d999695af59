/* Sets of operations: what a session may sign, what a policy declares. Serves client, policies and
 * gate; calls nothing of aws. */
#ifndef AWS_OPERATIONS_OPSET_H
#define AWS_OPERATIONS_OPSET_H

#include <stdbool.h>
#include <stddef.h>

/* A set of "service:Operation" texts. */
struct opset;
struct opset *opset_new(void);
void opset_add(struct opset *set, const char *service, const char *operation);
/* The same, and the IAM action that the operation needs ("s3:ListAllMyBuckets"); of several calls
 * for one operation all count. */
void opset_add_action(struct opset *set, const char *service, const char *operation,
                      const char *action);
/* What was given so, several joined by " and "; NULL where nothing was. */
const char *opset_action(const struct opset *set, const char *service, const char *operation);
bool opset_has(const struct opset *set, const char *service, const char *operation);
/* Whether any operation of the service is in it ('-' and '_' are the same). */
bool opset_has_service(const struct opset *set, const char *service);
size_t opset_count(const struct opset *set);
void opset_free(struct opset *set);

#endif
