/* protocol.c - reading protocols. A file's word is taken for nothing: each member is known and in range,
 * or the file is refused. */
#include "model/protocol.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "io/json.h"
#include "model/config_keys.h"
#include "model/digest.h"
#include "model/protocol_files.h"

enum { NAME_BYTES = 64, LONG_NAME = 3 * MCL_MODEL_NAME };

/* ---- the files that ship ---- */

static const mcl_protocol_file *file_of(const char *name) {
  for (size_t i = 0; i < mcl_protocol_file_count; i++)
    if (!strcmp(mcl_protocol_files[i].name, name))
      return &mcl_protocol_files[i];
  return NULL;
}

static char *text_of(const mcl_protocol_file *f) {
  size_t n = 1, at = 0;
  for (size_t i = 0; i < f->count; i++)
    n += strlen(f->lines[i]);
  char *text = mcl_alloc(n, 1);
  for (size_t i = 0; text && i < f->count; i++)
    at += (size_t)snprintf(text + at, n - at, "%s", f->lines[i]);
  return text;
}

/* ---- members ---- */

static int fail_member(motcl_err *err, const char *what) {
  return mcl_fail(err, MOTCL_EFORMAT, "%s", what);
}

/* Every member is one of the known, which end with NULL. */
static int check_keys(const json_t *j, const char *of, const char *const *known, motcl_err *err) {
  const char *key;
  json_t *value;
  if (!json_is_object(j))
    return mcl_fail(err, MOTCL_EFORMAT, "%s is no object", of);
  json_object_foreach((json_t *)(uintptr_t)j, key, value) {
    size_t i = 0;
    while (known[i] && strcmp(known[i], key) != 0)
      i++;
    if (!known[i])
      return mcl_fail(err, MOTCL_EFORMAT, "%s has a member \"%.40s\", which this version lacks", of,
                      key);
  }
  return MOTCL_OK;
}

/* A list of phrases; none where it is missing. */
static int read_phrases(mcl_phrases *to, const json_t *j, const char *key, motcl_err *err) {
  const json_t *list;
  if (!json_object_get(j, key))
    return MOTCL_OK;
  int rc = mcl_json_array(j, key, &list, err);
  if (rc != MOTCL_OK)
    return rc;
  if (!json_array_size(list) || json_array_size(list) > MCL_PHRASES)
    return mcl_fail(err, MOTCL_EFORMAT, "\"%s\" is no list of 1 to %d texts", key, MCL_PHRASES);
  for (size_t i = 0; i < json_array_size(list); i++) {
    const char *text = json_string_value(json_array_get(list, i));
    size_t n = text ? strlen(text) : 0;
    if (!n || n > MCL_PHRASE_BYTES)
      return mcl_fail(err, MOTCL_EFORMAT, "\"%s\" has something else than a text of 1 to %d bytes",
                      key, MCL_PHRASE_BYTES);
    to->text[to->count++] = text;
  }
  return MOTCL_OK;
}

/* One text for both, or one for each. */
static int read_think(mcl_protocol *p, const json_t *j, motcl_err *err) {
  static const char *const known[] = {"text", "picture", NULL};
  if (json_is_string(j)) {
    p->think[0] = p->think[1] = json_string_value(j);
    return *p->think[0] ? MOTCL_OK : fail_member(err, "\"think\" is empty");
  }
  int rc = check_keys(j, "\"think\"", known, err);
  for (size_t i = 0; i < 2 && rc == MOTCL_OK; i++) {
    rc = mcl_json_str(j, known[i], &p->think[i], err);
    if (rc == MOTCL_OK && !*p->think[i])
      rc = fail_member(err, "a text of \"think\" is empty");
  }
  return rc;
}

/* The words around a thought: who looks for them passes over blanks before them. */
static int read_thought(mcl_protocol *p, motcl_err *err) {
  mcl_phrases words = {0};
  int rc = read_phrases(&words, p->json, "thought", err);
  if (rc != MOTCL_OK)
    return rc;
  if (words.count != 2)
    return fail_member(err, "\"thought\" is no list of two words, before a thought and behind it");
  for (size_t i = 0; i < 2; i++) {
    p->thought[i] = words.text[i];
    if (strlen(p->thought[i]) > MCL_THOUGHT_WORD || strpbrk(p->thought[i], " \t\r\n"))
      return fail_member(err, "a word of \"thought\" has blanks, or more than 15 bytes");
  }
  return MOTCL_OK;
}

static int read_until_done(mcl_protocol *p, const json_t *j, motcl_err *err) {
  static const char *const known[] = {"system", "picture", "end", NULL};
  int rc = check_keys(j, "\"until_done\"", known, err);
  if (rc == MOTCL_OK)
    rc = mcl_json_str_or(j, "system", p->think[MOTCL_OUTPUT_TEXT], &p->system, err);
  if (rc == MOTCL_OK)
    rc = read_phrases(&p->picture, j, "picture", err);
  if (rc == MOTCL_OK)
    rc = read_phrases(&p->end, j, "end", err);
  if (rc != MOTCL_OK)
    return rc;
  p->until_done = true;
  if (!*p->system)
    return fail_member(err, "\"system\" is empty");
  if (!p->picture.count == !p->end.count)
    return fail_member(err,
                       "\"until_done\" has \"picture\", words that ask for a picture, or \"end\", "
                       "words that end the answer: one of the two");
  return MOTCL_OK;
}

static int read_rule(mcl_resize_rule *r, const json_t *picture, const char *key, motcl_err *err) {
  static const char *const known[] = {"longest", "shortest", "stride", "max_pixels", NULL};
  const json_t *j = json_object_get(picture, key);
  uint32_t pixels;
  int rc;
  if (!j)
    return MOTCL_OK;
  if ((rc = check_keys(j, key, known, err)) != MOTCL_OK ||
      (rc = mcl_json_u32(j, "longest", 1, 65536, &r->longest, err)) != MOTCL_OK ||
      (rc = mcl_json_u32(j, "shortest", 1, 65536, &r->shortest, err)) != MOTCL_OK ||
      (rc = mcl_json_u32(j, "stride", 1, 4096, &r->stride, err)) != MOTCL_OK ||
      (rc = mcl_json_u32_or(j, "max_pixels", 1, UINT32_MAX, (uint32_t)MCL_RESIZE_MAX_PIXELS,
                            &pixels, err)) != MOTCL_OK)
    return rc;
  r->max_pixels = pixels;
  if (r->shortest > r->longest)
    return mcl_fail(err, MOTCL_EFORMAT, "\"%s\": shortest %u is above longest %u", key, r->shortest,
                    r->longest);
  return MOTCL_OK;
}

static int read_picture(mcl_protocol *p, const json_t *j, motcl_err *err) {
  static const char *const known[] = {"vae", "vit", NULL};
  int rc = check_keys(j, "\"picture\"", known, err);
  if (rc == MOTCL_OK)
    rc = read_rule(&p->vae, j, "vae", err);
  return rc == MOTCL_OK ? read_rule(&p->vit, j, "vit", err) : rc;
}

static int read_interval(motcl_guidance *g, const json_t *j, motcl_err *err) {
  const json_t *both = json_object_get(j, "cfg-interval");
  double lo = json_number_value(json_array_get(both, 0)),
         hi = json_number_value(json_array_get(both, 1));
  if (!both)
    return MOTCL_OK;
  if (json_array_size(both) != 2 || !json_is_number(json_array_get(both, 0)) ||
      !json_is_number(json_array_get(both, 1)) || !(lo >= 0 && lo <= hi && hi <= 1))
    return fail_member(err, "\"cfg-interval\" is not two times from 0 to 1 in order");
  g->lo = lo;
  g->hi = hi;
  return MOTCL_OK;
}

static int read_renorm(motcl_guidance *g, const json_t *j, motcl_err *err) {
  const char *name;
  int rc = mcl_json_str_or(j, "cfg-renorm", NULL, &name, err);
  if (rc == MOTCL_OK && name && !motcl_renorm_parse(name, &g->renorm))
    return mcl_fail(err, MOTCL_EFORMAT, "there is no renormalisation '%.40s'", name);
  return rc;
}

/* Settings under the names of the command's options, on top of those in s. */
static int read_settings(motcl_settings *s, const json_t *j, const char *of, motcl_err *err) {
  static const char *const known[] = {
      "timesteps",  "shift",       "cfg-text",       "cfg-image",  "cfg-interval",
      "cfg-renorm", "temperature", "cfg-renorm-min", "max-tokens", "max-think-tokens",
      NULL};
  motcl_guidance *g = &s->guidance;
  int rc;
  if (!j)
    return MOTCL_OK;
  if ((rc = check_keys(j, of, known, err)) != MOTCL_OK ||
      (rc = mcl_json_u32_or(j, "timesteps", 2, 10000, s->timesteps, &s->timesteps, err)) !=
          MOTCL_OK ||
      (rc = mcl_json_f64_or(j, "shift", 0.001, 1000, s->shift, &s->shift, err)) != MOTCL_OK ||
      (rc = mcl_json_f64_or(j, "cfg-text", 0, 1000, g->text_scale, &g->text_scale, err)) !=
          MOTCL_OK ||
      (rc = mcl_json_f64_or(j, "cfg-image", 0, 1000, g->image_scale, &g->image_scale, err)) !=
          MOTCL_OK ||
      (rc = mcl_json_f64_or(j, "cfg-renorm-min", 0, 1, g->renorm_min, &g->renorm_min, err)) !=
          MOTCL_OK ||
      (rc = mcl_json_f64_or(j, "temperature", 0, 1000, s->temperature, &s->temperature, err)) !=
          MOTCL_OK ||
      (rc = mcl_json_u32_or(j, "max-tokens", 1, 1u << 20, s->max_tokens, &s->max_tokens, err)) !=
          MOTCL_OK ||
      (rc = mcl_json_u32_or(j, "max-think-tokens", 1, 1u << 20, s->max_think, &s->max_think,
                            err)) != MOTCL_OK ||
      (rc = read_interval(g, j, err)) != MOTCL_OK)
    return rc;
  return read_renorm(g, j, err);
}

void mcl_protocol_settings(const mcl_protocol *p, bool edit, motcl_settings *s) {
  (void)read_settings(s, json_object_get(p->json, "settings"), "\"settings\"", NULL);
  if (edit)
    (void)read_settings(s, json_object_get(p->json, "edit"), "\"edit\"", NULL);
}

static int read_name(mcl_protocol *p, motcl_err *err) {
  int rc = mcl_json_str(p->json, "name", &p->name, err);
  if (rc == MOTCL_OK)
    rc = mcl_json_str_or(p->json, "about", "", &p->about, err);
  size_t n = rc == MOTCL_OK ? strlen(p->name) : 0;
  if (rc == MOTCL_OK &&
      (!n || n > NAME_BYTES || strspn(p->name, "abcdefghijklmnopqrstuvwxyz0123456789-") != n))
    rc = fail_member(err, "\"name\" is not 1 to 64 small letters, digits and hyphens");
  return rc;
}

static int read_members(mcl_protocol *p, motcl_err *err) {
  static const char *const known[] = {"name",    "about",         "source",   "models",
                                      "think",   "until_done",    "settings", "edit",
                                      "picture", "answers_guide", "thought",  NULL};
  motcl_settings s = {0};
  mcl_phrases models = {0};
  const char *source;
  int rc;
  if ((rc = check_keys(p->json, "it", known, err)) != MOTCL_OK ||
      (rc = read_name(p, err)) != MOTCL_OK ||
      (rc = mcl_json_str_or(p->json, "source", "", &source, err)) != MOTCL_OK ||
      (rc = read_phrases(&models, p->json, "models", err)) != MOTCL_OK ||
      (rc = mcl_json_bool_or(p->json, "answers_guide", false, &p->answers_guide, err)) !=
          MOTCL_OK ||
      (rc = read_settings(&s, json_object_get(p->json, "settings"), "\"settings\"", err)) !=
          MOTCL_OK ||
      (rc = read_settings(&s, json_object_get(p->json, "edit"), "\"edit\"", err)) != MOTCL_OK)
    return rc;
  const json_t *until_done = json_object_get(p->json, "until_done"),
               *picture = json_object_get(p->json, "picture");
  rc = read_think(p, json_object_get(p->json, "think"), err);
  if (rc == MOTCL_OK)
    rc = read_thought(p, err);
  if (rc == MOTCL_OK && until_done)
    rc = read_until_done(p, until_done, err);
  return rc == MOTCL_OK && picture ? read_picture(p, picture, err) : rc;
}

/* ---- opening ---- */

/* What a file does not say of thinking is as BAGEL has it. */
static int take_thinking(json_t *to, motcl_err *err) {
  static const char *const keys[] = {"think", "thought"};
  json_t *bagel = NULL;
  char *text = text_of(&mcl_protocol_files[0]);
  if (!text)
    return mcl_fail_nomem(err, 1);
  int rc = mcl_json_parse(&bagel, text, strlen(text), "bagel", err);
  mcl_free(text);
  for (size_t i = 0; i < 2 && rc == MOTCL_OK; i++)
    if (!json_object_get(to, keys[i]) &&
        json_object_set(to, keys[i], json_object_get(bagel, keys[i])) != 0)
      rc = mcl_fail_nomem(err, 1);
  json_decref(bagel);
  return rc;
}

static int read_file(mcl_protocol *p, const char *text, motcl_err *err) {
  int rc = mcl_json_parse(&p->json, text, strlen(text), "the protocol", err);
  if (rc != MOTCL_OK)
    return rc;
  if (json_is_object(p->json))
    rc = take_thinking(p->json, err);
  if (rc == MOTCL_OK && (rc = read_members(p, err)) != MOTCL_OK && rc != MOTCL_ENOMEM)
    mcl_err_prefix(err, rc, "the protocol cannot be read");
  return rc;
}

const char *mcl_protocol_name_at(size_t i) {
  return i < mcl_protocol_file_count ? mcl_protocol_files[i].name : NULL;
}

static bool may_be_name(const char *text) {
  size_t n = strlen(text);
  for (size_t i = 0; i < n; i++)
    if (!isalnum((unsigned char)text[i]) && !strchr("-_.", text[i]))
      return false;
  return n && n <= NAME_BYTES;
}

static int fail_unknown(const char *name, motcl_err *err) {
  char list[400] = "";
  size_t n = 0;
  for (size_t i = 0; i < mcl_protocol_file_count && n < sizeof list; i++)
    n += (size_t)snprintf(list + n, sizeof list - n, "%s%s", i ? ", " : "",
                          mcl_protocol_files[i].name);
  if (may_be_name(name))
    return mcl_fail(err, MOTCL_EINVAL, "there is no protocol '%s'; there are %s, and files", name,
                    list);
  return mcl_fail(err, MOTCL_EINVAL,
                  "that is neither the name of a protocol, of which there are %s, nor the text of "
                  "one, which begins with a brace",
                  list);
}

int mcl_protocol_open(mcl_protocol **out, const char *text, motcl_err *err) {
  size_t blanks = strspn(text, " \t\r\n");
  const mcl_protocol_file *f = file_of(text);
  if (strlen(text) > MOTCL_MAX_PROTOCOL)
    return mcl_fail(err, MOTCL_EINVAL, "the protocol is longer than %zu bytes", MOTCL_MAX_PROTOCOL);
  if (!f && text[blanks] != '{')
    return fail_unknown(text, err);
  mcl_protocol *p = mcl_zalloc(1, sizeof *p);
  char *own = f ? text_of(f) : NULL;
  if (p)
    p->text = mcl_strdup(text);
  int rc = !p || !p->text || (f && !own) ? mcl_fail_nomem(err, sizeof *p)
                                         : read_file(p, f ? own : text, err);
  mcl_free(own);
  if (rc == MOTCL_OK)
    *out = p;
  else
    mcl_protocol_close(p);
  return rc;
}

void mcl_protocol_close(mcl_protocol *p) {
  if (!p)
    return;
  json_decref(p->json);
  mcl_free(p->text);
  mcl_free(p);
}

/* ---- of a folder ---- */

static bool has_word(const char *name, const char *word) {
  size_t n = strlen(word);
  for (; *name; name++) {
    size_t i = 0;
    while (i < n && tolower((unsigned char)name[i]) == tolower((unsigned char)word[i]))
      i++;
    if (i == n)
      return true;
  }
  return false;
}

/* The shipped one that has a word of this name among its `models`, or NULL. */
static int open_by_name(mcl_protocol **out, const char *name, motcl_err *err) {
  int rc = MOTCL_OK;
  *out = NULL;
  for (size_t i = 1; i < mcl_protocol_file_count && rc == MOTCL_OK && !*out; i++) {
    mcl_protocol *p;
    rc = mcl_protocol_open(&p, mcl_protocol_files[i].name, err);
    if (rc != MOTCL_OK)
      break;
    const json_t *models = json_object_get(p->json, "models");
    for (size_t k = 0; k < json_array_size(models) && !*out; k++)
      if (has_word(name, json_string_value(json_array_get(models, k))))
        *out = p;
    if (!*out)
      mcl_protocol_close(p);
  }
  return rc;
}

static int open_json(mcl_protocol **out, const json_t *j, motcl_err *err) {
  char *text = json_is_object(j) ? mcl_json_print(j, JSON_COMPACT | JSON_REAL_PRECISION(17)) : NULL;
  if (json_is_object(j) && !text)
    return mcl_fail_nomem(err, 1);
  if (!text && !json_is_string(j))
    return mcl_fail(err, MOTCL_EFORMAT, "motcl.json: \"protocol\" is neither a name nor an object");
  int rc = mcl_protocol_open(out, text ? text : json_string_value(j), err);
  if (rc != MOTCL_OK && rc != MOTCL_ENOMEM)
    mcl_err_prefix(err, rc, "motcl.json");
  mcl_free(text);
  return rc;
}

/* What may tell of the model: its name, or its file's and its folder's, and the part of its path in the
 * hub's cache, where the folder's name is a commit. */
static void find_names(char out[LONG_NAME], const json_t *ours, const char *path,
                       const char *folder) {
  const char *own = json_string_value(json_object_get(ours, "name"));
  const char *hub = strstr(path, "models--");
  char name[MCL_MODEL_NAME], below[MCL_MODEL_NAME] = "";
  if (own && *own) {
    mcl_model_print_name(name, "%s", own);
  } else {
    mcl_model_path_name(name, path);
    mcl_model_path_name(below, folder);
  }
  snprintf(out, LONG_NAME, "%s %s %.*s", name, below, hub ? (int)strcspn(hub, "/") : 0,
           hub ? hub : "");
}

int mcl_protocol_of(mcl_protocol **out, const char **why, const char *path, motcl_err *err) {
  char *folder = mcl_folder_of(path);
  json_t *ours = NULL;
  mcl_protocol *p = NULL;
  char name[LONG_NAME];
  int rc = folder ? mcl_config_load(&ours, folder, "motcl.json", err)
                  : mcl_fail_nomem(err, strlen(path));
  const json_t *j = json_object_get(ours, "protocol");
  *why = "motcl.json says so";
  if (rc == MOTCL_OK && j && !json_is_null(j)) {
    rc = open_json(&p, j, err);
  } else if (rc == MOTCL_OK) {
    find_names(name, ours, path, folder);
    *why = "by the model's name";
    rc = open_by_name(&p, name, err);
  }
  if (rc == MOTCL_OK && !p) {
    *why = "nothing says otherwise";
    rc = mcl_protocol_open(&p, "bagel", err);
  }
  json_decref(ours);
  mcl_free(folder);
  if (rc == MOTCL_OK)
    *out = p;
  return rc;
}

int mcl_protocol_rules(const mcl_protocol *p, const mcl_config *c, mcl_resize_rule *vae,
                       mcl_resize_rule *vit, motcl_err *err) {
  const mcl_picture_config *own = &c->picture;
  uint32_t cell = c->vae.levels ? own->patch << (c->vae.levels - 1) : 1, patch = c->vision.patch;
  *vae = p->vae.longest && !own->own_vae ? p->vae : own->vae;
  *vit = p->vit.longest && !own->own_vit ? p->vit : own->vit;
  if ((vae->stride == own->vae.stride || vae->stride % cell == 0) &&
      (vit->stride == own->vit.stride || !patch || vit->stride % patch == 0))
    return MOTCL_OK;
  return mcl_fail(err, MOTCL_EINVAL,
                  "protocol '%s' brings pictures to sizes that this model cannot take: its strides "
                  "are %u and %u, and must be multiples of %u and %u",
                  p->name, vae->stride, vit->stride, cell, patch);
}

/* ---- answers with pictures ---- */

static bool has_any(const mcl_phrases *phrases, const char *text, size_t n) {
  for (size_t i = 0; i < phrases->count; i++) {
    size_t len = strlen(phrases->text[i]);
    for (size_t at = 0; at + len <= n; at++)
      if (!memcmp(text + at, phrases->text[i], len))
        return true;
  }
  return false;
}

bool mcl_protocol_asks(const mcl_protocol *p, const char *text, size_t n) {
  if (!p->until_done)
    return false;
  return p->picture.count ? has_any(&p->picture, text, n) : !has_any(&p->end, text, n);
}
