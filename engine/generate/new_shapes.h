/* Names and shapes of an API as `engine new` reads them. Serves new_policy; calls model. */
#ifndef GENERATE_NEW_SHAPES_H
#define GENERATE_NEW_SHAPES_H

#include <stdbool.h>
#include <stddef.h>

#include "aws/model/model.h"
#include "aws/model/model_shape.h"

/* "DescribeTable": "Table". */
const char *new_shapes_noun(const char *operation);
/* Is it the plural of the name: "Tables", "Policies", "Addresses"? Case does not count. */
bool new_shapes_plural(const char *plural, const char *name);
/* "Volumes": "Volume"; "Repositories": "Repository". */
void new_shapes_singular(const char *plural, char out[128]);

enum model_type new_shapes_type(const struct model *model, model_shape shape);
/* The first required member of the input. Returns how many are required. */
size_t new_shapes_required(const struct model *model, model_shape input,
                           struct model_member *member);
/* The list in an answer: that of the paginator, or the first member that is a list. */
bool new_shapes_items(const struct model *model, model_operation operation,
                      const struct model_operation_info *info, char items[128],
                      model_shape *element);
/* The member of an item that holds its id: the parameter's name (NULL: none), or one made of the
 * noun. */
const char *new_shapes_item_id(const struct model *model, model_shape element, const char *noun,
                               const char *parameter);

#endif
