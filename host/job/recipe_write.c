/* recipe_write.c - prompt, seed and settings as lines of text. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/version.h"
#include "io/json.h"
#include "job/recipe.h"

enum { MOST_LINES = 9 };

/* Between the NULs of an answer there are lines, as between texts. */
static void copy_text(char *to, const motcl_part *p) {
  if (p->size)
    memcpy(to, p->data, p->size);
  for (size_t i = 0; i < p->size; i++)
    to[i] = (char)(to[i] ? to[i] : '\n');
}

static int join_texts(char **out, const motcl_request *r, motcl_err *err) {
  size_t total = 1;
  for (size_t i = 0; i < r->parts; i++)
    if (r->part[i].kind != MOTCL_PART_PICTURE && !mcl_add_ok(total, r->part[i].size + 1, &total))
      return mcl_fail_nomem(err, total);
  char *p = mcl_alloc(total, 1), *at = p;
  bool first = true;
  if (!p)
    return mcl_fail_nomem(err, total);
  for (size_t i = 0; i < r->parts; i++) {
    if (r->part[i].kind == MOTCL_PART_PICTURE)
      continue;
    if (!first)
      *at++ = '\n';
    first = false;
    copy_text(at, &r->part[i]);
    at += r->part[i].size;
  }
  *at = 0;
  *out = p;
  return MOTCL_OK;
}

static json_t *hash_json(const void *data, size_t n) {
  char text[17];
  snprintf(text, sizeof text, "%016" PRIx64, mcl_hash64(data, n));
  return json_string(text);
}

const char *mcl_recipe_word(motcl_part_kind kind) {
  static const char *const word[] = {[MOTCL_PART_TEXT] = "text",
                                     [MOTCL_PART_PICTURE] = "picture",
                                     [MOTCL_PART_ANSWER] = "answer",
                                     [MOTCL_PART_SYSTEM] = "system"};
  return (unsigned)kind < sizeof word / sizeof *word ? word[kind] : NULL;
}

static bool is_plain(const motcl_request *r) {
  return r->parts == 1 && r->part[0].kind == MOTCL_PART_TEXT;
}

/* How long a text is; one with NULs, how long each piece is. */
static json_t *bytes_json(const char *text, size_t n) {
  const char *nul = n ? memchr(text, 0, n) : NULL;
  if (!nul)
    return json_integer((json_int_t)n);
  json_t *all = json_array();
  int bad = !all;
  for (const char *end = text + n; nul; nul = memchr(text, 0, (size_t)(end - text))) {
    bad |= json_array_append_new(all, json_integer(nul - text));
    n -= (size_t)(nul + 1 - text);
    text = nul + 1;
  }
  bad |= json_array_append_new(all, json_integer((json_int_t)n));
  if (!bad)
    return all;
  json_decref(all);
  return NULL;
}

static json_t *parts_json(const motcl_request *r) {
  json_t *all = json_array();
  bool ok = all != NULL;
  for (size_t i = 0; i < r->parts && ok; i++) {
    const motcl_part *p = &r->part[i];
    ok = json_array_append_new(
             all,
             p->kind != MOTCL_PART_PICTURE
                 ? json_pack("{s:o}", mcl_recipe_word(p->kind), bytes_json(p->data, p->size))
                 : json_pack("{s:o}", mcl_recipe_word(p->kind), hash_json(p->data, p->size))) == 0;
  }
  if (ok)
    return all;
  json_decref(all);
  return NULL;
}

/* Which tokens a thought is drawn from, where it is not all of them: earlier versions, which know of
 * nothing else, then read the recipe. */
static int put_sampling(json_t *j, const motcl_settings *s) {
  int bad = 0;
  if (s->top_k)
    bad |= json_object_set_new(j, "top-k", json_integer(s->top_k));
  if (s->top_p != 0)
    bad |= json_object_set_new(j, "top-p", json_real(s->top_p));
  if (s->min_p != 0)
    bad |= json_object_set_new(j, "min-p", json_real(s->min_p));
  if (s->repeat_penalty != 0)
    bad |= json_object_set_new(j, "repeat-penalty", json_real(s->repeat_penalty));
  return bad;
}

static json_t *settings_json(const motcl_request *r, uint32_t width, uint32_t height) {
  const motcl_settings *s = &r->settings;
  const motcl_guidance *g = &s->guidance;
  char size[32];
  snprintf(size, sizeof size, "%ux%u", width, height);
  json_t *j =
      json_pack("{s:s, s:I, s:f, s:f, s:f, s:[f,f], s:s, s:f, s:b, s:I, s:f, s:b, s:b}", "size",
                size, "timesteps", (json_int_t)s->timesteps, "shift", s->shift, "cfg-text",
                g->text_scale, "cfg-image", g->image_scale, "cfg-interval", g->lo, g->hi,
                "cfg-renorm", motcl_renorm_name(g->renorm), "cfg-renorm-min", g->renorm_min,
                "think", s->think, "max-think-tokens", (json_int_t)s->max_think, "temperature",
                s->temperature, "vae-sample", s->vae_sample, "no-auto-orient", s->no_orient);
  int bad = !j || put_sampling(j, s);
  if (s->negative && !*s->negative)
    bad |= json_object_set_new(j, "negative", json_string(""));
  if (s->protocol)
    bad |= json_object_set_new(j, "protocol", json_string(s->protocol));
  if (s->noise)
    bad |= json_object_set_new(j, "noise", hash_json(s->noise, s->noise_count * sizeof *s->noise));
  if (!bad)
    return j;
  json_decref(j);
  return NULL;
}

/* The numbers that settings hold. */
enum { NUMBERS = 10 };
static void find_numbers(double out[NUMBERS], const motcl_settings *s) {
  const motcl_guidance *g = &s->guidance;
  const double all[NUMBERS] = {
      s->shift, s->temperature, g->text_scale, g->image_scale, g->lo,
      g->hi,    g->renorm_min,  s->top_p,      s->min_p,       s->repeat_penalty};
  memcpy(out, all, sizeof all);
}

/* The fewest digits that read back as the same numbers. */
static size_t digits_for(const motcl_settings *s) {
  double all[NUMBERS];
  char text[40];
  size_t digits = 6;
  find_numbers(all, s);
  for (size_t i = 0; i < NUMBERS; i++)
    for (; digits < 17; digits++) {
      snprintf(text, sizeof text, "%.*g", (int)digits, all[i]);
      if (strtod(text, NULL) == all[i])
        break;
    }
  return digits;
}

static size_t line_bytes(const motcl_line *line) {
  return *line->value ? strlen(line->key) + strlen(line->value) + 2 : 0;
}

static const char *put(char **at, const char *text) {
  char *to = *at;
  size_t n = strlen(text) + 1;
  memcpy(to, text, n);
  *at += n;
  return to;
}

/* Those of n lines that say something, in one block. */
static int pack(motcl_line **out, size_t *count, const motcl_line *line, size_t n, motcl_err *err) {
  size_t bytes = n * sizeof *line, used = 0;
  for (size_t i = 0; i < n; i++)
    if (!mcl_add_ok(bytes, line_bytes(&line[i]), &bytes))
      return mcl_fail_nomem(err, SIZE_MAX);
  motcl_line *copy = mcl_alloc(bytes, 1);
  if (!copy)
    return mcl_fail_nomem(err, bytes);
  char *at = (char *)(copy + n);
  for (size_t i = 0; i < n; i++)
    if (*line[i].value) {
      copy[used].key = put(&at, line[i].key);
      copy[used++].value = put(&at, line[i].value);
    }
  *out = copy;
  *count = used;
  return MOTCL_OK;
}

static int check(const motcl_request *r, motcl_err *err) {
  double all[NUMBERS];
  if (r->items)
    return mcl_fail(err, MOTCL_EINVAL,
                    "a request of items is none for one picture; motcl_request_alone gives that");
  for (size_t i = 0; i < r->parts; i++)
    if (r->part[i].kind != MOTCL_PART_PICTURE && r->part[i].kind != MOTCL_PART_ANSWER &&
        r->part[i].size && memchr(r->part[i].data, 0, r->part[i].size))
      return mcl_fail(
          err, MOTCL_EINVAL,
          "part %zu of the request is a text with a NUL, which no picture file can hold", i + 1);
  find_numbers(all, &r->settings);
  for (size_t i = 0; i < NUMBERS; i++)
    if (!(all[i] >= -1e300 && all[i] <= 1e300))
      return mcl_fail(err, MOTCL_EINVAL, "a setting of the request is no number");
  return MOTCL_OK;
}

static const char *or_nothing(const char *text) {
  return text ? text : "";
}

int mcl_recipe_lines(motcl_line **out, size_t *n, const motcl_recipe_source *of, motcl_err *err) {
  const motcl_request *r = of->request;
  char software[64], seed[24], *prompt = NULL;
  int rc = check(r, err);
  if (rc == MOTCL_OK)
    rc = join_texts(&prompt, r, err);
  if (rc != MOTCL_OK)
    return rc;
  json_t *settings_j = settings_json(r, of->width, of->height);
  json_t *parts_j = is_plain(r) ? NULL : parts_json(r);
  char *settings =
      settings_j ? mcl_json_print(settings_j, JSON_REAL_PRECISION(digits_for(&r->settings))) : NULL;
  char *parts = parts_j ? mcl_json_print(parts_j, 0) : NULL;
  snprintf(software, sizeof software, "motcl %s", mcl_version);
  snprintf(seed, sizeof seed, "%" PRIu64, r->seed);
  const motcl_line line[MOST_LINES] = {{"Software", software},
                                       {"prompt", prompt},
                                       {"negative", or_nothing(r->settings.negative)},
                                       {"parts", or_nothing(parts)},
                                       {"seed", seed},
                                       {"settings", settings},
                                       {"model", or_nothing(of->model)},
                                       {"model-digest", or_nothing(of->digest)},
                                       {"fingerprint", or_nothing(of->fingerprint)}};
  if (!settings || (!parts && !is_plain(r)))
    rc = mcl_fail_nomem(err, 1);
  else
    rc = pack(out, n, line, MOST_LINES, err);
  json_decref(settings_j);
  json_decref(parts_j);
  mcl_free(settings);
  mcl_free(parts);
  mcl_free(prompt);
  return rc;
}
