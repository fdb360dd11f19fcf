/* outcome.c - the one object of a command. */
#include "cli/outcome.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/jobs/interrupt.h"
#include "cli/memory.h"

/* The exit status stands at the front, though it is known last. */
void mcl_outcome_init(mcl_outcome *r, const char *key, json_t *value) {
  memset(r, 0, sizeof *r);
  r->object = json_object();
  mcl_outcome_put(r, key, value);
  mcl_outcome_put(r, "status", json_integer(MCL_EXIT_DONE));
}

void mcl_outcome_finish(mcl_outcome *r) {
  mcl_interrupt_farewell(NULL);
  free(r->farewell);
  json_decref(r->object);
  memset(r, 0, sizeof *r);
}

void mcl_outcome_put(mcl_outcome *r, const char *key, json_t *value) {
  if (r)
    r->failed = json_object_set_new(r->object, key, value) != 0 || r->failed;
  else
    json_decref(value);
}

void mcl_outcome_update(mcl_outcome *r, json_t *members) {
  if (r)
    r->failed = json_object_update(r->object, members) != 0 || r->failed;
  json_decref(members);
}

static void put_ending(mcl_outcome *r, int rc, const motcl_err *err) {
  mcl_outcome_put(r, "status", json_integer(mcl_exit_of(rc)));
  if (rc != MOTCL_OK)
    mcl_outcome_put(r, "error",
                    json_pack("{s:s, s:s}", "code", motcl_status_name(rc), "text", err->text));
}

static char *to_text(const mcl_outcome *r) {
  size_t form = r->by_line ? JSON_COMPACT : JSON_INDENT(2);
  return r->failed ? NULL : json_dumps(r->object, form | JSON_REAL_PRECISION(9));
}

void mcl_outcome_prepare(mcl_outcome *r) {
  motcl_err cancelled;
  if (!r)
    return;
  mcl_outcome copy = *r;
  copy.object = json_copy(r->object);
  put_ending(&copy, motcl_fail(&cancelled, MOTCL_ECANCELLED, "cancelled"), &cancelled);
  mcl_interrupt_farewell(NULL);
  free(r->farewell);
  r->farewell = to_text(&copy);
  mcl_interrupt_farewell(r->farewell);
  json_decref(copy.object);
}

int mcl_outcome_print(mcl_outcome *r, int rc, motcl_err *err) {
  bool bare = json_object_size(r->object) == 2 && json_object_get(r->object, "command");
  if (r->by_line && rc == MOTCL_OK && bare)
    return rc;
  put_ending(r, rc, err);
  char *text = to_text(r);
  if (!text && rc == MOTCL_OK)
    rc = mcl_no_memory(err);
  puts(text ? text
            : "{\"command\": null, \"status\": 1, \"error\": {\"code\": \"ENOMEM\", \"text\": "
              "\"memory is out; close "
              "other programs\"}}");
  free(text);
  return rc;
}
