/* log.c - messages to whoever opened the library. */
#include "base/log.h"

#include "base/err.h"

/* As in mem.c: whose call this thread is in. */
static _Thread_local const mcl_logger *current;

const mcl_logger *mcl_log_enter(const mcl_logger *l) {
  const mcl_logger *previous = current;
  current = l;
  return previous;
}

void mcl_log_leave(const mcl_logger *previous) {
  current = previous;
}

void mcl_log_message(motcl_log_level level, const char *fmt, ...) {
  char text[sizeof((motcl_err *)0)->text];
  va_list ap;
  if (!current || !current->log)
    return;
  va_start(ap, fmt);
  mcl_sentence(text, sizeof text, fmt, ap);
  va_end(ap);
  current->log(current->user, level, text);
}
