/* The engine's own reads in an account, which no policy declares: which regions are enabled
 * (doctor, --regions all), and what the role may do (doctor). Serves doctor, enabled_regions, and
 * generate, which lists them among the permissions. */
#ifndef ACCOUNTS_OWN_READS_H
#define ACCOUNTS_OWN_READS_H

#include "aws/operations/opset.h"

/* The IAM actions, which are named as their operations; NULL-terminated. */
extern const char *const own_reads_actions[];

/* A new set of the operations of such a list. */
struct opset *own_reads_set(const char *const *actions);

#endif
