/* The values that a model lists for texts. Changes are checked against them, and `engine models
 * --show` prints them. Serves compile. */
#ifndef AWS_MODEL_COMPILER_ENUMS_H
#define AWS_MODEL_COMPILER_ENUMS_H

struct builder;

/* Adds the listed values of all texts. Call it after all shapes were added. */
void enums_add(struct builder *builder);

#endif
