#include "pattern/pattern_build.h"

#include <string.h>

#include "pattern/pattern_program.h"

struct builder {
    struct pattern *pattern;
    const unsigned char *at;
    const unsigned char *end;
    uint32_t back;
    unsigned open_count;
    uint8_t open[PATTERN_MAX_CAPTURES];
};

bool pattern_is_plain(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] != '\0' && strchr("^$*+?.([%-", text[i]))
            return false;
    return true;
}

static size_t count_sets(const char *text, size_t len)
{
    size_t count = 0;
    for (size_t i = 0; i < len; i++)
        count += text[i] == '[' || text[i] == '%';
    return count;
}

/* Each node and each set needs at least one byte of text; one more node ends the sequence. */
size_t pattern_room(const char *text, size_t len)
{
    return sizeof(struct pattern) + (len + 1) * sizeof(struct pattern_node) +
           count_sets(text, len) * sizeof(struct pattern_set);
}

static struct pattern_node *add_node(struct builder *b, enum pattern_op op)
{
    struct pattern *pattern = b->pattern;
    uint32_t index = pattern->node_count++;
    struct pattern_node *node = &pattern->nodes[index];
    *node = (struct pattern_node){.op = (uint8_t)op, .back = b->back};
    if (op == NODE_MANY || op == NODE_FEW)
        b->back = index;
    return node;
}

/* Nothing after a flaw can be reached, so reading ends there. */
static void add_flaw(struct builder *b, enum pattern_flaw flaw, int index)
{
    add_node(b, NODE_FLAW)->capture = (uint8_t)flaw;
    b->pattern->flaw_index = index;
    b->at = b->end;
}

static void add_capture(struct builder *b, enum pattern_op op, enum pattern_capture_kind kind)
{
    struct pattern *pattern = b->pattern;
    if (pattern->captures == PATTERN_MAX_CAPTURES) {
        add_flaw(b, FLAW_CAPTURES, 0);
        return;
    }
    uint8_t index = pattern->captures++;
    pattern->kinds[index] = (uint8_t)kind;
    add_node(b, op)->capture = index;
    if (kind == PATTERN_UNFINISHED)
        b->open[b->open_count++] = index;
}

static void read_open(struct builder *b)
{
    if (b->end - b->at > 1 && b->at[1] == ')') {
        b->at += 2;
        add_capture(b, NODE_POSITION, PATTERN_POSITION);
    } else {
        b->at++;
        add_capture(b, NODE_OPEN, PATTERN_UNFINISHED);
    }
}

static void read_close(struct builder *b)
{
    if (b->open_count == 0) {
        add_flaw(b, FLAW_CLOSE, 0);
        return;
    }
    uint8_t index = b->open[--b->open_count];
    b->pattern->kinds[index] = PATTERN_SPAN;
    add_node(b, NODE_CLOSE)->capture = index;
    b->at++;
}

static void read_same(struct builder *b)
{
    int index = b->at[1] - '1';
    const struct pattern *pattern = b->pattern;
    if (index < 0 || index >= pattern->captures || pattern->kinds[index] == PATTERN_UNFINISHED) {
        add_flaw(b, FLAW_INDEX, index + 1);
        return;
    }
    add_node(b, NODE_SAME)->capture = (uint8_t)index;
    b->at += 2;
}

static void read_balance(struct builder *b)
{
    if (b->end - b->at < 4) {
        add_flaw(b, FLAW_BALANCE, 0);
        return;
    }
    struct pattern_node *node = add_node(b, NODE_BALANCE);
    node->byte = b->at[2];
    node->other = b->at[3];
    b->at += 4;
}

static struct pattern_set *new_set(struct builder *b, uint32_t *index)
{
    *index = b->pattern->set_count++;
    struct pattern_set *set = &b->pattern->sets[*index];
    *set = (struct pattern_set){{0, 0, 0, 0}};
    return set;
}

/* Starts at the current '['. */
static int read_set(struct builder *b, uint32_t *index)
{
    const unsigned char *close = pattern_set_end(b->at, b->end);
    if (!close) {
        add_flaw(b, FLAW_SET, 0);
        return -1;
    }
    pattern_set_read(new_set(b, index), b->at, close);
    b->at = close + 1;
    return 0;
}

static void read_frontier(struct builder *b)
{
    uint32_t set;
    b->at += 2;
    if (b->at == b->end || *b->at != '[')
        add_flaw(b, FLAW_FRONTIER, 0);
    else if (read_set(b, &set) == 0)
        add_node(b, NODE_FRONTIER)->set = set;
}

static int read_escape(struct builder *b, struct pattern_node *unit)
{
    if (b->end - b->at < 2) {
        add_flaw(b, FLAW_PERCENT, 0);
        return -1;
    }
    unit->byte = b->at[1];
    b->at += 2;
    if (pattern_set_is_class(unit->byte)) {
        unit->unit = UNIT_SET;
        pattern_set_add_escape(new_set(b, &unit->set), unit->byte);
    }
    return 0;
}

static int read_unit(struct builder *b, struct pattern_node *unit)
{
    *unit = (struct pattern_node){.unit = UNIT_BYTE, .byte = *b->at};
    if (*b->at == '%')
        return read_escape(b, unit);
    if (*b->at == '[') {
        unit->unit = UNIT_SET;
        return read_set(b, &unit->set);
    }
    if (*b->at == '.')
        unit->unit = UNIT_ANY;
    b->at++;
    return 0;
}

static enum pattern_op read_quantifier(struct builder *b, struct pattern_node *unit)
{
    unsigned char mark = b->at < b->end ? *b->at : 0;
    if (mark == 0 || !strchr("*+?-", mark))
        return NODE_ONE;
    b->at++;
    unit->least = mark == '+';
    unit->optional = mark == '?';
    return mark == '-' ? NODE_FEW : NODE_MANY;
}

static void read_repeated(struct builder *b)
{
    struct pattern_node unit;
    if (read_unit(b, &unit) < 0)
        return;
    enum pattern_op op = read_quantifier(b, &unit);
    struct pattern_node *node = add_node(b, op);
    unit.op = node->op;
    unit.back = node->back;
    *node = unit;
}

static void read_percent(struct builder *b)
{
    unsigned char next = b->end - b->at > 1 ? b->at[1] : 0;
    if (next == 'b')
        read_balance(b);
    else if (next == 'f')
        read_frontier(b);
    else if (next >= '0' && next <= '9')
        read_same(b);
    else
        read_repeated(b);
}

static void read_end(struct builder *b)
{
    if (b->end - b->at > 1) {
        read_repeated(b);
        return;
    }
    add_node(b, NODE_END);
    b->at++;
}

static void read_next(struct builder *b)
{
    switch (*b->at) {
    case '(': read_open(b); break;
    case ')': read_close(b); break;
    case '%': read_percent(b); break;
    case '$': read_end(b); break;
    default: read_repeated(b);
    }
}

struct pattern *pattern_build(void *room, const char *text, size_t len, bool anchor)
{
    struct pattern *pattern = room;
    struct builder b = {.pattern = pattern, .back = NO_NODE};
    memset(pattern, 0, sizeof *pattern);
    pattern->sets = (struct pattern_set *)(void *)&pattern->nodes[len + 1];
    pattern->anchored = anchor && len > 0 && text[0] == '^';
    b.at = (const unsigned char *)text + pattern->anchored;
    b.end = (const unsigned char *)text + len;
    while (b.at < b.end)
        read_next(&b);
    add_node(&b, NODE_DONE);
    return pattern;
}
