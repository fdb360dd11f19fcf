/* picture_name.c - words that are the names of pictures: who types one where a text belongs has
 * forgotten the text. */
#include "cli/picture_name.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "motcl.h"

static bool begins_as_picture(const char *name) {
  unsigned char head[12] = {0};
  int fd = open(name, O_RDONLY | O_CLOEXEC);
  ssize_t got = fd < 0 ? -1 : read(fd, head, sizeof head);
  if (fd >= 0)
    close(fd);
  return got == sizeof head && (!memcmp(head, "\x89PNG", 4) || !memcmp(head, "\xff\xd8\xff", 3) ||
                                (!memcmp(head, "RIFF", 4) && !memcmp(head + 8, "WEBP", 4)));
}

bool mcl_names_picture(const char *word) {
  motcl_format format;
  struct stat st;
  if (stat(word, &st) != 0 || !S_ISREG(st.st_mode))
    return false;
  return motcl_format_of_name(word, &format) || begins_as_picture(word);
}

bool mcl_names_no_picture(const char *word) {
  motcl_format format;
  struct stat st;
  return !strpbrk(word, " \t\n") && motcl_format_of_name(word, &format) && stat(word, &st) != 0;
}
