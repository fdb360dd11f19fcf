# embed.awk - files in, one C file out: per file an array of one-line strings, and the table that
# host/cl/kernels.h declares, or with -v of=protocol, host/model/protocol_files.h. Run in the source
# folder: awk -f build-aux/embed.awk FILE...

function finish() {
  if (files > 0)
    print "  NULL};"
}

function start(name) {
  finish()
  sub(/^(kernels|protocols)\//, "", name)
  sub(/\.json$/, "", name)
  names[++files] = name
  counts[files] = 0
  printf "\nstatic const char *const file_%d[] = {\n", files
}

BEGIN {
  type = of == "protocol" ? "mcl_protocol_file" : "mcl_kernel_source"
  print "/* Made by build-aux/embed.awk; changes here are lost. */"
  print "#include \"" (of == "protocol" ? "model/protocol_files.h" : "cl/kernels.h") "\""
  for (i = 1; i < ARGC; i++) {
    start(ARGV[i])
    while ((got = (getline line < ARGV[i])) > 0) {
      sub(/\r$/, "", line)
      gsub(/\\/, "&&", line)
      gsub(/"/, "\\\"", line)
      gsub(/\?/, "\\?", line)
      gsub(/\t/, "\\t", line)
      printf "  \"%s\\n\",\n", line
      counts[files]++
    }
    if (got < 0) {
      print "embed.awk: cannot read " ARGV[i] | "cat >&2"
      failed = 1
      exit 1
    }
    close(ARGV[i])
  }
  finish()
  printf "\nconst %s %ss[] = {\n", type, type
  for (i = 1; i <= files; i++)
    printf "  {\"%s\", file_%d, %d},\n", names[i], i, counts[i]
  print "  {NULL, NULL, 0}};"
  printf "\nconst size_t %s_count = %d;\n", type, files
  exit failed
}
