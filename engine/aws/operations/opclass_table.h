/* What was reviewed, as data: engine/aws/operations/reads, one file for each service that was
 * reviewed as a whole and one for single operations of others; the build turns them into a
 * table. Serves opclass, and the compiler of models; tests hold every name in it against the
 * models and their documentation.
 *
 * A file's first line tells botocore's version, the day, and "whole" where every operation that may
 * be a read stands in it. Every other line holds, apart by tabs:
 *   read, declare, write or never    service:Operation (or a beginning and '*')    why
 *   secret or plain                  service:Shape.member                          why
 * read: a read. declare: may be one, for a policy that says why. write: changes something or starts
 * work, whatever its name. never: for no policy. secret: redacted although the model does not mark
 * it as sensitive; plain: kept although it stands within something that is. A reason is needed
 * where the documentation tells of creating, starting or storing, where the output has sensitive
 * members, and for all but reads. */
#ifndef AWS_OPERATIONS_OPCLASS_TABLE_H
#define AWS_OPERATIONS_OPCLASS_TABLE_H

#include <stddef.h>

enum review {
    REVIEW_NONE,
    REVIEW_READ,
    REVIEW_DECLARE,
    REVIEW_WRITE,
    REVIEW_NEVER,
    REVIEW_SECRET,
    REVIEW_PLAIN
};

/* Names are the models' ("cognito-idp"); '_' in a service reads as '-'. */
enum review review_operation(const char *service, const char *operation);
enum review review_member(const char *service, const char *shape, const char *member);

/* All rows, for tests: names are "service:Operation", or "service:" and a beginning. */
struct review_row {
    const char *name;
    enum review verdict;
};
extern const struct review_row *const review_operations, *const review_patterns,
                                                             *const review_members;
extern const size_t review_operation_count, review_pattern_count, review_member_count;

#endif
