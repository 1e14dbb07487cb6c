#!/usr/bin/env bash
# Trains on five data sets as a user would, with the defaults of `lowrank train`, and compares with tf-idf + logistic
# regression: a line of results.tsv for each data set and seed.
#
#   scripts/own-text.sh DATA OUT [SEEDS] [OPTIONS OF TRAIN...]
#
# DATA is the folder with sst2, trec, snips, clinc150 and banking77, as in the data root (README).
set -euo pipefail
if [ $# -lt 2 ]; then
  sed -n '2,8p' "$0" >&2
  exit 2
fi
data=$1 out=$2 seeds=${3:-3}
shift 2
if [ $# -gt 0 ]; then shift; fi
root=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$out/texts"

labelled() { # SET PART: "label text" lines
  sed 's/^/__label__/' "$1" > "$2"
}
pairs() { # FOLDER FILE: label and seq.in
  paste -d' ' <(sed 's/[[:space:]]*$//; s/[[:space:]]/_/g; s/^/__label__/' "$1/label") "$1/seq.in" > "$2"
}
for part in train dev test; do
  labelled "$data/sst2/stsa.binary.$part" "$out/texts/sst2.$part"
done
labelled <(iconv -f ISO-8859-1 -t UTF-8 "$data/trec/TREC.train.all") "$out/texts/trec.train"
labelled "$data/trec/TREC.test.all" "$out/texts/trec.test"
for set in snips clinc150 banking77; do
  pairs "$data/$set/train" "$out/texts/$set.train"
  pairs "$data/$set/valid" "$out/texts/$set.dev"
  pairs "$data/$set/test" "$out/texts/$set.test"
done

printf 'set\tseed\tmethod\tdev\ttest\ttf-idf\tbytes\tseconds\n' > "$out/results.tsv"
for set in sst2 trec snips clinc150 banking77; do
  for seed in $(seq 1 "$seeds"); do
    model=$out/$set-seed$seed
    dev=()
    if [ -f "$out/texts/$set.dev" ]; then dev=(--dev "$out/texts/$set.dev"); fi
    start=$(date +%s)
    "$root/lowrank" train --train "$out/texts/$set.train" "${dev[@]}" --test "$out/texts/$set.test" \
      --seed "$seed" --out "$model" "$@" > "$model.txt"
    seconds=$(($(date +%s) - start))
    field() { sed -n "s/^ *\"$1\" : \"\{0,1\}\([^\",]*\).*/\1/p" "$model/model-card.json" | head -1; }
    tfidf=$(sed -n 's/.*logistic regression: \([0-9.]*\) %.*/\1/p' "$model/model-card.json" | head -1)
    printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$set" "$seed" "$(field method)" "$(field dev_accuracy)" \
      "$(field test_accuracy)" "$tfidf" "$(field saved_model_bytes)" "$seconds" | tee -a "$out/results.tsv"
  done
done
