/* json.h - JSON for reading: a thin layer over jansson that limits size, refuses repeated keys,
 * and gets typed values within stated ranges, with a sentence for what is wrong. */
#ifndef MCL_IO_JSON_H
#define MCL_IO_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "motcl.h"

/** Most lists and objects within each other; serde_json, which reads headers of safetensors
 * elsewhere, has the same. */
#define MCL_JSON_DEPTH 128

/**
 * Parse the n bytes at `text`, which must be one object or array in UTF-8 and nothing else.
 * Refused with MOTCL_EFORMAT and the line and column: bad syntax, bad UTF-8, a repeated key, a NUL
 * inside a string, a number out of range (so no value is ever NaN or infinite); nesting deeper than
 * MCL_JSON_DEPTH.
 *
 * out   gets a new reference: end it with json_decref
 * what  names the text in the error: a file name
 *
 * A parsed tree takes up to some fifty times the memory of its text. Any thread.
 */
int mcl_json_parse(json_t **out, const char *text, size_t n, const char *what, motcl_err *err);

/** As mcl_json_parse, of a file of at most max_bytes; a larger one is MOTCL_EFORMAT. */
int mcl_json_load_file(json_t **out, const char *path, size_t max_bytes, motcl_err *err);

/** `value` as text, by jansson's flags for json_dumps; the caller frees it with mcl_free. NULL if
 * memory is out or value is NULL. */
char *mcl_json_print(const json_t *value, size_t flags);

/*
 * Getters. Each reads obj[key]; MOTCL_EFORMAT, with the key in the sentence, if obj is no object,
 * or the value is missing, of another type or outside min..max. The ..._or forms give `other`
 * where the key is missing or its value is null. *out is written on success only.
 */

/** An integer; 3.0 is none. */
int mcl_json_u32(const json_t *obj, const char *key, uint32_t min, uint32_t max, uint32_t *out,
                 motcl_err *err);
int mcl_json_u32_or(const json_t *obj, const char *key, uint32_t min, uint32_t max, uint32_t other,
                    uint32_t *out, motcl_err *err);

/** A number, whole or not; never NaN or infinite. */
int mcl_json_f64(const json_t *obj, const char *key, double min, double max, double *out,
                 motcl_err *err);
int mcl_json_f64_or(const json_t *obj, const char *key, double min, double max, double other,
                    double *out, motcl_err *err);

/** true or false; 0 and 1 are neither. */
int mcl_json_bool_or(const json_t *obj, const char *key, bool other, bool *out, motcl_err *err);

/** A string, UTF-8 without NUL; it lives as long as obj holds it. */
int mcl_json_str(const json_t *obj, const char *key, const char **out, motcl_err *err);
int mcl_json_str_or(const json_t *obj, const char *key, const char *other, const char **out,
                    motcl_err *err);

/** The object or array at key, borrowed from obj. */
int mcl_json_object(const json_t *obj, const char *key, const json_t **out, motcl_err *err);
int mcl_json_array(const json_t *obj, const char *key, const json_t **out, motcl_err *err);

#endif
