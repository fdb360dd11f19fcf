/* split.c - the split pattern, run by PCRE2. */
#include "text/split.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/mem.h"

/* What Python's regex module and Onigmo call white space: Unicode's White_Space. PCRE2's \s has
 * U+180E besides, which lost that property in Unicode 6.3. */
#define SPACE "\\t-\\r\\x{85}\\p{Z}"

static const char qwen_pattern[] = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{"
                                   "N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
                                   "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

/* The same language. Repeats that no later part could use the end of are possessive, which keeps
 * a match of a million characters from remembering each. */
static const char our_pattern[] =
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}++|\\p{N}"
    "| ?[^" SPACE "\\p{L}\\p{N}]++[\\r\\n]*+|[" SPACE "]*[\\r\\n]++|[" SPACE "]+(?![^" SPACE "])"
    "|[" SPACE "]++";

struct mcl_split {
  pcre2_general_context *general;
  pcre2_code *code;
};

struct mcl_split_run {
  const mcl_split *split;
  pcre2_match_data *match;
  pcre2_match_context *limits;
};

static void *pcre_alloc(size_t n, void *unused) {
  (void)unused;
  return mcl_alloc(n, 1);
}

static void pcre_free(void *p, void *unused) {
  (void)unused;
  mcl_free(p);
}

static int fail_pcre_at(const char *where, motcl_err *err, int code, const char *doing) {
  PCRE2_UCHAR text[160];
  if (code == PCRE2_ERROR_NOMEMORY || code == PCRE2_ERROR_HEAPLIMIT ||
      code == PCRE2_ERROR_HEAP_FAILED)
    return mcl_fail_nomem_at(err, 0, where);
  if (pcre2_get_error_message(code, text, sizeof text) < 0)
    text[0] = '\0';
  return mcl_fail_at(err, MOTCL_EINTERNAL, 0, where, "PCRE2 failed %s (%d: %s)", doing, code,
                     (const char *)text);
}
#define fail_pcre(...) fail_pcre_at(__func__, __VA_ARGS__)

const char *mcl_split_pattern(void) {
  return qwen_pattern;
}

int mcl_split_create(mcl_split **out, motcl_err *err) {
  mcl_split *s = mcl_zalloc(1, sizeof *s);
  pcre2_compile_context *context = NULL;
  int rc = MOTCL_OK, code = 0;
  size_t where = 0;
  if (!s)
    return mcl_fail_nomem(err, sizeof *s);
  s->general = pcre2_general_context_create(pcre_alloc, pcre_free, NULL);
  context = s->general ? pcre2_compile_context_create(s->general) : NULL;
  if (!context) {
    rc = mcl_fail_nomem(err, 0);
    goto done;
  }
  s->code = pcre2_compile((PCRE2_SPTR)our_pattern, PCRE2_ZERO_TERMINATED,
                          PCRE2_UTF | PCRE2_UCP | PCRE2_ANCHORED, &code, &where, context);
  if (!s->code) {
    rc = fail_pcre(err, code, "to compile the split pattern; it must be built with Unicode");
    goto done;
  }
  /* Where there is no compiler, or no executable memory, PCRE2 interprets. */
  (void)pcre2_jit_compile(s->code, PCRE2_JIT_COMPLETE);
  *out = s;
  s = NULL;
done:
  pcre2_compile_context_free(context);
  mcl_split_destroy(s);
  return rc;
}

void mcl_split_destroy(mcl_split *s) {
  if (!s)
    return;
  pcre2_code_free(s->code);
  pcre2_general_context_free(s->general);
  mcl_free(s);
}

int mcl_split_begin(mcl_split_run **out, const mcl_split *s, motcl_err *err) {
  mcl_split_run *r = mcl_zalloc(1, sizeof *r);
  if (!r)
    return mcl_fail_nomem(err, sizeof *r);
  r->split = s;
  r->match = pcre2_match_data_create_from_pattern(s->code, s->general);
  r->limits = pcre2_match_context_create(s->general);
  if (!r->match || !r->limits) {
    mcl_split_end(r);
    return mcl_fail_nomem(err, 0);
  }
  /* The pattern backtracks once at most over a run of spaces, so steps grow with the text only;
   * PCRE2's own limit is for patterns that explode. */
  pcre2_set_match_limit(r->limits, UINT32_MAX);
  *out = r;
  return MOTCL_OK;
}

void mcl_split_end(mcl_split_run *r) {
  if (!r)
    return;
  pcre2_match_data_free(r->match);
  pcre2_match_context_free(r->limits);
  mcl_free(r);
}

int mcl_split_next(mcl_split_run *r, const char *text, size_t n, size_t at, size_t *end,
                   motcl_err *err) {
  int rc =
      pcre2_match(r->split->code, (PCRE2_SPTR)text, n, at, PCRE2_NO_UTF_CHECK, r->match, r->limits);
  if (rc == PCRE2_ERROR_JIT_STACKLIMIT)
    rc = pcre2_match(r->split->code, (PCRE2_SPTR)text, n, at, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT,
                     r->match, r->limits);
  if (rc < 0)
    return fail_pcre(err, rc, "to split the text");
  size_t stop = pcre2_get_ovector_pointer(r->match)[1];
  if (stop <= at || stop > n)
    return mcl_fail(err, MOTCL_EINTERNAL, "the split pattern matched no character at byte %zu", at);
  *end = stop;
  return MOTCL_OK;
}
