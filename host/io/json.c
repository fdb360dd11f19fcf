/* json.c - see json.h. */
#include "io/json.h"

#include <string.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "io/foreign.h"

/* jansson calls itself for each level, up to 2048 of them, on a stack that is the caller's. */
static bool too_deep(const char *text, size_t n) {
  size_t depth = 0;
  bool quoted = false;
  for (size_t i = 0; i < n && depth <= MCL_JSON_DEPTH; i++) {
    if (text[i] == '"')
      quoted = !quoted;
    else if (quoted)
      i += text[i] == '\\';
    else if (text[i] == '[' || text[i] == '{')
      depth++;
    else if (depth && (text[i] == ']' || text[i] == '}'))
      depth--;
  }
  return depth > MCL_JSON_DEPTH;
}

int mcl_json_parse(json_t **out, const char *text, size_t n, const char *what, motcl_err *err) {
  json_error_t bad;
  /* jansson overlooks a NUL that follows a number. */
  if (memchr(text, '\0', n))
    return mcl_fail(err, MOTCL_EFORMAT, "'%s' is not valid JSON: it holds a NUL byte", what);
  if (too_deep(text, n))
    return mcl_fail(err, MOTCL_EFORMAT, "'%s' is JSON of more than %d levels of depth", what,
                    MCL_JSON_DEPTH);
  json_t *root = json_loadb(text, n, JSON_REJECT_DUPLICATES, &bad);
  if (root) {
    *out = root;
    return MOTCL_OK;
  }
  /* jansson says nothing at all where it got no memory for a value, and the usual about a string */
  if (json_error_code(&bad) == json_error_out_of_memory || !*bad.text)
    return mcl_fail(err, MOTCL_ENOMEM, "out of memory while reading '%s'", what);
  return mcl_fail(err, MOTCL_EFORMAT, "'%s' is not valid JSON, line %d column %d: %s", what,
                  bad.line, bad.column, bad.text);
}

int mcl_json_load_file(json_t **out, const char *path, size_t max_bytes, motcl_err *err) {
  char *text;
  size_t n;
  int rc = mcl_file_read(&text, &n, path, max_bytes, err);
  if (rc != MOTCL_OK)
    return rc;
  rc = mcl_json_parse(out, text, n, path, err);
  const char *other = rc == MOTCL_EFORMAT ? mcl_foreign_any(text, n) : NULL;
  if (other)
    rc = mcl_fail(err, MOTCL_EFORMAT, "'%s' is %s", path, other);
  mcl_free(text);
  return rc;
}

char *mcl_json_print(const json_t *value, size_t flags) {
  size_t n = json_dumpb(value, NULL, 0, flags);
  char *text = n ? mcl_alloc(n + 1, 1) : NULL;
  if (text && json_dumpb(value, text, n, flags) != n) {
    mcl_free(text);
    return NULL;
  }
  if (text)
    text[n] = '\0';
  return text;
}

/* What a sentence calls a value. */
static const char *kind(const json_t *v) {
  static const char *const names[] = {
      [JSON_OBJECT] = "an object",   [JSON_ARRAY] = "an array",     [JSON_STRING] = "a string",
      [JSON_INTEGER] = "an integer", [JSON_REAL] = "a real number", [JSON_TRUE] = "true",
      [JSON_FALSE] = "false",        [JSON_NULL] = "null",
  };
  return v ? names[json_typeof(v)] : "missing";
}

/* obj[key] in *v; NULL where it is missing, or null, and that is allowed. */
static int get(const json_t *obj, const char *key, bool optional, const json_t **v,
               motcl_err *err) {
  if (!json_is_object(obj))
    return mcl_fail(err, MOTCL_EFORMAT, "\"%s\" is looked for in %s instead of an object", key,
                    obj ? kind(obj) : "nothing");
  const json_t *got = json_object_get(obj, key);
  if (!got && !optional)
    return mcl_fail(err, MOTCL_EFORMAT, "\"%s\" is missing", key);
  *v = optional && json_is_null(got) ? NULL : got;
  return MOTCL_OK;
}

static int fail_kind_at(const char *where, motcl_err *err, const char *key, const json_t *v,
                        const char *want) {
  return mcl_fail_at(err, MOTCL_EFORMAT, 0, where, "\"%s\" is %s, not %s", key, kind(v), want);
}
#define fail_kind(...) fail_kind_at(__func__, __VA_ARGS__)

static int to_u32(const json_t *v, const char *key, uint32_t min, uint32_t max, uint32_t *out,
                  motcl_err *err) {
  if (!json_is_integer(v))
    return fail_kind(err, key, v, "an integer");
  json_int_t i = json_integer_value(v);
  if (i < (json_int_t)min || i > (json_int_t)max)
    return mcl_fail(err, MOTCL_EFORMAT, "\"%s\" is %lld, outside %lu to %lu", key, (long long)i,
                    (unsigned long)min, (unsigned long)max);
  *out = (uint32_t)i;
  return MOTCL_OK;
}

int mcl_json_u32(const json_t *obj, const char *key, uint32_t min, uint32_t max, uint32_t *out,
                 motcl_err *err) {
  const json_t *v = NULL;
  int rc = get(obj, key, false, &v, err);
  return rc == MOTCL_OK ? to_u32(v, key, min, max, out, err) : rc;
}

int mcl_json_u32_or(const json_t *obj, const char *key, uint32_t min, uint32_t max, uint32_t other,
                    uint32_t *out, motcl_err *err) {
  const json_t *v = NULL;
  int rc = get(obj, key, true, &v, err);
  if (rc == MOTCL_OK && v)
    return to_u32(v, key, min, max, out, err);
  if (rc == MOTCL_OK)
    *out = other;
  return rc;
}

static int to_f64(const json_t *v, const char *key, double min, double max, double *out,
                  motcl_err *err) {
  if (!json_is_number(v))
    return fail_kind(err, key, v, "a number");
  double d = json_number_value(v);
  if (!(d >= min && d <= max))
    return mcl_fail(err, MOTCL_EFORMAT, "\"%s\" is %g, outside %g to %g", key, d, min, max);
  *out = d;
  return MOTCL_OK;
}

int mcl_json_f64(const json_t *obj, const char *key, double min, double max, double *out,
                 motcl_err *err) {
  const json_t *v = NULL;
  int rc = get(obj, key, false, &v, err);
  return rc == MOTCL_OK ? to_f64(v, key, min, max, out, err) : rc;
}

int mcl_json_f64_or(const json_t *obj, const char *key, double min, double max, double other,
                    double *out, motcl_err *err) {
  const json_t *v = NULL;
  int rc = get(obj, key, true, &v, err);
  if (rc == MOTCL_OK && v)
    return to_f64(v, key, min, max, out, err);
  if (rc == MOTCL_OK)
    *out = other;
  return rc;
}

int mcl_json_bool_or(const json_t *obj, const char *key, bool other, bool *out, motcl_err *err) {
  const json_t *v = NULL;
  int rc = get(obj, key, true, &v, err);
  if (rc != MOTCL_OK)
    return rc;
  if (v && !json_is_boolean(v))
    return fail_kind(err, key, v, "true or false");
  *out = v ? json_is_true(v) : other;
  return MOTCL_OK;
}

int mcl_json_str(const json_t *obj, const char *key, const char **out, motcl_err *err) {
  const json_t *v = NULL;
  int rc = get(obj, key, false, &v, err);
  if (rc != MOTCL_OK)
    return rc;
  if (!json_is_string(v))
    return fail_kind(err, key, v, "a string");
  *out = json_string_value(v);
  return MOTCL_OK;
}

int mcl_json_str_or(const json_t *obj, const char *key, const char *other, const char **out,
                    motcl_err *err) {
  const json_t *v = NULL;
  int rc = get(obj, key, true, &v, err);
  if (rc != MOTCL_OK)
    return rc;
  if (v && !json_is_string(v))
    return fail_kind(err, key, v, "a string");
  *out = v ? json_string_value(v) : other;
  return MOTCL_OK;
}

int mcl_json_object(const json_t *obj, const char *key, const json_t **out, motcl_err *err) {
  const json_t *v = NULL;
  int rc = get(obj, key, false, &v, err);
  if (rc != MOTCL_OK)
    return rc;
  if (!json_is_object(v))
    return fail_kind(err, key, v, "an object");
  *out = v;
  return MOTCL_OK;
}

int mcl_json_array(const json_t *obj, const char *key, const json_t **out, motcl_err *err) {
  const json_t *v = NULL;
  int rc = get(obj, key, false, &v, err);
  if (rc != MOTCL_OK)
    return rc;
  if (!json_is_array(v))
    return fail_kind(err, key, v, "an array");
  *out = v;
  return MOTCL_OK;
}
