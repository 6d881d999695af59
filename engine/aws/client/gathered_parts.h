/* Takes the answer of a call about several resources apart: what the answer would have been for
 * each of them alone. Serves gathered_reads. */
#ifndef AWS_CLIENT_GATHERED_PARTS_H
#define AWS_CLIENT_GATHERED_PARTS_H

#include <jansson.h>

/* `list` is the name of the parameter with the ids ("InstanceIds"), `ids` an object whose keys are
 * the ids. An item of a list in the answer belongs to the id that it holds under the singular of
 * that name ("InstanceId"), under the singular with Arn or Id ("serviceArn" for "services"), or
 * under "arn"; of an ARN, the last part counts too. Items of the answer without an id of their own,
 * such as the reservations of EC2, are divided among the ids of the items in them.
 *
 * Returns a new object {id: answer}, without the ids of which the answer says nothing: whether that
 * means that they do not exist, only their own answer can say. Returns NULL if the answer cannot be
 * divided with certainty: an item belongs to no id, a structure is not in a list, or there are more
 * pages. Then each id must be asked for alone. */
json_t *gathered_parts(const json_t *answer, const char *list, const json_t *ids);

#endif
