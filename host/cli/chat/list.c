/* list.c - lists of commands and options in a conversation. */
#include <stdio.h>
#include <string.h>

#include "cli/chat/chat.h"
#include "cli/print.h"

void mcl_chat_list_add(mcl_chat_list *list, const char *name, const char *takes, const char *value,
                       const char *about) {
  enum { LEFT = 28 };
  char left[300];
  if (list->outcome) {
    list->all = list->all ? list->all : json_array();
    json_array_append_new(list->all,
                          json_pack("{s:s, s:s, s:s, s:o*}", "name", name, "takes", takes, "about",
                                    about, "value", value ? mcl_json_text(value) : NULL));
    return;
  }
  snprintf(left, sizeof left, "%s %s", name, value ? value : takes);
  if (strlen(left) > LEFT)
    printf("  %s\n  %*s", left, LEFT, "");
  else
    printf("  %-*s", LEFT, left);
  printf(" %s%s%s%s\n", about, value ? " (" : "", value ? takes : "", value ? ")" : "");
}

void mcl_chat_list_end(mcl_chat_list *list, const char *key) {
  if (list->outcome)
    mcl_outcome_put(list->outcome, key, list->all);
}
