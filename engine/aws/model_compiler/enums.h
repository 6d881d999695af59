/* The values that a text may have. Asked of what is sent, and of nothing that is answered: so only
 * the shapes that inputs reach keep theirs. Serves compile. */
#ifndef AWS_MODEL_COMPILER_ENUMS_H
#define AWS_MODEL_COMPILER_ENUMS_H

struct builder;

/* Lays down, once all shapes are laid, the values that texts of inputs may have. */
void enums_lay(struct builder *builder);

#endif
