/* list.c - lists of commands and options in a conversation. */
#include <stdio.h>

#include "cli/chat/chat.h"

void mcl_chat_list_add(mcl_chat_list *list, const char *name, const char *takes,
                       const char *about) {
  char left[80];
  if (list->outcome) {
    list->all = list->all ? list->all : json_array();
    json_array_append_new(
        list->all, json_pack("{s:s, s:s, s:s}", "name", name, "takes", takes, "about", about));
    return;
  }
  snprintf(left, sizeof left, "%s %s", name, takes);
  printf("  %-28s %s\n", left, about);
}

void mcl_chat_list_end(mcl_chat_list *list, const char *key) {
  if (list->outcome)
    mcl_outcome_put(list->outcome, key, list->all);
}
