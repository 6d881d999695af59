#include "pattern/pattern_program.h"

#include <string.h>

/* One pass along the nodes: the position in the subject, and where the results go. */
struct walk {
    struct pattern *pattern;
    const unsigned char *subject;
    size_t len;
    size_t at;
    struct pattern_budget *budget;
    struct pattern_match *match;
    enum pattern_status stopped; /* the reason, after STEP_STOP */
};

enum step { STEP_ON, STEP_BACK, STEP_STOP };

bool pattern_charge(struct pattern_budget *budget, uint64_t steps)
{
    if (!budget)
        return true;
    if (budget->left < steps) {
        budget->left = 0;
        return false;
    }
    budget->left -= steps;
    return true;
}

bool pattern_anchored(const struct pattern *pattern)
{
    return pattern->anchored;
}

const char *pattern_flaw(const struct pattern *pattern, int *index)
{
    static const char *const messages[] = {
        [FLAW_NONE] = "no flaw in pattern",
        [FLAW_PERCENT] = "malformed pattern (ends with '%%')",
        [FLAW_SET] = "malformed pattern (missing ']')",
        [FLAW_BALANCE] = "malformed pattern (missing arguments to '%%b')",
        [FLAW_FRONTIER] = "missing '[' after '%%f' in pattern",
        [FLAW_INDEX] = "invalid capture index %%%d",
        [FLAW_CLOSE] = "invalid pattern capture",
        [FLAW_CAPTURES] = "too many captures",
    };
    *index = pattern->flaw_index;
    return messages[pattern->flaw];
}

static enum step stop(struct walk *w, enum pattern_status status)
{
    w->stopped = status;
    return STEP_STOP;
}

static enum step advance(struct walk *w, uint64_t bytes)
{
    return pattern_charge(w->budget, bytes) ? STEP_ON : stop(w, PATTERN_EXHAUSTED);
}

static bool unit_holds(const struct walk *w, const struct pattern_node *node, unsigned char byte)
{
    switch ((enum pattern_unit)node->unit) {
    case UNIT_ANY: return true;
    case UNIT_BYTE: return byte == node->byte;
    case UNIT_SET: break;
    }
    return pattern_set_has(&w->pattern->sets[node->set], byte);
}

static bool unit_here(const struct walk *w, const struct pattern_node *node, size_t at)
{
    return at < w->len && unit_holds(w, node, w->subject[at]);
}

static enum step step_one(struct walk *w, const struct pattern_node *node)
{
    if (!unit_here(w, node, w->at))
        return STEP_BACK;
    w->at++;
    return STEP_ON;
}

static size_t run_end(const struct walk *w, const struct pattern_node *node)
{
    size_t at = w->at;
    if (node->optional)
        return at + unit_here(w, node, at);
    if (node->unit == UNIT_ANY)
        return w->len;
    while (unit_here(w, node, at))
        at++;
    return at;
}

static enum step step_many(struct walk *w, struct pattern_node *node)
{
    size_t from = w->at;
    node->low = from + node->least;
    node->at = run_end(w, node);
    if (node->at < node->low)
        return STEP_BACK;
    w->at = node->at;
    return node->unit == UNIT_ANY ? STEP_ON : advance(w, node->at - from);
}

static enum step step_few(struct walk *w, struct pattern_node *node)
{
    node->at = w->at;
    return STEP_ON;
}

static enum step step_close(struct walk *w, const struct pattern_node *node)
{
    w->match->capture[node->capture].to = w->at;
    return STEP_ON;
}

static enum step step_open(struct walk *w, const struct pattern_node *node)
{
    w->match->capture[node->capture].from = w->at;
    return step_close(w, node);
}

/* A reference to a position capture is allowed and never matches. */
static enum step step_same(struct walk *w, const struct pattern_node *node)
{
    const struct pattern_capture *capture = &w->match->capture[node->capture];
    size_t len = capture->to - capture->from;
    if (capture->kind == PATTERN_POSITION || w->len - w->at < len)
        return STEP_BACK;
    if (memcmp(w->subject + capture->from, w->subject + w->at, len) != 0)
        return advance(w, len) == STEP_ON ? STEP_BACK : STEP_STOP;
    w->at += len;
    return advance(w, len);
}

/* The end of the balanced text that starts at the current position, or PATTERN_NOWHERE; *seen
 * counts bytes. */
static size_t balance_end(const struct walk *w, const struct pattern_node *node, size_t *seen)
{
    size_t depth = 1;
    size_t at = w->at + 1;
    for (; at < w->len; at++) {
        unsigned char byte = w->subject[at];
        if (byte == node->other) {
            if (--depth == 0)
                break;
        } else if (byte == node->byte) {
            depth++;
        }
    }
    *seen = at - w->at;
    return at < w->len ? at + 1 : PATTERN_NOWHERE;
}

static enum step step_balance(struct walk *w, const struct pattern_node *node)
{
    if (w->at >= w->len || w->subject[w->at] != node->byte)
        return STEP_BACK;
    size_t seen;
    size_t end = balance_end(w, node, &seen);
    if (advance(w, seen) == STEP_STOP)
        return STEP_STOP;
    if (end == PATTERN_NOWHERE)
        return STEP_BACK;
    w->at = end;
    return STEP_ON;
}

/* Before and after the subject there is a byte 0. */
static enum step step_frontier(const struct walk *w, const struct pattern_node *node)
{
    const struct pattern_set *set = &w->pattern->sets[node->set];
    unsigned char before = w->at > 0 ? w->subject[w->at - 1] : 0;
    unsigned char here = w->at < w->len ? w->subject[w->at] : 0;
    return !pattern_set_has(set, before) && pattern_set_has(set, here) ? STEP_ON : STEP_BACK;
}

static enum step step_flaw(struct walk *w, const struct pattern_node *node)
{
    w->pattern->flaw = node->capture;
    return stop(w, PATTERN_MALFORMED);
}

static enum step step_done(struct walk *w)
{
    w->match->to = w->at;
    return stop(w, PATTERN_MATCHED);
}

static enum step step_node(struct walk *w, struct pattern_node *node)
{
    switch ((enum pattern_op)node->op) {
    case NODE_ONE: return step_one(w, node);
    case NODE_MANY: return step_many(w, node);
    case NODE_FEW: return step_few(w, node);
    case NODE_OPEN:
    case NODE_POSITION: return step_open(w, node);
    case NODE_CLOSE: return step_close(w, node);
    case NODE_SAME: return step_same(w, node);
    case NODE_BALANCE: return step_balance(w, node);
    case NODE_FRONTIER: return step_frontier(w, node);
    case NODE_END: return w->at == w->len ? STEP_ON : STEP_BACK;
    case NODE_FLAW: return step_flaw(w, node);
    case NODE_DONE: break;
    }
    return step_done(w);
}

/* Gives a repeated node its next length. Returns false if none is left. */
static bool take_next(struct walk *w, struct pattern_node *node)
{
    if (node->op == NODE_FEW) {
        if (!unit_here(w, node, node->at))
            return false;
        node->at++;
    } else {
        if (node->at <= node->low)
            return false;
        node->at--;
    }
    w->at = node->at;
    return true;
}

/* Goes back to the nearest node on the left that has another length. Returns the node after it, or
 * NO_NODE. */
static uint32_t go_back(struct walk *w, uint32_t index)
{
    struct pattern_node *nodes = w->pattern->nodes;
    uint32_t back = nodes[index].back;
    while (back != NO_NODE && !take_next(w, &nodes[back]))
        back = nodes[back].back;
    return back == NO_NODE ? NO_NODE : back + 1;
}

static enum pattern_status match_here(struct walk *w)
{
    uint32_t index = 0;
    while (index != NO_NODE) {
        if (!pattern_charge(w->budget, 1))
            return PATTERN_EXHAUSTED;
        switch (step_node(w, &w->pattern->nodes[index])) {
        case STEP_ON: index++; break;
        case STEP_BACK: index = go_back(w, index); break;
        case STEP_STOP: return w->stopped;
        }
    }
    return PATTERN_NO_MATCH;
}

static void begin_captures(const struct pattern *pattern, struct pattern_match *match)
{
    match->captures = pattern->captures;
    for (unsigned i = 0; i < pattern->captures; i++)
        match->capture[i].kind = (enum pattern_capture_kind)pattern->kinds[i];
}

enum pattern_status pattern_search(struct pattern *pattern, const char *subject, size_t len,
                                   size_t from, size_t not_ending_at, struct pattern_budget *budget,
                                   struct pattern_match *match)
{
    struct walk w = {.pattern = pattern,
                     .subject = (const unsigned char *)subject,
                     .len = len,
                     .budget = budget,
                     .match = match};
    begin_captures(pattern, match);
    for (size_t start = from; start <= len; start++) {
        w.at = match->from = start;
        enum pattern_status status = match_here(&w);
        bool passed_over = status == PATTERN_MATCHED && match->to == not_ending_at;
        if (status != PATTERN_NO_MATCH && !passed_over)
            return status;
        if (pattern->anchored)
            break;
    }
    return PATTERN_NO_MATCH;
}
