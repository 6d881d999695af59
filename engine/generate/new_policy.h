/* Finds out, from an API model, how a policy can list and read resources: which operation lists
 * them, which member is the id, which error says that there is none, and a member that an example
 * check can look at. Serves `engine new`; new_policy_text.h writes the files. */
#ifndef GENERATE_NEW_POLICY_H
#define GENERATE_NEW_POLICY_H

#include <stdbool.h>

#include "aws/model/model.h"
#include "aws/model/model_shape.h"
#include "base/err.h"

/* How one resource is read. */
enum new_read {
    NEW_BY_ID,    /* DescribeTable { TableName = id } */
    NEW_ONE_OF,   /* DescribeVolumes { VolumeIds = { id } } */
    NEW_FILTERED, /* DescribeDBInstances { DBInstanceIdentifier = id }, which answers a list */
    NEW_SEARCHED  /* all pages of a list, until the id is found */
};

enum new_check { NEW_MUST_BE_TRUE, NEW_MUST_BE_FALSE, NEW_MUST_BE_SET };

struct new_policy {
    const struct model *model;
    model_operation read, list;
    struct model_operation_info read_info, list_info;
    enum new_read how;
    char noun[128];        /* what is read: "Table" */
    const char *parameter; /* of `read`; NULL for NEW_SEARCHED */
    const char *prefix;  /* the parameter that narrows the search: "logGroupNamePrefix"; or NULL */
    char items[128];     /* path of the list in the answer of `list`: "TableNames" */
    bool paged;          /* the model has a paginator for `list` */
    bool tokens;         /* its tokens are plain strings */
    const char *next;    /* without a paginator, the member with the next token; NULL: none */
    const char *start;   /* the parameter that takes it */
    const char *item_id; /* member of an item; NULL: the items are ids */
    const char *body;    /* member of the answer of `read` that describes the resource; NULL:
                            the answer itself */
    const char *not_found;      /* error code; NULL: the model lists none */
    struct model_member member; /* what the example check looks at */
    enum new_check check;
};

/* read: "dynamodb:DescribeTable"; list: NULL, or the operation that lists the ids. ERR_USAGE if no
 * policy can be made of them. */
int new_policy_find(struct new_policy *policy, struct model_set *models, const char *read,
                    const char *list, struct err *err);

#endif
