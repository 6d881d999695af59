/* Cells, styles and wrapped lines of the table. Serves report_table and report_table_details. */
#ifndef REPORT_REPORT_TABLE_TEXT_H
#define REPORT_REPORT_TABLE_TEXT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define STYLE_NONE ""
#define STYLE_BOLD "1"
#define STYLE_DIM "2"
#define STYLE_RED "31"
#define STYLE_BOLD_RED "1;31"
#define STYLE_GREEN "32"
#define STYLE_YELLOW "33"
#define STYLE_CYAN "36"

#define TABLE_INDENT 2
#define TABLE_GAP 2
#define TABLE_NARROW 60 /* in fewer columns, counts have less room or none */
#define TABLE_COLUMNS                                                                              \
    5 /* status, severity, check, resource, remediation; the finding's text last */
#define TABLE_RESOURCE 3

struct table {
    bool colour;
    size_t width;
    size_t columns[TABLE_COLUMNS];
    bool narrow;    /* the cells need more than one line */
    size_t text_at; /* column where the finding's text starts; 0: on its own lines */
    struct buf out;
};

/* The content of a column, as clean text. */
void table_cell(const json_t *finding, int column, struct buf *out);
const char *table_style(const json_t *finding, int column);
/* "✗", "✓", …; "" without colours. */
const char *table_glyph(const struct table *table, const json_t *finding);

void table_styled(struct table *table, const char *style, const char *text);
void table_blanks(struct table *table, size_t count);
struct wrap {
    size_t indent, hang; /* columns before every line; further ones after the first line */
    bool joined;         /* the first line continues the row */
    size_t max_lines;    /* 0: all */
};
void table_wrapped(struct table *table, const struct wrap *wrap, const char *style,
                   const char *text);

/* The record of the run's scope in short; nothing for NULL. */
void table_scope(struct table *table, const json_t *scope);

#endif
