/* The results of the review, as data: engine/aws/operations/reads has one file for each service
 * that was reviewed completely, and one file for single operations of other services. The build
 * compiles them into a table. Serves opclass and the compiler of models. Tests check every name in
 * it against the models and their documentation.
 *
 * The first line of a file gives the version of botocore, the date, and "complete" if every
 * operation that may be a read is listed. All other lines have three fields, separated by tabs:
 * read, declare, write or never    service:Operation (or a beginning and '*')    why
 * secret or plain                  service:Shape.member                          why
 * read: a read. declare: a policy may declare it as a read, with a reason. write: changes something
 * or starts work, whatever its name. never: forbidden for policies. secret: redacted although the
 * model does not mark it as sensitive. plain: not redacted although it is part of a sensitive
 * value. A reason is required if the documentation mentions creating, starting or storing, if the
 * output has sensitive members, and for all entries except reads. */
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

/* Names as in the models ("cognito-idp"); '_' in a service name is read as '-'. */
enum review review_operation(const char *service, const char *operation);
enum review review_member(const char *service, const char *shape, const char *member);

/* All rows, for tests. Names are "service:Operation", or "service:" and the beginning of a name. */
struct review_row {
    const char *name;
    enum review verdict;
};
extern const struct review_row *const review_operations, *const review_patterns,
                                                             *const review_members;
extern const size_t review_operation_count, review_pattern_count, review_member_count;

#endif
