#!/bin/sh
# format.sh - every C file is laid out as .clang-format says.
set -u
cd "$(dirname "$0")/.." || exit 1
find host drivers tests examples -name '*.[ch]' 2>/dev/null | sort | xargs clang-format-14 --dry-run --Werror
