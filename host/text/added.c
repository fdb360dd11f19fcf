/* added.c - the trie and the cut. The cut follows transformers' Trie.split step by step, because
 * where names overlap its answer is more particular than "leftmost longest". */
#include "text/added.h"

#include "base/mem.h"
#include "base/utf8.h"

#define NONE UINT32_MAX
#define NAME_MAX_BYTES 4096

static uint32_t child_of(const mcl_added *a, uint32_t node, uint32_t character) {
  return mcl_map64_get(&a->edges, (uint64_t)node << 32 | character);
}

static bool ends_name(const mcl_added *a, uint32_t node) {
  return a->token_of[node] != NONE;
}

static bool add_node(mcl_added *a) {
  if (!mcl_grow((void **)&a->token_of, &a->node_cap, a->nodes, sizeof *a->token_of))
    return false;
  a->token_of[a->nodes++] = NONE;
  return true;
}

int mcl_added_put(mcl_added *a, const char *name, size_t n, mcl_added_token token, motcl_err *err) {
  if (n == 0 || n > NAME_MAX_BYTES)
    return mcl_fail(err, MOTCL_EFORMAT, "an added token of %zu bytes; 1 to %d are allowed", n,
                    NAME_MAX_BYTES);
  if (!a->nodes && !add_node(a))
    return mcl_fail_nomem(err, 0);
  uint32_t node = 0;
  size_t characters = 0;
  for (size_t at = 0; at < n; characters++) {
    uint32_t c = mcl_utf8_next(name, &at), next = child_of(a, node, c);
    if (next == NONE) {
      next = (uint32_t)a->nodes;
      if (!add_node(a) || !mcl_map64_put(&a->edges, (uint64_t)node << 32 | c, next))
        return mcl_fail_nomem(err, a->nodes * 16);
    }
    node = next;
  }
  if (ends_name(a, node))
    return mcl_fail(err, MOTCL_EFORMAT, "the added token \"%.*s\" is there twice", (int)n, name);
  if (!mcl_grow((void **)&a->token, &a->token_cap, a->tokens, sizeof *a->token))
    return mcl_fail_nomem(err, a->token_cap * 2 * sizeof *a->token);
  a->token_of[node] = (uint32_t)a->tokens;
  a->token[a->tokens++] = token;
  if (characters > a->longest)
    a->longest = characters;
  return MOTCL_OK;
}

void mcl_added_free(mcl_added *a) {
  mcl_map64_free(&a->edges);
  mcl_free(a->token_of);
  mcl_free(a->token);
  *a = (mcl_added){0};
}

const mcl_added_token *mcl_added_find(const mcl_added *a, const char *name, size_t n) {
  uint32_t node = a->nodes ? 0 : NONE;
  for (size_t at = 0; at < n && node != NONE;)
    node = child_of(a, node, mcl_utf8_next(name, &at));
  return node != NONE && ends_name(a, node) ? &a->token[a->token_of[node]] : NULL;
}

/* A match that has begun: where in the text, and how far down the trie. */
typedef struct partial {
  size_t start;
  uint32_t node;
  bool dropped;
} partial;

typedef struct cutter {
  const mcl_added *added;
  const char *text;
  size_t n;
  partial *open; /* in the order of their starts */
  size_t opened;
  size_t skip; /* characters before this are part of the last match */
  size_t *cut; /* start and end of each match */
  size_t cuts, cut_cap;
} cutter;

static bool add_cut(cutter *c, size_t at) {
  if (!mcl_grow((void **)&c->cut, &c->cut_cap, c->cuts, sizeof *c->cut))
    return false;
  c->cut[c->cuts++] = at;
  return true;
}

/* open[which] has matched a whole name before the character at `at` (the next one is at `after`):
 * look for an earlier or a longer one, and note the cut. */
static bool take_match(cutter *c, size_t which, size_t at, size_t after) {
  size_t start = c->open[which].start, end = at;
  for (size_t i = 0; i < c->opened && c->open[i].start <= start; i++) {
    uint32_t node = c->open[i].node;
    /* Those before `which` have taken the character at `at` already. */
    size_t ahead = c->open[i].start < start ? after : at;
    end = ahead;
    for (;;) {
      if (ends_name(c->added, node)) {
        start = c->open[i].start;
        end = c->skip = ahead;
      }
      if (ahead >= c->n)
        break;
      size_t next = ahead;
      uint32_t deeper = child_of(c->added, node, mcl_utf8_next(c->text, &next));
      if (deeper == NONE)
        break;
      node = deeper;
      ahead = next;
    }
  }
  return add_cut(c, start) && add_cut(c, end);
}

/* One character on: every open match grows, is dropped, or is cut and ends all others. A dropped
 * one can still be looked ahead from until the step is over, as in the original. */
static bool step(cutter *c, size_t at, size_t after, uint32_t character) {
  size_t kept = 0;
  for (size_t i = 0; i < c->opened; i++) {
    if (ends_name(c->added, c->open[i].node)) {
      bool ok = take_match(c, i, at, after);
      c->opened = 0;
      return ok;
    }
    uint32_t next = child_of(c->added, c->open[i].node, character);
    c->open[i].dropped = next == NONE;
    if (next != NONE)
      c->open[i].node = next;
  }
  for (size_t i = 0; i < c->opened; i++) {
    if (!c->open[i].dropped)
      c->open[kept++] = c->open[i];
  }
  c->opened = kept;
  return true;
}

static bool find_cuts(cutter *c) {
  for (size_t at = 0, after; at < c->n; at = after) {
    after = at;
    uint32_t character = mcl_utf8_next(c->text, &after);
    if (!step(c, at, after, character))
      return false;
    uint32_t first = child_of(c->added, 0, character);
    if (at >= c->skip && first != NONE)
      c->open[c->opened++] = (partial){.start = at, .node = first};
  }
  for (size_t i = 0; i < c->opened; i++) {
    if (ends_name(c->added, c->open[i].node))
      return add_cut(c, c->open[i].start) && add_cut(c, c->n);
  }
  return true;
}

/* The pieces between the cuts; a cut that would go back is passed over. */
static mcl_text_span *pieces_of(const cutter *c, size_t *count) {
  mcl_text_span *piece = mcl_alloc(c->cuts + 1, sizeof *piece);
  size_t n = 0, start = 0;
  if (!piece)
    return NULL;
  for (size_t i = 0; i <= c->cuts; i++) {
    size_t end = i < c->cuts ? c->cut[i] : c->n;
    if (end > start) {
      piece[n++] = (mcl_text_span){.at = start, .n = end - start};
      start = end;
    }
  }
  *count = n;
  return piece;
}

/* What Python's str.isspace says. */
static bool is_space(uint32_t c) {
  return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20) || c == 0x85 || c == 0xA0 ||
         c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
         c == 0x205F || c == 0x3000;
}

static void strip_left(mcl_text_span *p, const char *text) {
  while (p->n) {
    size_t after = p->at;
    if (!is_space(mcl_utf8_next(text, &after)))
      return;
    p->n -= after - p->at;
    p->at = after;
  }
}

static void strip_right(mcl_text_span *p, const char *text) {
  while (p->n) {
    size_t last = p->at + p->n - 1;
    while (((unsigned char)text[last] & 0xC0) == 0x80)
      last--;
    size_t after = last;
    if (!is_space(mcl_utf8_next(text, &after)))
      return;
    p->n = last - p->at;
  }
}

/* Strip around the tokens that ask for it, then say what each piece is: a token that lost a blank
 * to its neighbour is text. Returns how many pieces are left. */
static size_t strip(const mcl_added *a, const char *text, mcl_text_span *piece, size_t n) {
  size_t kept = 0;
  for (size_t i = 0; i < n; i++) {
    const mcl_added_token *t = mcl_added_find(a, text + piece[i].at, piece[i].n);
    if (t && t->rstrip && i + 1 < n)
      strip_left(&piece[i + 1], text);
    if (t && t->lstrip && i > 0)
      strip_right(&piece[i - 1], text);
  }
  for (size_t i = 0; i < n; i++) {
    piece[i].token = mcl_added_find(a, text + piece[i].at, piece[i].n);
    if (piece[i].n)
      piece[kept++] = piece[i];
  }
  return kept;
}

int mcl_added_cut(const mcl_added *a, const char *text, size_t n, mcl_text_span **out,
                  size_t *count, motcl_err *err) {
  cutter c = {.added = a, .text = text, .n = n};
  mcl_text_span *piece = NULL;
  size_t pieces = 0;
  int rc = MOTCL_OK;
  c.open = mcl_alloc(a->longest + 1, sizeof *c.open);
  bool ok = c.open && (!a->tokens || find_cuts(&c));
  if (ok)
    piece = pieces_of(&c, &pieces);
  if (piece) {
    *count = strip(a, text, piece, pieces);
    *out = piece;
  } else {
    rc = mcl_fail_nomem(err, c.cuts * 2 * sizeof *c.cut);
  }
  mcl_free(c.open);
  mcl_free(c.cut);
  return rc;
}
