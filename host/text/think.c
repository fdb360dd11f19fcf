/* think.c - think mode's texts. */
#include "text/think.h"

#include <string.h>

static const char answer_text[] =
    "You should first think about the reasoning process in the mind and then provide the user with "
    "the answer. \n"
    "The reasoning process is enclosed within <think> </think> tags, i.e. <think> reasoning "
    "process "
    "here </think> answer here";

static const char picture_text[] =
    "You should first think about the planning process in the mind and then generate the image. \n"
    "The planning process is enclosed within <think> </think> tags, i.e. <think> planning process "
    "here </think> image here";

static const char start_name[] = "<|im_start|>", end_name[] = "<|im_end|>";

const char *mcl_think_system(bool picture) {
  return picture ? picture_text : answer_text;
}

/* Where name stands in text[from .. n), or n. */
static size_t find(const char *text, size_t from, size_t n, const char *name) {
  size_t len = strlen(name);
  for (size_t i = from; i + len <= n; i++) {
    if (memcmp(text + i, name, len) == 0)
      return i;
  }
  return n;
}

size_t mcl_think_length(const char *text, size_t n) {
  return find(text, 0, find(text, 0, n, end_name), start_name);
}

bool mcl_think_cut(const char *text, size_t n, size_t *at, size_t *len) {
  size_t end = find(text, 0, n, end_name);
  size_t start = find(text, 0, end, start_name);
  if (start == end)
    return false;
  start += sizeof start_name - 1;
  *at = start;
  *len = mcl_think_length(text + start, end - start);
  return true;
}
