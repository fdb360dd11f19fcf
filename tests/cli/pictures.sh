#!/bin/sh
# pictures.sh - pictures in: edit, ask and run; and files that are none, or not whole, or too large.
. "${srcdir:-.}/tests/cli/lib.sh"
small
short="-d ref --max-tokens 4"
edit="$quick --no-metadata"

says 0 draw 'a house' $quick --size 64x32 -o house.png
says 0 draw 'a house' $quick --size 64x32 -o house.jpg

says 0 edit house.png 'paint it red' $edit -o e.png
holds "$room/err" '64x32'
says 0 run -i house.png -t 'paint it red' --draw $edit -o r.png
cmp -s e.png r.png || fail "run is another picture than edit"
"$motcl" edit - 'paint it red' $edit -o s.png <house.png >"$room/out" 2>"$room/err" || fail "stdin"
cmp -s e.png s.png || fail "from stdin it is another picture"
says 0 edit house.jpg 'paint it red' $edit --size 32x32 -o j.png
holds "$room/err" '32x32'
says 0 draw 'a house' $quick --size 64x32 -o house.webp
says 0 edit house.webp 'paint it red' $edit -o w.png
cmp -s e.png w.png || fail "from a WebP it is another picture"
says 0 edit house.png house.jpg 'mix them' $edit -o two.png
says 0 edit house.png 'paint it red' $edit --vae-sample -o v.png
! cmp -s e.png v.png || fail "--vae-sample changes nothing"
says 0 edit house.png 'paint it red' $edit --cfg-image 1 -o c.png
! cmp -s e.png c.png || fail "--cfg-image changes nothing"
says 0 edit house.png 'paint it red' $edit --cfg-image 2 --cfg-interval 0:1 --cfg-renorm text-channel \
  --cfg-text 4 --shift 3 -o d.png
cmp -s e.png d.png || fail "the defaults of edit are not what help says"
says 0 draw 'a house' $edit -o f.png
says 0 draw 'a house' $edit --cfg-image 1 --cfg-interval 0.4:1 --cfg-renorm global --cfg-text 4 \
  --shift 3 --cfg-renorm-min 0 -o g.png
cmp -s f.png g.png || fail "the defaults of draw are not what help says"
says 0 ask house.png 'what is it?' $short
says 0 ask house.png house.jpg 'what are they?' $short
says 0 run -t one -i house.png -t two -i house.jpg -i house.webp -t three --write $short
says 0 run -t one -i house.png -t two --draw $edit --think --max-think-tokens 4 -o i.png

# pictures as files should not be
: >empty.png
echo 'this is no picture' >text.png
head -c 300 house.png >cut.png
head -c 300 house.jpg >cut.jpg
head -c 300 house.webp >cut.webp
# PNG headers of 60000x60000 pixels, and whole pictures of 1x1 and 1x4000
base64 -d >vast.png <<'END'
iVBORw0KGgoAAAANSUhEUgAA6mAAAOpgCAIAAAAPsOIVAAAAEUlEQVR4nGNgGAWjYBQMdwAAA+gA
AbOm00YAAAAASUVORK5CYII=
END
base64 -d >dot.png <<'END'
iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNwaDgAAAKEAYEml6cr
AAAAAElFTkSuQmCC
END
base64 -d >line.png <<'END'
iVBORw0KGgoAAAANSUhEUgAAAAEAAA+gCAAAAAAedin3AAAAH0lEQVR42u3CAQkAAAACoKY3vSGJ
pgEAAAAAAACAewNGt9Bqp3bDOgAAAABJRU5ErkJggg==
END
for file in empty.png text.png cut.png cut.jpg cut.webp; do
  refused 1 "$file" ask $file what $short
  refused 1 "$file" edit $file what $edit -o no.png
done
refused 1 'nowhere.png' ask nowhere.png what $short
refused 1 "'.'" ask . what $short
refused 1 'stdin' ask - what $short
refused 3 'vast.png' ask vast.png what $short
for file in dot.png line.png; do
  says 0 ask $file what $short
  says 0 edit $file what $edit -o "edited-$file"
done

finish
