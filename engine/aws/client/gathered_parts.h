/* Divides the response about several resources into the responses that each would have got alone.
 * Serves gathered_reads. */
#ifndef AWS_CLIENT_GATHERED_PARTS_H
#define AWS_CLIENT_GATHERED_PARTS_H

#include <jansson.h>

/* `list` is the name of the parameter with the ids ("InstanceIds"), `ids` an object whose keys are
 * the ids. An item of a list in the response belongs to the id that it holds under the singular of
 * that name ("InstanceId"), under the singular with Arn or Id ("serviceArn" for "services"), or
 * under "arn"; of an ARN, the last part counts too. Items without an id of their own, such as the
 * reservations of EC2, are divided by the ids of the items in them.
 *
 * Returns a new object {id: response}, without the ids that the response does not mention: only a
 * response about one of them alone shows whether it exists. Returns NULL if the response cannot be
 * divided with certainty: an item belongs to no id, a structure is not in a list, or there are more
 * pages. Then each id must be requested alone. */
json_t *gathered_parts(const json_t *answer, const char *list, const json_t *ids);

#endif
