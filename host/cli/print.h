/* print.h - numbers for people, JSON for programs, on stdout. */
#ifndef MCL_CLI_PRINT_H
#define MCL_CLI_PRINT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "motcl.h"

/** "1.5 GiB", "512 B"; returns out. */
const char *mcl_bytes_text(char out[16], uint64_t bytes);

/** A number with a unit in thousands: "1.2 T", "340 M", "12"; returns out. */
const char *mcl_count_text(char out[16], double n);

/** A time: "0.21 s", "48 s", "5 min", "3.1 h"; returns out. */
const char *mcl_time_text(char out[16], double seconds);

/** A device and its platform where there is little room, "Intel(R) Xeon(R) Processor, PoCL 3.1": a part
 * of the device's name, so that -d finds it by that too. Returns out. */
const char *mcl_device_text(char out[160], const char *name, const char *platform);

/** Print somebody's text, in UTF-8, with question marks for control characters but tabs, those of
 * Latin-1's upper half too; lines after the first begin at the column. Returns the bytes that were read. */
int mcl_print_clean(const char *text, int column);

/** Write n bytes of whole UTF-8 characters so, but lines as they are; false if that failed. */
bool mcl_write_clean(FILE *f, const char *text, size_t n);

/** Room for the text of any file's name, by motcl_name_text. */
enum { MCL_NAME_TEXT = 4 * 4096 + 4 };

/** A name as a JSON string. File names and what devices say of themselves need be no UTF-8: such a
 * one is written by motcl_name_text. NULL is MOTCL_ENOMEM. */
json_t *mcl_json_text(const char *s);

/** A text as a JSON string; of what is no UTF-8 all that is no ASCII becomes question marks. NULL is
 * MOTCL_ENOMEM. */
json_t *mcl_json_bytes(const char *s, size_t n);

/** A number of 64 bits, which is more than every reader's numbers have, as a JSON string; NULL is
 * MOTCL_ENOMEM. */
json_t *mcl_json_u64(uint64_t n);

#endif
