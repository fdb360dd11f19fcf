/* json.c - what --json prints, as sections of the manual: read off the schema that outputs are tested
 * against. */
#include "cli/manual/manual.h"

#include <stdio.h>
#include <string.h>

static const char prefix[] = "#/$defs/";

static const json_t *resolve(const json_t *schema, const json_t *node) {
  const char *ref = json_string_value(json_object_get(node, "$ref"));
  if (!ref || strncmp(ref, prefix, sizeof prefix - 1) != 0)
    return node;
  return json_object_get(json_object_get(schema, "$defs"), ref + sizeof prefix - 1);
}

static const char *text(const json_t *node, const char *key) {
  const char *s = json_string_value(json_object_get(node, key));
  return s ? s : "";
}

/* The word for the first type of a member. */
static const char *type_of(const json_t *node) {
  static const char *const words[][2] = {{"string", "text"},   {"integer", "whole number"},
                                         {"number", "number"}, {"boolean", "true or false"},
                                         {"object", "object"}, {"array", "list"},
                                         {"null", "null"}};
  const json_t *type = json_object_get(node, "type");
  const char *name = json_string_value(json_is_array(type) ? json_array_get(type, 0) : type);
  for (size_t i = 0; name && i < sizeof words / sizeof *words; i++)
    if (!strcmp(words[i][0], name))
      return words[i][1];
  return "text";
}

/* What has members of its own in a value: itself, an element of a list, or any member of a table. */
static const json_t *inner_of(const json_t *schema, const json_t *node) {
  const json_t *items = json_object_get(node, "items");
  const json_t *each = json_object_get(node, "additionalProperties");
  const json_t *inner = resolve(schema, items ? items : each ? each : node);
  return json_object_get(inner, "properties") ? inner : NULL;
}

static bool is_of_all(const char *name) {
  return !strcmp(name, "command") || !strcmp(name, "status") || !strcmp(name, "error");
}

static void put_members(FILE *f, const json_t *schema, const json_t *node, bool of_all) {
  const char *name;
  json_t *member;
  json_object_foreach(json_object_get(node, "properties"), name, member) {
    const json_t *value = resolve(schema, member), *inner = inner_of(schema, value);
    const char *about = text(member, "description");
    if (!of_all && is_of_all(name))
      continue;
    fputs(".TP\n\\fB", f);
    mcl_roff_put(f, name);
    fprintf(f, "\\fR (%s)\n", type_of(value));
    mcl_roff_put(f, about);
    fputc('\n', f);
    if (!inner)
      continue;
    fputs(".RS\n", f);
    put_members(f, schema, inner, true);
    fputs(".RE\n", f);
  }
}

static bool is_of(const json_t *def, const char *command) {
  size_t i;
  json_t *name;
  json_array_foreach(json_object_get(def, "commands"), i,
                     name) if (!strcmp(json_string_value(name), command)) return true;
  return false;
}

static void put_def(FILE *f, const json_t *schema, const json_t *def) {
  fputs(".SS ", f);
  mcl_roff_put(f, text(def, "title"));
  fputc('\n', f);
  if (*text(def, "description"))
    mcl_roff_sentence(f, text(def, "description"));
  put_members(f, schema, def, false);
}

/* What all have, and what every command can answer. */
static void put_all(FILE *f, const json_t *schema) {
  const json_t *defs = json_object_get(schema, "$defs");
  mcl_roff_put(f, text(schema, "description"));
  fputs("\nAs a JSON Schema it is in\n", f);
  mcl_roff_put(f, mcl_data_dir);
  fputs("/motcl.schema.json.\n", f);
  put_members(f, schema, json_object_get(defs, "usage"), true);
  put_def(f, schema, json_object_get(defs, "help"));
  put_def(f, schema, json_object_get(defs, "version"));
}

void mcl_manual_json(FILE *f, const json_t *schema, const mcl_command *c) {
  const char *name;
  json_t *def;
  fputs(".SH JSON\n", f);
  if (!c) {
    put_all(f, schema);
    return;
  }
  mcl_roff_put(f, "With --json, beside what motcl(1) tells of all commands:\n");
  json_object_foreach(json_object_get(schema, "$defs"), name, def) {
    if (is_of(def, c->name))
      put_def(f, schema, def);
  }
}
