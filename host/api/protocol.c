/* protocol.c - protocols as programs ask for them. */
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "io/json.h"
#include "model/protocol.h"

const char *motcl_protocol_at(size_t i) {
  return mcl_protocol_name_at(i);
}

int motcl_protocol_find(char **protocol, const char *path, motcl_err *err) {
  mcl_protocol *p;
  const char *why;
  int rc = mcl_protocol_of(&p, &why, path, err);
  if (rc != MOTCL_OK)
    return rc;
  bool ours = !strcmp(p->text, "bagel");
  char *text = ours ? NULL : mcl_strdup(p->text);
  mcl_protocol_close(p);
  if (!ours && !text)
    return mcl_fail_nomem(err, 1);
  *protocol = text;
  return MOTCL_OK;
}

int motcl_protocol_json(char **json, const char *protocol, motcl_err *err) {
  mcl_protocol *p;
  int rc = mcl_protocol_open(&p, protocol, err);
  if (rc != MOTCL_OK)
    return rc;
  char *text = mcl_json_print(p->json, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
  mcl_protocol_close(p);
  if (!text)
    return mcl_fail_nomem(err, 1);
  *json = text;
  return MOTCL_OK;
}
