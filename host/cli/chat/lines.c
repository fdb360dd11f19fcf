/* lines.c - reading lines, by libedit where it is there and a terminal is. */
#include "cli/chat/lines.h"

#include "config.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#ifdef HAVE_LIBEDIT
#include <histedit.h>
#endif

#include "cli/chat/complete.h"
#include "cli/jobs/interrupt.h"
#include "cli/memory.h"

enum { HISTORY = 1000 }; /* lines */

/*
 * typed    stdin is a terminal; bare: no prompt is shown there
 * echoes   that terminal shows what is typed, by its `usual` settings
 * plain    the line, where libedit does not hold it
 * home     what ~ stands for, or NULL
 * file     of the history, "" if there is none
 */
struct mcl_lines {
  bool typed, bare, echoes;
  struct termios usual;
  char *plain;
  const char *home;
  size_t cap;
  char prompt[4], file[4200];
#ifdef HAVE_LIBEDIT
  EditLine *edit;
  History *history;
  mbstate_t state;
#endif
};

/* While an answer comes the terminal does not show what is typed, as that would stand in the middle of
 * it: a line that was typed ahead is shown when its turn has come. In the background the terminal is
 * somebody else's. */
static void show_typing(const mcl_lines *l, bool on) {
  struct termios t = l->usual;
  if (!l->echoes || tcgetpgrp(STDIN_FILENO) != getpgrp())
    return;
  if (!on)
    t.c_lflag &= ~(tcflag_t)ECHO;
  tcsetattr(STDIN_FILENO, TCSANOW, &t);
}

static void take_terminal(mcl_lines *l) {
  l->echoes = l->typed && !l->bare && isatty(STDOUT_FILENO) == 1 &&
              tcgetattr(STDIN_FILENO, &l->usual) == 0 && (l->usual.c_lflag & ECHO);
  if (l->echoes)
    mcl_interrupt_terminal(&l->usual);
  show_typing(l, false);
}

static void give_terminal_back(const mcl_lines *l) {
  show_typing(l, true);
  mcl_interrupt_terminal(NULL);
}

/* A whole line is there already. */
static bool typed_ahead(const mcl_lines *l) {
  struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
  return l->echoes && poll(&in, 1, 0) == 1;
}

#ifdef HAVE_LIBEDIT
/* The folder is made, but not the one above it. libedit would wait for who writes a pipe. */
static void find_file(mcl_lines *l, const mcl_env *env) {
  char above[sizeof env->state];
  struct stat st;
  const char *slash = strrchr(env->state, '/');
  if (!slash)
    return;
  memcpy(above, env->state, (size_t)(slash - env->state));
  above[slash - env->state] = 0;
  mkdir(above, 0700);
  mkdir(env->state, 0700);
  snprintf(l->file, sizeof l->file, "%s/history", env->state);
  if (stat(l->file, &st) == 0 && !S_ISREG(st.st_mode))
    *l->file = 0;
}

static char *show_prompt(EditLine *el) {
  mcl_lines *l = NULL;
  el_get(el, EL_CLIENTDATA, &l);
  return l->prompt;
}

/* One character from the terminal. libedit's own would go on waiting after a signal. */
static int get_character(EditLine *el, wchar_t *c) {
  mcl_lines *l = NULL;
  char byte;
  el_get(el, EL_CLIENTDATA, &l);
  for (;;) {
    if (!mcl_interrupt_await(STDIN_FILENO)) {
      errno = EINTR;
      return -1;
    }
    ssize_t got = read(STDIN_FILENO, &byte, 1);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return (int)got;
    size_t n = mbrtowc(c, &byte, 1, &l->state);
    if (n == (size_t)-2)
      continue;
    if (n != (size_t)-1)
      return 1;
    memset(&l->state, 0, sizeof l->state); /* no character: as if it had not been typed */
  }
}

/* Columns that a text takes: a character for each. */
static size_t width_of(const char *s) {
  size_t n = mbstowcs(NULL, s, 0);
  return n == (size_t)-1 ? strlen(s) : n;
}

/* All names in rows below the line, of which the first `before` columns stand before the cursor. libedit
 * shows the line anew as many rows above the cursor as it has before it now. */
static void list_names(const mcl_completion *c, size_t before) {
  enum { MOST = 200 };
  struct winsize size;
  size_t columns = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
  size_t at = columns;
  for (size_t i = 0; i < c->names && i < MOST; i++) {
    size_t wide = width_of(c->name[i]);
    bool fits = at + 2 + wide < columns;
    at = fits ? at + 2 + wide : wide;
    printf("%s%s", fits ? "  " : "\r\n", c->name[i]);
  }
  if (c->names > MOST)
    printf("\r\nand %zu more", c->names - MOST);
  for (size_t rows = before / columns + 1; rows; rows--)
    fputs("\r\n", stdout);
  fflush(stdout);
}

/* The Tab key: what may follow is written, or, where that is nothing yet, listed. */
static unsigned char press_tab(EditLine *el, int key) {
  const LineInfo *now = el_line(el);
  size_t n = (size_t)(now->cursor - now->buffer);
  char *line = malloc(n + 1);
  mcl_completion c = {0};
  mcl_lines *l = NULL;
  unsigned char then = CC_ERROR;
  (void)key;
  el_get(el, EL_CLIENTDATA, &l);
  if (!line)
    return then;
  memcpy(line, now->buffer, n);
  line[n] = 0;
  size_t before = width_of(l->prompt) + width_of(line);
  if (mcl_chat_complete(&c, line, l->home, NULL) == MOTCL_OK && *c.add) {
    then = el_insertstr(el, c.add) == 0 ? CC_REFRESH : CC_ERROR;
  } else if (c.names > 1) {
    list_names(&c, before);
    then = CC_REDISPLAY;
  }
  mcl_completion_finish(&c);
  free(line);
  return then;
}

/* Without an editor lines are plain, which is no reason to fail. */
static void open_editor(mcl_lines *l, const mcl_env *env, bool keep) {
  HistEvent e;
  if (!l->typed || env->dumb || isatty(STDOUT_FILENO) != 1)
    return;
  setlocale(LC_CTYPE, "");
  l->edit = el_init("motcl", stdin, stdout, stderr);
  if (!l->edit)
    return;
  el_set(l->edit, EL_CLIENTDATA, l);
  el_set(l->edit, EL_PROMPT, show_prompt);
  el_set(l->edit, EL_EDITOR, "emacs");
  el_set(l->edit, EL_GETCFN, get_character);
  el_wset(l->edit, EL_ADDFN, L"motcl-complete", L"complete the line",
          press_tab); /* which are kept */
  el_set(l->edit, EL_BIND, "^I", "motcl-complete", NULL);
  el_set(l->edit, EL_SETTY, "-x", "-echo", NULL); /* between two lines, as show_typing has it */
  l->history = history_init();
  if (!l->history)
    return;
  history(l->history, &e, H_SETSIZE, HISTORY);
  history(l->history, &e, H_SETUNIQUE, 1);
  el_set(l->edit, EL_HIST, history, l->history);
  if (keep)
    find_file(l, env);
  if (*l->file)
    history(l->history, &e, H_LOAD, l->file);
}
#endif

int mcl_lines_open(mcl_lines **out, const mcl_env *env, bool history, bool bare, motcl_err *err) {
  mcl_lines *l = calloc(1, sizeof *l);
  if (!l)
    return mcl_no_memory(err);
  l->typed = isatty(STDIN_FILENO) == 1;
  l->bare = bare;
  l->home = env->home;
  strcpy(l->prompt, "> ");
#ifdef HAVE_LIBEDIT
  if (!bare)
    open_editor(l, env, history);
#else
  (void)env;
  (void)history;
#endif
  take_terminal(l);
  *out = l;
  return MOTCL_OK;
}

void mcl_lines_close(mcl_lines *l) {
  if (!l)
    return;
#ifdef HAVE_LIBEDIT
  HistEvent e;
  if (l->history && *l->file)
    history(l->history, &e, H_SAVE, l->file);
  if (l->history)
    history_end(l->history);
  if (l->edit)
    el_end(l->edit);
#endif
  give_terminal_back(l);
  free(l->plain);
  free(l);
}

bool mcl_lines_typed(const mcl_lines *l) {
  return l->typed;
}

#ifdef HAVE_LIBEDIT
static mcl_line_end edit_line(mcl_lines *l, char **text, size_t *n) {
  HistEvent e;
  int count = 0;
  /* el_gets would show the prompt first, and a Ctrl-D typed before the terminal listens is lost */
  el_set(l->edit, EL_PREP_TERM, 1);
  const char *line = el_gets(l->edit, &count);
  if (!line || count <= 0) {
    putchar('\n');
    return mcl_interrupted() ? MCL_LINE_BROKEN : MCL_LINE_LAST;
  }
  *n = (size_t)count - (line[count - 1] == '\n');
  free(l->plain);
  l->plain = malloc(*n + 1);
  if (!l->plain)
    return MCL_LINE_LAST;
  memcpy(l->plain, line, *n);
  l->plain[*n] = 0;
  if (*n && l->history)
    history(l->history, &e, H_ENTER, l->plain);
  *text = l->plain;
  return MCL_LINE_WHOLE;
}
#endif

static mcl_line_end plain_line(mcl_lines *l, char **text, size_t *n) {
  if (l->typed && !l->bare) {
    fputs(l->prompt, stdout);
    fflush(stdout);
  }
  bool ahead = typed_ahead(l);
  show_typing(l, true);
  bool ready = !l->typed || mcl_interrupt_await(STDIN_FILENO);
  ssize_t got = ready ? getline(&l->plain, &l->cap, stdin) : -1;
  show_typing(l, false);
  if (ahead && got > 0)
    fwrite(l->plain, 1, (size_t)got, stdout);
  if (got < 0) {
    bool broken = mcl_interrupted() && !feof(stdin);
    clearerr(stdin);
    if (l->typed && !l->bare)
      putchar('\n');
    return broken ? MCL_LINE_BROKEN : MCL_LINE_LAST;
  }
  *n = (size_t)got - (l->plain[got - 1] == '\n');
  l->plain[*n] = 0;
  *text = l->plain;
  return MCL_LINE_WHOLE;
}

mcl_line_end mcl_lines_next(mcl_lines *l, char **text, size_t *n) {
#ifdef HAVE_LIBEDIT
  if (l->edit)
    return edit_line(l, text, n);
#endif
  return plain_line(l, text, n);
}
