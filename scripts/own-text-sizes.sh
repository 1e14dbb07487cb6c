#!/usr/bin/env bash
# Accuracy of whole files of a given size on the texts that scripts/own-text.sh wrote: `lowrank train --max-bytes` beside
# fastText's autotune, which writes a .ftz of at most that size. A line of sizes.tsv for each data set and size.
#
#   scripts/own-text-sizes.sh OUT SIZES [SECONDS [OPTIONS OF TRAIN...]]
#
# SIZES: such as "32 128 512", in thousands of bytes. SECONDS: fastText's time for a search, 60 by default. Needs fasttext
# (Debian's package) on the PATH.
set -euo pipefail
if [ $# -lt 2 ] || ! command -v fasttext > /dev/null; then
  sed -n '2,9p' "$0" >&2
  exit 2
fi
out=$1 sizes=$2 seconds=${3:-60}
shift $(($# < 3 ? $# : 3))
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
commit=$(git -C "$root" rev-parse --short HEAD 2> /dev/null || echo unknown)
printf 'set\tlimit\tmodel\tbytes\ttest\tcommit\tftz_bytes\tftz_test\n' > "$out/sizes.tsv"
for set in sst2 trec snips clinc150 banking77; do
  train=$out/texts/$set.train dev=$out/texts/$set.dev test=$out/texts/$set.test
  given=(--dev "$dev")
  fast_train=$train fast_dev=$dev
  if [ ! -f "$dev" ]; then
    given=()
    awk -v d="$work/dev" -v t="$work/train" 'NR % 10 == 0 { print > d; next } { print > t }' "$train"
    fast_train=$work/train fast_dev=$work/dev
  fi
  for size in $sizes; do
    rm -f "$work"/model*
    "$root/lowrank" train --train "$train" "${given[@]}" --test "$test" --max-bytes "${size}KB" --out "$work/model.lrk" \
      "$@" > "$work/log"
    ours=$(sed -n 's/^On test: accuracy \([0-9.]*\) %.*/\1/p' "$work/log")
    fasttext supervised -input "$fast_train" -output "$work/model" -autotune-validation "$fast_dev" \
      -autotune-modelsize "${size}K" -autotune-duration "$seconds" -thread 2 -seed 1 > "$work/fast" 2>&1 || true
    ftz=- ftz_bytes=- # fastText gives up where it finds nothing so small
    if [ -s "$work/model.ftz" ]; then
      ftz_bytes=$(stat -c %s "$work/model.ftz")
      ftz=$(fasttext test "$work/model.ftz" "$test" | awk '/^P@1/ { printf "%.2f", 100 * $2 }')
    fi
    printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$set" "${size}000" "${*:-default}" "$(stat -c %s "$work/model.lrk")" "$ours" \
      "$commit" "$ftz_bytes" "$ftz" |
      tee -a "$out/sizes.tsv"
  done
done
