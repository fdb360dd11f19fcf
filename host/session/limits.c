/* limits.c - refusing what is over a limit of the worker. */
#include "session/limits.h"

#include <inttypes.h>

#include "base/err.h"

static int check(uint64_t n, uint64_t most, const char *what, motcl_err *err) {
  if (!most || n <= most)
    return MOTCL_OK;
  return mcl_fail(err, MOTCL_EFIT,
                  "%" PRIu64 " %s are asked for, and at most %" PRIu64 " are allowed here", n, what,
                  most);
}

int mcl_limits_tokens(const motcl_limits *l, uint64_t tokens, motcl_err *err) {
  return l ? check(tokens, l->tokens, "tokens of a text", err) : MOTCL_OK;
}

int mcl_limits_outputs(const motcl_limits *l, uint64_t outputs, motcl_err *err) {
  return l ? check(outputs, l->outputs, "results", err) : MOTCL_OK;
}

int mcl_limits_picture(const motcl_limits *l, uint32_t width, uint32_t height, uint32_t steps,
                       motcl_err *err) {
  if (!l)
    return MOTCL_OK;
  int rc = check((uint64_t)width * height, l->pixels, "pixels of a picture", err);
  return rc == MOTCL_OK ? check(steps, l->steps, "timesteps", err) : rc;
}
