/* preview.c - previews go to the terminal and to a file. */
#include "cli/jobs/preview.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/jobs/target.h"

#define MOST_BYTES ((size_t)64 << 20) /* no preview is larger */
static const char mark[] = "preview"; /* key of the line that tells previews from pictures */
enum { PREVIEWS = 10 };

static bool is_preview(const char *name) {
  uint8_t *bytes;
  motcl_line *line;
  size_t n, lines;
  bool found = false;
  if (motcl_file_read(&bytes, &n, name, MOST_BYTES, NULL) != MOTCL_OK)
    return false;
  if (motcl_picture_lines(&line, &lines, bytes, n, NULL) == MOTCL_OK) {
    for (size_t i = 0; i < lines; i++)
      found = found || !strcmp(line[i].key, mark);
    motcl_free(line);
  }
  motcl_free(bytes);
  return found;
}

int mcl_preview_check(const mcl_options *o, motcl_err *err) {
  const char *name = o->preview_file;
  motcl_format format;
  struct stat st;
  if (!name)
    return MOTCL_OK;
  if (!motcl_format_of_name(name, &format))
    return motcl_fail(
        err, MOTCL_EINVAL,
        "--preview-file '%.200s': the name must end in .png, .jpg or .webp, which says what "
        "is written",
        name);
  if (mcl_target_distinct(name, "the preview", o->trace, "trace", err) != MOTCL_OK)
    return MOTCL_EINVAL;
  bool there = lstat(name, &st) == 0;
  if (there && !o->force && !(S_ISREG(st.st_mode) && is_preview(name)))
    return motcl_fail(
        err, MOTCL_EEXIST,
        "'%.200s' is there and is no preview of motcl's, which alone is replaced without --force; "
        "name another file",
        name);
  return motcl_file_check(name, there, err);
}

bool mcl_preview_wanted(const mcl_options *o, mcl_terminal *terminal) {
  bool shown = o->preview && (!terminal || terminal->colours);
  if (o->preview && !shown && mcl_option_from(o, "preview") == MCL_GIVEN_TYPED)
    mcl_terminal_say(
        terminal, false,
        "no preview here: it takes a terminal with UTF-8 and 256 colours; --preview-file "
        "writes it to a file");
  return shown || o->preview_file;
}

uint32_t mcl_preview_every(uint32_t points) {
  return points > PREVIEWS + 1 ? (points - 1) / PREVIEWS : 1;
}

static int write_file(const char *name, const motcl_event *e, motcl_err *err) {
  char software[64], step[32];
  snprintf(software, sizeof software, "motcl %s", motcl_version());
  snprintf(step, sizeof step, "%u of %u", e->step, e->of);
  const motcl_line line[] = {{"Software", software}, {mark, step}};
  motcl_picture p = {
      .rgb = e->rgb, .width = e->width, .height = e->height, .line = line, .lines = 2};
  return motcl_picture_write(name, &p, true, err);
}

int mcl_preview_show(const mcl_options *o, mcl_terminal *terminal, const motcl_event *e,
                     motcl_err *err) {
  if (o->preview)
    mcl_terminal_picture(terminal, e->rgb, e->width, e->height);
  return o->preview_file ? write_file(o->preview_file, e, err) : MOTCL_OK;
}

void mcl_preview_end(const mcl_options *o, mcl_terminal *terminal, const motcl_event *e) {
  if (o->preview && terminal->colours)
    mcl_terminal_finished(terminal, e->rgb, e->width, e->height);
  else
    mcl_terminal_clear(terminal);
}
