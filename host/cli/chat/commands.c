/* commands.c - the commands of a conversation. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/chat/chat.h"
#include "cli/chat/set.h"
#include "cli/jobs/interrupt.h"
#include "cli/memory.h"
#include "cli/print.h"
#include "cli/picture_name.h"
#include "cli/word.h"

/* One of them. `rest` is what follows it, without blanks around; n bytes. */
typedef int (*command_fn)(mcl_chat *c, char *rest, size_t n, motcl_err *err);

static int needs(const char *rest, const char *what, motcl_err *err) {
  return *rest ? MOTCL_OK : motcl_fail(err, MOTCL_EINVAL, "say %s", what);
}

/* The name of a file as a shell's line has it: to be freed. */
static int take_name(char **name, const mcl_chat *c, char *rest, motcl_err *err) {
  bool home = mcl_begins_at_home(rest);
  int rc = mcl_unquote(rest, err);
  if (rc != MOTCL_OK)
    return rc;
  return home ? mcl_home_name(name, rest, c->env->home, err) : mcl_copy_text(name, rest, err);
}

static int say_image(mcl_chat *c, char *rest, size_t n, motcl_err *err) {
  char *name = NULL;
  (void)n;
  int rc = needs(rest, "which picture: /image FILE", err);
  if (rc == MOTCL_OK)
    rc = take_name(&name, c, rest, err);
  if (rc == MOTCL_OK)
    rc = mcl_chat_show(c, name, err);
  if (rc == MOTCL_OK)
    mcl_terminal_say(&c->terminal, false, "'%s' is shown", name);
  free(name);
  return rc;
}

static int say_system(mcl_chat *c, char *rest, size_t n, motcl_err *err) {
  int rc = needs(rest, "what holds from here on: /system TEXT", err);
  if (rc == MOTCL_OK)
    rc = mcl_chat_say(c, MOTCL_PART_SYSTEM, rest, n, err);
  if (rc == MOTCL_OK)
    mcl_terminal_say(&c->terminal, false, "that holds from here on");
  return rc;
}

/* Who types a picture's name where a text belongs has forgotten the text. */
static int check_text(const char *text, motcl_err *err) {
  return mcl_names_picture(text)
             ? motcl_fail(err, MOTCL_EINVAL,
                          "'%.200s' is a picture, and no text; '/image %.200s' shows it", text,
                          text)
             : MOTCL_OK;
}

static int draw(mcl_chat *c, char *rest, size_t n, motcl_err *err) {
  int rc = check_text(rest, err);
  if (rc == MOTCL_OK && n)
    rc = mcl_chat_say(c, MOTCL_PART_TEXT, rest, n, err);
  return rc == MOTCL_OK ? mcl_chat_draw(c, c->drawing, err) : rc;
}

static int edit(mcl_chat *c, char *rest, size_t n, motcl_err *err) {
  int rc = needs(rest, "what to change: /edit TEXT", err);
  if (rc == MOTCL_OK)
    rc = check_text(rest, err);
  if (rc == MOTCL_OK)
    rc = mcl_chat_say(c, MOTCL_PART_TEXT, rest, n, err);
  return rc == MOTCL_OK ? mcl_chat_draw(c, &c->editing, err) : rc;
}

static int think(mcl_chat *c, char *rest, size_t n, motcl_err *err) {
  (void)n;
  return mcl_chat_set(c, "think", rest, err);
}

static int undo(mcl_chat *c, char *rest, size_t n, motcl_err *err) {
  (void)rest;
  (void)n;
  int rc = mcl_chat_undo(c, err);
  if (rc == MOTCL_OK)
    mcl_terminal_say(&c->terminal, false, "taken back");
  return rc;
}

static int save(mcl_chat *c, char *rest, size_t n, motcl_err *err) {
  char *name = NULL;
  (void)n;
  int rc = needs(rest, "where to: /save FILE.pb", err);
  if (rc == MOTCL_OK)
    rc = take_name(&name, c, rest, err);
  if (rc == MOTCL_OK)
    rc = mcl_chat_save(c, name, err);
  free(name);
  return rc;
}

static int set(mcl_chat *c, char *rest, size_t n, motcl_err *err) {
  (void)n;
  char *value = rest + strcspn(rest, " \t");
  if (!*rest)
    return mcl_chat_settings(c);
  if (*value) {
    *value++ = 0;
    value += strspn(value, " \t");
  }
  return mcl_chat_set(c, rest, value, err);
}

static int seed(mcl_chat *c, char *rest, size_t n, motcl_err *err) {
  (void)n;
  char *end;
  if (!*rest) {
    uint64_t next = *motcl_session_seed(c->session);
    if (c->outcome)
      mcl_outcome_put(c->outcome, "seed", mcl_json_u64(next));
    else
      printf("%" PRIu64 "\n", next);
    return MOTCL_OK;
  }
  errno = 0;
  unsigned long long value = strtoull(rest, &end, 10);
  if (*rest < '0' || *rest > '9' || *end || errno)
    return motcl_fail(err, MOTCL_EINVAL, "a seed is a whole number, not '%.80s'", rest);
  *motcl_session_seed(c->session) = value;
  mcl_terminal_say(&c->terminal, false, "seed %llu", value);
  return MOTCL_OK;
}

static int quit(mcl_chat *c, char *rest, size_t n, motcl_err *err) {
  (void)rest;
  (void)n;
  (void)err;
  c->quit = true;
  return MOTCL_OK;
}

static int help(mcl_chat *c, char *rest, size_t n, motcl_err *err);

static const struct {
  const char *name, *takes, *about;
  command_fn run;
} commands[] = {
    {"/image", "FILE", "show a picture", say_image},
    {"/system", "TEXT", "say what is nobody's turn but holds from here on", say_system},
    {"/draw", "[TEXT]", "draw a picture, of this text and what was said", draw},
    {"/edit", "TEXT", "draw the last picture changed", edit},
    {"/think", "on|off", "reason in words first", think},
    {"/undo", "", "take back the last thing that was said, with its answer", undo},
    {"/save", "FILE.pb", "store the conversation, for 'motcl chat --job'", save},
    {"/set", "[OPTION [VALUE]]", "show options, or change one; 'default' for its default", set},
    {"/seed", "[N]", "the seed of the next answer, which takes one more each time", seed},
    {"/help", "", "this list", help},
    {"/quit", "", "leave; so does the end of input", quit},
};

enum { COMMANDS = sizeof commands / sizeof *commands };

/* COMMANDS if there is none of that name. */
static size_t find(const char *name) {
  size_t i = 0;
  while (i < COMMANDS && strcmp(commands[i].name, name) != 0)
    i++;
  return i;
}

const size_t mcl_chat_commands = COMMANDS;

const char *mcl_chat_command(size_t i) {
  return commands[i].name;
}

const char *mcl_chat_takes(const char *name) {
  size_t i = find(name);
  return i < COMMANDS ? commands[i].takes : "";
}

static int help(mcl_chat *c, char *rest, size_t n, motcl_err *err) {
  mcl_chat_list list = {.outcome = c->outcome};
  (void)rest;
  (void)n;
  (void)err;
  for (size_t i = 0; i < COMMANDS; i++)
    mcl_chat_list_add(&list, commands[i].name, commands[i].takes, NULL, commands[i].about);
  mcl_chat_list_add(&list, "TEXT", "", NULL,
                    "say this, to be answered in words; // at its start is one /");
  mcl_chat_list_end(&list, "commands");
  return MOTCL_OK;
}

/* What other programs call what there is here, or begins another conversation there. */
static const char *of_others(const char *word) {
  static const char *const known[][2] = {{"/exit", "/quit"},
                                         {"/bye", "/quit"},
                                         {"/q", "/quit"},
                                         {"/regen", "/undo"},
                                         {"/load", "/image"},
                                         {"/file", "/image"},
                                         {"/set_system", "/system"},
                                         {"/?", "/help"},
                                         {"/clear", "/quit' and 'motcl chat"},
                                         {"/reset", "/quit' and 'motcl chat"},
                                         {"/new", "/quit' and 'motcl chat"}};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (!strcmp(known[i][0], word))
      return known[i][1];
  return NULL;
}

static int unknown(const char *word, motcl_err *err) {
  const char *names[COMMANDS + 1] = {NULL}, *here = of_others(word);
  if (here)
    return motcl_fail(err, MOTCL_EINVAL, "there is no '%.80s'; here it is '%s'", word, here);
  for (size_t i = 0; i < COMMANDS; i++)
    names[i] = commands[i].name;
  const char *close = mcl_closest(word, names);
  if (close)
    return motcl_fail(err, MOTCL_EINVAL, "there is no '%.80s'; did you mean '%s'?", word, close);
  return motcl_fail(err, MOTCL_EINVAL, "there is no '%.80s'; '/help' lists what there is", word);
}

static int run_command(mcl_chat *c, char *line, size_t n, motcl_err *err) {
  char *rest = line + strcspn(line, " \t");
  while (n && (line[n - 1] == ' ' || line[n - 1] == '\t'))
    line[--n] = 0;
  if (*rest) {
    *rest++ = 0;
    rest += strspn(rest, " \t");
  }
  size_t i = find(line);
  if (i == COMMANDS)
    return unknown(line, err);
  if (*rest && !*commands[i].takes)
    return motcl_fail(err, MOTCL_EINVAL, "'%s' takes nothing, not '%.80s'", line, rest);
  return commands[i].run(c, rest, (size_t)(line + n - rest), err);
}

static int answer(mcl_chat *c, const char *text, size_t n, motcl_err *err) {
  int rc = check_text(text, err);
  if (rc == MOTCL_OK)
    rc = mcl_chat_say(c, MOTCL_PART_TEXT, text, n, err);
  return rc == MOTCL_OK ? mcl_chat_write(c, err) : rc;
}

/* Room for a turn is there before anything is done, so that it can be noted when it is. */
int mcl_chat_line(mcl_chat *c, char *line, size_t n, motcl_err *err) {
  void *p = c->turn;
  size_t before = c->parts, slashes = strspn(line, "/");
  int rc = mcl_one_more(&p, &c->turn_cap, c->turns, sizeof *c->turn, err);
  if (rc != MOTCL_OK)
    return rc;
  c->turn = p;
  c->calls = 0;
  if (slashes == 1)
    rc = run_command(c, line, n, err);
  else
    rc = answer(c, line + (slashes > 1), n - (slashes > 1), err);
  if (rc != MOTCL_OK) {
    mcl_chat_undo_calls(c);
    c->parts = before;
  } else if (c->calls) {
    c->turn[c->turns++] = (mcl_chat_turn){c->calls, before};
  }
  return rc;
}
