#!/bin/sh
# sizes_as_written.sh - --memory took 8G but not 8g, 8GB or 8GiB, nor "1.5 GiB" as motcl's own messages say
# it; and --size took 64x64 but not 64X64 or the sign for times.
. "${srcdir:-.}/tests/cli/lib.sh"
small

# need SIZE...: each is refused as the same number of bytes
need() {
  for size; do
    refused 3 "$said" draw cat -d ref --memory "$size"
  done
}
said='may take 64K;'
need 65536 64K 64k 64KB 64kb 64Kb 64KiB 64kib 64Ki '64 K' '64 KiB' 64.0K '65536 B' 65536b 0.0625M
said='may take 1536;'
need 1.5K '1.5 KiB' 1536
for size in 8g 8G 8GB 8gb 8GiB 8gib 8Gi '8 GB' 8192M 8388608k 8589934592 0.01T; do
  says 0 plan -d ref --memory "$size"
done
for size in 8X 8GX 8iB 8GBi 1.5 1.5B '8  G' '8 ' G .5G 8.G 1.5.5G 1e3K 16777216T 99999999999999999999 0.0001B; do
  refused 2 'takes a number of bytes' draw cat -d ref --memory "$size"
done

for size in 48x32 48X32 48×32; do
  says 0 draw cat $quick --size $size -o a-$size.png --no-metadata
  cmp -s a-48x32.png a-$size.png || fail "$size is another size than 48x32"
done
says 0 draw cat $quick -s48X32 -o b.png --no-metadata
cmp -s a-48x32.png b.png || fail '-s48X32 is another size than 48x32'
for size in 48 48y32 48xx32 48×x32 '48 x 32' ×; do
  refused 2 'takes width and height' draw cat -d ref --size "$size"
done
finish
