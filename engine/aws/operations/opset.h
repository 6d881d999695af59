/* Sets of operations: the operations that a session may sign, or that a policy declares. Serves
 * client, policies and gate; calls nothing in aws. */
#ifndef AWS_OPERATIONS_OPSET_H
#define AWS_OPERATIONS_OPSET_H

#include <stdbool.h>
#include <stddef.h>

/* A set of "service:Operation" texts. */
struct opset;
struct opset *opset_new(void);
void opset_add(struct opset *set, const char *service, const char *operation);
/* Adds an operation and the IAM action that it needs ("s3:ListAllMyBuckets"). If called several
 * times for one operation, all actions are kept. */
void opset_add_action(struct opset *set, const char *service, const char *operation,
                      const char *action);
/* The IAM actions added for the operation, joined by " and ", or NULL if there are none. */
const char *opset_action(const struct opset *set, const char *service, const char *operation);
bool opset_has(const struct opset *set, const char *service, const char *operation);
/* Whether the set has any operation of the service ('-' and '_' are equal). */
bool opset_has_service(const struct opset *set, const char *service);
size_t opset_count(const struct opset *set);
void opset_free(struct opset *set);

#endif
