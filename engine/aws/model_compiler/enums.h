/* The allowed values of texts. Only requests are checked against them, so they are kept only for
 * shapes that inputs reach. Serves compile. */
#ifndef AWS_MODEL_COMPILER_ENUMS_H
#define AWS_MODEL_COMPILER_ENUMS_H

struct builder;

/* Adds the allowed values of input texts. Call it after all shapes were added. */
void enums_add(struct builder *builder);

#endif
