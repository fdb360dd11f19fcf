/* picture_name.h - words that are the names of pictures. */
#ifndef MCL_CLI_PICTURE_NAME_H
#define MCL_CLI_PICTURE_NAME_H

#include <stdbool.h>

/** Whether a picture of that name is there: a file that ends as those do, or begins as PNG, JPEG
 * and WebP files do. */
bool mcl_names_picture(const char *word);

/** Whether a word without blanks ends as a picture's name does and nothing of that name is there. */
bool mcl_names_no_picture(const char *word);

#endif
