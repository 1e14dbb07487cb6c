#!/usr/bin/env bash
# fastText on the texts that scripts/own-text.sh wrote, tuned on dev over word n-grams, rates and pretrained vectors: the
# test accuracy of the best on dev, for each data set. Needs fasttext (Debian's package) on the PATH.
#
#   scripts/fasttext-peer.sh OUT [VECTORS.txt.gz]
#
# OUT is the folder that own-text.sh wrote to. A tenth of the training texts is dev where there is none.
set -euo pipefail
if [ $# -lt 1 ] || ! command -v fasttext > /dev/null; then
  sed -n '2,8p' "$0" >&2
  exit 2
fi
out=$1 vectors=${2:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
choices=("")
if [ -n "$vectors" ]; then
  # fastText wants a header line: number of words, dimensions.
  gzip -dc "$vectors" > "$work/plain"
  { echo "$(wc -l < "$work/plain") $(($(head -1 "$work/plain" | wc -w) - 1))"; cat "$work/plain"; } > "$work/vectors.vec"
  choices+=("-pretrainedVectors $work/vectors.vec")
fi
correct() { fasttext test "$1" "$2" | sed -n 's/^P@1[[:space:]]*//p'; }

printf 'set\tdev\ttest\toptions\n'
for set in sst2 trec snips clinc150 banking77; do
  train=$out/texts/$set.train dev=$out/texts/$set.dev
  if [ ! -f "$dev" ]; then
    awk -v d="$work/dev" -v t="$work/train" 'NR % 10 == 0 { print > d; next } { print > t }' "$train"
    train=$work/train dev=$work/dev
  fi
  best=-1 line=
  for vector in "${choices[@]}"; do
    for ngrams in 1 2; do
      for rate in 0.1 0.5; do
        options="-wordNgrams $ngrams -lr $rate -epoch 25 -bucket 200000 -dim $([ -n "$vector" ] && echo 300 || echo 100)"
        # shellcheck disable=SC2086
        fasttext supervised -input "$train" -output "$work/model" -thread 2 -seed 1 -verbose 0 $options $vector > /dev/null 2>&1
        found=$(correct "$work/model.bin" "$dev")
        if awk "BEGIN { exit !($found > $best) }"; then
          best=$found
          line=$(printf '%s\t%s\t%s\t%s' "$set" "$found" "$(correct "$work/model.bin" "$out/texts/$set.test")" "$options${vector:+ pretrained}")
        fi
      done
    done
  done
  echo "$line"
done
